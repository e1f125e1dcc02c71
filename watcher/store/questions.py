"""Parliamentary questions: what is known of them, under which addresses, and which are still open.

What happens to them is question_events.py's, finding them question_find.py's, their ministries question_ministries.py's;
all of it is named here.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, or_, select, update

from watcher.errors import StoreError
from watcher.model import Chamber, Question, QuestionStatus
from watcher.store import question_rows, question_tables, rows, schema
from watcher.store.archives import members, save_members
from watcher.store.database import Transaction
from watcher.store.question_events import WATCHED, Recorded, add_events, events, events_of, linked_to, mark_overdue, offer_again
from watcher.store.question_find import Filter, Listed, QuestionPage, find
from watcher.store.question_ministries import Delay, MinistryCount, chosen, median_delays, ministries
from watcher.store.upsert import upsert
from watcher.text import storable

__all__ = [
    "WATCHED",
    "Delay",
    "Filter",
    "Listed",
    "MinistryCount",
    "QuestionPage",
    "Recorded",
    "Unlisted",
    "add_events",
    "answered_alike",
    "chosen",
    "events",
    "events_of",
    "find",
    "get",
    "key_of",
    "linked_to",
    "mark_overdue",
    "median_delays",
    "members",
    "ministries",
    "offer_again",
    "open_of",
    "open_overdue",
    "put_before",
    "save",
    "save_members",
    "seen",
    "seen_at",
    "unlisted",
    "unnamed",
]

MOST_BEFORE = 2000
_TABLE = question_tables.questions
_OF = _TABLE.c
_RECORDS = question_tables.question_records
_ADDRESSES = question_tables.question_addresses
_NOUNS = select(_OF.document_key, _RECORDS.c.record).join(_RECORDS, _RECORDS.c.document_id == _OF.document_id)
_KEYED = _OF.document_key.in_(bindparam("keys", expanding=True))
_DOCUMENTS = schema.documents
_PLACES = (
    select(_DOCUMENTS.c.id, _DOCUMENTS.c.key, _OF.recorded_at)
    .outerjoin(_TABLE, _OF.document_id == _DOCUMENTS.c.id)
    .where(_DOCUMENTS.c.key.in_(bindparam("keys", expanding=True)))
)


def get(tx: Transaction, keys: Iterable[str]) -> dict[str, Question]:
    """Return what is held of the questions that have one of `keys`, by key; those that are not held are left out."""
    found: dict[str, Question] = {}
    for some in rows.chunks(list(dict.fromkeys(map(storable, keys)))):
        for key, record in tx.connection.execute(_NOUNS.where(_KEYED), {"keys": some}):
            found[key] = rows.load(Question, record)
    return found


def save(tx: Transaction, questions: Iterable[Question], *, now: datetime) -> None:
    """Put `questions` in the place of what was held of them; merging comes before. Their addresses lead to them.

    Raises StoreError for a question whose document is not stored: it is contained in one.
    """
    by_key = {storable(question.key): question for question in questions}
    for some in rows.chunks(list(by_key)):
        _save(tx, {key: by_key[key] for key in some}, now)


def _save(tx: Transaction, batch: Mapping[str, Question], now: datetime) -> None:
    places = {row.key: row for row in tx.connection.execute(_PLACES, {"keys": list(batch)})}
    strays = [key for key in batch if key not in places]
    if strays:
        raise StoreError(f"The question {strays[0]} has no document.", remedy="Save its document first.")
    values: list[dict[str, Any]] = []
    records: list[dict[str, Any]] = []
    addresses: dict[str, dict[str, Any]] = {}
    for key, question in batch.items():
        place = places[key]
        values.append(question_rows.values_of(question, document_id=place.id, recorded_at=place.recorded_at or now, now=now))
        records.append({"document_id": place.id, "record": rows.dump(question)})
        for address in question.addresses:
            form = storable(question_rows.address_of(address))
            addresses[form] = {"address": form, "document_id": place.id}
    upsert(tx.connection, _TABLE, values)
    upsert(tx.connection, _RECORDS, records)
    upsert(tx.connection, _ADDRESSES, list(addresses.values()))


def key_of(tx: Transaction, address: str) -> str | None:
    """Return the key of the question that was met at `address`, however it is spelt, None when none was."""
    query = select(_OF.document_key).join(_ADDRESSES, _ADDRESSES.c.document_id == _OF.document_id)
    forms = {storable(question_rows.address_of(address)), storable(address)}
    return tx.connection.scalar(query.where(_ADDRESSES.c.address.in_(sorted(forms))))


def answered_alike(tx: Transaction, key: str) -> tuple[str, ...]:
    """Return the keys of the other questions that were given the same answer on the same day, in order of key.

    The same answer is the same words, whatever the case, apostrophes and blanks. None without an answer and its day.
    """
    row = tx.connection.execute(select(_OF.answer_hash, _OF.answered_on).where(_OF.document_key == storable(key))).first()
    if row is None or row.answer_hash is None or row.answered_on is None:
        return ()
    query = select(_OF.document_key).where(_OF.answer_hash == row.answer_hash, _OF.answered_on == row.answered_on)
    return tuple(tx.connection.scalars(query.where(_OF.document_key != storable(key)).order_by(_OF.document_key)))


def put_before(tx: Transaction, asked: Iterable[Question], since: date, themes: Iterable[str]) -> tuple[Question, ...]:
    """Return the other questions that the ministries of `asked` were put from the day `since` on, under one of `themes`.

    None that is younger than the youngest of `asked`, nor held for a person; the youngest MOST_BEFORE, in order of day.
    """
    given = {storable(question.key): question for question in asked}
    until = max((one.asked_on for one in given.values() if one.asked_on), default=None)
    to = [question_rows.ministry_of(question) for question in given.values()]
    ids, labels = {one.id for one in to if one.id}, {one.label for one in to if one.label and not one.id}
    if until is None or not (ids or labels):
        return ()
    filed = select(schema.document_themes.c.document_id).where(schema.document_themes.c.theme.in_(sorted(set(themes))))
    query = (
        _NOUNS.where(or_(_OF.ministry_id.in_(sorted(ids)), _OF.ministry.in_(sorted(labels))))
        .where(_OF.asked_on.between(since, until), _OF.document_id.in_(filed))
        .where(_OF.document_id.not_in(select(_DOCUMENTS.c.id).where(schema.HELD)))
    )
    found = tx.connection.execute(query.order_by(_OF.asked_on.desc(), _OF.document_key).limit(MOST_BEFORE)).all()
    return tuple(rows.load(Question, record) for key, record in reversed(found) if key not in given)


def seen_at(tx: Transaction, key: str) -> datetime | None:
    """Return when a source last showed the question `key`, None when it is not held."""
    return tx.connection.scalar(select(_OF.seen_at).where(_OF.document_key == storable(key)))


def seen(tx: Transaction, key: str, now: datetime) -> None:
    """Note that a source showed the question `key`, as it is held, `now`."""
    tx.connection.execute(update(_TABLE).where(_OF.document_key == storable(key)).values(seen_at=now))


# ---------------------------------------------------------------------------------------------------------- still open


def open_of(tx: Transaction, chamber: Chamber, legislature: int, limit: int = 20_000) -> tuple[Question, ...]:
    """Return the open questions of a chamber under one legislature, in order of key: those that its end makes lapse."""
    query = _NOUNS.where(_OF.chamber == chamber, _OF.legislature == legislature, _OF.status == QuestionStatus.OPEN)
    found = tx.connection.execute(query.order_by(_OF.document_key).limit(limit))
    return tuple(rows.load(Question, record) for _, record in found)


def unnamed(tx: Transaction, limit: int = 50_000) -> tuple[Question, ...]:
    """Return the questions of the Assemblée whose author, or whose author's group, has no name here, the newest first."""
    query = _NOUNS.where(_OF.chamber == Chamber.ASSEMBLEE, or_(_OF.author == "", _OF.group == ""))
    found = tx.connection.execute(query.order_by(_OF.latest_on.desc(), _OF.document_key).limit(limit))
    return tuple(rows.load(Question, record) for _, record in found)


