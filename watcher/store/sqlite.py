"""SQLite files: how they are opened, created whole or not at all, and recognised.

WAL with synchronous=NORMAL survives a kill at any instant; a power cut may take the last commits with it, never the file.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event

from watcher.errors import StoreError
from watcher.store.failures import RESTORE, legible, name_damage

# "WTCH": written into the header of our files, so that another program's database is not taken for ours.
APPLICATION_ID = 0x57544348
BUSY_TIMEOUT = 5.0
_MAGIC = b"SQLite format 3\x00"
_HEADER = 100
_WAL_LIMIT = 64 * 1024 * 1024


def open_engine(path: Path) -> Engine:
    """Return an engine on the file `path`, whose transactions begin as `begin_mode` of the connection says."""
    engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT})
    event.listen(engine, "connect", _set_up)
    _listen(engine)
    return engine


def open_reader(path: Path, *, immutable: bool) -> Engine:
    """Return an engine that reads the file `path` and creates nothing beside it; `immutable` takes no lock either."""
    parameters = {"mode": "ro", "uri": "true"} | ({"immutable": "1"} if immutable else {})
    address = URL.create("sqlite", database=path.absolute().as_uri(), query=parameters)
    engine = create_engine(address, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT})
    event.listen(engine, "connect", _set_up_reader)
    _listen(engine)
    return engine


def _listen(engine: Engine) -> None:
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", name_damage)


def _set_up_reader(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    _say(connection, "query_only = ON", "cache_size = -8000", "temp_store = MEMORY")


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions by itself: it would begin them deferred, and a deferred transaction that reads
    # and then writes fails at once with "database is locked", whatever the timeout.
    connection.isolation_level = None
    _say(
        connection,
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        f"journal_size_limit = {_WAL_LIMIT}",
        "cache_size = -8000",
        "temp_store = MEMORY",
    )


def _say(connection: sqlite3.Connection, *pragmas: str) -> None:
    # The first of them that needs the schema reads it, hence finds its damage.
    with legible():
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("begin_mode") == "IMMEDIATE"
    # Saying again what holds already would take a fifth of a short transaction.
    if connection.info.get("writes") is not writes:
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        connection.info["writes"] = writes
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def create(path: Path, fill: Callable[[Engine], None]) -> None:
    """Create the database at `path`, filled by `fill`, for its owner only. Raises StoreError.

    It is made aside and appears whole under its name, so that a kill never leaves an empty file, and an empty file always
    means damage. When another process was faster, its database is kept.
    """
    leftovers = [path.with_name(path.name + end) for end in ("-wal", "-journal")]
    if any(left.exists() for left in leftovers):
        raise StoreError(f"The database {path} is gone, but its journal is still there.", remedy=RESTORE)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    except OSError as error:
        raise StoreError(f"{path.parent} cannot be written to.", remedy="Check who owns it, or name another home.") from error
    try:
        fresh = aside / path.name
        fresh.touch(mode=0o600)
        engine = open_engine(fresh)
        try:
            fill(engine)
        finally:
            engine.dispose()
        _appear(fresh, path)
    except OSError as error:
        raise StoreError(f"The database {path} could not be created: {error.strerror}.") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _appear(fresh: Path, path: Path) -> None:
    sync(fresh)
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    except OSError:
        # A file system without hard links: the rename below would replace a database that appeared in between, hence the look.
        if not path.exists():
            fresh.rename(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Have the file or folder `path` written to its disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def recognise(path: Path) -> None:
    """Check that the existing file `path` is a database of ours. Raises StoreError naming the way back when it is not."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
    except OSError as error:
        raise StoreError(f"The database {path} cannot be read: {error.strerror}.", remedy="Check who owns it.") from error
    if len(header) < _HEADER or not header.startswith(_MAGIC):
        raise StoreError(f"The file {path} is damaged: it does not begin as a database does.", remedy=RESTORE)
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise StoreError(f"The file {path} is a database of another program.", remedy="Name another file in `database`.")


def problems(connection: Connection) -> tuple[str, ...]:
    """Return what `integrity_check` and the foreign keys complain about; empty when all is well. Reads the whole file."""
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check") if row[0] != "ok"]
    strays: dict[str, int] = {}
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        strays[str(row[0])] = strays.get(str(row[0]), 0) + 1
    found += [f"{count} rows of {name} point at rows that are gone" for name, count in strays.items()]
    return tuple(found)
