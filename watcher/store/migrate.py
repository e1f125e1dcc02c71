"""Bring a database to the schema of this program: forward only, in one transaction, one process at a time."""

import sqlite3
import threading
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, Engine, inspect, text

from watcher.errors import StoreError
from watcher.store import schema, sqlite
from watcher.store.sqlite import APPLICATION_ID

MIGRATIONS = Path(__file__).with_name("migrations")
# Two programs that meet on one PostgreSQL database migrate one after the other.
_ADVISORY_LOCK = 0x57544348
# Alembic hands the connection to its scripts through globals: two threads would write on each other's.
_ONE_AT_A_TIME = threading.Lock()


def version_of(connection: Connection) -> str | None:
    """Return the schema's version, None when there is none yet."""
    # Asks the catalogue: PostgreSQL's to_regclass may remember, after a wait for the lock, that there was no such table.
    exists = inspect(connection).has_table(schema.VERSION_TABLE)
    return connection.scalar(text(f"SELECT version_num FROM {schema.VERSION_TABLE}")) if exists else None  # noqa: S608


def is_current(version: str | None, where: str) -> bool:
    """Tell whether `version` is ours; False when it is older. Raises StoreError when it is newer."""
    if version is not None and version > schema.VERSION:
        raise StoreError(
            f"The database was written by a newer version of this program (schema {version}, here {schema.VERSION}). ({where})",
            remedy="Upgrade the program, or restore a backup made with this version; nothing was changed.",
        )
    return version == schema.VERSION


def upgrade(engine: Engine, *, now: datetime, where: str, file: Path | None = None) -> None:
    """Bring the schema to this program's version. Nothing happens when another process has just done it.

    An existing SQLite `file` is first copied beside itself, as `NAME.before-VERSION`.
    """
    with engine.connect().execution_options(begin_mode="IMMEDIATE") as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        before = version_of(connection)
        if is_current(before, where):
            return
        if before is not None and file is not None:
            _copy(file, file.with_name(f"{file.name}.before-{schema.VERSION}"))
        if before is None:
            _check_new(connection, where)
        _run(connection)
        if before is None:
            connection.execute(schema.meta.insert().values(id=1, instance_id=str(uuid4()), created_at=now))


def _check_new(connection: Connection, where: str) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        return
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise StoreError(
            f"The PostgreSQL database is in {encoding}. ({where})", remedy="Create it with ENCODING 'UTF8' TEMPLATE template0."
        )


def _copy(file: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    source = sqlite3.connect(file, isolation_level=None)
    try:
        source.execute("VACUUM INTO ?", (str(target),))
    finally:
        source.close()
    sqlite.sync(target)


def _run(connection: Connection) -> None:
    # Half a second of import that only a new or an old database pays.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _ONE_AT_A_TIME:
        command.upgrade(config, schema.VERSION)
