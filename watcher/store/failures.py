"""Wrap what the engines raise into StoreError, once, and tell what may be tried again.

What an engine says may quote a row, hence an address: only its first sentence is repeated, and an error that carries more
is not chained (promise P12).
"""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DatabaseError, DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from watcher.errors import StoreError

RESTORE = (
    "Nothing was written to it and nothing was created in its place. Stop the service, then "
    "`watcher restore BACKUP --aside`: it puts this file aside and the last good copy in its place."
)

# PostgreSQL, appendix A: serialization failure, deadlock.
_RACES = {"40001", "40P01"}
_TAKEN = "23505"
# Class 08 and 57P: the connection or the server went away.
_GONE = ("08", "57P")

_BUSY = ("Another process has been writing to the database for too long.", "Try again, or stop that process.")
_SQLITE = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: ("The disk of the database is full; what was being written was undone.", "Free some space."),
    sqlite3.SQLITE_READONLY: ("The database cannot be written to.", "Check who owns the file and its folder."),
    sqlite3.SQLITE_CANTOPEN: ("The database file cannot be opened.", "Check who owns the file and its folder."),
    sqlite3.SQLITE_IOERR: ("The disk of the database does not read or write properly.", "Check the disk, then try again."),
    sqlite3.SQLITE_CORRUPT: ("The database is damaged.", RESTORE),
    sqlite3.SQLITE_NOTADB: ("The database file is not a database.", RESTORE),
}
_POSTGRESQL = {
    "53100": "The disk of the PostgreSQL server is full: free some space.",
    "53300": "PostgreSQL has no connection left: raise its max_connections.",
    "25006": "A reading transaction cannot write.",
}


@contextmanager
def wrapped(where: str) -> Generator[None]:
    """Raise what an engine raises inside as StoreError. `where` names the database, without its password."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OverflowError) as error:
        explained = explain(error, where)
        raise explained from (None if _quotes_rows(error) else error)


@contextmanager
def legible() -> Generator[None]:
    """Raise sqlite3.DatabaseError, as damage, when what SQLite says cannot be decoded.

    It names what it finds in a damaged schema, and its driver then fails on the name instead of telling the failure.
    """
    try:
        yield
    except UnicodeDecodeError as error:
        raise _illegible() from error


def name_damage(context: ExceptionContext) -> DatabaseError | None:
    """Return what a statement fails with when `legible` would. A listener to `handle_error` of an engine."""
    if isinstance(context.original_exception, UnicodeDecodeError):
        return DatabaseError(context.statement, None, _illegible(), hide_parameters=True)
    return None


def _illegible() -> sqlite3.DatabaseError:
    damage = sqlite3.DatabaseError("database disk image is malformed")
    damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return damage


def explain(error: BaseException, where: str) -> StoreError:
    """Return the StoreError that says what `error` means and what to do."""
    inner = error.orig if isinstance(error, StatementError) else None
    if isinstance(inner, StoreError):
        return inner
    cause = inner or error
    if isinstance(cause, sqlite3.Error):
        known = _SQLITE.get(sqlite_code(error))
        if known:
            return StoreError(f"{known[0]} ({where})", remedy=known[1])
    if isinstance(cause, OverflowError):
        return StoreError(f"A number does not fit into 64 bits. ({where})")
    if isinstance(error, PoolTimeoutError):
        return StoreError(f"Every connection to the database is in use. ({where})", remedy="Lower the number of jobs at once.")
    remedy = _POSTGRESQL.get(sqlstate(error), "")
    return StoreError(f"The database failed: {_first_line(cause)} ({where})", remedy=remedy)


def is_race(error: BaseException) -> bool:
    """Tell whether `error` undid a transaction only because of another one: doing it again is right."""
    return sqlstate(error) in _RACES or sqlite_code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_taken(error: BaseException) -> bool:
    """Tell whether `error` is a unique key that exists: perhaps since a moment ago, then doing it again finds it there."""
    return sqlstate(error) == _TAKEN


def is_lost(error: BaseException) -> bool:
    """Tell whether the connection to the server was lost."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return sqlstate(error).startswith(_GONE)


def is_damage(error: BaseException) -> bool:
    """Tell whether `error` says that the file itself is damaged."""
    return sqlite_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def sqlstate(error: BaseException) -> str:
    """Return the SQLSTATE (PostgreSQL, appendix A) of `error`, or ""."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""


def sqlite_code(error: BaseException) -> int:
    """Return SQLite's primary result code of `error`, or 0."""
    cause = error.orig if isinstance(error, StatementError) else error
    return (getattr(cause, "sqlite_errorcode", 0) or 0) & 0xFF if isinstance(cause, sqlite3.Error) else 0


def _first_line(error: BaseException) -> str:
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    lines = str(primary or error).splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".") + "."


def _quotes_rows(error: BaseException) -> bool:
    return bool(getattr(getattr(getattr(error, "orig", None), "diag", None), "message_detail", None))
