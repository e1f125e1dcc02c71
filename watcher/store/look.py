"""Look at a database of either engine as it is, unmigrated: whether it answers, which schema it has, when there was life."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, func, inspect, make_url, select

from watcher.errors import StoreError
from watcher.store import failures, migrate, schema, service_tables, sqlite

_CONNECT_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a look shows: the schema's version, None when there is none yet, and the latest instant that was stored."""

    schema: str | None
    newest: datetime | None


def glance(url: str) -> Glance:
    """Return what a look at the database at `url` shows. Raises StoreError when it does not answer or cannot be read."""
    parsed = make_url(url)
    with failures.wrapped(parsed.render_as_string(hide_password=True)):
        engine = _engine(parsed)
        try:
            with engine.connect() as connection:
                return Glance(schema=migrate.version_of(connection), newest=_newest(connection))
        finally:
            engine.dispose()


def is_newer(version: str | None) -> bool:
    """Tell whether a schema was made by a newer version of this program, which this one refuses."""
    return version is not None and version > schema.VERSION


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        sqlite.recognise(path)
        return sqlite.open_reader(path, immutable=False)
    arguments = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_SECONDS}
    try:
        return create_engine(url, hide_parameters=True, connect_args=arguments)
    except ModuleNotFoundError as error:
        raise StoreError("The PostgreSQL driver is missing.", remedy="Install it with `pip install watcher[workers]`.") from error


def _newest(connection: Connection) -> datetime | None:
    """Return the last poll of a source or the last sign of life of the service, whichever came later."""
    tables = inspect(connection)
    columns = [schema.source_states.c.last_polled_at, service_tables.heartbeat.c.beat_at]
    found = [connection.scalar(select(func.max(one))) for one in columns if tables.has_table(one.table.name)]
    return max((instant for instant in found if instant is not None), default=None)
