"""The HTTP server of the service: uvicorn, in the loop of whoever starts it, on loopback."""

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager
from ipaddress import ip_address

import uvicorn
from starlette.types import ASGIApp

from watcher.errors import ConfigError

ENDS_WITHIN = 3  # seconds that requests under way are given


class Listener:
    """Serves `app` on the address `listen` (`127.0.0.1:8484`; port 0: any that is free). `port` is the one it got.

    Raises ConfigError, when it is made, for an address that cannot be had.
    """

    def __init__(self, app: ASGIApp, listen: str) -> None:
        self._socket = _bound(listen)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=ENDS_WITHIN,
            limit_concurrency=100,
            ws="none",
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to answer."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))

    async def stop(self) -> None:
        """End, once the requests under way are answered."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()


class _Server(uvicorn.Server):
    """A server that leaves signals to the service."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture none."""
        yield


def _bound(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if host != "localhost" and ip_address(host).version == 6 else socket.AF_INET
    try:
        return socket.create_server((host, int(port)), family=family, backlog=64)
    except OSError as error:
        raise ConfigError(
            f"nothing can listen at {listen}: {error.strerror}.",
            file="sources.yaml",
            remedy="Write another address as `service: {listen: ...}` under `settings:`.",
        ) from error
