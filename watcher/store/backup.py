"""Copy a whole database while others use it, say what a copy holds, and put a copy into a place that is empty.

SQLite copies itself (`VACUUM INTO`); PostgreSQL has its own tools for it, pg_dump and pg_restore, which must be installed.
"""

import os
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, MetaData, create_engine, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError

from watcher.errors import StoreError
from watcher.store import failures, schema, sqlite

_TOOL_SECONDS = 3600
# What changes by the minute, and is nothing to compare.
_META = ("meta", schema.VERSION_TABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a database holds: which schema, which installation, how many rows in each table, and what is wrong with it."""

    schema: str
    instance_id: str
    counts: dict[str, int]
    problems: tuple[str, ...] = ()


def backend_of(url: str) -> str:
    """Return `sqlite` or `postgresql`. Raises StoreError for an address that is none."""
    try:
        return make_url(url).get_backend_name()
    except SQLAlchemyError as error:
        # The address may hold a password: neither it nor its error is repeated.
        raise StoreError("The address of the database is not one.") from (None if "@" in url else error)


def copy(url: str, target: Path) -> None:
    """Copy the database at `url` as it is at one instant into the new file `target`, mode 0600, while others write.

    Raises StoreError when there is none, when it is damaged, when the disk is full, or when pg_dump is missing or fails;
    then `target` is removed.
    """
    target.touch(mode=0o600, exist_ok=False)
    try:
        if backend_of(url) == "sqlite":
            _vacuum_into(_file_of(url), target)
        else:
            _pg_tool("pg_dump", url, "--format=custom", "--compress=0", "--no-owner", "--no-acl", f"--file={target}")
        sqlite.sync(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def inspect(path: Path, *, immutable: bool = True) -> Contents:
    """Return what the SQLite file `path` holds, having checked every page of it. Raises StoreError when it cannot be read.

    `immutable` says that nobody writes to it: a copy. Nothing is created beside it then.
    """
    sqlite.recognise(path)
    engine = sqlite.open_reader(path, immutable=immutable)
    try:
        with failures.wrapped(str(path)), engine.connect() as connection:
            problems = sqlite.problems(connection)
            version = connection.scalar(text(f"SELECT version_num FROM {schema.VERSION_TABLE}"))  # noqa: S608
            instance = connection.scalar(select(schema.meta.c.instance_id))
            found = MetaData()
            found.reflect(connection)
            names = [name for name in found.tables if name not in _META and not name.startswith("document_words")]
            counts = {n: int(connection.scalar(text(f'SELECT count(*) FROM "{n}"')) or 0) for n in sorted(names)}  # noqa: S608
    finally:
        engine.dispose()
    if version is None or instance is None:
        raise StoreError(f"The database does not say which one it is. ({path})", remedy="Use another copy.")
    return Contents(schema=str(version), instance_id=str(instance), counts=counts, problems=problems)


def list_dump(path: Path) -> int:
    """Return how many parts the pg_dump archive `path` has. Raises StoreError when pg_restore cannot read it."""
    listed = _run("pg_restore", ["--list", str(path)], {})
    parts = [line for line in listed.splitlines() if line and not line.startswith(";")]
    if not parts:
        raise StoreError(f"The copy of the database is empty. ({path})", remedy="Use another copy.")
    return len(parts)


def fill(url: str, dump: Path) -> None:
    """Fill the empty PostgreSQL database at `url` from the pg_dump archive `dump`, all of it or nothing. Raises StoreError."""
    if not is_empty(url):
        raise StoreError("The PostgreSQL database is not empty.", remedy="Create another one, and name it in WATCHER_DATABASE.")
    _pg_tool("pg_restore", url, "--no-owner", "--no-acl", "--exit-on-error", "--single-transaction", str(dump))


def is_empty(url: str) -> bool:
    """Tell whether there is no table in the PostgreSQL database at `url`. Raises StoreError."""
    engine = create_engine(url, hide_parameters=True)
    try:
        with failures.wrapped(engine.url.render_as_string(hide_password=True)), engine.connect() as connection:
            found = MetaData()
            found.reflect(connection)
            return not found.tables
    finally:
        engine.dispose()


def _vacuum_into(file: Path, target: Path) -> None:
    if not file.exists():
        raise StoreError(f"There is no database to copy. ({file})", remedy="`--home DIR` names the installation.")
    sqlite.recognise(file)
    with failures.wrapped(str(file)):
        source = sqlite3.connect(
            f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=sqlite.BUSY_TIMEOUT
        )
        try:
            source.execute("VACUUM INTO ?", (str(target),))
        except sqlite3.OperationalError as error:
            if failures.sqlite_code(error) != sqlite3.SQLITE_FULL:
                raise
            raise StoreError(
                f"The disk is full: there is no room for a copy. ({target.parent})", remedy="Free some space."
            ) from error
        finally:
            source.close()


def _file_of(url: str) -> Path:
    return Path(make_url(url).database or "")


def _pg_tool(tool: str, url: str, *arguments: str) -> None:
    """Run a tool of PostgreSQL on the database at `url`; its password never stands on a command line."""
    parsed = make_url(url)
    plain = URL.create(
        "postgresql", username=parsed.username, host=parsed.host, port=parsed.port, database=parsed.database, query=parsed.query
    )
    secret = {"PGPASSWORD": parsed.password} if parsed.password else {}
    _run(tool, [f"--dbname={plain.render_as_string()}", "--no-password", *arguments], secret)


def _run(tool: str, arguments: list[str], secret: dict[str, str]) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - our own words, no shell
            [tool, *arguments], env=os.environ | secret, capture_output=True, text=True, timeout=_TOOL_SECONDS, check=False
        )
    except FileNotFoundError as error:
        remedy = "Install PostgreSQL's client, of the server's version or a later one: `apt install postgresql-client`."
        raise StoreError(f"{tool} is not there.", remedy=remedy) from error
    except subprocess.TimeoutExpired as error:
        raise StoreError(f"{tool} took more than an hour.", remedy="Look at the server.") from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        said = "; ".join(
            line.removeprefix(f"{tool}: ").removeprefix("error: ").removeprefix("detail: ") for line in lines[:2]
        ).rstrip(".")
        remedy = (
            "Install a client of the server's version or a later one." if "version mismatch" in said else "Look at the server."
        )
        raise StoreError(f"{tool} failed: {said or 'it says nothing'}.", remedy=remedy)
    return done.stdout
