# ruff: noqa: ASYNC109  the signatures are those of httpcore
"""One TCP or TLS connection on asyncio, whose every read is counted and held to the deadline of the exchange.

It stands where httpcore's own stream would: the deadline acts here, below the HTTP parser, because a server that drips one
byte a second never lets the layers above have a say.
"""

import asyncio
import ssl
from typing import Any

import httpcore

from watcher.fetch.limits import METER, Failure

_HIGH = 256 * 1024
_LOW = 64 * 1024


class Wire(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """Read and write one connection. Raises Failure `timeout`, `connect` (reset), `tls`, and what `Meter.take` raises."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._reading_paused = False
        self._writing_paused = False

    # ---- what httpcore calls

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return up to `max_bytes`, b"" at the end of the stream."""
        meter = METER.get()
        left = meter.left()
        if not self._buffer and not self._ended:
            self._reader = self._loop.create_future()
            await self._wait(self._reader, left if timeout is None else min(timeout, left))
        if not self._buffer:
            if self._error is not None:
                raise Failure("connect", f"The connection was lost ({_words(self._error)}).") from self._error
            return b""
        piece = bytes(self._buffer[:max_bytes])
        del self._buffer[:max_bytes]
        if self._reading_paused and len(self._buffer) < _LOW:
            self._reading_paused = False
            self._open_transport().resume_reading()
        meter.take(piece)
        return piece

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send `buffer`; a lost connection is left to the next read, which may still find an answer."""
        if not buffer or self._ended or self._transport is None:
            return
        left = METER.get().left()
        self._transport.write(buffer)
        if self._writing_paused:
            self._writer = self._loop.create_future()
            await self._wait(self._writer, left if timeout is None else min(timeout, left))

    async def aclose(self) -> None:
        """Drop the connection at once: there is nothing left to say to the other side."""
        self.drop()
        await asyncio.sleep(0)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Turn the connection into a TLS one; the certificate is always checked."""
        plain = self._open_transport()
        left = METER.get().left()
        try:
            secured = await self._loop.start_tls(
                plain,
                self,
                ssl_context,
                server_hostname=(server_hostname or "").rstrip("."),
                ssl_handshake_timeout=left if timeout is None else min(timeout, left),
            )
        except ssl.SSLError as error:
            self.drop()
            raise _tls_failure(error, server_hostname or "") from error
        except (OSError, TimeoutError) as error:
            self.drop()
            if isinstance(error, (ConnectionAbortedError, TimeoutError)):
                raise Failure("timeout", "The TLS handshake did not end in the time given to it.") from error
            raise Failure("tls", f"The server broke off the TLS handshake ({_words(error)}).") from error
        if secured is None:
            self.drop()
            raise Failure("tls", "The server broke off the TLS handshake.")
        self._transport = secured
        return self

    def get_extra_info(self, info: str) -> Any:
        """Answer httpcore's two questions: the TLS object, and whether an idle connection was ended or talked to."""
        if info == "is_readable":
            return self._ended or bool(self._buffer)
        if info == "ssl_object" and self._transport is not None:
            return self._transport.get_extra_info("ssl_object")
        return None

    # ---- what the transport of this package calls

    @property
    def waiting(self) -> bool:
        """Tell whether bytes have arrived that were not read."""
        return bool(self._buffer)

    def drop(self) -> None:
        """Abort the connection; safe to call twice."""
        self._ended = True
        if self._transport is not None:
            self._transport.abort()

    # ---- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > _HIGH and not self._reading_paused:
            self._reading_paused = True
            self._open_transport().pause_reading()
        self._wake(self._reader)

    def eof_received(self) -> bool:
        self._ended = True
        self._wake(self._reader)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._error = exc
        self._wake(self._reader)
        self._wake(self._writer)

    def pause_writing(self) -> None:
        self._writing_paused = True

    def resume_writing(self) -> None:
        self._writing_paused = False
        self._wake(self._writer)

    # ---- helpers

    async def _wait(self, future: asyncio.Future[None], seconds: float) -> None:
        timer = self._loop.call_later(seconds, self._expire, future)
        try:
            await future
        finally:
            timer.cancel()

    @staticmethod
    def _expire(future: asyncio.Future[None]) -> None:
        if not future.done():
            future.set_exception(Failure("timeout", "The server stopped answering in the middle of the exchange."))

    @staticmethod
    def _wake(future: asyncio.Future[None] | None) -> None:
        if future is not None and not future.done():
            future.set_result(None)

    def _open_transport(self) -> asyncio.Transport:
        if self._transport is None:
            raise Failure("connect", "The connection is closed.")
        return self._transport


def _tls_failure(error: ssl.SSLError, host: str) -> Failure:
    """Word what is wrong with the other side's TLS; the codes are those of OpenSSL's X509_V_ERR_*."""
    if isinstance(error, ssl.SSLCertVerificationError):
        causes = {
            9: "the certificate is not valid yet",
            10: "the certificate has expired",
            18: "the certificate is self-signed",
            19: "the certificate is self-signed, or signed by an authority that nobody knows",
            20: "the certificate is signed by an unknown authority, or a part of its chain is missing",
            21: "a part of the certificate's chain is missing",
            23: "the certificate was revoked",
            62: f"the certificate is for another name than {host}",
            64: f"the certificate is for another address than {host}",
            66: "the key of the certificate is too weak",
            67: "the key of the certificate's authority is too weak",
            68: "the signature of the certificate is too weak",
        }
        cause = causes.get(error.verify_code, error.verify_message)
        return Failure("tls", f"The identity of {host} cannot be trusted: {cause}. It is not read without it.", transient=False)
    why = (error.reason or "unknown reason").replace("_", " ").lower()
    if "protocol" in why or "version" in why:
        return Failure("tls", f"{host} offers only TLS versions that are no longer safe ({why}).", transient=False)
    return Failure("tls", f"The TLS handshake with {host} failed ({why}).")


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
