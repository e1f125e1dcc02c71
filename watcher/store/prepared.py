"""Statements that are run at every mail: worded once, then given to the driver as they stand.

SQLAlchemy looks at a statement anew at each execution, to find what it compiled before: three times what the engine takes to
run a short one.
"""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Dialect, Update
from sqlalchemy.exc import DBAPIError

from watcher.store.database import Transaction

_Processor = Callable[[Any], Any] | None


class Prepared:
    """An UPDATE with named parameters, worded for each engine at its first run."""

    def __init__(self, statement: Update) -> None:
        self._statement = statement
        self._worded: dict[str, tuple[str, tuple[tuple[str, _Processor], ...], bool]] = {}

    def run(self, tx: Transaction, values: Mapping[str, object]) -> int:
        """Run it with `values`, one for each parameter, and return how many rows it changed."""
        dialect = tx.connection.dialect
        sql, parameters, positional = self._worded.get(dialect.name) or self._word(dialect)
        given = [(name, process(values[name]) if process else values[name]) for name, process in parameters]
        if not positional:
            return tx.connection.exec_driver_sql(sql, dict(given)).rowcount
        driver = tx.connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            return tx.connection.exec_driver_sql(sql, tuple(value for _, value in given)).rowcount
        try:
            return driver.execute(sql, [value for _, value in given]).rowcount
        except sqlite3.Error as error:
            raise DBAPIError(sql, None, error) from error  # what the store expects of any statement

    def _word(self, dialect: Dialect) -> tuple[str, tuple[tuple[str, _Processor], ...], bool]:
        compiled = self._statement.compile(dialect=dialect)
        names: list[str] = list(compiled.positiontup or ()) if compiled.positional else list(compiled.params)
        parameters = tuple((name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names)
        worded = (compiled.string, parameters, compiled.positional)
        self._worded[dialect.name] = worded
        return worded
