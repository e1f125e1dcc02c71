"""What every request looks like, and what it never carries."""

import asyncio
import base64
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.fetch.servers import MakeClient, Seen, Server, refused, reply
from watcher.errors import ConfigError, FetchError
from watcher.fetch import Client, Limits, is_network
from watcher.model import ReadAs, Request


async def test_the_user_agent_says_who_asks(server: Server, make_client: MakeClient) -> None:
    """Name, version and contact, on robots.txt as on pages."""
    server.routes["/feed"] = reply(200, b"x")
    await make_client(contact="veille@example.org").fetch(Request(url=server.url()))
    for seen in server.seen:
        name, _, rest = seen.headers["user-agent"].partition("/")
        assert name == "watcher"
        assert rest.endswith(" (+veille@example.org)")
        assert seen.method == "GET"


@pytest.mark.parametrize("contact", ["a@b.fr\r\nX-Evil: 1", "é@example.org", "x)(y"])
async def test_a_contact_cannot_break_the_header(contact: str, server: Server, make_client: MakeClient) -> None:
    """Whatever the contact, it stays inside its header."""
    server.routes["/feed"] = reply(200, b"x")
    await make_client(contact=contact).fetch(Request(url=server.url()))
    assert "x-evil" not in server.seen[-1].headers
    assert server.seen[-1].headers["user-agent"].isascii()


async def test_what_is_read_decides_what_is_preferred(server: Server, client: Client) -> None:
    """Listings prefer feeds, documents pages; a request may say otherwise."""
    server.routes["*"] = reply(200, b"x")
    await client.fetch(Request(url=server.url()))
    assert server.seen[-1].headers["accept"].startswith("application/atom+xml")
    await client.fetch(Request(url=server.url("/a"), accept="text/csv"))
    assert server.seen[-1].headers["accept"] == "text/csv"
    await client.fetch(Request(url=server.url("/b"), read_as=ReadAs.DOCUMENT))
    assert next(seen for seen in server.seen if seen.path == "/b").headers["accept"].startswith("text/html")


async def test_cookies_are_never_sent_back(server: Server, client: Client) -> None:
    """A flood of cookies, HSTS and Alt-Svc leave no trace in the next request (row N27)."""
    flood = "".join(f"Set-Cookie: c{number}=1; Domain=example.com\r\n" for number in range(100))
    server.routes["*"] = (
        f'HTTP/1.1 200 OK\r\n{flood}Strict-Transport-Security: max-age=3600\r\nAlt-Svc: h3=":443"\r\nContent-Length: 1\r\n\r\nx'
    ).encode()
    for _ in range(3):
        await client.fetch(Request(url=server.url()))
    assert not any("cookie" in seen.headers for seen in server.seen)


async def test_the_environment_changes_nothing(
    server: Server, other: Server, tmp_path: Path, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proxies and .netrc of the environment are not looked at (row N16)."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, other.origin)
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login user password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    server.routes["/feed"] = reply(200, b"x")
    await make_client().fetch(Request(url=server.url()))
    assert other.connections == 0
    assert not any("authorization" in seen.headers for seen in server.seen)


async def test_a_configured_proxy_is_used(other: Server, make_client: MakeClient) -> None:
    """settings.proxy takes every request, with its own credentials, although its address is private."""
    other.routes["http://news.example.org/feed"] = reply(200, b"through the proxy")
    client = make_client(allow_private=(), proxy=f"http://user:hunter2@127.0.0.1:{other.port}")
    assert (await client.fetch(Request(url="http://news.example.org/feed"))).body == b"through the proxy"
    assert [seen.path for seen in other.seen] == ["http://news.example.org/robots.txt", "http://news.example.org/feed"]
    expected = "Basic " + base64.b64encode(b"user:hunter2").decode()
    assert all(seen.headers["proxy-authorization"] == expected for seen in other.seen)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "0x7f.1", "2130706433", "localhost", "a.localhost.", "[::1]", "169.254.169.254", "10.0.0.1"]
)
async def test_a_proxy_is_not_asked_for_inner_addresses(host: str, other: Server, make_client: MakeClient) -> None:
    """What a proxy would resolve inside its own network is refused by its spelling (row N11)."""
    client = make_client(allow_private=(), proxy=other.origin)
    assert (await refused(client, f"http://{host}/")).reason == "blocked_address"
    assert other.connections == 0


async def test_a_proxy_that_fails_is_named_without_its_password(make_client: MakeClient) -> None:
    """A proxy that is not there, or refuses a tunnel, is the reason given; its password is not."""
    refusing = Server()
    await refusing.start()
    refusing.routes["*"] = reply(407)
    down = await refused(make_client(proxy="http://user:hunter2@127.0.0.1:1"), "http://news.example.org/")
    denied = await refused(make_client(proxy=f"http://user:hunter2@127.0.0.1:{refusing.port}"), "https://news.example.org/")
    await refusing.stop()
    assert down.reason == "connect"
    assert denied.reason == "proxy"
    for error in (down, denied):
        assert "hunter2" not in f"{error} {vars(error)} {error.__cause__!r}"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "not a proxy", "ftp://x"])
def test_another_kind_of_proxy_is_a_configuration_error(proxy: str, make_client: MakeClient) -> None:
    """Only http and https proxies are known, and it is said at the start."""

    async def make() -> None:
        make_client(proxy=proxy)

    with pytest.raises(ConfigError, match=r"settings\.proxy"):
        asyncio.run(make())


