"""Many rows at once are stored as Connection.execute stores them, and fail as they fail there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Double,
    Enum,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    TextClause,
    Update,
    bindparam,
    event,
    func,
    update,
)
from sqlalchemy.schema import CreateTable

from tests.store.builders import HOUR, NOW, document, undone, verdict
from tests.store.question_builders import ASKED, question, save
from tests.store.question_builders import event as happened
from watcher.errors import StoreError
from watcher.model import EventKind, Sighting, TextStatus
from watcher.store import Store, Transaction, documents, questions
from watcher.store.many import write_many
from watcher.store.types import UTCDateTime, Words
from watcher.store.upsert import upsert

YEARS = (datetime(1900, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - hypothesis puts the zone
PARIS = ZoneInfo("Europe/Paris")
Rows = Sequence[Mapping[str, Any]]
Way = Callable[[Connection, Insert | Update | TextClause, Rows], None]

# It lives in a transaction that is undone.
table = Table(
    "many",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("words", Words),
    Column("at", UTCDateTime),
    Column("on", Date),
    Column("yes", Boolean),
    Column("score", Double),
    Column("count", BigInteger),
    Column("raw", LargeBinary),
    Column("status", Enum(TextStatus, native_enum=False, validate_strings=True)),
    Column("json", JSON),
    Column("group", Words, nullable=False, server_default="nobody's"),
    Column("made", Integer, default=lambda: 7),
    prefixes=["TEMPORARY"],
)
INSERT = table.insert()
RENEW = (
    update(table)
    .where(table.c.id == bindparam("its_id"))
    .values({name: bindparam(f"new_{name}") for name in ("words", "at", "yes")})
)

letters = st.characters(exclude_categories=())  # half a pair and NUL among them
rows = st.fixed_dictionaries(
    {
        "words": st.none()
        | st.text(letters, max_size=20)
        | st.sampled_from(TextStatus)
        | st.sampled_from(["", "a\x00b", "\ud800"]),
        "at": st.none() | st.datetimes(*YEARS, timezones=st.sampled_from([UTC, PARIS])) | st.just(NOW),
        "on": st.none() | st.dates(),
        "yes": st.none() | st.booleans(),
        "score": st.none() | st.floats() | st.integers(-5, 5),
        "count": st.none() | st.integers(-(2**63), 2**63 - 1),
        "raw": st.none() | st.binary(max_size=20),
        "status": st.none() | st.sampled_from(TextStatus),
        "json": st.none() | st.lists(st.integers() | st.text(max_size=5), max_size=3),
        "group": st.sampled_from(["", "é"]),
        "made": st.integers(0, 9),
    }
)
# The same object in several rows, as in life, beside its equals.
batches = st.lists(rows, min_size=1, max_size=4).flatmap(lambda pool: st.lists(st.sampled_from(pool), min_size=1, max_size=12))


def plainly(connection: Connection, statement: Insert | Update | TextClause, rows: Rows) -> None:
    """Write as SQLAlchemy does."""
    connection.execute(statement, list(rows))


def stored(store: Store, *writes: Callable[[Connection], None]) -> list[tuple[Any, ...]]:
    """Return what the engine holds, as it spells it itself, after `writes` to an empty table."""
    found: list[tuple[Any, ...]] = []
    spelt = "quote({})" if store.backend == "sqlite" else "CAST({} AS text)"
    columns = ", ".join(spelt.format(f'"{column.name}"') for column in table.c)

    def work(tx: Transaction) -> None:
        tx.connection.execute(CreateTable(table))
        for write in writes:
            write(tx.connection)
        found.extend(map(tuple, tx.connection.exec_driver_sql(f"SELECT {columns} FROM many ORDER BY id")))

    undone(store, work)
    return found


def both(store: Store, statement: Insert | Update, given: Rows, before: Rows = ()) -> list[tuple[Any, ...]]:
    """Return what `given` leaves in the table, which held `before`, and check that both ways leave the same."""
    ways: tuple[Way, ...] = (plainly, write_many)
    old, new = (
        stored(store, lambda it: write_many(it, INSERT, before), lambda it, way=way: way(it, statement, given)) for way in ways
    )
    assert new == old
    return new


@settings(max_examples=60)
@given(batch=batches)
def test_rows_of_all_types_are_stored_alike(lasting: Store, batch: list[dict[str, Any]]) -> None:
    """Whatever the values, one row or many, the engine holds the same."""
    given = [{"id": number, **row} for number, row in enumerate(batch)]
    assert len(both(lasting, INSERT, given)) == len(batch)


@settings(max_examples=25)
@given(batch=batches, later=batches)
def test_rows_are_changed_alike(lasting: Store, batch: list[dict[str, Any]], later: list[dict[str, Any]]) -> None:
    """An UPDATE by parameters, and an upsert of the same ids, leave the same."""
    before = [{"id": number, **row} for number, row in enumerate(batch)]
    changes = [
        {"its_id": number, **{f"new_{name}": row[name] for name in ("words", "at", "yes")}} for number, row in enumerate(later)
    ]
    both(lasting, RENEW, changes, before)
    again = [{"id": number, **row} for number, row in enumerate(later)]
    whole = stored(lasting, lambda it: upsert(it, table, before), lambda it: upsert(it, table, again))
    missing = before[len(again) :]
    assert whole == stored(lasting, lambda it: plainly(it, INSERT, [*again, *missing]))
    fewer = stored(lasting, lambda it: upsert(it, table, before), lambda it: upsert(it, table, again, replace=()))
    assert fewer == stored(lasting, lambda it: plainly(it, INSERT, [*before, *again[len(before) :]]))


def test_values_that_are_equal_and_not_the_same(lasting: Store) -> None:
    """Minus zero stays minus zero, and the two hours of an autumn night stay two, however often they come."""
    first, second = (datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=fold) for fold in (0, 1))
    assert first == second
    pairs = [(first, 0.0), (second, -0.0)] * 4
    given = [{"id": number, "at": at, "score": score, "made": 1} for number, (at, score) in enumerate(pairs)]
    found = both(lasting, INSERT, given)
    assert len({row[2] for row in found}) == 2


def test_a_huge_text(lasting: Store) -> None:
    """A text of some megabytes, with half a pair in it, is stored alike."""
    huge = "é\U0001f600" * 1_000_000
    both(lasting, INSERT, [{"id": 1, "words": huge, "made": 1}, {"id": 2, "words": f"{huge}\udfff\x00", "made": 1}])


@pytest.mark.parametrize("count", [1, 2])
def test_what_rows_do_not_give(lasting: Store, count: int) -> None:
    """A default of Python's or of the engine's, and a value of the statement's own, come as they do elsewhere."""
    given = [{"id": number, "words": "a"} for number in range(count)]
    found = both(lasting, INSERT, given)
    assert {row[-1] for row in found} == {"7"}
    assert {row[-2].strip("'").replace("''", "'") for row in found} == {"nobody's"}
    own = (
        update(table)
        .where(table.c.id == bindparam("its_id"))
        .values(words=bindparam("new"), on=date(2026, 1, 2), count=func.abs(-3))
    )
    both(lasting, own, [{"its_id": number, "new": "b"} for number in range(count)], given)
    returning: Any = INSERT.returning(table.c.id)
    assert stored(lasting, lambda it: write_many(it, returning, given)) == found


