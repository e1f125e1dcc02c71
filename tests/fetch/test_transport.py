"""A pool whose connections are lost is replaced, and costs no request."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.fetch.servers import LOOPBACK, Seen, Server, reply
from watcher.fetch.answers import Answer
from watcher.fetch.exchange import exchange
from watcher.fetch.guard import Guard
from watcher.fetch.limits import Failure, Limits, Meter
from watcher.fetch.transport import Transport

ONE = Limits(in_flight=1, idle_per_pool=0, pools=1, pool=0.2)


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    """A transport with one pool of one connection, and nobody who keeps requests from crowding it."""
    one = Transport(Guard(allow_private=LOOPBACK, contact=True), ONE)
    yield one
    await one.aclose()


async def get(transport: Transport, url: str) -> Answer:
    """Fetch `url` through the bare transport."""
    meter = Meter(deadline=time.monotonic() + 5, room=0)
    return await exchange(transport, httpx.Request("GET", url, extensions={"meter": meter}), most=1000, limits=ONE)


async def stall(seen: Seen, writer: asyncio.StreamWriter) -> None:
    """Answer half, and the rest after half a second."""
    writer.write(reply(200, b"x", length=2))
    await asyncio.sleep(0.5)
    writer.write(b"y")


async def test_a_pool_without_a_free_connection_is_replaced(server: Server, other: Server, transport: Transport) -> None:
    """Where a pool gives no connection in time, a new one does; who is still inside the old one ends in peace."""
    server.routes["/stall"] = stall
    other.routes["/feed"] = reply(200, b"fine")
    holding = asyncio.create_task(get(transport, server.url("/stall")))
    await asyncio.sleep(0.1)
    assert (await get(transport, other.url())).body == b"fine"
    assert not holding.done()
    assert (await holding).body == b"xy"
    assert not transport.retired, "an empty retired pool is closed"


@pytest.mark.parametrize("path", ["/headers", "/body"])
async def test_a_cancelled_exchange_takes_its_pool_along(path: str, server: Server, transport: Transport) -> None:
    """A request that is cancelled in the headers or in the body retires its pool (encode/httpcore#1093)."""

    async def silent(seen: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    server.routes |= {"/headers": silent, "/body": stall, "/feed": reply(200, b"fine")}
    task = asyncio.create_task(get(transport, server.url(path)))
    await asyncio.sleep(0.1)
    before = dict(transport.pools)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert before
    assert not set(before.values()) & set(transport.pools.values())
    assert not transport.retired
    assert (await get(transport, server.url())).body == b"fine"


async def test_unix_sockets_are_not_opened(transport: Transport) -> None:
    """There is no way to a socket of this machine (row N15)."""
    with pytest.raises(Failure) as caught:
        await transport.backend.connect_unix_socket("/run/any.sock")
    assert caught.value.reason == "blocked_address"
