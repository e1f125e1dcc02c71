"""Open the database, and run what reads or writes it in transactions that hold on both engines.

A piece of work takes a Transaction and may run more than once: it does nothing but read and write through it.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy import URL, Connection, Engine, RootTransaction, create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from watcher.errors import StoreError
from watcher.store import failures, migrate, read_only, sqlite
from watcher.store.read_only import ReadOnly

T = TypeVar("T")

TRIES = 12
_FIRST_WAIT = 0.01
_LONGEST_WAIT = 0.5
_CONNECT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction under way. Opaque outside the store: it is handed on to the functions that read and write."""

    connection: Connection = field(repr=False)


class Store:
    """The archive and the outbox, in SQLite or PostgreSQL. May be used by several threads at once; `close` it at the end."""

    def __init__(self, engine: Engine, where: str, *, file: Path | None = None, aside: ReadOnly | None = None) -> None:
        self._engine = engine
        self._where = where
        self._file = file
        self._read_only = aside
        self._damage: StoreError | None = None
        # SQLite has one writer: waiting here is fair and wakes at once, its own busy handler polls.
        self._writer = threading.Lock()
        self._local = threading.local()

    @classmethod
    def open(cls, url: str, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Self:
        """Open the database at `url` (sqlite:///PATH or postgresql://...), created or migrated when it has to be.

        `now` dates the creation of a new one. Raises StoreError when the file is damaged, belongs to another program, was
        written by a newer version of this one, or cannot be reached; none of these is replaced by an empty database. A file
        that may be read and not written is read as it is; nothing is created beside it, and `write` raises StoreError.
        """
        parsed = _parse(url)
        return cls._open_sqlite(parsed, now) if parsed.get_backend_name() == "sqlite" else cls._open_postgresql(parsed, now)

    @classmethod
    def _open_sqlite(cls, url: URL, now: Callable[[], datetime]) -> Self:
        path = Path(url.database or "")
        with failures.wrapped(str(path)):
            if not path.exists():
                sqlite.create(path, lambda engine: migrate.upgrade(engine, now=now(), where=str(path)))
            sqlite.recognise(path)
            aside = None if read_only.is_writable(path) else ReadOnly(path)
            store = cls(aside.engine if aside else sqlite.open_engine(path), str(path), file=path, aside=aside)
        store._ready(now)
        return store

    @classmethod
    def _open_postgresql(cls, url: URL, now: Callable[[], datetime]) -> Self:
        where = url.render_as_string(hide_password=True)
        arguments: dict[str, object] = {"application_name": "watcher"}
        if "connect_timeout" not in url.query:
            arguments["connect_timeout"] = _CONNECT_SECONDS
        try:
            engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=arguments)
        except ModuleNotFoundError as error:
            raise StoreError(
                "The PostgreSQL driver is missing.", remedy="Install it with `pip install watcher[workers]`."
            ) from error
        store = cls(engine, where)
        store._ready(now)
        return store

    def _ready(self, now: Callable[[], datetime]) -> None:
        try:
            version = self.read(lambda tx: migrate.version_of(tx.connection))
            if not migrate.is_current(version, self._where):
                self._upgrade(now)
        except BaseException:
            self.close()
            raise

    def _upgrade(self, now: Callable[[], datetime]) -> None:
        if self._read_only is not None:
            raise read_only.outdated(self._where)
        with failures.wrapped(self._where):
            migrate.upgrade(self._engine, now=now(), where=self._where, file=self._file)

    @property
    def backend(self) -> str:
        """The engine underneath: `sqlite` or `postgresql`."""
        return self._engine.dialect.name

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()
        if self._read_only is not None:
            self._read_only.close()

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Return what `work` returns, on one consistent view of the database. Writing inside raises StoreError."""
        if self._read_only is not None:
            return self._on_what_there_is(self._read_only, work)
        if self.backend == "sqlite":
            return self._attempts(work, {"begin_mode": "DEFERRED"})
        return self._attempts(work, {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Return what `work` returns, once it is committed: all of it or nothing.

        Transactions behave as if they came one after the other. `work` runs again, a bounded number of times, when another
        transaction was in its way. What it raises undoes everything. Raises StoreError.
        """
        if self._damage is not None:
            raise self._damage
        if self._read_only is not None:
            raise read_only.refused(self._where)
        if getattr(self._local, "writing", False):
            raise StoreError("A writing transaction was begun inside another one.", remedy="Hand the Transaction on instead.")
        self._local.writing = True
        try:
            if self.backend == "sqlite":
                with self._writer:
                    return self._attempts(work, {"begin_mode": "IMMEDIATE"})
            return self._attempts(work, {"isolation_level": "SERIALIZABLE", "postgresql_readonly": False})
        finally:
            self._local.writing = False

    def problems(self) -> tuple[str, ...]:
        """Return what the engine finds wrong with the file, one sentence each. Reads all of it; PostgreSQL checks itself."""
        return self.read(lambda tx: sqlite.problems(tx.connection) if self.backend == "sqlite" else ())

    def _on_what_there_is(self, opened: ReadOnly, work: Callable[[Transaction], T]) -> T:
        """Do `work` again when the file was changed under it by whoever may write."""
        for _ in range(TRIES):
            try:
                result = self._attempts(work, {"begin_mode": "DEFERRED"})
            except StoreError:
                if not opened.changed():
                    raise
            else:
                if not opened.changed():
                    return result
            self._damage = None
            with failures.wrapped(self._where):
                self._engine = opened.again()
        raise StoreError(f"The database is being changed all the time. ({self._where})", remedy="Try again.")

    def _attempts(self, work: Callable[[Transaction], T], options: dict[str, object]) -> T:
        for attempt in range(TRIES):
            try:
                return self._once(work, options)
            except _AgainError as again:
                if attempt == TRIES - 1 or (attempt > 1 and failures.is_taken(again.error)):
                    with failures.wrapped(self._where):
                        raise again.error from None
            time.sleep(min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT) * random.uniform(0.5, 1.5))  # noqa: S311
        raise AssertionError("the last attempt returns or raises")

    def _once(self, work: Callable[[Transaction], T], options: dict[str, object]) -> T:
        committing = False
        with failures.wrapped(self._where):
            try:
                with self._engine.connect().execution_options(**options) as connection, connection.begin() as transaction:
                    result = work(Transaction(connection))
                    committing = True
                    _commit(connection, transaction)
                    return result
            except SQLAlchemyError as error:
                if failures.is_damage(error):
                    self._damage = failures.explain(error, self._where)
                # When the connection is lost while committing, nobody knows whether it took: doing it again might do it twice.
                lost = failures.is_lost(error) and not committing
                if lost or failures.is_race(error) or failures.is_taken(error):
                    raise _AgainError(error) from error
                raise


def _commit(connection: Connection, transaction: RootTransaction) -> None:
    try:
        transaction.commit()
    except BaseException:
        # SQLite keeps a transaction open whose commit failed (disk full, a row that points nowhere), and SQLAlchemy takes it
        # for ended. What the connection holds of the file is not to be trusted after a failed fsync either.
        connection.invalidate()
        raise


class _AgainError(Exception):
    """That a transaction was undone by something that passes."""

    def __init__(self, error: SQLAlchemyError) -> None:
        super().__init__()
        self.error = error


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend == "postgresql":
            parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        # The address may hold a password: it is not repeated.
        raise StoreError("The address of the database is not one.", remedy=_ADDRESSES) from (None if "@" in url else error)
    if backend not in ("sqlite", "postgresql"):
        raise StoreError(f"There is no support for {backend} databases.", remedy=_ADDRESSES)
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise StoreError("The archive must be a file.", remedy=_ADDRESSES)
    return parsed


_ADDRESSES = "Write sqlite:////var/lib/watcher/watcher.db, or postgresql://user@host/database."
