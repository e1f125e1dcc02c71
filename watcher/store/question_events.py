"""What happened to questions, each event once: what is new, what a source corrected, what is offered to editions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, select, update

from watcher.model import EventKind, Question, QuestionEvent
from watcher.questions import overdue
from watcher.store import poison, question_rows, question_tables, rows
from watcher.store.database import Transaction
from watcher.store.many import write_many
from watcher.store.revisions import first_offer
from watcher.text import storable

_TABLE = question_tables.question_events
_QUESTIONS = question_tables.questions
_RECORDS = question_tables.question_records
_KEYED = ("question", "kind", "detail")
# Where an event was read does not make it another one: what was first said stays.
_SAID = tuple(name.name for name in fields(QuestionEvent) if name.name not in (*_KEYED, "read_from", "recorded_at"))
_MATCHED = [_TABLE.c[name] == bindparam(f"its_{name}") for name in _KEYED]
_INSERT = _TABLE.insert()
_REVISE = update(_TABLE).where(*_MATCHED).values({name: bindparam(f"new_{name}") for name in _SAID})
_STORED = select(*question_rows.EVENT_COLUMNS).where(_TABLE.c.question.in_(bindparam("keys", expanding=True)))
_OFFER = (
    update(_TABLE)
    .where(_TABLE.c.question == bindparam("its_question"), _TABLE.c.kind == bindparam("its_kind"))
    .where(_TABLE.c.offered_at.is_not(None))
    .values(offered_at=bindparam("offer"))
)
# A question can become overdue while we watch for a month after its term; what is older was overdue before we came.
WATCHED = timedelta(days=90)
# The order in which things happen to a question, for those that happen on one day, or on a day that nobody told.
_RANK = {
    kind: rank
    for rank, kind in enumerate(
        (
            *(EventKind.ASKED, EventKind.RECALLED, EventKind.SIGNALLED, EventKind.RENEWED, EventKind.TRANSFERRED),
            *(EventKind.OVERDUE, EventKind.CONVERTED, EventKind.ANSWERED, EventKind.ERRATUM),
            *(EventKind.WITHDRAWN, EventKind.LAPSED, EventKind.CLOSED),
        )
    )
}

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What was new of the events given, and what corrected one that was known; both as they are stored now."""

    inserted: tuple[QuestionEvent, ...] = ()
    revised: tuple[QuestionEvent, ...] = ()


def add_events(
    tx: Transaction, events: Iterable[QuestionEvent], *, now: datetime, news: bool | Callable[[QuestionEvent], bool]
) -> Recorded:
    """Store `events` whose question is stored, or will be at the end of the transaction.

    One that is known and says something else now (a corrected date, a page) is revised: it keeps `recorded_at`, loses no
    date, and is not offered again. New ones are offered to the next edition when `news` says so, else they are backfill.
    """
    given: dict[Key, QuestionEvent] = {}
    for event in events:
        key = _key(event)
        given[key] = _corrected(given[key], event) if key in given else event
    inserted: list[QuestionEvent] = []
    revised: list[QuestionEvent] = []
    for some in rows.chunks(list(given)):
        known = _known(tx, some)
        fresh = [replace(given[key], recorded_at=now) for key in some if key not in known]
        corrected = [_corrected(known[key], given[key]) for key in some if key in known]
        changed = [event for event in corrected if event != known[_key(event)]]
        _insert(tx, fresh, now, news)
        _revise(tx, changed)
        inserted += fresh
        revised += changed
    return Recorded(inserted=tuple(inserted), revised=tuple(revised))


def offer_again(tx: Transaction, told: Iterable[tuple[str, EventKind]], now: datetime) -> None:
    """Offer events of (question, kind) to the next edition, as of now: their text has come. Backfill stays backfill."""
    offer = first_offer(tx)(now)
    values = [{"its_question": storable(question), "its_kind": kind.value, "offer": offer} for question, kind in told]
    write_many(tx.connection, _OFFER, values)


def events(tx: Transaction, after: datetime | None, until: datetime) -> tuple[tuple[QuestionEvent, Question], ...]:
    """Return the events offered to editions in (`after`, `until`], oldest offer first, each with its question as it is now."""
    query = (
        select(*question_rows.EVENT_COLUMNS, _RECORDS.c.record)
        .join(_QUESTIONS, _QUESTIONS.c.document_key == _TABLE.c.question)
        .join(_RECORDS, _RECORDS.c.document_id == _QUESTIONS.c.document_id)
        .where(_TABLE.c.offered_at <= until)
    )
    if after is not None:
        query = query.where(_TABLE.c.offered_at > after)
    found = tx.connection.execute(query.order_by(_TABLE.c.offered_at, *(_TABLE.c[name] for name in _KEYED)))
    nouns: dict[str, Question | None] = {}
    told: list[tuple[QuestionEvent, Question]] = []
    for row in found.mappings():
        event = question_rows.event(row)
        if event.question not in nouns:
            nouns[event.question] = _noun(event.question, row["record"])
        if (noun := nouns[event.question]) is not None:
            told.append((event, noun))
    return tuple(told)


