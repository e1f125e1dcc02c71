# ruff: noqa: ASYNC109, ARG002  the signatures are those of httpcore
"""Open connections, to checked addresses only: the network backend that httpcore is given."""

import asyncio
import socket
import time
from collections.abc import Iterable

import httpcore

from watcher.fetch.guard import Address, Guard
from watcher.fetch.limits import METER, Failure, Limits
from watcher.fetch.stream import Wire

_SocketOptions = Iterable[tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]]


class Backend(httpcore.AsyncNetworkBackend):
    """Open connections to checked addresses only. `exempt` is the proxy (host, port), which the administrator chose."""

    def __init__(self, guard: Guard, limits: Limits, exempt: tuple[str, int] | None = None) -> None:
        self._guard = guard
        self._limits = limits
        self._exempt = exempt

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _SocketOptions | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check and dial `host`, address after address. Raises Failure."""
        METER.get().dialled = True
        seconds = min(METER.get().left(), self._limits.connect if timeout is None else timeout)
        until = time.monotonic() + seconds
        if (host, port) == self._exempt:
            return await self._dial_by_name(host, port, seconds)
        addresses = await self._guard.addresses(host, port, timeout=seconds)
        failure = Failure("connect", f"{host} has no address to connect to.")
        for place, address in enumerate(addresses):
            left = until - time.monotonic()
            if left <= 0:
                break
            last = place == len(addresses) - 1
            try:
                return await _dial(address, port, left if last else min(left, self._limits.attempt))
            except TimeoutError:
                failure = Failure("timeout", f"{host} did not accept the connection in the time given to it.")
            except OSError as error:
                failure = Failure("connect", f"No connection to {host} ({error.strerror or error}).")
        raise failure

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: _SocketOptions | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: nothing of this machine is fetched."""
        raise Failure("blocked_address", "A Unix socket is not a web address.", transient=False)

    async def _dial_by_name(self, host: str, port: int, seconds: float) -> Wire:
        try:
            async with asyncio.timeout(seconds):
                _, stream = await asyncio.get_running_loop().create_connection(Wire, host, port)
        except (OSError, TimeoutError) as error:
            raise Failure("connect", f"The proxy of settings.proxy cannot be reached ({error}).") from error
        return stream


async def _dial(address: Address, port: int, seconds: float) -> Wire:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    loop = asyncio.get_running_loop()
    plug = socket.socket(family, socket.SOCK_STREAM)
    try:
        plug.setblocking(False)
        async with asyncio.timeout(seconds):
            await loop.sock_connect(plug, (str(address), port))
        _, stream = await loop.create_connection(Wire, sock=plug)
    except BaseException:
        plug.close()
        raise
    return stream
