"""A real server on loopback that can stall, cut and lie, and what the tests say in one line."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from watcher.errors import FetchError
from watcher.fetch import Client
from watcher.model import ReadAs, Request

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LOOPBACK = ("127.0.0.0/8", "::1/128")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as the server received it; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]


Script = Callable[[Seen, asyncio.StreamWriter], Awaitable[None]]


def reply(status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None, *, length: int | None = None) -> bytes:
    """Return the bytes of one answer; `length` replaces the true Content-Length."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body


@dataclass(slots=True)
class Server:
    """Answer each path with the bytes or the script of its route, and remember what was asked."""

    routes: dict[str, bytes | Script] = field(default_factory=dict[str, bytes | Script])
    seen: list[Seen] = field(default_factory=list[Seen])
    connections: int = 0
    most_at_once: int = 0
    port: int = 0
    scheme: str = "http"
    host: str = "127.0.0.1"
    _open: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _server: asyncio.Server | None = None

    @property
    def origin(self) -> str:
        """Return scheme, host and port."""
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def url(self, path: str = "/feed") -> str:
        """Return the address of `path`."""
        return self.origin + path

    def paths(self) -> list[str]:
        """Return the paths asked for, in order, robots.txt left out."""
        return [seen.path for seen in self.seen if seen.path != "/robots.txt"]

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=tls, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close all and wait for it."""
        if self._server:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._open:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        task = asyncio.current_task()
        if task:
            self._tasks.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.strip().split("\r\n")
                method, path, _ = first.split(" ")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                seen = Seen(method=method, path=path, headers=headers)
                self.seen.append(seen)
                route = self.routes.get(path) or self.routes.get("*") or reply(404)
                if isinstance(route, bytes):
                    writer.write(route)
                    await writer.drain()
                else:
                    await route(seen, writer)
                if writer.is_closing():
                    break
        writer.transport.abort()


MakeClient = Callable[..., Client]
"""Make a client: keywords are those of `Client` and of `Settings`."""


@contextlib.contextmanager
def in_a_thread(routes: Mapping[str, bytes]) -> Generator[Server]:
    """Serve `routes`, and no robots.txt, from a thread: for commands, which run an event loop of their own."""
    loop, server = asyncio.new_event_loop(), Server(routes={"/robots.txt": reply(404), **routes})
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


class Clock:
    """A wall clock that tests move by hand."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        """Return the time."""
        return self.time


async def refused(client: Client, url: str, **fields: Any) -> FetchError:
    """Fetch `url`, which must fail, and return the error."""
    with pytest.raises(FetchError) as caught:
        await client.fetch(Request(url=url, **fields))
    assert caught.value.message
    return caught.value


def document(url: str) -> Request:
    """Return a request for a document."""
    return Request(url=url, read_as=ReadAs.DOCUMENT)
