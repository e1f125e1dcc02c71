"""The outlets that misbehave: each fails in one way that a reader of feeds meets sooner or later."""

import struct
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from watcher.demo.kiosk import press
from watcher.demo.newsroom import Newsroom
from watcher.demo.outlet import Ask, Outlet, Plan, Response
from watcher.demo.press import CLOSED, Habits
from watcher.demo.site import Site

MEBIBYTE = 1 << 20
BOMB_SIZE = 300 * MEBIBYTE
"""How many zeros the decompression bomb holds, in bytes."""

RETRY_AFTER = 1800
"""What the outlet that answers 429 asks for, in seconds."""

PRIVATE_TARGETS = {"/feed": "http://169.254.169.254/latest/meta-data/", "/interne": "http://10.0.0.1/admin"}
DRIP_SECONDS = 0.25

Build = Callable[[Plan, str, Newsroom], Outlet]


class Fixed:
    """An outlet that answers the same at each path, and 404 elsewhere."""

    def __init__(self, responses: Mapping[str, Response]) -> None:
        self.responses = responses

    def respond(self, ask: Ask) -> Response:
        """Answer what is fixed for the path."""
        return self.responses.get(ask.path, Response(status=404, media_type="text/plain; charset=utf-8", body=b"404\n"))


class Moved:
    """An outlet that answers its home page at one more path; the page announces where the feed is now."""

    def __init__(self, inner: Outlet, path: str) -> None:
        self.inner, self.path = inner, path

    def respond(self, ask: Ask) -> Response:
        """Answer as the outlet within does, one path excepted."""
        return self.inner.respond(replace(ask, path="/") if ask.path == self.path else ask)


class Malformed:
    """An outlet whose feed is cut in its last entry and has an undeclared entity and a bare ampersand before."""

    def __init__(self, inner: Outlet, path: str) -> None:
        self.inner, self.path = inner, path

    def respond(self, ask: Ask) -> Response:
        """Answer as the outlet within does, the feed excepted."""
        answer = self.inner.respond(ask)
        if ask.path != self.path or answer.status != 200:
            return answer
        text = answer.body.decode().replace("<language>", "<copyright>&copy; Brèves & Cie</copyright>\n<language>")
        last = text.rfind("<description>")
        return Response(media_type="text/xml", body=text[: last + 60].encode())


@cache
def bomb() -> tuple[bytes, bytes, bytes]:
    """Return a gzip member of `BOMB_SIZE` zeros as a head, a block to send once per mebibyte, and a tail (RFC 1951, 1952).

    A full flush ends the block on a byte and forgets the window, so the same bytes may follow themselves.
    """
    zeros = bytes(MEBIBYTE)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = deflate.compress(zeros) + deflate.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(BOMB_SIZE // MEBIBYTE):
        checksum = zlib.crc32(zeros, checksum)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff", block, b"\x03\x00" + struct.pack("<II", checksum, BOMB_SIZE)


def bomb_stream() -> Iterator[bytes]:
    """Yield the bomb piece by piece; about 1 KiB on the wire for each mebibyte it opens into."""
    head, block, tail = bomb()
    yield head
    for _ in range(BOMB_SIZE // MEBIBYTE):
        yield block
    yield tail


def drip() -> Iterator[bytes]:
    """Yield an endless feed, one byte at a time."""
    yield b'<?xml version="1.0"?><rss version="2.0"><channel><title>Goutte'
    while True:
        time.sleep(DRIP_SECONDS)
        yield b" "


def _fixed(responses: Mapping[str, Response]) -> Build:
    return lambda _plan, _base, _newsroom: Fixed(responses)


def _malformed(plan: Plan, base: str, newsroom: Newsroom) -> Outlet:
    return Malformed(press()(plan, base, newsroom), plan.path)


def _portal(plan: Plan, base: str, newsroom: Newsroom) -> Outlet:
    """Open an outlet that moved its feed and answers its home page, in HTML, at the old address."""
    return Moved(press()(plan, base, newsroom), plan.path)


BREVES = Site(
    name="Brèves de branche",
    tagline="Accords, titres, certifications",
    layout="blog",
    feed="rss",
    listing_path="/breves.xml",
    article_path="/breve/$slug",
)
PORTAIL = Site(
    name="Portail des compétences",
    tagline="Un nouveau site est en ligne",
    layout="magazine",
    feed="rss",
    listing_path="/nouveau-flux.xml",
)
RESERVE = Site(
    name="La Réserve",
    tagline="Un titre qui refuse les robots",
    layout="magazine",
    feed="rss",
    listing_path="/rss",
)

_BUSY = Response(
    status=429,
    media_type="text/plain; charset=utf-8",
    body=b"Trop de demandes.\n",
    headers=(("Retry-After", str(RETRY_AFTER)),),
)
_BOMB = Response(media_type="application/rss+xml", stream=bomb_stream, headers=(("Content-Encoding", "gzip"),))
_DRIP = Response(media_type="application/rss+xml", stream=drip)
_REDIRECTS = {path: Response(status=302, headers=(("Location", target),)) for path, target in PRIVATE_TARGETS.items()}


def _plan(ident: str, name: str, path: str, purpose: str, build: Build, *, enabled: bool = True) -> Plan:
    return Plan(id=ident, name=name, kind="feed", path=path, purpose=purpose, build=build, enabled=enabled)


def _sited(ident: str, site: Site, purpose: str, build: Build, *, path: str = "") -> Plan:
    plan = _plan(ident, site.name, path or site.listing_path, purpose, build)
    return replace(plan, site=site)


FAULTS: tuple[Plan, ...] = (
    _sited("breves-de-branche", BREVES, "malformed XML, cut short: half of it can be read", _malformed),
    _sited("portail-competences", PORTAIL, "a web page where the feed was: not a feed", _portal, path="/rss"),
    _plan("journal-presse", "Le Journal pressé", "/rss", "429 with Retry-After", _fixed({"/rss": _BUSY})),
    _plan("archives-gonflees", "Archives gonflées", "/rss", "a decompression bomb of 300 MiB", _fixed({"/rss": _BOMB})),
    _plan("passerelle-interne", "La Passerelle", "/feed", "a redirect to a private address", _fixed(_REDIRECTS)),
    _sited("la-reserve", RESERVE, "robots.txt refuses everybody", press(Habits(robots=CLOSED))),
    _plan(
        "goutte-a-goutte", "Goutte à goutte", "/rss", "one byte now and then, for ever", _fixed({"/rss": _DRIP}), enabled=False
    ),
)
