"""From each schema there has been to today's: what the archive holds is kept, and the result is the declared schema."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Index, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex
from sqlalchemy.types import TypeEngine

from tests.store.builders import NOW, document, edition, post, verdict
from tests.store.question_builders import answered, event, question
from watcher.errors import StoreError
from watcher.model import EventKind, Sighting, SourceState
from watcher.store import Store, Transaction, documents, meta, migrate, outbox, questions, rows, schema, search, sources
from watcher.store.questions import Filter

OWN = ("document_words", schema.VERSION_TABLE)
ENGINES = ("sqlite", "postgres")


@pytest.fixture(params=ENGINES)
def own_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database that does not exist yet, or is empty, for this test alone."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/watcher.db"
    create: Callable[[], str] = request.getfixturevalue("new_postgres_database")
    return create()


def made_by(version: str, url: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Open the database at `url` as the program of schema `version` did."""
    with monkeypatch.context() as then:
        then.setattr(schema, "VERSION", version)
        return Store.open(url, now=lambda: NOW)


def fill(store: Store) -> None:
    """Write one thing of each kind that the first schema held."""
    store.write(lambda tx: documents.save(tx, [document("a"), document("b", held=True)], {"a": verdict()}))
    store.write(lambda tx: documents.save(tx, [document("a", text="Un autre texte.")], {}, now=NOW))
    seen = Sighting(source_id="outlet", document_key="a", guid="g", listed="h", seen_at=NOW)
    store.write(lambda tx: documents.sight(tx, [seen]))
    store.write(lambda tx: sources.save_states(tx, [SourceState(source_id="outlet", etag='"x"')]))
    store.write(queue_as_then)


def queue_as_then(tx: Transaction) -> None:
    """Freeze an edition with one mail, as the program of the first schema wrote them: bytes beside the state."""
    person, message, _ = post("lecture", edition())
    first = {"digest": "veille", "period": "2026-W46", "at": NOW.isoformat(" ", "microseconds"), "content": rows.dump(edition())}
    tx.connection.execute(
        text(
            "INSERT INTO editions (id, digest, number, period, cutoff, frozen_at, content)"
            " VALUES (1, :digest, 1, :period, :at, :at, :content)"
        ),
        first,
    )
    mail = {
        "person": person.id,
        "address": person.address,
        "message_id": message.message_id,
        "at": first["at"],
        "raw": message.raw,
    }
    tx.connection.execute(
        text(
            "INSERT INTO deliveries (id, edition_id, recipient_id, address, message_id, state, attempts, hand_overs,"
            " updated_at, raw)"
            " VALUES (1, 1, :person, :address, :message_id, 'queued', 0, 0, :at, :raw)"
        ),
        mail,
    )


