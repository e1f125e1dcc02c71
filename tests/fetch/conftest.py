"""Servers on loopback, a clock, and clients that may reach them."""

import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from tests.fetch.servers import LOOPBACK, Clock, MakeClient, Server
from watcher.fetch import Client, Limits
from watcher.model import HostState, Settings


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A plain HTTP server on loopback."""
    one = Server()
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def other() -> AsyncIterator[Server]:
    """A second server, thus a second origin."""
    one = Server()
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
def clock() -> Clock:
    """The clock that every client of a test reads."""
    return Clock()


@pytest.fixture
async def make_client(clock: Clock) -> AsyncIterator[MakeClient]:
    """A maker of clients that may reach loopback, without a gap; what is passed replaces that. All are closed at the end."""
    async with contextlib.AsyncExitStack() as stack:
        made: list[Client] = []

        def make(
            *,
            hosts: Mapping[str, HostState] | None = None,
            limits: Limits = Limits(),  # noqa: B008  frozen
            tls: ssl.SSLContext | None = None,
            resolve: Any = None,
            **settings: Any,
        ) -> Client:
            chosen: dict[str, Any] = {"contact": "veille@example.org", "gap": 0.0, "allow_private": LOOPBACK} | settings
            client = Client(settings=Settings(**chosen), hosts=hosts or {}, now=clock, limits=limits, tls=tls, resolve=resolve)
            made.append(client)
            stack.push_async_exit(client)
            return client

        yield make


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    """A client with the limits that ship."""
    return make_client()
