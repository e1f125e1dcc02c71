"""Column types that make both engines keep the same thing: aware instants in UTC, and text that PostgreSQL accepts.

They override the processors themselves rather than TypeDecorator's hooks: a thousand states are saved at a time, and each
layer of calls around a value costs as much as the value.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from watcher.errors import StoreError
from watcher.text import storable

# SQLite numbers a table's rows by itself only when the column is called INTEGER; its integers have 64 bits anyway.
Id = BigInteger().with_variant(Integer(), "sqlite")


class UTCDateTime(TypeDecorator[datetime]):
    """Keep an aware instant, in UTC, to the microsecond. Raises StoreError for a naive value.

    SQLite has no such type and drops offsets without a word: there it is text, `2026-11-16 06:30:00.000000+00:00`, which
    sorts as instants do.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return text for SQLite, an instant for the others."""
        return Text() if dialect.name == "sqlite" else DateTime(timezone=True)

    def bind_processor(self, dialect: Dialect) -> Any:
        """Return what turns an instant into what the driver takes."""
        return _as_text if dialect.name == "sqlite" else _in_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ARG002
        """Return what turns a stored value into an aware instant in UTC."""
        return _of_text if dialect.name == "sqlite" else _in_utc


class Words(TypeDecorator[str]):
    """Keep text that both engines can hold, compared and sorted by code point on both; see `storable`."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return plain text, with the code-point collation where the engine has others."""
        return Text(collation="C") if dialect.name == "postgresql" else Text()

    def bind_processor(self, dialect: Dialect) -> Any:  # noqa: ARG002
        """Return what takes from a text what an engine refuses."""
        return _storable


def _storable(value: str | None) -> str | None:
    return None if value is None else storable(value)


def _in_utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.utcoffset() is None:
        raise StoreError(f"The instant {value.isoformat()} has no time zone.", remedy="Instants are aware and in UTC.")
    return value.astimezone(UTC)


def _as_text(value: datetime | None) -> str | None:
    instant = _in_utc(value)
    return None if instant is None else instant.isoformat(" ", "microseconds")


def _of_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
