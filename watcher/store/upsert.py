"""INSERT ... ON CONFLICT, which SQLAlchemy spells per engine."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import sqlite

from watcher.store.many import write_many


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], *, replace: Sequence[str] | None = None) -> None:
    """Insert `rows`; where the primary key exists, replace the columns `replace` (None: all that `rows` give; empty: none)."""
    if rows:
        renewed = None if replace is None else tuple(replace)
        write_many(connection, _statement(connection.dialect.name, table, tuple(rows[0]), renewed), rows)


@cache  # putting it together costs more than running it, and pages are saved one by one
def _statement(dialect: str, table: Table, given: tuple[str, ...], replace: tuple[str, ...] | None) -> Insert:
    keys = [column.name for column in table.primary_key]
    renewed = [name for name in given if name not in keys] if replace is None else replace
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # a twentieth of a second, which no command on SQLite should pay

        insert = postgresql.insert(table)
    else:
        insert = sqlite.insert(table)
    if renewed:
        return insert.on_conflict_do_update(index_elements=keys, set_={name: insert.excluded[name] for name in renewed})
    return insert.on_conflict_do_nothing(index_elements=keys)
