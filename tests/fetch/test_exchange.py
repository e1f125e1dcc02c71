"""A document is whole or it is none."""

import asyncio
import contextlib
import gzip

import pytest

from tests.fetch.servers import Seen, Server, refused, reply
from watcher.errors import FetchError
from watcher.fetch import Client
from watcher.model import Request

TEXT = b"<rss><channel><item/></channel></rss>"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PACKED = gzip.compress(TEXT * 50)


async def _cut(route: bytes, server: Server) -> None:
    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(route)
        await writer.drain()
        writer.close()

    server.routes["/feed"] = script


@pytest.mark.parametrize(
    "route",
    [
        reply(200, TEXT, length=len(TEXT) + 10),
        reply(200, TEXT, length=10),
        reply(200, TEXT, length=len(TEXT) - 1),
        reply(200, TEXT, length=0),
        reply(200, b"aaaa", length=2),
        reply(200, PACKED[:-9], {"Content-Encoding": "gzip"}),
        reply(200, PACKED[: len(PACKED) // 2], {"Content-Encoding": "gzip"}),
        b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + PACKED[:-3],
        CHUNKED + b"5\r\n<rss>\r\n",
        CHUNKED + b"5\r\n<rs",
        CHUNKED + b"zz\r\n<rss>\r\n0\r\n\r\n",
        CHUNKED + b"5\r\n<rss>XX0\r\n\r\n",
        CHUNKED + b"ffffffffffffffffffffffff\r\n<rss>",
    ],
    ids=[
        "announces more",
        "announces less",
        "announces one less",
        "announces nothing",
        "announces less of the same",
        "gzip tail missing",
        "gzip half missing",
        "gzip cut without length",
        "last chunk missing",
        "cut in a chunk",
        "chunk size not a number",
        "chunk longer than its size",
        "chunk size absurd",
    ],
)
async def test_a_lie_about_the_length_is_truncated(route: bytes, server: Server, client: Client) -> None:
    """Cut or overlong answers are never taken for whole: nothing is parsed, no validator is seen (row N06)."""
    await _cut(route, server)
    error = await refused(client, server.url())
    assert error.reason in ("truncated", "protocol")
    assert error.transient


@pytest.mark.parametrize("smuggled", [reply(200, b"smuggled"), reply(200), reply(304), b"\r\n\r\n", b"<html></html>"])
async def test_excess_never_becomes_the_next_answer(smuggled: bytes, server: Server, client: Client) -> None:
    """What a server sends beyond an answer is never read as the answer to the next request (row N06)."""
    server.routes["/304"] = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n' + smuggled
    server.routes["/404"] = reply(404, b"gone") + smuggled
    server.routes["/empty"] = reply(404) + smuggled
    server.routes["/chunked"] = CHUNKED + b"2\r\nok\r\n0\r\n\r\n" + smuggled
    server.routes["/feed"] = reply(200, b"true")
    assert (await client.fetch(Request(url=server.url("/304"), etag='"a"'))).not_modified
    for path in ("/404", "/empty", "/chunked"):
        assert (await client.fetch(Request(url=server.url()))).body == b"true"
        with contextlib.suppress(FetchError):
            await client.fetch(Request(url=server.url(path)))
    assert (await client.fetch(Request(url=server.url()))).body == b"true"


async def test_early_hints_are_no_excess(server: Server, client: Client) -> None:
    """Interim answers before the real one, in the same packet or not, are skipped (RFC 9110, 15.2)."""
    server.routes["/feed"] = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + reply(200, TEXT)
    for _ in range(2):
        assert (await client.fetch(Request(url=server.url()))).body == TEXT
    assert server.connections == 1


@pytest.mark.parametrize("status", [200, 304, 404, 301])
async def test_an_honest_connection_is_kept(status: int, server: Server, client: Client) -> None:
    """Answers that end where they say leave their connection to the next request."""
    server.routes["/plain"] = reply(status, b"" if status == 304 else b"body", {"Location": "/feed"})
    server.routes["/chunked"] = f"HTTP/1.1 {status} X\r\nLocation: /feed\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + (
        b"" if status == 304 else b"2\r\nok\r\n3\r\nyes\r\n0\r\n\r\n"
    )
    server.routes["/feed"] = reply(200, b"true")
    for path in ("/plain", "/chunked", "/plain", "/chunked"):
        with contextlib.suppress(FetchError):
            await client.fetch(Request(url=server.url(path), etag='"a"'))
    assert server.connections == 1


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
async def test_one_line_end_too_many_is_forgiven(end: bytes, server: Server, client: Client) -> None:
    """A document followed by an empty line is whole; its connection is not used again."""
    server.routes |= {"/feed": reply(200, TEXT + end, length=len(TEXT)), "/next": reply(200, b"true")}
    assert (await client.fetch(Request(url=server.url()))).body == TEXT
    assert (await client.fetch(Request(url=server.url("/next")))).body == b"true"
    assert server.connections == 2


async def test_an_excess_right_behind_a_full_read_is_truncated(server: Server, client: Client) -> None:
    """An announced length that ends just where one read ends does not hide what follows (row N06)."""
    head = len(reply(200, b"", length=65000))
    server.routes["/feed"] = reply(200, b"x" * 80_000, length=65536 - head)
    assert (await refused(client, server.url())).reason == "truncated"


async def test_an_excess_in_the_next_packet_is_truncated(server: Server, client: Client) -> None:
    """An excess that comes in a packet of its own, at once, is seen (row N06)."""

    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(200, TEXT[:10], length=10))
        await asyncio.sleep(0)
        writer.write(TEXT[10:])

    server.routes["/feed"] = script
    assert (await refused(client, server.url())).reason == "truncated"


