"""Answer HTTP/1.1 on one loopback port: a thread that accepts, a thread per connection, no output, a quick end."""

import contextlib
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from selectors import EVENT_READ, DefaultSelector
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, cast
from urllib.parse import urlsplit

from watcher.demo.outlet import Ask, Outlet, Response, compressed, conditional

_IDLE_SECONDS = 30
_JOIN_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One request that arrived: `path` with its query, `headers` as lower-case names in order, `at` by the real clock."""

    method: str
    outlet: str
    path: str
    headers: tuple[tuple[str, str], ...]
    at: datetime

    def header(self, name: str) -> str | None:
        """Return the first value of header `name`, or None."""
        return next((value for key, value in self.headers if key == name.lower()), None)


class Log:
    """The requests of all outlets, and the exceptions that no handler expected."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hits: list[Hit] = []
        self.crashes: list[BaseException] = []

    def add(self, hit: Hit) -> None:
        """Keep one request."""
        with self._lock:
            self._hits.append(hit)

    def hits(self) -> tuple[Hit, ...]:
        """Return a copy of what was kept, in order of arrival."""
        with self._lock:
            return tuple(self._hits)

    def clear(self) -> None:
        """Forget the requests."""
        with self._lock:
            self._hits.clear()


class Porch(ThreadingMixIn, HTTPServer):
    """The listening socket of one outlet. Connections that arrive before `open` wait for it."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, outlet_id: str, log: Log) -> None:
        super().__init__((host, port), Handler)
        self.port: int = self.server_address[1]
        self.outlet_id, self.log = outlet_id, log
        self.outlet: Outlet | None = None
        self.timeout = 0
        self._wake, self._woken = socket.socketpair()
        self._lock = threading.Lock()
        self._accepted: set[socket.socket] = set()
        self._serving: set[threading.Thread] = set()
        self._accepting = threading.Thread(target=self._accept, name=f"demo-{outlet_id}", daemon=True)

    def server_bind(self) -> None:
        """Bind without the look-up of a name that HTTPServer makes, which waits where there is no network."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = cast("tuple[str, int]", self.server_address[:2])

    def open(self, outlet: Outlet) -> None:
        """Begin to answer."""
        self.outlet = outlet
        self._accepting.start()

    def close(self) -> None:
        """Stop accepting, cut the connections that are open, and wait for their threads."""
        self._wake.send(b"x")
        if self._accepting.ident is not None:
            self._accepting.join(_JOIN_SECONDS)
        with self._lock:
            connections, threads = tuple(self._accepted), tuple(self._serving)
        for connection in connections:
            with contextlib.suppress(OSError):  # the other end may have closed it meanwhile
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(_JOIN_SECONDS)
        self.server_close()
        self._wake.close()
        self._woken.close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread that `close` can wait for."""
        thread = threading.Thread(target=self._serve, args=(request, client_address), daemon=True)
        with self._lock:
            self._accepted.add(request)
            self._serving.add(thread)
        thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the overridden signature
        """Keep an unexpected exception for the end; a reader that hangs up is no error."""
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError | TimeoutError):
            self.log.crashes.append(error)

    def _serve(self, request: Any, client_address: Any) -> None:
        try:
            self.process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._accepted.discard(request)
                self._serving.discard(threading.current_thread())

    def _accept(self) -> None:
        with DefaultSelector() as selector:
            selector.register(self.socket, EVENT_READ)
            selector.register(self._woken, EVENT_READ)
            while not any(key.fileobj is self._woken for key, _ in selector.select()):
                self.handle_request()


class Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, asks the outlet, sends the answer. Sends no Date: the same anchor, the same bytes."""

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    wbufsize = 1 << 16  # head and body leave in one piece
    server: Porch  # pyright: ignore[reportIncompatibleVariableOverride]

    def setup(self) -> None:
        """Send each answer at once: with Nagle's algorithm a stream of small pieces waits for acknowledgements."""
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answer()

    def do_HEAD(self) -> None:
        """Answer a HEAD."""
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the overridden parameter
        """Say nothing."""

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        hit = Hit(
            method=self.command,
            outlet=self.server.outlet_id,
            path=self.path,
            headers=tuple((name.lower(), value) for name, value in self.headers.items()),
            at=datetime.now(UTC),
        )
        self.server.log.add(hit)
        outlet = cast("Outlet", self.server.outlet)
        response = outlet.respond(Ask(method=self.command, path=urlsplit(self.path).path, headers=headers))
        response = compressed(conditional(response, headers), headers)
        self._send(response, response.stream() if response.stream and self.command == "GET" else None)

    def _send(self, response: Response, stream: Iterator[bytes] | None) -> None:
        self.send_response_only(response.status)
        if response.status != 304:
            self.send_header("Content-Type", response.media_type)
        for name, value in response.headers:
            self.send_header(name, value)
        for name, value in (("ETag", response.etag), ("Last-Modified", response.last_modified)):
            if value is not None:
                self.send_header(name, value)
        if stream is not None:
            self._send_stream(stream)
            return
        if response.status != 304:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(response.body)

    def _send_stream(self, stream: Iterator[bytes]) -> None:
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in stream:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")
