"""Redirects are followed by hand: few, guarded, and never down to http."""

from collections.abc import Mapping

import pytest

from tests.fetch.servers import MakeClient, Server, document, refused, reply
from watcher.fetch import Client, Limits
from watcher.fetch.limits import Failure
from watcher.fetch.targets import Trail, target, without_credentials
from watcher.model import Request


def redirect(location: str | None, status: int = 302, headers: Mapping[str, str] | None = None) -> bytes:
    """Return a redirect."""
    return reply(status, b"", ({} if location is None else {"Location": location}) | dict(headers or {}))


async def test_a_loop_is_named(server: Server, client: Client) -> None:
    """Redirects that lead back are a loop, found at the first turn (row N07)."""
    server.routes |= {"/feed": redirect("/a"), "/a": redirect("/b"), "/b": redirect("/a")}
    error = await refused(client, server.url())
    assert error.reason == "redirect_loop"
    assert server.paths() == ["/feed", "/a", "/b"]


async def test_five_hops_are_followed_and_six_are_not(server: Server, client: Client) -> None:
    """The fifth redirect is followed, the sixth ends it (row N07)."""
    server.routes |= {f"/{number}": redirect(f"/{number + 1}") for number in range(7)}
    server.routes["/6"] = reply(200, b"end")
    assert (await client.fetch(Request(url=server.url("/1")))).body == b"end"
    server.seen.clear()
    error = await refused(client, server.url("/0"))
    assert error.reason == "redirects"
    assert len(server.paths()) == 6


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/new", "/new"),
        ("new", "/a/new"),
        ("../new", "/new"),
        ("?page=2", "/a/feed?page=2"),
        ("/new#part", "/new"),
        (" /new ", "/new"),
        ("/\u00c3\u00a9", "/%C3%A9"),
        ("/é?à=1", "/%C3%A9?%C3%A0=1"),
    ],
)
async def test_every_form_of_location_is_understood(location: str, path: str, server: Server, client: Client) -> None:
    """Relative, with a fragment, with blanks or raw letters: resolved against the address that redirects (row N07)."""
    head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
    server.routes["/a/feed"] = head + location.encode("latin-1") + b"\r\n\r\n"
    server.routes["*"] = reply(200, b"end")
    result = await client.fetch(Request(url=server.url("/a/feed#top")))
    assert server.paths()[-1] == path
    assert result.url == server.origin + path


@pytest.mark.parametrize("location", [None, "", "   "])
async def test_a_redirect_to_nowhere_is_named(location: str | None, server: Server, client: Client) -> None:
    """A redirect without an address is an error of the server (row N07)."""
    server.routes["/feed"] = redirect(location)
    assert (await refused(client, server.url())).reason == "bad_redirect"


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ((301,), True),
        ((308,), True),
        ((301, 308), True),
        ((302,), False),
        ((307,), False),
        ((303,), False),
        ((301, 302), False),
        ((302, 308), False),
    ],
)
async def test_only_a_wholly_permanent_chain_proposes_an_address(
    statuses: tuple[int, ...], moved: bool, server: Server, client: Client
) -> None:
    """moved_to is set after 301 and 308 alone; one temporary step and nothing is proposed (row N08)."""
    for number, status in enumerate(statuses):
        server.routes[f"/{number}"] = redirect(f"/{number + 1}", status)
    server.routes[f"/{len(statuses)}"] = reply(200, b"end")
    result = await client.fetch(Request(url=server.url("/0")))
    assert result.url == server.url(f"/{len(statuses)}")
    assert result.moved_to == (result.url if moved else None)


async def test_a_moved_address_is_proposed_with_a_304_too(server: Server, client: Client) -> None:
    """Validators follow the redirect, and an unchanged answer there still says where the feed went (row N08)."""
    server.routes |= {"/feed": redirect("/new", 301), "/new": reply(304)}
    result = await client.fetch(Request(url=server.url(), etag='"v1"'))
    assert result.not_modified
    assert result.moved_to == server.url("/new")
    assert server.seen[-1].headers["if-none-match"] == '"v1"'


async def test_a_captive_portal_shows_where_it_led(server: Server, other: Server, client: Client) -> None:
    """A feed that answers with a page of somebody else is told by its final address, and proposes nothing (row N09)."""
    server.routes["/feed"] = redirect(other.url("/login"))
    other.routes["/login"] = reply(200, b"<html>sign in", {"Content-Type": "text/html"})
    result = await client.fetch(Request(url=server.url()))
    assert result.url == other.url("/login")
    assert result.moved_to is None
    assert result.header("content-type") == "text/html"