async def test_a_late_excess_is_never_an_answer(server: Server, client: Client) -> None:
    """An excess that comes too late to be seen is not read as the answer to the next request (row N06)."""

    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(200, TEXT[:10], length=10))
        await asyncio.sleep(0.05)
        writer.write(TEXT[10:])

    server.routes["/late"] = script
    server.routes["/feed"] = reply(200, b"true")
    await client.fetch(Request(url=server.url("/late")))
    await asyncio.sleep(0.1)
    assert (await client.fetch(Request(url=server.url()))).body == b"true"


@pytest.mark.parametrize("place", range(1, 60, 7))
async def test_headers_may_be_cut_anywhere_on_the_way(place: int, server: Server, client: Client) -> None:
    """An honest answer in two packets, wherever it is cut, is whole."""
    whole = reply(200, TEXT)

    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(whole[:place])
        await asyncio.sleep(0.01)
        writer.write(whole[place:])

    server.routes["/feed"] = script
    assert (await client.fetch(Request(url=server.url()))).body == TEXT


async def test_every_cut_around_the_end_of_the_headers_is_harmless(server: Server, client: Client) -> None:
    """The four bytes that end the headers may come in any two packets."""
    whole = reply(200, TEXT)
    end = whole.index(b"\r\n\r\n")
    for place in range(end, end + 6):

        async def script(seen: Seen, writer: asyncio.StreamWriter, place: int = place) -> None:
            writer.write(whole[:place])
            await asyncio.sleep(0.01)
            writer.write(whole[place:])

        server.routes["/feed"] = script
        assert (await client.fetch(Request(url=server.url()))).body == TEXT


async def test_the_end_of_the_connection_ends_a_body_without_length(server: Server, client: Client) -> None:
    """HTTP/1.0 answers without a length are read to the end of the connection."""
    await _cut(b"HTTP/1.0 200 OK\r\n\r\n" + TEXT, server)
    assert (await client.fetch(Request(url=server.url()))).body == TEXT


async def test_an_empty_compressed_answer_is_empty(server: Server, client: Client) -> None:
    """No bytes under Content-Encoding gzip are no bytes."""
    server.routes["/feed"] = reply(200, b"", {"Content-Encoding": "gzip"})
    assert (await client.fetch(Request(url=server.url()))).body == b""
