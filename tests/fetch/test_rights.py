"""Reservations of rights are seen, and the header beats the file."""

import json
from datetime import timedelta

import pytest

from tests.fetch.servers import NOW, Clock, MakeClient, Server, document, refused, reply
from watcher.fetch import Client, Limits
from watcher.fetch.rights import keep, reserved_by_file, reserved_by_headers
from watcher.model import Request

TDMREP = "/.well-known/tdmrep.json"


def policy(*rules: tuple[object, object]) -> bytes:
    """Return a tdmrep.json."""
    return json.dumps([{"location": location, "tdm-reservation": value} for location, value in rules]).encode()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((), (False, None)),
        ((("tdm-reservation", "1"),), (True, "tdm_header")),
        ((("tdm-reservation", " 0 "),), (True, None)),
        ((("tdm-reservation", "yes"),), (False, None)),
        ((("x-robots-tag", "noai"),), (True, "noai")),
        ((("x-robots-tag", "noindex, NoImageAI"),), (True, "noai")),
        ((("x-robots-tag", "noindex"), ("x-robots-tag", "noai")), (True, "noai")),
        ((("x-robots-tag", "watcher: noai"),), (True, "noai")),
        ((("x-robots-tag", "otherbot: noai"),), (False, None)),
        ((("x-robots-tag", "unavailable_after: 25 Jun 2027 15:00:00 PST"),), (False, None)),
        ((("x-robots-tag", "noai"), ("tdm-reservation", "0")), (True, "noai")),
    ],
)
def test_headers_are_read(headers: tuple[tuple[str, str], ...], expected: tuple[bool, str | None]) -> None:
    """tdm-reservation and X-Robots-Tag, for everybody or for us by name, in any case."""
    assert reserved_by_headers(headers) == expected


@pytest.mark.parametrize(
    ("location", "path", "matches"),
    [
        ("/", "/any/page?x=1", True),
        ("/articles/", "/articles/a", True),
        ("/articles/", "/other", False),
        ("/Articles", "/articles", False),
        ("*", "/a", True),
        ("/*.pdf$", "/a/b.pdf", True),
        ("/*.pdf$", "/a/b.pdf?x", False),
        ("/exactly$", "/exactly", True),
        ("/exactly$", "/exactly/not", False),
        ("/this/*/then", "/this/and/then/more", True),
        ("/a*b*c$", "/aXbXbXc", True),
        ("/a*bc*c$", "/abc", False),
        ("/caf%C3%A9", "/caf%C3%A9s", True),
        ("/café", "/caf%C3%A9s", True),
        ("/%7Euser", "/~user", True),
        ("/a%2Fb", "/a/b", False),
        ("/foo-%24", "/foo-$", True),
        ("", "/a", True),
    ],
)
def test_patterns_are_those_of_robots_txt(location: str, path: str, matches: bool) -> None:
    """Prefixes, * and $, percent-encoding undone save for reserved characters."""
    kept = keep(policy((location, 1)), NOW)
    assert reserved_by_file(kept, path) == ("tdm_file" if matches else None)


def test_the_first_rule_that_matches_holds() -> None:
    """An exception stands before the rule it excepts from."""
    kept = keep(policy(("/free/", 0), ("/", 1)), NOW)
    assert reserved_by_file(kept, "/free/a") is None
    assert reserved_by_file(kept, "/a") == "tdm_file"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"{}",
        b"[1, null, []]",
        b'[{"location": 3, "tdm-reservation": 1}]',
        b"[" * 100_000,
        b"\xff\xfe",
        b'[{"location": "/", "tdm-reservation": 2}]',
    ],
)
def test_a_broken_file_reserves_nothing(body: bytes) -> None:
    """What is not a list of rules has none."""
    assert reserved_by_file(keep(body, NOW), "/a") is None


async def test_a_reserved_document_says_why(server: Server, client: Client) -> None:
    """The file of the site counts for documents; it is read once and kept a day (row S06)."""
    server.routes |= {TDMREP: reply(200, policy(("/a", 1))), "/a": reply(200, b"a"), "/b": reply(200, b"b")}
    assert (await client.fetch(document(server.url("/a")))).reserved == "tdm_file"
    assert (await client.fetch(document(server.url("/b")))).reserved is None
    assert server.paths() == ["/a", TDMREP, "/b"]


async def test_the_header_beats_the_file(server: Server, client: Client) -> None:
    """tdm-reservation: 0 on a page frees it from the file's rule, which is then not even asked for (row S06)."""
    server.routes |= {
        TDMREP: reply(200, policy(("/", 1))),
        "/free": reply(200, b"a", {"TDM-Reservation": "0"}),
        "/a": reply(200, b"a"),
    }
    assert (await client.fetch(document(server.url("/free")))).reserved is None
    assert TDMREP not in server.paths()
    assert (await client.fetch(document(server.url("/a")))).reserved == "tdm_file"


async def test_a_listing_asks_for_no_file(server: Server, client: Client) -> None:
    """Feeds are read for their titles and links: the file is for documents, the header still tells."""
    server.routes |= {
        TDMREP: reply(200, policy(("/", 1))),
        "/feed": reply(200, b"x"),
        "/tagged": reply(200, b"x", {"X-Robots-Tag": "noai"}),
    }
    assert (await client.fetch(Request(url=server.url()))).reserved is None
    assert (await client.fetch(Request(url=server.url("/tagged")))).reserved == "noai"
    assert TDMREP not in server.paths()


@pytest.mark.parametrize(
    "answer",
    [reply(404), reply(500), reply(200, b"<html>"), reply(200, b"[]", {"Content-Encoding": "br"}), reply(200, b"[", length=99)],
)
async def test_a_file_that_cannot_be_read_reserves_nothing(answer: bytes, server: Server, make_client: MakeClient) -> None:
    """No readable file, no reservation; the document is kept."""
    server.routes |= {TDMREP: answer, "/a": reply(200, b"a")}
    result = await make_client(limits=Limits(read=0.3)).fetch(document(server.url("/a")))
    assert result.reserved is None
    assert result.body == b"a"


async def test_a_policy_is_kept_for_a_day(server: Server, make_client: MakeClient, clock: Clock) -> None:
    """The rules survive a restart and are read again after 24 h."""
    server.routes |= {TDMREP: reply(200, policy(("/", 1))), "/a": reply(200, b"a")}
    first = make_client()
    await first.fetch(document(server.url("/a")))
    hosts = {state.origin: state for state in first.changed_hosts()}
    server.routes[TDMREP] = reply(404)
    clock.time = NOW + timedelta(hours=23)
    second = make_client(hosts=hosts)
    assert (await second.fetch(document(server.url("/a")))).reserved == "tdm_file"
    clock.time = NOW + timedelta(hours=25)
    assert (await second.fetch(document(server.url("/a")))).reserved is None


async def test_robots_txt_holds_for_the_file_too(server: Server, client: Client) -> None:
    """Where robots.txt closes /.well-known/, tdmrep.json is not asked for (row N26)."""
    server.routes |= {
        "/robots.txt": reply(200, b"User-agent: *\nDisallow: /.well-known/"),
        TDMREP: reply(200, policy(("/", 1))),
        "/a": reply(200, b"a"),
    }
    assert (await client.fetch(document(server.url("/a")))).reserved is None
    assert (await refused(client, server.url(TDMREP))).reason == "robots"
    assert TDMREP not in server.paths()
