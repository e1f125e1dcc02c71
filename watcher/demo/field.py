"""Answer for the farm: prepared bytes over asyncio, one protocol, as little work per request as can be."""

import asyncio
import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from watcher.demo import harvest, moments

ENTRIES = 30
"""How many entries a feed lists."""

_ROBOTS = b"User-agent: *\nDisallow:\n"
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\n404\n"
_NOT_ALLOWED = b"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nContent-Length: 0\r\n\r\n"


def feed_path(number: int) -> str:
    """Return the path of a feed."""
    return f"/feeds/{number}.xml"


def page_path(number: int) -> str:
    """Return the path of an article."""
    return f"/articles/{number}.html"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One resource, as the bytes of its two answers and the validators to look for."""

    etag: bytes
    last_modified: bytes
    full: bytes
    unchanged: bytes


@dataclass(slots=True)
class Field:
    """All resources by path, whatever the port, and a count of answers by status."""

    latency: float = 0.0
    leaves: dict[bytes, Leaf] = field(default_factory=dict[bytes, Leaf])
    counts: Counter[int] = field(default_factory=Counter[int])

    def answer(self, head: bytes) -> bytes:
        """Return the whole answer to a request's head."""
        method, _, rest = head.partition(b" ")
        if method != b"GET":
            self.counts[405] += 1
            return _NOT_ALLOWED
        path = rest.partition(b" ")[0].partition(b"?")[0]
        leaf = self.leaves.get(path)
        if leaf is None:
            if path == b"/counts":
                return _ok(json.dumps(self.counts).encode(), b"application/json")
            self.counts[404] += 1
            return _NOT_FOUND
        headers = head.lower()
        tag = _value(headers, b"\r\nif-none-match:")
        same = leaf.etag in tag if tag else _value(headers, b"\r\nif-modified-since:") == leaf.last_modified
        self.counts[304 if same else 200] += 1
        return leaf.unchanged if same else leaf.full


class Connection(asyncio.Protocol):
    """One kept-open connection; answers come in the order of the requests."""

    def __init__(self, ground: Field) -> None:
        self.ground = ground
        self.buffer = bytearray()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        if isinstance(transport, asyncio.Transport):
            self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each complete request head in the buffer."""
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            answer = self.ground.answer(bytes(self.buffer[:end]))
            del self.buffer[: end + 4]
            if self.ground.latency:
                asyncio.get_running_loop().call_later(self.ground.latency, self._send, answer)
            else:
                self._send(answer)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the name asyncio calls with
        """Forget the transport: an answer may still be waiting for its time."""
        self.transport = None

    def _send(self, answer: bytes) -> None:
        if self.transport is not None:
            self.transport.write(answer)


def sow(bases: list[str], pages: int, feeds: int, now: datetime) -> dict[bytes, Leaf]:
    """Return the resources: `pages` articles, `feeds` feeds; a feed and its articles share an outlet of `bases`."""
    ears = [harvest.ear(number, now) for number in range(pages)]
    urls = [bases[number // ENTRIES % len(bases)] + page_path(number) for number in range(pages)]
    leaves = {b"/robots.txt": _leaf(_ROBOTS, b"text/plain", now)}
    for article, url in zip(ears, urls, strict=True):
        following = [(article.number + step) % pages for step in range(1, 9)]
        related = tuple((urls[number], ears[number].title) for number in following)
        body = harvest.page(article, url, article.number // ENTRIES % len(bases), related)
        leaves[page_path(article.number).encode()] = _leaf(body, b"text/html; charset=utf-8", article.published_at)
    for number in range(feeds):
        first = number * ENTRIES
        listed = [index % pages for index in range(first, first + min(ENTRIES, pages))]
        if feeds * ENTRIES < pages + ENTRIES:  # each article in one feed: the last feed may be short
            listed = list(range(first, min(first + ENTRIES, pages)))
        entries = tuple((ears[index], urls[index]) for index in listed)
        body = harvest.feed(entries, f"Ferme, fil {number}", bases[number % len(bases)])
        leaves[feed_path(number).encode()] = _leaf(body, b"application/rss+xml; charset=utf-8", now)
    return leaves


def _leaf(body: bytes, media_type: bytes, modified: datetime) -> Leaf:
    etag = b'"%s"' % hashlib.sha256(body).hexdigest()[:16].encode()
    date = moments.http_date(modified).encode()
    validators = b"ETag: %s\r\nLast-Modified: %s\r\n" % (etag, date)
    return Leaf(
        etag=etag,
        last_modified=date.lower(),
        full=_ok(body, media_type, validators),
        unchanged=b"HTTP/1.1 304 Not Modified\r\n%s\r\n" % validators,
    )


def _ok(body: bytes, media_type: bytes, more: bytes = b"") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n" % (media_type, len(body), more)
    return head + body


def _value(headers: bytes, name: bytes) -> bytes:
    start = headers.find(name)
    return b"" if start < 0 else headers[start + len(name) :].partition(b"\r\n")[0].strip()
