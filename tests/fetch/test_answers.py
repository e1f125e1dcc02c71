"""What each status means, and how long a host is left alone."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fetch.servers import NOW, Clock, MakeClient, Server, refused, reply
from watcher.fetch import Client, Limits
from watcher.fetch.answers import retry_after
from watcher.model import Request

LIMITS = Limits()
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        ("120", 2 * MINUTE),
        ("120.5", 2 * MINUTE),
        (" 600 ", 10 * MINUTE),
        ("1", MINUTE),
        ("0", MINUTE),
        ("-30", MINUTE),
        ("1000000000000", 7 * DAY),
        ("9" * 5000, 7 * DAY),
        ("Fri, 20 Nov 2026 10:00:00 GMT", 60 * MINUTE),
        ("Friday, 20-Nov-26 10:00:00 GMT", 60 * MINUTE),
        ("Fri Nov 20 10:00:00 2026", 60 * MINUTE),
        ("Fri, 20 Nov 2026 11:00:00 +0100", 60 * MINUTE),
        ("Sun, 06 Nov 1994 08:49:37 GMT", MINUTE),
        ("Fri, 20 Nov 2099 10:00:00 GMT", 7 * DAY),
        ("soon", LIMITS.retry_default),
        ("", LIMITS.retry_default),
        (None, LIMITS.retry_default),
        ("Fri, 99 Nov 2026 99:00:00 GMT", LIMITS.retry_default),
    ],
)
def test_every_form_of_retry_after_is_clamped(value: str | None, pause: timedelta) -> None:
    """Seconds, dates, the past, the absurd and garbage: between one minute and seven days (row N21)."""
    assert retry_after(value, now=NOW, limits=LIMITS) == NOW + pause


@given(
    st.text(max_size=60) | st.integers().map(str) | st.datetimes().map(lambda when: when.strftime("%a, %d %b %Y %H:%M:%S GMT"))
)
def test_no_retry_after_escapes_the_clamp(value: str) -> None:
    """Whatever a server writes, the pause is between the least and the most (row N21)."""
    until = retry_after(value, now=NOW, limits=LIMITS)
    assert NOW + LIMITS.retry_least <= until <= NOW + LIMITS.retry_most


@pytest.mark.parametrize("status", [429, 503])
async def test_a_host_that_asks_for_a_pause_gets_it(status: int, server: Server, client: Client, clock: Clock) -> None:
    """No request reaches the host before the instant it named, for any of its addresses; afterwards it does (row N21)."""
    server.routes |= {"/feed": reply(status, b"", {"Retry-After": "3600"}), "/other": reply(200, b"fine")}
    error = await refused(client, server.url())
    assert error.reason == f"http_{status}"
    assert error.status == status
    assert error.retry_after == NOW + timedelta(hours=1)
    assert error.transient
    count = len(server.seen)
    for later in (0, 1800, 3599):
        clock.time = NOW + timedelta(seconds=later)
        early = await refused(client, server.url("/other"))
        assert early.reason == "not_before"
        assert early.transient
    assert len(server.seen) == count, "early requests"
    clock.time = NOW + timedelta(seconds=3600)
    assert (await client.fetch(Request(url=server.url("/other")))).body == b"fine"


async def test_a_pause_survives_fifty_restarts(server: Server, make_client: MakeClient, clock: Clock) -> None:
    """The pause is given to the store, and a new client with it keeps it (rows N21, N24)."""
    server.routes["/feed"] = reply(429, b"", {"Retry-After": "7200"})
    first = make_client()
    await refused(first, server.url())
    hosts = {state.origin: state for state in first.changed_hosts()}
    assert hosts[server.origin].not_before == NOW + timedelta(hours=2)
    assert first.changed_hosts() == ()
    count = len(server.seen)
    for restart in range(50):
        clock.time = NOW + timedelta(minutes=restart)
        assert (await refused(make_client(hosts=hosts), server.url())).reason == "not_before"
    assert len(server.seen) == count


async def test_requests_in_the_queue_learn_of_the_pause(server: Server, client: Client) -> None:
    """Requests that wait for their turn when the 429 comes are not sent (row N21)."""
    server.routes["*"] = reply(429, b"", {"Retry-After": "3600"})
    server.routes["/robots.txt"] = reply(404)
    errors = await asyncio.gather(*(refused(client, server.url(f"/{number}")) for number in range(10)))
    assert sorted(error.reason for error in errors) == ["http_429"] + ["not_before"] * 9
    assert len(server.paths()) == 1


async def test_a_pause_is_for_one_origin(server: Server, other: Server, client: Client) -> None:
    """Another host is not held back (row N21)."""
    server.routes["/feed"] = reply(429)
    other.routes["/feed"] = reply(200, b"fine")
    await refused(client, server.url())
    assert (await client.fetch(Request(url=other.url()))).body == b"fine"


async def test_gone_is_for_good(server: Server, client: Client) -> None:
    """410 is told apart: only a person can mend it (row N25)."""
    server.routes["/feed"] = reply(410)
    error = await refused(client, server.url())
    assert error.reason == "gone"
    assert error.status == 410
    assert not error.transient


@pytest.mark.parametrize("status", [204, 206, 300, 400, 401, 403, 404, 418, 451, 500, 502, 504, 521, 599])
async def test_each_status_has_its_reason(status: int, server: Server, client: Client) -> None:
    """Other statuses name themselves and may pass: the source backs off, it never stops for good (row N25)."""
    server.routes["/feed"] = reply(status, b"" if status == 204 else b"an error page")
    error = await refused(client, server.url())
    assert error.reason == f"http_{status}"
    assert error.status == status
    assert error.transient
    assert error.retry_after is None
    assert str(status) in error.message


VALIDATORS = ['"abc"', 'W/"abc"', "abc", '"a b  c"', '""', "W/", '"\xe9\xff"', '"' + "x" * 3000 + '"', "'single'", '"a","b"']


@pytest.mark.parametrize("etag", VALIDATORS)
async def test_an_etag_goes_back_byte_for_byte(etag: str, server: Server, client: Client) -> None:
    """Weak, unquoted, blank, not ASCII: what came is what goes, both ways (row N22)."""
    server.routes["/feed"] = reply(200, b"x", {"ETag": etag})
    result = await client.fetch(Request(url=server.url()))
    assert result.header("etag") == etag
    server.routes["/feed"] = reply(304)
    again = await client.fetch(Request(url=server.url(), etag=result.header("etag")))
    assert again.not_modified
    assert again.status == 304
    assert again.body == b""
    assert server.seen[-1].headers["if-none-match"] == etag
    assert "if-modified-since" not in server.seen[-1].headers


@pytest.mark.parametrize(
    "date", ["Fri, 20 Nov 2099 10:00:00 GMT", "yesterday", "2026-11-20", "0", "Thu, 01 Jan 1970 00:00:00 GMT"]
)
async def test_a_last_modified_goes_back_as_it_came(date: str, server: Server, client: Client) -> None:
    """A date in the future or no date at all is echoed; none is ever made up (row N23)."""
    server.routes["/feed"] = reply(200, b"x", {"Last-Modified": date})
    result = await client.fetch(Request(url=server.url()))
    assert "if-modified-since" not in server.seen[-1].headers
    await client.fetch(Request(url=server.url(), last_modified=result.header("last-modified")))
    assert server.seen[-1].headers["if-modified-since"] == date


async def test_an_etag_that_changes_each_time_is_no_error(server: Server, client: Client) -> None:
    """A server whose validator never matches answers in full each time (row N22)."""
    for number in range(3):
        server.routes["/feed"] = reply(200, b"x", {"ETag": f'"{number}"'})
        result = await client.fetch(Request(url=server.url(), etag=f'"{number - 1}"'))
        assert not result.not_modified
        assert result.header("etag") == f'"{number}"'


async def test_a_304_nobody_asked_for_is_an_error(server: Server, client: Client) -> None:
    """'Not modified' without a validator in the request is a failure, not an empty feed (row N22)."""
    server.routes["/feed"] = reply(304)
    error = await refused(client, server.url())
    assert error.reason == "odd_304"
    assert (await client.fetch(Request(url=server.url(), last_modified="x"))).not_modified


async def test_the_result_is_dated_by_the_clock_given(server: Server, client: Client, clock: Clock) -> None:
    """fetched_at is the injected clock's, in UTC; seconds are measured."""
    server.routes["/feed"] = reply(200, b"x")
    clock.time = datetime(2027, 1, 1, tzinfo=UTC)
    result = await client.fetch(Request(url=server.url()))
    assert result.fetched_at == clock.time
    assert 0 < result.seconds < 5
