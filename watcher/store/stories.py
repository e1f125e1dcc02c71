"""What is remembered of stories, and the little of each document that is compared: thousands are read for an edition of forty."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, func, or_, select, true

from watcher.model import Candidate, Document, Edition, Story, TextStatus, ThemeScore, Verdict
from watcher.store import documents, rows, schema
from watcher.store.database import Transaction
from watcher.text import storable

_TABLE = schema.documents
_THEMES = schema.document_themes
_COMPARED = 2000  # characters of a text that are read: more than anybody compares
_READ = (
    *(_TABLE.c[name] for name in ("id", "key", "source_id", "url", "title", "published_at", "recorded_at", "language", "status")),
    *(_TABLE.c[name] for name in ("relevance", "score", "classifier", "story_id", "publisher", "news", "held")),
    func.substr(_TABLE.c.text, 1, _COMPARED).label("text"),
    func.substr(_TABLE.c.summary, 1, _COMPARED).label("summary"),
)


def candidates(tx: Transaction, after: datetime | None, until: datetime, limit: int) -> tuple[Candidate, ...]:
    """Return what `documents.candidates` does, each with the beginning of its text and the scores of the themes it is on.

    Reasons are left out: they are nine tenths of a verdict, and only those of the entries are shown.
    """
    chosen = documents.offered(after, until, limit)
    scores: dict[int, list[ThemeScore]] = {}
    found = select(_THEMES).where(_THEMES.c.document_id.in_(chosen.scalar_subquery()))
    for row in tx.connection.execute(found.order_by(_THEMES.c.document_id, _THEMES.c.theme)):
        scores.setdefault(row.document_id, []).append(ThemeScore(theme=row.theme, score=row.score, on=True, threshold=0.0))
    wanted = chosen.subquery()
    query = select(*_READ).join(wanted, wanted.c.id == _TABLE.c.id).order_by(_TABLE.c.offered_at, _TABLE.c.key)
    return tuple(_light(tx, query, scores))


def known(
    tx: Transaction, since: datetime, after: datetime | None, limit: int, keys: Collection[str] = ()
) -> tuple[Candidate, ...]:
    """Return the last `limit` relevant documents recorded after `since`, and those of `keys`, oldest first.

    Nothing that is held, nor, but for `keys`, what is a candidate itself: offered `after` the last edition. They come with the
    beginning of their text and without their themes: enough to be compared with.
    """
    before = _TABLE.c.offered_at.is_(None) if after is None else or_(_TABLE.c.offered_at.is_(None), _TABLE.c.offered_at <= after)
    recent = select(_TABLE.c.id).where(_TABLE.c.recorded_at > since, _TABLE.c.relevance > 0, before)
    recent = recent.order_by(_TABLE.c.recorded_at.desc(), _TABLE.c.key.desc()).limit(limit)
    found = {one.document.key: one for one in _read(tx, _TABLE.c.id.in_(recent.scalar_subquery()))}
    for some in rows.chunks([key for key in map(storable, keys) if key not in found]):
        found |= {one.document.key: one for one in _read(tx, _TABLE.c.key.in_(some))}
    return tuple(sorted(found.values(), key=lambda one: (one.document.recorded_at, one.document.key)))


def note(tx: Transaction, edition: Edition) -> None:
    """Remember which story each document of an entry of `edition` tells, for as long as the document is kept."""
    entries = [entry for section in edition.sections for entry in section.entries if entry.story]
    documents.save_stories(tx, [Story(id=entry.story, keys=entry.documents) for entry in entries])


def earlier(tx: Transaction, digest: str, since: datetime, fewest: int) -> tuple[Edition, ...]:
    """Return the last `fewest` editions of `digest`, and all those frozen after `since`, newest first."""
    table = schema.editions
    last = select(table.c.id).where(table.c.digest == digest).order_by(table.c.number.desc()).limit(fewest).scalar_subquery()
    query = select(table.c.content).where(table.c.digest == digest, or_(table.c.id.in_(last), table.c.cutoff > since))
    return tuple(rows.load(Edition, row.content) for row in tx.connection.execute(query.order_by(table.c.number.desc())))


def _read(tx: Transaction, wanted: ColumnElement[bool]) -> Iterator[Candidate]:
    return _light(tx, select(*_READ).where(wanted, _TABLE.c.held.is_not(true())), {})


def _light(tx: Transaction, query: Select[Any], scores: dict[int, list[ThemeScore]]) -> Iterator[Candidate]:
    # Thousands of rows: taken in one go, and apart by position, in half the time of asking each for its columns by name.
    for row in cast("Sequence[tuple[Any, ...]]", tx.connection.execute(query).all()):
        ident, key, source_id, url, title, published_at, recorded_at, language, status, *others = row
        relevance, score, classifier, story_id, publisher, news, held, text, summary = others
        document = Document(
            key=key,
            source_id=source_id,
            url=url,
            title=title,
            published_at=published_at,
            recorded_at=recorded_at,
            language=language,
            status=TextStatus(status),
            publisher=publisher,
            news=news,
            held=held,
            text=text,
            summary=summary,
        )
        verdict = Verdict(
            relevance=relevance or 0,
            score=score or 0.0,
            themes=tuple(scores.get(ident, ())),
            language=language,
            classifier=classifier,
        )
        yield Candidate(document=document, verdict=verdict, story_id=story_id)