def events_of(tx: Transaction, key: str) -> tuple[QuestionEvent, ...]:
    """Return what happened to one question, in order; one that nobody dated stands where its kind usually does."""
    found = tuple(map(question_rows.event, tx.connection.execute(_STORED, {"keys": [storable(key)]}).mappings()))
    dated = [event for event in found if event.on is not None]

    def place(event: QuestionEvent) -> tuple[date, int, str]:
        rank = _RANK[event.kind]
        before = (other.on for other in dated if other.on is not None and _RANK[other.kind] < rank)
        return event.on or max(before, default=date.min), rank, event.detail

    return tuple(sorted(found, key=place))


def linked_to(tx: Transaction, question: Question) -> tuple[QuestionEvent, ...]:
    """Return the events of other questions that name this one, by its key or one of its addresses, in order of key.

    They are CONVERTED (it became this one) and RECALLED (this one was put again). No index: all events are read once.
    """
    names = [storable(name) for name in (question.key, *question.addresses)]
    query = select(*question_rows.EVENT_COLUMNS).where(_TABLE.c.linked.in_(names), _TABLE.c.question != names[0])
    return tuple(map(question_rows.event, tx.connection.execute(query.order_by(*(_TABLE.c[k] for k in _KEYED))).mappings()))


def mark_overdue(tx: Transaction, today: date, now: datetime) -> tuple[QuestionEvent, ...]:
    """Store an OVERDUE event for each open question whose term ended before `today`, once, and return the new ones.

    It is dated from the last day of the term. It is offered to editions only when the question crossed it while we watched:
    stored no later than that day, and asked in the last 90 days. A first load, or a service that comes back after months,
    marks old questions without a word; the table of what is overdue shows them all the same. A term that moved with a
    corrected date moves the event.
    """
    of = _QUESTIONS.c
    marked = exists().where(
        _TABLE.c.question == of.document_key, _TABLE.c.kind == EventKind.OVERDUE.value, _TABLE.c.on == of.due_on
    )
    query = select(of.document_key, _RECORDS.c.record, of.recorded_at, of.due_on)
    query = query.join(_RECORDS, _RECORDS.c.document_id == of.document_id)
    query = query.where(of.due_on < today, ~marked).order_by(of.asked_on, of.document_key)
    made: list[QuestionEvent] = []
    crossed: set[str] = set()
    for key, record, recorded_at, due_on in tx.connection.execute(query, execution_options={"yield_per": rows.MOST_IN_LIST}):
        question = _noun(key, record)
        event = overdue(question, today) if question else None
        if question is not None and event is not None:
            made.append(event)
            if recorded_at.date() <= due_on and question.asked_on and question.asked_on >= today - WATCHED:
                crossed.add(event.question)
    return add_events(tx, made, now=now, news=lambda event: event.question in crossed).inserted


def _noun(key: str, record: str) -> Question | None:
    return poison.passed_over(key, lambda: rows.load(Question, record))


def _key(event: QuestionEvent) -> Key:
    return storable(event.question), event.kind.value, storable(event.detail)


def _known(tx: Transaction, keys: Sequence[Key]) -> Mapping[Key, QuestionEvent]:
    questions = list(dict.fromkeys(key[0] for key in keys))
    found = tx.connection.execute(_STORED, {"keys": questions}).mappings()
    return {_key(event): event for event in map(question_rows.event, found)}


def _corrected(known: QuestionEvent, said: QuestionEvent) -> QuestionEvent:
    """Return `known` with what `said` says differently; what it does not say stays."""
    told: dict[str, Any] = {name: getattr(said, name) for name in _SAID}
    return replace(known, **{name: _as_stored(value) for name, value in told.items() if value not in (None, "")})


def _as_stored(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else value


def _insert(tx: Transaction, fresh: Sequence[QuestionEvent], now: datetime, news: bool | Callable[[QuestionEvent], bool]) -> None:
    if not fresh:
        return
    offer = first_offer(tx)(now)
    values = [
        {**question_rows.event_values(event), "offered_at": offer if (news(event) if callable(news) else news) else None}
        for event in fresh
    ]
    write_many(tx.connection, _INSERT, values)


def _revise(tx: Transaction, changed: Sequence[QuestionEvent]) -> None:
    values = [
        {
            **{f"its_{name}": part for name, part in zip(_KEYED, _key(event), strict=True)},
            **{f"new_{name}": getattr(event, name) for name in _SAID},
        }
        for event in changed
    ]
    write_many(tx.connection, _REVISE, values)
