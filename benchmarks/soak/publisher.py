"""Two outlets whose articles appear by a clock that is a file, with what real ones do to their readers.

`python -m benchmarks.soak.publisher CLOCK` prints its port and serves until its standard input ends. Some articles are in both
feeds, under an address with campaign words; some get another title, guid or date after a day; each outlet is down at times.
"""

import asyncio
import hashlib
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.resilience import clocked
from watcher.demo import harvest
from watcher.demo.harvest import Ear

START = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
EVERY = timedelta(hours=12)
LISTED = timedelta(days=9)
SETTLED = timedelta(days=1)
FEEDS = 2


def out(now: datetime) -> range:
    """Return the numbers of the articles that were published by `now`."""
    return range(max(0, int((now - START) / EVERY)))


def at(number: int) -> datetime:
    """Return when an article was published."""
    return START + number * EVERY + timedelta(minutes=7)


def path(number: int) -> str:
    """Return the address of an article on its outlet."""
    return f"/articles/{number}.html"


def article(number: int, now: datetime) -> Ear:
    """Return an article as it is at `now`: three in four speak of work and skills; some were corrected after a day."""
    made = replace(harvest.ear(number * 4 if number % 4 else number * 4 + 1, now), number=number, published_at=at(number))
    if now - at(number) > SETTLED and number % 7 == 0:
        made = replace(made, title=f"{made.title} [corrigé]")
    if now - at(number) > SETTLED and number % 5 == 0:
        made = replace(made, published_at=at(number) + timedelta(hours=3))
    return made


def down(feed: int, now: datetime) -> bool:
    """Say whether an outlet answers nothing but 503: for some hours, now and then."""
    return (now.timetuple().tm_yday + 5 * feed) % 17 == 0 and now.hour < 14


def listing(feed: int, now: datetime, base: str) -> bytes:
    """Return an RSS feed: every other article, and one in five of the other outlet's."""
    entries: list[tuple[Ear, str]] = []
    for number in out(now):
        if now - at(number) > LISTED:
            continue
        if number % FEEDS == feed:
            entries.append((article(number, now), f"{base}{path(number)}"))
        elif number % 5 == 0:
            entries.append((article(number, now), f"{base}{path(number)}?utm_source=feed-{feed}"))
    body = harvest.feed(tuple(entries), f"Fil {feed}", base)
    for number in out(now):
        if number % 9 == 0 and now - at(number) > SETTLED:
            body = body.replace(f"<guid>{base}{path(number)}</guid>".encode(), f"<guid>n-{number}</guid>".encode())
    return body


def _answer(target: str, base: str, now: datetime, known: str) -> tuple[str, str, bytes]:
    where = target.partition("?")[0]
    if where.startswith("/feeds/"):
        feed = int(where.removeprefix("/feeds/").partition(".")[0])
        if down(feed, now):
            return "503 Service Unavailable", "text/plain", b"down\n"
        body = listing(feed, now, base)
        if hashlib.sha256(body).hexdigest()[:16] in known:
            return "304 Not Modified", "", b""
        return "200 OK", "application/rss+xml; charset=utf-8", body
    if where.startswith("/articles/"):
        number = int(where.removeprefix("/articles/").partition(".")[0])
        return "200 OK", "text/html; charset=utf-8", harvest.page(article(number, now), f"{base}{where}", number % FEEDS, ())
    return "404 Not Found", "text/plain", b"no\n"


async def serve(clock: Path) -> None:
    """Listen on a free port of loopback and print it."""
    ports: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                words = head.decode("latin-1")
                now = clocked.clock(clock)()
                status, media, body = _answer(words.split(" ", 2)[1], f"http://127.0.0.1:{ports[0]}", now, words)
                etag = hashlib.sha256(body).hexdigest()[:16]
                head_out = f'HTTP/1.1 {status}\r\nETag: "{etag}"\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n'
                writer.write(head_out.encode() + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the reader was killed: that is what this is for
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=1 << 20)
    ports.append(server.sockets[0].getsockname()[1])
    print(ports[0], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
