"""INSERT ... ON CONFLICT, which SQLAlchemy spells per engine."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], *, replace: Sequence[str] | None = None) -> None:
    """Insert `rows`; where the primary key exists, replace the columns `replace` (None: all that `rows` give; empty: none)."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    renewed = [name for name in rows[0] if name not in keys] if replace is None else replace
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # a twentieth of a second, which no command on SQLite should pay

        insert = postgresql.insert(table)
    else:
        insert = sqlite.insert(table)
    if renewed:
        statement = insert.on_conflict_do_update(index_elements=keys, set_={name: insert.excluded[name] for name in renewed})
    else:
        statement = insert.on_conflict_do_nothing(index_elements=keys)
    connection.execute(statement, list(rows))