def test_rows_with_other_keys(lasting: Store) -> None:
    """The first row names the columns: what others have beyond them is not written, nor what is no column."""
    given = [{"id": 1, "words": "a", "made": 1, "colour": "red"}, {"id": 2, "words": "b", "made": 1, "score": 0.5}]
    found = both(lasting, INSERT, given)
    assert {row[5] for row in found} <= {"NULL", None}


def test_nothing_without_rows(lasting: Store) -> None:
    """No row, no statement."""
    assert stored(lasting, lambda it: write_many(it, INSERT, [])) == []


WRONG: dict[str, Rows] = {
    "naive": [{"id": 1, "at": NOW}, {"id": 2, "at": NOW.replace(tzinfo=None)}],
    "missing": [{"id": 1, "words": "a"}, {"id": 2}],
    "large": [{"id": 1, "count": 2**63}],
    "twice": [{"id": 1}, {"id": 1}],
    "null": [{"id": 1, "group": None}],
    "no date": [{"id": 1, "on": "the day after"}],
    "no truth": [{"id": 1, "yes": 2}],
    "no text": [{"id": 1, "words": object()}],
    "no such status": [{"id": 1, "status": "lost"}],
}


@pytest.mark.parametrize("case", WRONG)
def test_errors_are_the_same(lasting: Store, case: str) -> None:
    """What cannot be written is refused in the same words, and quotes no row on the way."""
    told: list[tuple[object, ...]] = []
    for way in (plainly, write_many):

        def work(tx: Transaction, way: Way = way) -> None:
            tx.connection.execute(CreateTable(table))
            way(tx.connection, INSERT, [{"made": 1, **row} for row in WRONG[case]])

        with pytest.raises(StoreError) as caught:
            undone(lasting, work)
        cause = caught.value.__cause__
        told.append((str(caught.value), type(cause), str(cause)))
    assert told[0] == told[1]


def test_a_reading_transaction_writes_nothing(store: Store) -> None:
    """Many rows inside a read raise StoreError."""
    with pytest.raises(StoreError):
        store.read(lambda tx: documents.save(tx, [document("a"), document("b")], {}))
    assert store.read(lambda tx: documents.of_keys(tx, ["a", "b"])) == {}


def test_the_archive_is_written_that_way(store: Store) -> None:
    """Nothing of an archive goes through Connection.execute but the old versions, which the engine copies by itself."""
    save(store, question())
    seen: list[str] = []

    def note(_connection: object, statement: object, *_others: object) -> None:
        if isinstance(statement, (Insert, Update, TextClause)):
            seen.append(str(statement))

    def work(tx: Transaction) -> None:
        event.listen(tx.connection, "before_execute", note)
        for title, later in (("Un", 0), ("Deux", 1)):
            held = [document(one.key, title=f"{title} {one.number}") for one in (question(1), question(2))]
            documents.save(tx, held, {one.key: verdict() for one in held[later:]}, now=NOW + later * HOUR)
            seen_there = [Sighting(source_id="outlet", document_key=one.key, guid=None, listed="", seen_at=NOW) for one in held]
            documents.sight(tx, seen_there)
            documents.classify(tx, {one.key: verdict(1) for one in held})
            questions.save(tx, [question(1), question(2)], now=NOW)
            told = [happened(question(number), kind) for number in (1, 2) for kind in (EventKind.ASKED, EventKind.RENEWED)]
            moved = [replace(one, on=ASKED + timedelta(days=later)) for one in told]
            questions.add_events(tx, moved, now=NOW, news=True)
        questions.offer_again(tx, [(question(1).key, EventKind.ASKED)], NOW)

    store.write(work)
    assert ["document_versions" in one for one in seen] == [True]