async def test_one_request_at_a_time_and_a_gap(server: Server, make_client: MakeClient) -> None:
    """Requests to one origin follow each other at least a gap apart, whoever asks (architecture: politeness)."""
    inside = most = 0
    ends: list[float] = []
    gaps: list[float] = []

    async def slow(seen: Seen, writer: asyncio.StreamWriter) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        if ends:
            gaps.append(time.monotonic() - ends[-1])
        await asyncio.sleep(0.02)
        writer.write(reply(200, b"x"))
        ends.append(time.monotonic())
        inside -= 1

    server.routes["*"] = slow
    client = make_client(gap=0.1)
    await asyncio.gather(*(client.fetch(Request(url=server.url(f"/{number}"))) for number in range(5)))
    assert most == 1
    assert len(gaps) == 5
    assert min(gaps) > 0.09
    assert server.paths() == [f"/{number}" for number in range(5)]


async def test_origins_do_not_wait_for_each_other(make_client: MakeClient) -> None:
    """Ten origins with a gap are read in far less than the sum of their gaps."""
    servers = [Server() for _ in range(10)]
    for one in servers:
        await one.start()
        one.routes["/feed"] = reply(200, b"x")
    client = make_client(gap=0.5)
    begun = time.monotonic()
    await asyncio.gather(*(client.fetch(Request(url=one.url())) for one in servers))
    assert time.monotonic() - begun < 4
    for one in servers:
        await one.stop()


async def test_no_more_requests_than_places(make_client: MakeClient) -> None:
    """However many origins there are, no more requests than `in_flight` are on the wire at once."""
    inside = most = 0

    async def slow(seen: Seen, writer: asyncio.StreamWriter) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.02)
        inside -= 1
        writer.write(reply(200, b""))

    servers = [Server() for _ in range(12)]
    for one in servers:
        await one.start()
        one.routes["*"] = slow
    client = make_client(limits=Limits(in_flight=3))
    await asyncio.gather(*(client.fetch(Request(url=one.url())) for one in servers))
    assert most == 3
    for one in servers:
        await one.stop()


async def test_our_own_network_being_down_is_told_apart(server: Server, make_client: MakeClient) -> None:
    """No name, no route, no connection look like our own network; answers, refusals and certificates do not (row N20)."""

    async def down(host: str, port: int) -> Sequence[str]:
        raise OSError(101, "Network is unreachable")

    client = make_client(resolve=down)
    errors = await asyncio.gather(*(refused(client, f"http://site{number}.example.org/feed") for number in range(30)))
    assert all(is_network(error) and error.transient for error in errors)
    assert all(state.robots_read_at is None and not state.robots_refuse for state in client.changed_hosts())
    server.routes["/feed"] = reply(500)
    assert not is_network(await refused(client, server.url()))
    assert not is_network(await refused(client, "http://10.0.0.1/"))
    assert not is_network(ValueError("x"))


async def test_recovery_needs_nothing(server: Server, make_client: MakeClient) -> None:
    """When the network is back, the next request works and the failures are forgotten (row N20)."""
    server.routes["/feed"] = reply(200, b"back")
    up = False

    async def flaky(host: str, port: int) -> Sequence[str]:
        if not up:
            raise OSError(101, "Network is unreachable")
        return ["127.0.0.1"]

    client = make_client(resolve=flaky)
    address = f"http://news.example.org:{server.port}/feed"
    for _ in range(3):
        await refused(client, address)
    assert [state.failures for state in client.changed_hosts()] == [3]
    up = True
    assert (await client.fetch(Request(url=address))).body == b"back"
    assert [state.failures for state in client.changed_hosts()] == [0]


async def test_a_connection_closed_meanwhile_is_opened_again(server: Server, client: Client) -> None:
    """A kept connection that the server closed, even at the moment of asking, costs nothing but a new one."""
    turns = 0

    async def once(seen: Seen, writer: asyncio.StreamWriter) -> None:
        nonlocal turns
        turns += 1
        if turns % 2 == 0:
            writer.transport.abort()
        else:
            writer.write(reply(200, b"x"))

    server.routes["/feed"] = once
    for _ in range(5):
        assert (await client.fetch(Request(url=server.url()))).body == b"x"


async def test_a_server_that_always_hangs_up_is_asked_once(server: Server, client: Client) -> None:
    """A fresh connection that is closed without an answer is a failure, not repeated (RFC 9112, 9.3.1)."""

    async def never(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server.routes["*"] = never
    error = await refused(client, server.url())
    assert error.reason in ("protocol", "connect")
    assert len(server.seen) == 1


async def test_cancelled_requests_do_not_poison_the_pool(server: Server, make_client: MakeClient) -> None:
    """After a storm of cancellations, every place works: the pool they were in is replaced (encode/httpcore#1093)."""

    async def stall(seen: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    others = [Server() for _ in range(6)]
    for one in others:
        await one.start()
        one.routes |= {"/stall": stall, "/feed": reply(200, b"fine")}
    client = make_client(limits=Limits(in_flight=2, idle_per_pool=1, pools=1, pool=1.0))
    for _ in range(5):
        tasks = [asyncio.create_task(client.fetch(Request(url=one.url("/stall")))) for one in others]
        await asyncio.sleep(0.03)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for one in others:
        assert (await client.fetch(Request(url=one.url()))).body == b"fine"
    for one in others:
        await one.stop()


async def test_errors_are_complete(server: Server, client: Client) -> None:
    """An error names the address asked for, its reason and a sentence, and keeps its cause."""
    server.routes["/feed"] = reply(500)
    with pytest.raises(FetchError) as caught:
        await client.fetch(Request(url=server.url()))
    assert caught.value.url == server.url()
    assert caught.value.reason == "http_500"
    assert caught.value.message.endswith(".")
    assert caught.value.__cause__ is not None