def dump(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of every table of the first schema."""
    names = ("meta", "source_states", "documents", "document_versions", "document_themes", "sightings", "editions", "deliveries")

    def read(tx: Transaction) -> dict[str, list[tuple[Any, ...]]]:
        tables = schema.metadata.tables
        return {name: sorted(map(tuple, tx.connection.execute(tables[name].select())), key=repr) for name in names}

    return store.read(read)


def test_from_the_first_schema(own_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of the first schema keeps all it holds, gains what questions need, and works (row D08)."""
    store = made_by("0001", own_url, monkeypatch)
    assert store.read(meta.read).schema_version == "0001"
    fill(store)
    before = dump(store)
    store.close()

    store = Store.open(own_url)
    assert store.read(meta.read).schema_version == schema.VERSION
    assert dump(store) == before
    assert store.read(lambda tx: search.find(tx, "autre")).total == 1
    assert store.read(documents.held) == {"outlet": 1}
    (queued,) = store.read(lambda tx: outbox.due(tx, NOW, 9))
    assert queued.raw == post("lecture", edition())[1].raw
    asked = question()
    store.write(lambda tx: documents.save(tx, [document(asked.key)], {}))
    store.write(lambda tx: questions.save(tx, [answered()], now=NOW))
    store.write(lambda tx: questions.add_events(tx, [event()], now=NOW, news=True))
    assert store.read(lambda tx: questions.find(tx, Filter())).total == 1
    assert store.problems() == ()
    store.close()


def test_from_the_first_schema_to_the_declared_one(own_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables, columns, keys and indexes after migrating are those that the code declares."""
    made_by("0001", own_url, monkeypatch).close()

    def include(thing: object, name: str | None, kind: str, *_: object) -> bool:
        return not (kind == "table" and name is not None and name.startswith(OWN))

    def differs(context: MigrationContext, _1: object, _2: object, built: TypeEngine[Any], declared: TypeEngine[Any]) -> bool:
        return built.compile(context.dialect) != declared.compile(context.dialect)

    def compare(tx: Transaction) -> list[object]:
        options = {"include_object": include, "compare_type": differs}
        return compare_metadata(MigrationContext.configure(tx.connection, opts=options), schema.metadata)

    store = Store.open(own_url)
    assert store.read(compare) == []
    store.close()


def test_events_are_kept_when_their_kinds_widen(own_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What happened to questions, and what was offered of it, is the same after the migration; an end nobody knows fits (D08)."""
    store = made_by("0007", own_url, monkeypatch)
    asked = question()
    store.write(lambda tx: documents.save(tx, [document(asked.key)], {}))
    store.write(lambda tx: questions.save(tx, [asked], now=NOW))
    store.write(lambda tx: questions.add_events(tx, [event()], now=NOW, news=True))
    kept = store.read(lambda tx: questions.events(tx, None, NOW))
    assert kept
    closed = replace(event(), kind=EventKind.CLOSED)
    with pytest.raises(StoreError):
        store.write(lambda tx: questions.add_events(tx, [closed], now=NOW, news=True))
    store.close()

    store = Store.open(own_url)
    assert store.read(lambda tx: questions.events(tx, None, NOW)) == kept
    store.write(lambda tx: questions.add_events(tx, [closed], now=NOW, news=True))
    assert store.read(lambda tx: questions.events_of(tx, asked.key))[-1].kind is EventKind.CLOSED
    assert store.problems() == ()
    store.close()


def test_the_conditions_of_partial_indexes_are_the_declared_ones(store: Store) -> None:
    """A partial index is used only where a query says its condition: both engines have them as the code declares them."""
    partial = [index for table in schema.metadata.tables.values() for index in table.indexes if _condition(index)]
    assert len(partial) >= 4

    def built(tx: Transaction, index: Index) -> str:
        if store.backend == "sqlite":
            found = tx.connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (index.name,))
        else:
            found = tx.connection.exec_driver_sql("SELECT indexdef FROM pg_indexes WHERE indexname = %s", (index.name,))
        return str(found.scalar_one()).partition(" WHERE ")[2].strip("()")

    for index in partial:
        told = store.read(lambda tx, index=index: built(tx, index))
        assert told.replace("held IS TRUE", "held IS 1") == _condition(index), index.name


def _condition(index: Index) -> str:
    return str(CreateIndex(index).compile(dialect=sqlite.dialect())).partition(" WHERE ")[2]


def test_a_migration_cut_short_leaves_the_first_schema(own_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the migration breaks at its end, the database is still of the first schema, whole, and migrates later (row D08)."""
    store = made_by("0001", own_url, monkeypatch)
    fill(store)
    before = dump(store)
    store.close()

    plain = migrate._run  # pyright: ignore[reportPrivateUsage]

    def broken(connection: Any) -> None:
        plain(connection)
        connection.exec_driver_sql("SELECT nothing_of_that_name FROM nowhere")

    with monkeypatch.context() as then:
        then.setattr(migrate, "_run", broken)
        with pytest.raises(StoreError, match="nowhere"):
            Store.open(own_url)
    store = made_by("0001", own_url, monkeypatch)
    assert store.read(meta.read).schema_version == "0001"
    store.close()
    store = Store.open(own_url)
    assert dump(store) == before
    store.close()


def test_the_file_is_kept_aside_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A SQLite file of the first schema is copied beside itself before it is migrated (row D08)."""
    url = f"sqlite:///{tmp_path}/watcher.db"
    store = made_by("0001", url, monkeypatch)
    fill(store)
    store.close()
    Store.open(url).close()
    aside = sqlite3.connect(tmp_path / f"watcher.db.before-{schema.VERSION}")
    assert aside.execute("SELECT version_num FROM schema_version").fetchone() == ("0001",)
    assert aside.execute("SELECT count(*) FROM documents").fetchone() == (2,)
    assert aside.execute("SELECT count(*) FROM sqlite_master WHERE name = 'questions'").fetchone() == (0,)
    aside.close()