@pytest.mark.parametrize(
    "inner",
    [
        "http://10.0.0.1/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest",
        "http://0xa9fea9fe/",
        "http://127.0.0.1:{port}/",
    ],
)
async def test_no_redirect_leads_inside(inner: str, server: Server, make_client: MakeClient) -> None:
    """The guard stands at every hop: a redirect to an inner address is not followed (row N14)."""
    canary = Server()
    await canary.start()
    front = Server(host="127.0.0.2")
    await front.start()
    front.routes["/feed"] = redirect(inner.format(port=canary.port))
    client = make_client(allow_private=("127.0.0.2/32",))
    error = await refused(client, front.url())
    assert error.reason == "blocked_address"
    assert canary.connections == 0
    await canary.stop()
    await front.stop()


@pytest.mark.parametrize("path", ["/robots.txt", "/.well-known/tdmrep.json"])
async def test_the_files_of_a_site_are_fetched_through_the_same_guard(path: str, make_client: MakeClient) -> None:
    """robots.txt and tdmrep.json that redirect inside reach nothing (row N14)."""
    canary, front = Server(), Server(host="127.0.0.2")
    await canary.start()
    await front.start()
    front.routes |= {path: redirect(canary.url("/x")), "/page": reply(200, b"page")}
    client = make_client(allow_private=("127.0.0.2/32",))
    if path == "/robots.txt":
        assert (await refused(client, front.url("/page"))).reason == "blocked_address"
    else:
        assert (await client.fetch(document(front.url("/page")))).reserved is None
    assert canary.connections == 0
    assert path in [seen.path for seen in front.seen]
    await canary.stop()
    await front.stop()


ODD = (
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/",
    "ftp://127.0.0.1/x",
    "data:text/html,x",
    "jar:http://127.0.0.1!/x",
    "unix:///run/x.sock",
    "javascript:alert(1)",
    "ws://127.0.0.1/",
    "mailto:a@b",
    "/etc/passwd",
    "",
    "feed",
)


@pytest.mark.parametrize("address", ODD)
async def test_other_schemes_are_refused(address: str, client: Client) -> None:
    """Only http and https are read, nothing of this machine (row N15)."""
    error = await refused(client, address)
    assert error.reason == "bad_scheme"
    assert not error.transient


@pytest.mark.parametrize("address", [scheme for scheme in ODD if ":" in scheme])
async def test_no_redirect_leads_to_another_scheme(address: str, server: Server, client: Client) -> None:
    """The same holds for a redirect (row N15)."""
    server.routes["/feed"] = redirect(address)
    assert (await refused(client, server.url())).reason == "bad_scheme"


@pytest.mark.parametrize(
    "address",
    [
        "http://",
        "http:///feed",
        "http://[::1/",
        "http://a b/",
        "http://exa mple.org/",
        "http://host:99999/",
        "http://host:port/",
        "https://.../",
    ],
)
async def test_a_broken_address_is_named(address: str, client: Client) -> None:
    """What cannot be an address is `bad_url`, and nothing else happens."""
    assert (await refused(client, address)).reason in ("bad_url", "dns")


async def test_credentials_in_an_address_are_refused_and_never_shown(server: Server, client: Client) -> None:
    """An address with a user name or password is not asked for, not even by a redirect, and no error repeats it (row N10)."""
    secret = f"http://user:hunter2@127.0.0.1:{server.port}/feed"
    server.routes["/there"] = redirect(secret)
    for error in (await refused(client, secret), await refused(client, server.url("/there"))):
        assert error.reason == "bad_url"
        assert "hunter2" not in f"{error} {error.url} {error.args} {vars(error)}"
    assert server.paths() == ["/there"]


async def test_nothing_personal_crosses_an_origin(server: Server, other: Server, client: Client) -> None:
    """A redirect to another origin carries no cookie, no authorization, no referer (rows N10, N27, S09)."""
    server.routes["/feed"] = redirect(other.url("/feed"), headers={"Set-Cookie": "id=1; Path=/", "WWW-Authenticate": "Basic"})
    other.routes["/feed"] = reply(200, b"x")
    await client.fetch(Request(url=server.url()))
    assert set(other.seen[-1].headers) == {"host", "user-agent", "accept", "accept-encoding"}


def trail(start: str) -> Trail:
    """Return a trail that begins at `start`."""
    there = target(start)
    return Trail(here=there, seen={there.text})


