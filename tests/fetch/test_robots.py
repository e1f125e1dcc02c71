"""robots.txt, as RFC 9309 reads it."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fetch.servers import NOW, Clock, MakeClient, Seen, Server, refused, reply
from watcher.fetch import Client, Limits
from watcher.fetch.robots import concerning, decode, rules
from watcher.model import HostState, Request

SITE = "https://news.example.org"


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /a", "/a/b", False),
        ("User-agent: *\nDisallow: /a", "/b", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("user-AGENT: *\r\nDISALLOW: /a\r\n", "/a", False),
        ("\ufeffUser-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: *\nDisallow: /\nUser-agent: watcher\nAllow: /", "/a", True),
        ("User-agent: watcher\nDisallow: /\nUser-agent: *\nAllow: /", "/a", False),
        ("User-agent: WATCHER\nDisallow: /", "/a", False),
        ("User-agent: Watcher/2.1\nDisallow: /", "/a", False),
        ("User-agent: watch\nDisallow: /", "/a", True),
        ("User-agent: watchers\nDisallow: /", "/a", True),
        ("User-agent: other\nUser-agent: watcher\nDisallow: /a", "/a", False),
        ("User-agent: watcher\nUser-agent: other\nDisallow: /a", "/a", False),
        ("User-agent: watcher\nCrawl-delay: 5\nUser-agent: other\nDisallow: /a", "/a", True),
        ("User-agent: other\nDisallow: /a\nUser-agent: watcher\nDisallow: /b", "/a", True),
        ("User-agent: *\nDisallow: /\nUser-agent: watcher\nDisallow:", "/a", True),
        ("User-agent: watcher\n\nUser-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf?y", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),
        ("User-agent: *\nDisallow: /a # not here", "/a", False),
        ("User-agent: *\nSitemap: /x\nDisallow: /a", "/a", False),
        ("Disallow: /", "/a", True),
        ("<html><body>Disallow: /</body></html>", "/a", True),
        ("User-agent: *\nDisallow: /é", "/%C3%A9t%C3%A9", False),
    ],
)
def test_the_rules_are_those_of_the_standard(text: str, path: str, allowed: bool) -> None:
    """Groups, our token and nobody else's, longest match, wildcards, comments, byte order mark (row N26)."""
    assert rules(decode(text.encode())).allows(SITE + path) is allowed


@given(st.text(alphabet=st.sampled_from("User-agent: *\nwatcherDislow/#$abc\x00\u2028"), max_size=300))
def test_what_is_kept_says_the_same(text: str) -> None:
    """The part kept in the store allows what the whole file allows, however odd the file."""
    kept = concerning(text)
    assert concerning(kept) == kept
    for path in ("/", "/a", "/ab/c"):
        assert rules(kept).allows(SITE + path) == rules(text).allows(SITE + path)


def test_a_hostile_file_costs_little() -> None:
    """Thousands of agents before thousands of rules, within the size that is read: well under a second (row N26)."""
    text = "".join(f"User-agent: a{number}\n" for number in range(12000)) + "User-agent: *\n" + "Disallow: /*a*b*c\n" * 15000
    begun = time.monotonic()
    assert rules(text).allows(SITE + "/" + "ab" * 900)
    assert time.monotonic() - begun < 1.5


