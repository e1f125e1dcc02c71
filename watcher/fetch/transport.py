"""The httpx transport of this package: several small pools of httpcore, over connections that only go where they may.

Every request walks all kept connections of its pool, so several small pools cost less than a large one. A request is never
cancelled from outside when it can be helped; when it was, or when a pool has no connection left, that pool is retired: no new
request enters it, and it is closed when its last one has left.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator

import httpcore
import httpx

from watcher.errors import ConfigError
from watcher.fetch.dial import Backend
from watcher.fetch.guard import Guard
from watcher.fetch.limits import METER, Failure, Limits, Meter
from watcher.fetch.stream import Wire

_CORE_ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


class _Nothing(httpx.AsyncByteStream):
    """The body of a GET, which saves httpcore from writing an empty one."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        return
        yield b""


_NOTHING = _Nothing()


class Pool:
    """A pool, and how many exchanges are inside it."""

    __slots__ = ("busy", "core")

    def __init__(self, core: httpcore.AsyncConnectionPool) -> None:
        self.core = core
        self.busy = 0


class Transport(httpx.AsyncBaseTransport):
    """Send requests through the pool of their origin. Raises Failure and nothing of httpx or httpcore."""

    def __init__(self, guard: Guard, limits: Limits, *, tls: ssl.SSLContext | None = None, proxy: str | None = None) -> None:
        self._limits = limits
        self._tls = tls
        self._proxy = _proxy(proxy) if proxy else None
        exempt = (self._proxy.url.host.decode(), self._proxy.url.port or 80) if self._proxy else None
        self.backend = Backend(guard, limits, exempt)
        self.pools: dict[int, Pool] = {}
        self.retired: set[Pool] = set()
        self._timeouts = {"connect": limits.connect, "read": limits.read, "write": limits.read, "pool": limits.pool}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and return its answer, body unread. `extensions["meter"]` bounds what is read.

        The request is repeated once when a kept connection turns out to have been closed by the server (RFC 9112, 9.3.1),
        and when its pool had no connection left.
        """
        url = request.url
        core_request = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=_NOTHING,
            extensions={"timeout": self._timeouts},
        )
        meter: Meter = request.extensions["meter"]
        METER.set(meter)
        number = hash((url.raw_host, url.port)) % self._limits.pools * 2 + (url.scheme == "https")
        try:
            return await self._send(number, core_request)
        except (Failure, *_CORE_ERRORS) as error:
            if not _may_repeat(error, meter):
                raise _head_failure(error, meter) from error
        try:
            return await self._send(number, core_request)
        except (Failure, *_CORE_ERRORS) as error:
            raise _head_failure(error, meter) from error

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in (*self.pools.values(), *self.retired):
            await pool.core.aclose()
        self.pools.clear()
        self.retired.clear()

    def retire(self, number: int, pool: Pool) -> None:
        """Let no new request into `pool`: connections of it may be lost for good (encode/httpcore#1093)."""
        if self.pools.get(number) is pool:
            del self.pools[number]
            self.retired.add(pool)

    async def leave(self, pool: Pool) -> None:
        """Count one exchange less in `pool`, and close it when it was retired and is empty."""
        pool.busy -= 1
        if pool.busy == 0 and pool in self.retired:
            self.retired.discard(pool)
            await pool.core.aclose()

    async def _send(self, number: int, request: httpcore.Request) -> httpx.Response:
        pool = self.pools.get(number) or self._new_pool(number)
        pool.busy += 1
        try:
            answer = await pool.core.handle_async_request(request)
        except BaseException as error:
            if isinstance(error, (httpcore.PoolTimeout, asyncio.CancelledError)):
                self.retire(number, pool)
            await self.leave(pool)
            raise
        return httpx.Response(answer.status, headers=answer.headers, stream=Body(self, number, pool, answer))

    def _new_pool(self, number: int) -> Pool:
        if number % 2 and self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)
        core = httpcore.AsyncConnectionPool(
            ssl_context=self._tls,
            proxy=self._proxy,
            max_connections=self._limits.in_flight + self._limits.idle_per_pool,
            max_keepalive_connections=self._limits.idle_per_pool,
            keepalive_expiry=self._limits.idle,
            network_backend=self.backend,
        )
        self.pools[number] = Pool(core)
        return self.pools[number]


class Body(httpx.AsyncByteStream):
    """The body of one answer as it comes: pieces without their framing, still encoded. Must be closed."""

    def __init__(self, transport: Transport, number: int, pool: Pool, answer: httpcore.Response) -> None:
        self._transport = transport
        self._number = number
        self._pool = pool
        self._answer = answer
        stream: object = answer.extensions["network_stream"]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        self._wire = stream if isinstance(stream, Wire) else None
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._answer.aiter_stream():
                yield piece
        except asyncio.CancelledError:
            self._transport.retire(self._number, self._pool)
            raise
        except Failure as error:
            if error.reason == "connect":
                raise Failure("truncated", "The connection was lost before the end of the answer.") from error
            raise
        except _CORE_ERRORS as error:
            raise Failure("truncated", f"The answer was cut or badly framed ({error}).") from error

    async def aclose(self) -> None:
        """Give the connection back, or close it when the body was not read to its end."""
        if not self._closed:
            self._closed = True
            try:
                await self._answer.aclose()
            finally:
                await self._transport.leave(self._pool)

    @property
    def waiting(self) -> bool:
        """Tell whether bytes wait on the connection that nobody asked for."""
        return self._wire is not None and self._wire.waiting

    def drop(self) -> None:
        """Break the connection, so that what follows on it is never taken for another answer."""
        if self._wire is not None:
            self._wire.drop()


def _may_repeat(error: Exception, meter: Meter) -> bool:
    """Tell a kept connection that was closed meanwhile, or a pool without connections, from a server that fails."""
    if isinstance(error, httpcore.PoolTimeout):
        return True
    lost = isinstance(error, httpcore.RemoteProtocolError) or (isinstance(error, Failure) and error.reason == "connect")
    return lost and not meter.dialled and meter.read == 0


def _head_failure(error: Exception, meter: Meter) -> Failure:
    """Word what went wrong before the headers were complete."""
    match error:
        case Failure():
            return error
        case httpcore.PoolTimeout():
            return Failure("timeout", "No connection became free in time.")
        case httpcore.ProxyError():
            return Failure("proxy", f"The proxy of settings.proxy refused the connection ({error}).")
        case httpcore.LocalProtocolError() | httpcore.UnsupportedProtocol():
            return Failure("bad_url", f"The request cannot be put in HTTP ({error}).", transient=False)
        case httpcore.RemoteProtocolError() if meter.read == 0:
            return Failure("protocol", "The server closed the connection without an answer.")
        case _:
            return Failure("protocol", f"The answer is not HTTP ({error}).")


def _proxy(address: str) -> httpcore.Proxy:
    """Read `settings.proxy`; its user and password travel in a header of their own, never in an error."""
    try:
        known = httpx.Proxy(address)
    except (ValueError, httpx.InvalidURL) as error:
        raise ConfigError("settings.proxy is not an http:// or https:// address.", file="sources.yaml") from error
    if known.url.scheme not in ("http", "https") or not known.url.host:
        raise ConfigError("settings.proxy must begin with http:// or https://.", file="sources.yaml")
    url = httpcore.URL(scheme=known.url.raw_scheme, host=known.url.raw_host, port=known.url.port, target=b"/")
    return httpcore.Proxy(url, auth=known.raw_auth)