@pytest.mark.parametrize(
    ("location", "tried"),
    [
        ("http://b.example.org/x", "https://b.example.org/x"),
        ("http://b.example.org:80/x", "https://b.example.org/x"),
        ("http://b.example.org:8080/x", "https://b.example.org:8080/x"),
    ],
)
def test_a_step_down_to_http_is_tried_as_https(location: str, tried: str) -> None:
    """A redirect from https to http is asked for as https on the same host (row N10)."""
    way = trail("https://a.example.org/feed")
    way.step(302, location, 5)
    assert way.here.text == tried
    assert way.upgraded


def test_a_step_down_on_the_very_address_is_a_downgrade() -> None:
    """https that redirects to itself in http is refused by its name, not as a loop (row N10)."""
    way = trail("https://a.example.org/feed")
    with pytest.raises(Failure) as caught:
        way.step(301, "http://a.example.org/feed", 5)
    assert caught.value.reason == "downgrade"


def test_http_may_lead_to_http_and_to_https() -> None:
    """A source that is configured in http may redirect in http, and up to https."""
    way = trail("http://a.example.org/feed")
    way.step(301, "http://b.example.org/feed", 5)
    way.step(301, "https://b.example.org/feed", 5)
    assert way.here.text == "https://b.example.org/feed"
    assert not way.upgraded
    assert way.permanent


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://user:pw@host/a@b?c=d", "http://host/a@b?c=d"),
        ("http://host/a", "http://host/a"),
        ("https://a@b@host", "https://host"),
        ("nonsense", "nonsense"),
    ],
)
def test_an_address_is_shown_without_its_credentials(address: str, shown: str) -> None:
    """What stands before the @ of the authority is left out."""
    assert without_credentials(address) == shown


@pytest.mark.parametrize(
    ("plain", "spelled"),
    [
        ("https://example.org/", "HTTPS://example.org/"),
        ("https://example.org/a/b-1.html?x=1&y=2", "https://Example.org/a/b-1.html?x=1&y=2#top"),
        ("https://example.org/a/b", "https://example.org:443/./a/x/../b"),
        ("http://example.org/a//b/", "http://EXAMPLE.org:80/a//b/"),
        ("http://example.org:8080/a?b=c", " http://eXample.org:8080/a?b=c "),
        ("http://127.0.0.1:8080/~a_b", "HTTP://127.0.0.1:8080/~a_b"),
        ("https://xn--caf-dma.example/a", "https://caf\u00e9.example/a"),
    ],
)
def test_an_address_is_one_however_it_is_spelled(plain: str, spelled: str) -> None:
    """What is asked, of whom, and what robots.txt is matched with do not depend on how an address was written."""
    there = target(plain)
    assert there == target(spelled)
    assert there.text == plain
    assert there.text == there.origin + there.path
    assert there.url.raw_path == there.path.encode()
    assert there.url.netloc == there.origin.partition("//")[2].encode()


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("https://example.org/a/../../b", "/b"),
        ("https://example.org/a/./b", "/a/b"),
        ("https://example.org/.well-known/x", "/.well-known/x"),
        ("https://example.org/a..b/c.", "/a..b/c."),
        ("https://example.org/a b", "/a%20b"),
        ("https://example.org/caf\u00e9?q=\u00e9", "/caf%C3%A9?q=%C3%A9"),
        ("https://example.org?a=b", "/?a=b"),
        ("https://example.org/" + "a" * 5000, "/" + "a" * 5000),
    ],
)
def test_the_path_is_the_one_that_is_sent(address: str, path: str) -> None:
    """Dot segments are resolved and characters encoded before robots.txt is asked about a path."""
    there = target(address)
    assert there.path == path
    assert there.url.raw_path == path.encode()


@pytest.mark.parametrize("host", ["256.1.1.1", "a..example", "-a.example", "a.example:0", "a.example:65536"])
def test_a_plain_path_does_not_make_up_for_a_host_that_cannot_be(host: str) -> None:
    """The host and the port are looked at whatever follows them, each time."""
    for path in ("/a/b.html", "/a b", "/a/b.html"):
        with pytest.raises(Failure) as caught:
            target(f"https://{host}{path}")
        assert caught.value.reason == "bad_url"


async def test_the_limit_of_hops_is_a_parameter(server: Server, make_client: MakeClient) -> None:
    """With no redirect allowed, the first one ends it."""
    server.routes["/feed"] = redirect("/a")
    assert (await refused(make_client(limits=Limits(redirects=0)), server.url())).reason == "redirects"
