"""A server that drips, stalls or floods costs bounded time and memory."""

import asyncio
import time

import pytest

from tests.fetch.servers import MakeClient, Script, Seen, Server, refused, reply
from watcher.fetch import Limits
from watcher.model import Request

SHORT = Limits(total=0.6, read=0.4, connect=0.4)


def drip(start: bytes, piece: bytes) -> Script:
    """Send `start`, then `piece` every 20 ms for ever."""

    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)

    return script


def flood(start: bytes, piece: bytes, sent: list[int]) -> Script:
    """Send `start`, then `piece` as fast as it is taken; `sent` grows with the bytes that left."""

    async def script(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while sum(sent) < 64 << 20:
            writer.write(piece)
            await writer.drain()
            sent.append(len(piece))

    return script


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"", b"H"),
        (OK + b"X-Long: ", b"a"),
        (OK + b"Content-Length: 1000000\r\n\r\n", b"b"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nc\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1;x=", b"y"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["status line", "header", "body", "chunks", "chunk extension", "1xx"],
)
async def test_a_dripping_server_meets_the_deadline(start: bytes, piece: bytes, server: Server, make_client: MakeClient) -> None:
    """One byte at a time never keeps a request past its total deadline, and the place is free afterwards (row N03)."""
    server.routes["/drip"] = drip(start, piece)
    server.routes["/feed"] = reply(200, b"fine")
    client = make_client(limits=SHORT)
    begun = time.monotonic()
    error = await refused(client, server.url("/drip"))
    assert error.reason in ("timeout", "protocol")
    assert time.monotonic() - begun < 1.5
    assert (await client.fetch(Request(url=server.url()))).body == b"fine"


async def test_fifty_dripping_servers_leave_all_places_free(make_client: MakeClient) -> None:
    """When every place was taken by a dripping server, all are free again after the deadline (row N03)."""
    servers = [Server() for _ in range(20)]
    for one in servers:
        await one.start()
        one.routes["/drip"] = drip(b"", b"H")
        one.routes["/feed"] = reply(200, b"fine")
    client = make_client(limits=Limits(total=0.6, in_flight=5, pools=1))
    await asyncio.gather(*(refused(client, one.url("/drip")) for one in servers[:10]))
    results = await asyncio.gather(*(client.fetch(Request(url=one.url())) for one in servers))
    assert all(result.body == b"fine" for result in results)
    for one in servers:
        await one.stop()


async def test_a_request_may_have_more_time(server: Server, make_client: MakeClient) -> None:
    """A data set that takes longer than usual is read when its request says so."""

    async def slow(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"Content-Length: 8\r\n\r\n")
        for _ in range(8):
            await asyncio.sleep(0.1)
            writer.write(b"x")

    server.routes["/slow"] = slow
    client = make_client(limits=SHORT)
    assert (await refused(client, server.url("/slow"))).reason == "timeout"
    assert (await client.fetch(Request(url=server.url("/slow"), max_seconds=5))).body == b"x" * 8


async def test_a_server_that_never_answers_is_given_up(server: Server, make_client: MakeClient) -> None:
    """A connection that is accepted and then left alone ends at the read timeout (row N04)."""

    async def silent(seen: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    server.routes["/robots.txt"] = silent
    begun = time.monotonic()
    error = await refused(make_client(limits=SHORT), server.url())
    assert error.reason == "timeout"
    assert error.transient
    assert time.monotonic() - begun < 1.5


async def test_the_deadline_holds_within_one_read(server: Server, make_client: MakeClient) -> None:
    """A silence longer than what is left of the total time ends with it, whatever the read timeout (row N03)."""

    async def silent(seen: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    server.routes["/robots.txt"] = silent
    begun = time.monotonic()
    assert (await refused(make_client(limits=Limits(total=0.3, read=30)), server.url())).reason == "timeout"
    assert time.monotonic() - begun < 2


async def test_a_tls_handshake_that_never_ends_is_given_up(make_client: MakeClient) -> None:
    """A server that takes the connection and never speaks TLS ends at the connect timeout (row N04)."""

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    begun = time.monotonic()
    error = await refused(make_client(limits=SHORT), f"https://127.0.0.1:{port}/")
    assert error.reason == "timeout"
    assert time.monotonic() - begun < 1.5
    listener.close()


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (OK + b"X-Long: ", b"a" * 65536),
        (OK, b"X-Many: 1\r\n" * 5000),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1;ext=", b"e" * 65536),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", (b"1;" + b"e" * 60000 + b"\r\nx\r\n")),
        (b"", b"HTTP/1.1 102 Processing\r\nX: y\r\n\r\n" * 2000),
        (b"", b"\x00\xff" * 32768),
    ],
    ids=["long header", "many headers", "chunk extension", "many chunk extensions", "1xx flood", "noise"],
)
async def test_a_flood_is_cut_early(start: bytes, piece: bytes, server: Server, make_client: MakeClient) -> None:
    """Endless headers, chunk extensions, interim answers or noise are refused after a bounded read (row N05)."""
    sent: list[int] = []
    server.routes["/flood"] = flood(start, piece, sent)
    begun = time.monotonic()
    error = await refused(make_client(limits=Limits(body=1 << 20)), server.url("/flood"))
    assert error.reason in ("headers", "protocol", "truncated", "too_large")
    assert time.monotonic() - begun < 5
    assert sum(sent) < 16 << 20


async def test_many_small_headers_are_too_many(server: Server, make_client: MakeClient) -> None:
    """Headers within the size but beyond the count are refused (row N05)."""
    server.routes["/many"] = reply(200, b"x", {f"X-{number}": "1" for number in range(400)})
    assert (await refused(make_client(), server.url("/many"))).reason == "headers"


async def test_no_connection_is_named(make_client: MakeClient) -> None:
    """Where nothing listens, the reason is `connect`."""
    server = Server()
    await server.start()
    await server.stop()
    assert (await refused(make_client(), server.url())).reason == "connect"
