"""Write documents: insert what is new, complete what was waiting, keep a version of what changed.

The rule of versions: a text that was still to come (pending, summary only, partial) and comes is the same version,
completed; any other change of title or text is a new version, and the old one is kept beside it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Update, bindparam, delete, func, select, update

from watcher import text
from watcher.model import Document, Sighting, TextStatus, Verdict
from watcher.store import rows, schema, words
from watcher.store.database import Transaction
from watcher.store.many import write_many
from watcher.store.upsert import upsert
from watcher.text import storable

_TABLE = schema.documents
_THEMES = schema.document_themes
_HELD = {TextStatus.PENDING: 0, TextStatus.RESERVED: 1, TextStatus.SUMMARY: 1, TextStatus.PARTIAL: 2, TextStatus.FULL: 3}
# Set once, when a document is first stored, or written by their own rules.
_SETTLED = {"key", "source_id", "recorded_at", "held"}
_RENEWED = tuple(name for name in rows.DOCUMENT_FIELDS if name not in _SETTLED)
_JUDGED = ("relevance", "score", "classifier", "verdict")
_TICK = timedelta(microseconds=1)


def _renew(*names: str) -> Update:
    return update(_TABLE).where(_TABLE.c.id == bindparam("its_id")).values({name: bindparam(f"new_{name}") for name in names})


# Written once: putting a statement together costs more than running it, and pages are saved one by one.
_WANTED = ("id", "key", "status", "version", "fingerprint", "title", "summary", "recorded_at", "revised_at", "offered_at", "held")
_STORED = select(*(_TABLE.c[name] for name in _WANTED)).where(_TABLE.c.key.in_(bindparam("keys", expanding=True)))
_IDS = select(_TABLE.c.id, _TABLE.c.key).where(_TABLE.c.key.in_(bindparam("keys", expanding=True)))
_INSERT = _TABLE.insert()
_LAST_CUTOFF = select(func.max(schema.editions.c.cutoff))
_REWRITE = _renew(*_RENEWED, "revised_at", "offered_at")
_REWRITE_AND_JUDGE = _renew(*_RENEWED, "revised_at", "offered_at", *_JUDGED)
_JUDGE = _renew(*_JUDGED)
_ADD_THEMES = _THEMES.insert()
_DROP_THEMES = delete(_THEMES).where(_THEMES.c.document_id.in_(bindparam("ids", expanding=True)))


def save(
    tx: Transaction,
    documents: Iterable[Document],
    verdicts: Mapping[str, Verdict],
    *,
    indexed: Mapping[str, text.Indexed] | None = None,
    now: datetime | None = None,
) -> None:
    """Store `documents`, with the `verdicts` (by key) on them, and index their words.

    A known one keeps its source, its `recorded_at`, its `held`, and its version number unless its title or text changed.
    A verdict goes with the text it judged: a changed text without a new verdict has none. A PENDING document never takes
    the place of a read one: another process was faster. `indexed` gives the words of documents, by key, where somebody worked
    them out already (`text.indexed`). `now` dates a new version (by default, the document's recorded_at).
    """
    for batch in _distinct(documents):
        _save(tx, batch, verdicts, indexed or {}, now)


def sight(tx: Transaction, sightings: Iterable[Sighting]) -> None:
    """Note which source listed which document, under which guid and in which words, in the place of the last time.

    Raises StoreError, at the end of the transaction, for a document that is not stored.
    """
    by_place = {(one.source_id, one.document_key): rows.columns_of(one, schema.sightings) for one in sightings}
    upsert(tx.connection, schema.sightings, list(by_place.values()))


def classify(tx: Transaction, verdicts: Mapping[str, Verdict]) -> None:
    """Put `verdicts`, by document key, in the place of those that their documents have. Unknown keys are left out."""
    given = {storable(key): verdict for key, verdict in verdicts.items()}
    for some in rows.chunks(list(given)):
        judged = {int(row.id): given[row.key] for row in tx.connection.execute(_IDS, {"keys": some})}
        if judged:
            values = [{"its_id": key, **_new(_verdict_values(verdict))} for key, verdict in judged.items()]
            write_many(tx.connection, _JUDGE, values)
            _replace_themes(tx, judged)


def _distinct(documents: Iterable[Document]) -> Iterator[dict[str, Document]]:
    batch: dict[str, Document] = {}
    for document in documents:
        key = storable(document.key)
        if key in batch or len(batch) == rows.MOST_IN_LIST:
            yield batch
            batch = {}
        batch[key] = document
    if batch:
        yield batch


def _save(
    tx: Transaction,
    batch: Mapping[str, Document],
    verdicts: Mapping[str, Verdict],
    indexed: Mapping[str, text.Indexed],
    now: datetime | None,
) -> None:
    stored = {row.key: row for row in tx.connection.execute(_STORED, {"keys": list(batch)})}
    fresh = {key: document for key, document in batch.items() if key not in stored}
    known = [(row, batch[key]) for key, row in stored.items() if not _is_late(row, batch[key])]
    changed: list[tuple[int, Document]] = []
    if fresh:
        changed += _insert(tx, fresh, verdicts, now)
    if known:
        changed += _update(tx, known, verdicts, now)
    given = ((key, one, indexed.get(one.key)) for key, one in changed)
    words.index(tx.connection, [(key, ready or text.indexed(one.title, one.text, one.summary)) for key, one, ready in given])


def _is_late(row: Row[Any], document: Document) -> bool:
    return document.status is TextStatus.PENDING and row.status != TextStatus.PENDING


def first_offer(tx: Transaction) -> Callable[[datetime], datetime]:
    """Return what gives, for a document's `recorded_at`, when it counts as offered to editions: after the last cut-off.

    A document that was fetched before an edition's cut-off and stored after it is offered to the next one: by its clock
    alone it would be in neither.
    """
    last = tx.connection.scalar(_LAST_CUTOFF)
    floor = last + _TICK if last else datetime.min.replace(tzinfo=UTC)
    return lambda recorded_at: max(recorded_at, floor)


def _insert(
    tx: Transaction, fresh: Mapping[str, Document], verdicts: Mapping[str, Verdict], now: datetime | None
) -> list[tuple[int, Document]]:
    """Store documents that are new, and return them with their ids."""
    offer = first_offer(tx)
    values = [
        {
            **rows.columns_of(document, _TABLE),
            "version": 1,
            "revised_at": now or document.recorded_at,
            "offered_at": offer(document.recorded_at) if document.news and not document.held else None,
            **_verdict_values(verdicts.get(document.key)),
        }
        for document in fresh.values()
    ]
    write_many(tx.connection, _INSERT, values)
    ids = {row.key: int(row.id) for row in tx.connection.execute(_IDS, {"keys": list(fresh)})}
    _add_themes(tx, {ids[key]: verdicts.get(document.key) for key, document in fresh.items()})
    return [(ids[key], document) for key, document in fresh.items()]


def _update(
    tx: Transaction, known: Sequence[tuple[Row[Any], Document]], verdicts: Mapping[str, Verdict], now: datetime | None
) -> list[tuple[int, Document]]:
    """Store documents anew, and return those whose words changed, with their ids."""
    revised = {row.id for row, document in known if _is_revision(row, document)}
    _keep(tx, revised)
    judged = {row.id: verdicts.get(document.key) for row, document in known if _needs_verdict(row, document, verdicts)}
    offer = first_offer(tx)
    plain: list[dict[str, Any]] = []
    with_verdict: list[dict[str, Any]] = []
    for row, document in known:
        values = {"its_id": row.id, **_new(_renewed(row, document, offer, revised=row.id in revised, now=now))}
        if row.id in judged:
            with_verdict.append({**values, **_new(_verdict_values(judged[row.id]))})
        else:
            plain.append(values)
    write_many(tx.connection, _REWRITE, plain)
    if with_verdict:
        write_many(tx.connection, _REWRITE_AND_JUDGE, with_verdict)
        _replace_themes(tx, judged)
    return [(row.id, d) for row, d in known if (row.fingerprint, row.title, row.summary) != (d.fingerprint, d.title, d.summary)]


def _renewed(
    row: Row[Any], document: Document, offer: Callable[[datetime], datetime], *, revised: bool, now: datetime | None
) -> dict[str, Any]:
    values = {name: getattr(document, name) for name in _RENEWED}
    values["version"] = row.version + 1 if revised else row.version
    values["revised_at"] = (now or document.recorded_at) if revised else row.revised_at
    values["offered_at"] = None
    if document.news and not row.held:
        # A text that was still to come is offered with it: the summary alone may not have been worth an entry. Whoever was
        # mailed it with its summary is not mailed it again (`editions.mailed`).
        completed = row.status == TextStatus.PENDING and document.status is not TextStatus.PENDING
        kept = None if completed else row.offered_at
        values["offered_at"] = kept or offer(row.recorded_at)
    return values


def _new(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in values.items()}


def _needs_verdict(row: Row[Any], document: Document, verdicts: Mapping[str, Verdict]) -> bool:
    return document.key in verdicts or row.fingerprint != document.fingerprint


def _is_revision(row: Row[Any], document: Document) -> bool:
    before = TextStatus(row.status)
    completed = before is TextStatus.PENDING or _HELD[document.status] > _HELD[before]
    return row.fingerprint != document.fingerprint and not completed


def _keep(tx: Transaction, ids: Iterable[int]) -> None:
    """Copy the present version of documents to the table of versions."""
    kept = schema.document_versions
    names = [column.name for column in kept.c if column.name != "document_id"]
    for some in rows.chunks(sorted(ids)):
        present = select(_TABLE.c.id, *(_TABLE.c[name] for name in names)).where(_TABLE.c.id.in_(some))
        tx.connection.execute(kept.insert().from_select(["document_id", *names], present))


# ------------------------------------------------------------------------------------------------------------ verdicts


def _replace_themes(tx: Transaction, verdicts: Mapping[int, Verdict | None]) -> None:
    tx.connection.execute(_DROP_THEMES, {"ids": list(verdicts)})
    _add_themes(tx, verdicts)


def _verdict_values(verdict: Verdict | None) -> dict[str, Any]:
    if verdict is None:
        return {"relevance": None, "score": None, "classifier": "", "verdict": None}
    return {
        "relevance": verdict.relevance,
        "score": verdict.score,
        "classifier": verdict.classifier,
        "verdict": rows.dump(verdict),
    }


def _add_themes(tx: Transaction, verdicts: Mapping[int, Verdict | None]) -> None:
    values = [
        {"document_id": key, "theme": score.theme, "score": score.score}
        for key, verdict in verdicts.items()
        for score in (verdict.themes if verdict else ())
        if score.on
    ]
    write_many(tx.connection, _ADD_THEMES, values)
