"""Feed parsing: 30-entry feeds with content, ours against feedparser with its defaults, in one process, in turns."""

import io
import statistics
import time
from datetime import UTC, datetime
from email.utils import format_datetime

import feedparser

from benchmarks.measure import Figure, figure
from watcher import sources
from watcher.model import FetchResult, Request, Source, SourceState

ROUNDS = 9
REQUIRED = 10.0
SENTENCE = "Les organismes de formation de la région préparent les salariés de l’industrie à de nouveaux outils numériques. "
HEAD = '<?xml version="1.0" encoding="utf-8"?>'
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def measure() -> tuple[Figure, ...]:
    """Return feeds per second of both on well-formed RSS and Atom feeds of 30 entries with content."""
    return tuple(_compare(name, body) for name, body in (("rss", rss()), ("atom", atom())))


def _compare(name: str, body: bytes) -> Figure:
    source = Source(id="bench", kind="feed", name="Bench", url="https://bench.example/feed")
    result = FetchResult(request=Request(url=source.url), url=source.url, status=200, body=body, fetched_at=NOW)
    state = SourceState(source_id="bench")
    assert len(sources.parse(source, result, state).items) == 30
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        ours.append(_seconds(lambda: sources.parse(source, result, state)))
        theirs.append(_seconds(lambda: feedparser.parse(io.BytesIO(body))))
    return figure(
        f"feed parsing, {name}", 1 / statistics.median(ours), 1 / statistics.median(theirs), "feeds/s", required=REQUIRED
    )


def _seconds(work: object) -> float:
    assert callable(work)
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def rss() -> bytes:
    """Return an RSS 2.0 feed of 30 entries with a summary and whole content each."""
    items = "".join(
        f"<item><title>Article {n} sur les compétences</title><link>https://bench.example/a/{n}</link><guid>g{n}</guid>"
        f"<pubDate>{format_datetime(NOW)}</pubDate><dc:creator>Autrice {n}</dc:creator><category>formation</category>"
        f"<description>{SENTENCE * 2}</description><content:encoded><![CDATA[{_html(n)}]]></content:encoded></item>"
        for n in range(30)
    )
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f'{HEAD}<rss version="2.0" {spaces}><channel><title>Banc</title>{items}</channel></rss>'.encode()


def atom() -> bytes:
    """Return the same as an Atom 1.0 feed."""
    items = "".join(
        f"<entry><title>Article {n} sur les compétences</title><link href='https://bench.example/a/{n}'/><id>urn:g:{n}</id>"
        f"<published>{NOW.isoformat()}</published><updated>{NOW.isoformat()}</updated><author><name>Autrice {n}</name></author>"
        f"<category term='formation'/><summary>{SENTENCE * 2}</summary>"
        f"<content type='html'><![CDATA[{_html(n)}]]></content></entry>"
        for n in range(30)
    )
    return f'{HEAD}<feed xmlns="http://www.w3.org/2005/Atom"><title>Banc</title><id>urn:b</id>{items}</feed>'.encode()


def _html(n: int) -> str:
    return "".join(f"<p>{SENTENCE * 3}<a href='https://bench.example/b/{n}-{k}'>lien {k}</a></p>" for k in range(12))