class Unlisted(NamedTuple):
    """An open question that its source no longer lists: where its page is, and which source to read it as."""

    source_id: str
    key: str
    url: str


def unlisted(tx: Transaction, chamber: Chamber, *, asked_before: date, seen_before: datetime, limit: int) -> tuple[Unlisted, ...]:
    """Return the open written questions of a chamber asked before a day and not read since an instant, the longest unread first.

    Only those with a page, and only as the sources that listed them by their key: those of a chamber's data set.
    """
    sightings = schema.sightings
    query = (
        select(sightings.c.source_id, _OF.document_key, _OF.url)
        .join(sightings, and_(sightings.c.document_key == _OF.document_key, sightings.c.guid == _OF.document_key))
        # The chamber by the key: SQLite would go through all its questions, of which few are open.
        .where(question_tables.WAITING, _OF.document_key.startswith(f"question:{chamber}:", autoescape=True))
        .where(_OF.asked_on < asked_before, _OF.seen_at < seen_before, _OF.url != "")
    )
    found = tx.connection.execute(query.order_by(_OF.seen_at, _OF.document_key).limit(limit))
    return tuple(Unlisted(*row) for row in found)


def open_overdue(tx: Transaction, today: date, limit: int, *, theme: str | None = None) -> tuple[Question, ...]:
    """Return the open questions whose term ended before `today`, longest first, filed under `theme` if it is given."""
    page = find(tx, Filter(overdue=today, theme=theme), limit)
    keys = [one.key for one in page.questions]
    held = get(tx, keys)
    return tuple(held[key] for key in keys)
