"""The schema: what the migrations build is what the code reads, and the questions asked often have an index."""

from collections.abc import Callable
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint, event
from sqlalchemy.types import TypeEngine

from tests.store.builders import HOUR, NOW, document, verdict
from watcher.model import SourceState
from watcher.store import Store, Transaction, documents, migrate, schema, sources

OWN = ("document_words", schema.VERSION_TABLE)


def test_the_migrations_build_the_schema(store: Store) -> None:
    """Migrating from nothing gives the tables, columns, keys and indexes that schema.py declares, on both engines."""

    def include(thing: object, name: str | None, kind: str, *_: object) -> bool:
        return not (kind == "table" and name is not None and name.startswith(OWN))

    def differs(context: MigrationContext, _1: object, _2: object, built: TypeEngine[Any], declared: TypeEngine[Any]) -> bool:
        return built.compile(context.dialect) != declared.compile(context.dialect)

    def compare(tx: Transaction) -> list[object]:
        options = {"include_object": include, "compare_type": differs}
        return compare_metadata(MigrationContext.configure(tx.connection, opts=options), schema.metadata)

    assert store.read(compare) == []


def test_the_last_migration_is_the_version_of_the_code() -> None:
    """The version that the code expects is the last migration, and versions sort as text."""
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    found = ScriptDirectory.from_config(config)
    assert found.get_heads() == [schema.VERSION]
    names = [script.revision for script in found.walk_revisions()]
    assert names == sorted(names, reverse=True)


def test_no_unique_key_has_a_column_that_may_be_null() -> None:
    """Two NULLs are two values to an engine: no column of a unique or primary key may hold one."""
    for table in schema.metadata.tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, (UniqueConstraint, PrimaryKeyConstraint)):
                assert all(not column.nullable for column in constraint.columns), (table.name, constraint.name)


def test_candidates_and_listings_are_found_by_an_index(sqlite_store: Store) -> None:
    """The candidates of an edition, what a listing asks, and the last reports never read the whole archive."""
    store = sqlite_store
    many = [document(f"k{n}", recorded_at=NOW + n * HOUR, text="mot") for n in range(2000)]
    store.write(lambda tx: documents.save(tx, many, {}))
    asked: list[str] = []

    def plans(tx: Transaction) -> list[str]:
        raw = tx.connection.connection.dbapi_connection
        assert raw is not None
        raw.set_trace_callback(asked.append)
        documents.candidates(tx, NOW, NOW + 9 * HOUR)
        documents.known(tx, "outlet", ["k1", "k2"], ["g1", "g2"])
        documents.recent(tx, NOW + 1990 * HOUR, 5)
        documents.get(tx, "k1")
        sources.last_reports(tx)
        raw.set_trace_callback(None)
        return [str(row[3]) for sql in asked for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}")]

    told = store.read(plans)
    assert len(asked) == 6
    scans = [step for step in told if step.startswith("SCAN ") and "COVERING INDEX" not in step]
    assert all(step.startswith(("SCAN anon", "SCAN chosen", "SCAN LIST")) for step in scans), told
    assert any("ix_documents_offered_at" in step for step in told)


def test_saving_asks_the_engine_once_for_many(store: Store) -> None:
    """A hundred documents, and a thousand states of sources, are saved with as many statements as two of them."""

    def statements(count: int) -> tuple[int, int]:
        states = [SourceState(source_id=f"s{n}", joined_at=NOW, next_poll_at=NOW, etag='"x"') for n in range(10 * count)]
        many = [document(f"k{count}-{n}", text=f"Une phrase du texte numéro {n}. " * 20) for n in range(count)]
        judged = {one.key: verdict() for one in many}
        return (
            len(_asked(store, lambda tx: sources.save_states(tx, states))),
            len(_asked(store, lambda tx: documents.save(tx, many, judged))),
        )

    few = statements(2)
    assert few > (0, 0)
    assert statements(100) == few


def _asked(store: Store, work: Callable[[Transaction], object]) -> list[str]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    def noted(tx: Transaction) -> None:
        event.listen(tx.connection, "before_cursor_execute", note)
        work(tx)
        event.remove(tx.connection, "before_cursor_execute", note)

    store.write(noted)
    return asked