async def test_what_is_disallowed_is_not_asked_for(server: Server, client: Client) -> None:
    """robots.txt is read first, once, and obeyed for each address and each hop (row N26)."""
    server.routes |= {
        "/robots.txt": reply(200, b"User-agent: *\nDisallow: /private"),
        "/feed": reply(200, b"x"),
        "/hop": reply(302, b"", {"Location": "/private/b"}),
    }
    await client.fetch(Request(url=server.url()))
    for path in ("/private/a", "/hop"):
        error = await refused(client, server.url(path))
        assert error.reason == "robots"
        assert not error.transient
    assert [seen.path for seen in server.seen] == ["/robots.txt", "/feed", "/hop"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
async def test_a_missing_file_allows_everything(status: int, server: Server, client: Client) -> None:
    """4xx means that there are no rules (row N26)."""
    server.routes |= {"/robots.txt": reply(status, b"User-agent: *\nDisallow: /"), "/feed": reply(200, b"x")}
    assert (await client.fetch(Request(url=server.url()))).body == b"x"


@pytest.mark.parametrize("status", [500, 502, 504, 520])
async def test_a_failing_file_forbids_everything(status: int, server: Server, client: Client, clock: Clock) -> None:
    """5xx means that nothing may be fetched, for a while; then it is asked for again (row N26)."""
    server.routes |= {"/robots.txt": reply(status), "/feed": reply(200, b"x")}
    for _ in range(3):
        error = await refused(client, server.url())
        assert error.reason == "robots"
        assert error.transient
    assert [seen.path for seen in server.seen] == ["/robots.txt"]
    (state,) = client.changed_hosts()
    assert state.robots_refuse
    server.routes["/robots.txt"] = reply(404)
    clock.time = NOW + timedelta(hours=1)
    assert (await client.fetch(Request(url=server.url()))).body == b"x"
    (state,) = client.changed_hosts()
    assert not state.robots_refuse


async def test_a_silent_file_forbids_everything(server: Server, make_client: MakeClient) -> None:
    """Where robots.txt does not come, the document is not asked for, and nothing is remembered against the host (row N26)."""

    async def silent(seen: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    server.routes |= {"/robots.txt": silent, "/feed": reply(200, b"x")}
    client = make_client(limits=Limits(read=0.3))
    assert (await refused(client, server.url())).reason == "timeout"
    assert server.paths() == []
    assert all(state.robots_read_at is None for state in client.changed_hosts())


@pytest.mark.parametrize(("hops", "allowed"), [(5, False), (6, True)])
async def test_five_redirects_are_followed(hops: int, allowed: bool, server: Server, client: Client) -> None:
    """Rules behind five redirects hold; behind six, they count as missing (row N26)."""
    server.routes["/robots.txt"] = reply(301, b"", {"Location": "/r1"})
    for number in range(1, hops):
        server.routes[f"/r{number}"] = reply(301, b"", {"Location": f"/r{number + 1}"})
    server.routes[f"/r{hops}"] = reply(200, b"User-agent: *\nDisallow: /")
    server.routes["/feed"] = reply(200, b"x")
    if allowed:
        assert (await client.fetch(Request(url=server.url()))).body == b"x"
    else:
        assert (await refused(client, server.url())).reason == "robots"


async def test_half_a_megabyte_is_read(server: Server, client: Client) -> None:
    """Rules up to 500 KiB are obeyed in a file of 600; what follows is not read, and is no error (row N26)."""
    filler = b"# " + b"x" * 97 + b"\n"
    early = filler * 5000 + b"User-agent: *\nDisallow: /early\n"
    server.routes["/robots.txt"] = reply(200, early + filler * 1200 + b"User-agent: *\nDisallow: /late\n")
    server.routes["*"] = reply(200, b"x")
    assert len(early) < 500 * 1024
    assert (await refused(client, server.url("/early"))).reason == "robots"
    assert (await client.fetch(Request(url=server.url("/late")))).body == b"x"
    (state,) = client.changed_hosts()
    assert len(state.robots or "") < 100


async def test_rules_are_kept_for_a_day(server: Server, make_client: MakeClient, clock: Clock) -> None:
    """Rules survive a restart, hold 24 h, and are read again after that (row N26)."""
    server.routes |= {"/robots.txt": reply(200, b"User-agent: *\nDisallow: /private"), "*": reply(200, b"x")}
    first = make_client()
    await first.fetch(Request(url=server.url()))
    hosts = {state.origin: state for state in first.changed_hosts()}
    server.routes["/robots.txt"] = reply(404)
    clock.time = NOW + timedelta(hours=23)
    second = make_client(hosts=hosts)
    assert (await refused(second, server.url("/private"))).reason == "robots"
    assert second.changed_hosts() == ()
    clock.time = NOW + timedelta(hours=24)
    assert (await second.fetch(Request(url=server.url("/private")))).body == b"x"
    assert sum(seen.path == "/robots.txt" for seen in server.seen) == 2


async def test_rules_from_the_future_are_read_again(server: Server, make_client: MakeClient) -> None:
    """After the clock stepped back, rules dated later than now do not hold for ever."""
    server.routes["/feed"] = reply(200, b"x")
    state = HostState(origin=server.origin, robots="User-agent: *\nDisallow: /", robots_read_at=NOW + timedelta(days=300))
    client = make_client(hosts={server.origin: state})
    assert (await client.fetch(Request(url=server.url()))).body == b"x"


async def test_the_file_is_read_once_for_many(server: Server, client: Client) -> None:
    """Twenty requests at once lead to one robots.txt (row N26)."""
    server.routes["*"] = reply(200, b"")
    await asyncio.gather(*(client.fetch(Request(url=server.url(f"/{number}"))) for number in range(20)))
    assert [seen.path for seen in server.seen].count("/robots.txt") == 1


async def test_crawl_delay_raises_the_gap(server: Server, client: Client) -> None:
    """A Crawl-delay longer than our gap is kept between requests, the first page included."""
    server.routes |= {"/robots.txt": reply(200, b"User-agent: *\nCrawl-delay: 0.3"), "*": reply(200, b"x")}
    begun = time.monotonic()
    for number in range(3):
        await client.fetch(Request(url=server.url(f"/{number}")))
    assert 0.55 < time.monotonic() - begun < 3


async def test_an_absurd_crawl_delay_is_clamped(server: Server, make_client: MakeClient) -> None:
    """A Crawl-delay of a year waits no longer than the limit."""
    limits = replace(Limits(), crawl_delay=0.2)
    server.routes |= {"/robots.txt": reply(200, b"User-agent: *\nCrawl-delay: 31536000"), "*": reply(200, b"x")}
    client = make_client(limits=limits)
    begun = time.monotonic()
    await client.fetch(Request(url=server.url("/1")))
    await client.fetch(Request(url=server.url("/2")))
    assert time.monotonic() - begun < 3
