"""The archive: what is known, what may be mailed, what is held for a person. Writing them is revisions.py's."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, and_, bindparam, func, select, update

from watcher.model import Candidate, Document, Known, Story, TextStatus
from watcher.store import rows, schema
from watcher.store.database import Transaction
from watcher.store.revisions import classify, first_offer, save, sight
from watcher.text import storable

__all__ = [
    "candidates",
    "classify",
    "counts",
    "discard",
    "get",
    "held",
    "known",
    "of_keys",
    "offered",
    "recent",
    "release",
    "save",
    "save_stories",
    "sight",
    "stale",
    "theme_counts",
    "versions",
]

_TABLE = schema.documents
_SEEN = schema.sightings
_SIGHTED = _SEEN.c.document_key == _TABLE.c.key
_OF_KNOWN = ("key", "url", "title", "published_at", "fingerprint", "version", "status")
_KNOWN = select(*(_TABLE.c[name] for name in _OF_KNOWN), _SEEN.c.guid, _SEEN.c.listed)


def known(tx: Transaction, source_id: str, keys: Iterable[str], guids: Iterable[str]) -> tuple[Known, ...]:
    """Return what is known of the documents that have one of `keys`, or that `source_id` listed under one of `guids`.

    `guid`, `listed` and `sighted` speak of that source: None, empty and False when only other sources listed the document.
    """
    keyed = _KNOWN.select_from(_TABLE.outerjoin(_SEEN, and_(_SIGHTED, _SEEN.c.source_id == bindparam("source"))))
    guided = _KNOWN.select_from(_SEEN.join(_TABLE, _SIGHTED)).where(_SEEN.c.source_id == bindparam("source"))
    questions = (
        (keyed.where(_TABLE.c.key.in_(bindparam("some", expanding=True))), keys),
        (guided.where(_SEEN.c.guid.in_(bindparam("some", expanding=True))), guids),
    )
    found: dict[str, Known] = {}
    for question, values in questions:
        for some in rows.chunks(list(dict.fromkeys(map(storable, values)))):
            for row in tx.connection.execute(question, {"source": source_id, "some": some}):
                found[row.key] = _known(row)
    return tuple(found.values())


def _known(row: rows.AnyRow) -> Known:
    return Known(
        key=row.key,
        guid=row.guid,
        url=row.url,
        title=row.title,
        published_at=row.published_at,
        fingerprint=row.fingerprint,
        version=row.version,
        status=TextStatus(row.status),
        listed=row.listed or "",
        sighted=row.listed is not None,
    )


def get(tx: Transaction, key: str) -> Candidate | None:
    """Return the document whose key is `key`, with its verdict, None when the archive does not hold it."""
    return next(rows.candidates(tx.connection.execute(select(*rows.CANDIDATE_COLUMNS).where(_TABLE.c.key == key))), None)


def of_keys(tx: Transaction, keys: Iterable[str]) -> dict[str, Candidate]:
    """Return the documents that have one of `keys`, with their verdicts, by key; those that are not held are left out."""
    found: dict[str, Candidate] = {}
    query = select(*rows.CANDIDATE_COLUMNS).where(_TABLE.c.key.in_(bindparam("keys", expanding=True)))
    for some in rows.chunks(list(dict.fromkeys(map(storable, keys)))):
        found |= {one.document.key: one for one in rows.candidates(tx.connection.execute(query, {"keys": some}))}
    return found


def versions(tx: Transaction, key: str) -> tuple[Document, ...]:
    """Return the former versions of a document, oldest first; `recorded_at` of each is when that version was read."""
    kept = schema.document_versions
    names = [column.name for column in kept.c if column.name not in ("document_id", "revised_at")]
    query = select(
        *(kept.c[name] if name in names else _TABLE.c[name] for name in rows.DOCUMENT_FIELDS if name != "recorded_at"),
        kept.c.revised_at.label("recorded_at"),
    )
    query = query.select_from(kept.join(_TABLE, kept.c.document_id == _TABLE.c.id)).where(_TABLE.c.key == key)
    return tuple(rows.documents(tx.connection.execute(query.order_by(kept.c.version))))


def candidates(tx: Transaction, after: datetime | None, until: datetime, limit: int = 5000) -> tuple[Candidate, ...]:
    """Return the news recorded in (`after`, `until`], oldest first: no backfill, nothing held.

    When there are more than `limit`, those with the best verdicts. What was released by a person, or stored after an edition
    whose cut-off it precedes, counts as recorded at that moment: it is offered to the next edition.
    """
    chosen = offered(after, until, limit).subquery()
    query = select(*rows.CANDIDATE_COLUMNS).join(chosen, chosen.c.id == _TABLE.c.id)
    found = tx.connection.execute(query.order_by(_TABLE.c.offered_at, _TABLE.c.key))
    return tuple(rows.candidates(found))


def offered(after: datetime | None, until: datetime, limit: int) -> Select[tuple[int]]:
    """Return the query for the ids of what `candidates` returns."""
    best = select(_TABLE.c.id).where(_TABLE.c.offered_at <= until)
    if after is not None:
        best = best.where(_TABLE.c.offered_at > after)
    order = (func.coalesce(_TABLE.c.relevance, 0).desc(), func.coalesce(_TABLE.c.score, 0.0).desc(), _TABLE.c.id.desc())
    return best.order_by(*order).limit(limit)


def recent(tx: Transaction, since: datetime, limit: int) -> tuple[Candidate, ...]:
    """Return the last `limit` documents recorded after `since`, oldest first, backfill included, nothing held."""
    query = select(*rows.CANDIDATE_COLUMNS).where(_TABLE.c.recorded_at > since, _TABLE.c.held.is_(False))
    found = tx.connection.execute(query.order_by(_TABLE.c.recorded_at.desc(), _TABLE.c.key.desc()).limit(limit))
    return tuple(rows.candidates(found))[::-1]


def stale(tx: Transaction, classifier: str, limit: int) -> tuple[Candidate, ...]:
    """Return the last `limit` documents that were judged by another classifier than `classifier`, or by none."""
    query = select(*rows.CANDIDATE_COLUMNS).where(_TABLE.c.classifier != classifier)
    found = tx.connection.execute(query.order_by(_TABLE.c.recorded_at.desc(), _TABLE.c.key).limit(limit))
    return tuple(rows.candidates(found))


def save_stories(tx: Transaction, stories: Sequence[Story]) -> None:
    """Remember which story each document of `stories` belongs to."""
    values = [{"its_key": storable(key), "its_story": story.id} for story in stories for key in story.keys]
    if values:
        statement = update(_TABLE).where(_TABLE.c.key == bindparam("its_key")).values(story_id=bindparam("its_story"))
        tx.connection.execute(statement, values)


# ------------------------------------------------------------------------------------------------------- held for a person


def held(tx: Transaction) -> dict[str, int]:
    """Return how many documents wait for a person, by source."""
    query = select(_TABLE.c.source_id, func.count()).where(_TABLE.c.held.is_(True)).group_by(_TABLE.c.source_id)
    return {row[0]: row[1] for row in tx.connection.execute(query.order_by(_TABLE.c.source_id))}


def release(tx: Transaction, source_id: str) -> int:
    """Let go of what is held of a source: its news is offered to the next edition. Returns how many there were."""
    query = select(_TABLE.c.id, _TABLE.c.news, _TABLE.c.recorded_at)
    found = tx.connection.execute(query.where(_TABLE.c.source_id == source_id, _TABLE.c.held.is_(True))).all()
    if found:
        offer = first_offer(tx)
        values = [{"its_id": row.id, "offer": offer(row.recorded_at) if row.news else None} for row in found]
        statement = update(_TABLE).where(_TABLE.c.id == bindparam("its_id")).values(held=False, offered_at=bindparam("offer"))
        tx.connection.execute(statement, values)
    return len(found)


def discard(tx: Transaction, source_id: str) -> int:
    """Keep what is held of a source as backfill: searchable, known, never mailed. Returns how many there were."""
    statement = update(_TABLE).where(_TABLE.c.source_id == source_id, _TABLE.c.held.is_(True))
    return tx.connection.execute(statement.values(held=False, news=False, offered_at=None)).rowcount


# -------------------------------------------------------------------------------------------------------------- counts


def counts(tx: Transaction) -> dict[str, int]:
    """Return how many documents there are: `total`, `news`, `backfill`, `held`, and each status (`full`...) there is."""
    query = select(_TABLE.c.status, _TABLE.c.news, _TABLE.c.held, func.count()).group_by(
        _TABLE.c.status, _TABLE.c.news, _TABLE.c.held
    )
    told: dict[str, int] = dict.fromkeys(("total", "news", "backfill", "held"), 0)
    for status, news, is_held, count in tx.connection.execute(query.order_by(_TABLE.c.status)):
        for word in ("total", "held" if is_held else "news" if news else "backfill", status):
            told[word] = told.get(word, 0) + count
    return told


def theme_counts(tx: Transaction, since: datetime) -> dict[str, int]:
    """Return how many documents recorded at `since` or later are filed under each theme, nothing held among them."""
    themes = schema.document_themes
    query = (
        select(themes.c.theme, func.count())
        .join(_TABLE, _TABLE.c.id == themes.c.document_id)
        .where(_TABLE.c.recorded_at >= since, _TABLE.c.held.is_(False))
        .group_by(themes.c.theme)
        .order_by(themes.c.theme)
    )
    return {row[0]: row[1] for row in tx.connection.execute(query)}
