"""Take an article down: out of the archive, of its index and of frozen editions; only its key stays, to keep it out."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, select, update

from watcher import text
from watcher.store import rows, schema, words
from watcher.store.database import Transaction
from watcher.store.takedown_tables import takedowns
from watcher.text import storable

# What an edition says of an article, in the words of its publisher. Its address stays: it is the key.
_QUOTED: dict[str, object] = {"title": "", "excerpts": [], "evidence": [], "also_in": [], "publisher": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What was taken out: documents (0 or 1) and entries of frozen editions."""

    documents: int
    entries: int


def take_down(tx: Transaction, key: str, now: datetime) -> Removed:
    """Remove the document `key` with all that was kept of it, and remember the key. May be done again.

    The bytes of mails that were sent stay until retention forgets them.
    """
    key = storable(key)
    connection = tx.connection
    if connection.scalar(select(takedowns.c.document_key).where(takedowns.c.document_key == key)) is None:
        connection.execute(takedowns.insert().values(document_key=key, taken_down_at=now))
    connection.execute(delete(schema.pending).where(schema.pending.c.document_key == key))
    table = schema.documents
    found = connection.scalar(select(table.c.id).where(table.c.key == key))
    if found is not None:
        # SQLite's index of words has no foreign key. What stays there is empty, under a number that is never given again.
        words.index(connection, [(found, text.Indexed("", ""))])
        connection.execute(delete(table).where(table.c.id == found))
    return Removed(documents=int(found is not None), entries=_unquote(tx, key))


def known(tx: Transaction, keys: Iterable[str]) -> frozenset[str]:
    """Return those of `keys` that were taken down."""
    column = takedowns.c.document_key
    wanted = list(dict.fromkeys(map(storable, keys)))
    return frozenset(key for some in rows.chunks(wanted) for key in tx.connection.scalars(select(column).where(column.in_(some))))


def every(tx: Transaction) -> tuple[tuple[str, datetime], ...]:
    """Return all keys that were taken down, with the instant, oldest first."""
    asked = select(takedowns).order_by(takedowns.c.taken_down_at, takedowns.c.document_key)
    return tuple((row.document_key, row.taken_down_at) for row in tx.connection.execute(asked))


def _unquote(tx: Transaction, key: str) -> int:
    """Empty the entries about `key` in frozen editions, and return how many there were."""
    table, count = schema.editions, 0
    quoting = select(table.c.id, table.c.content).where(
        table.c.content.contains(json.dumps(key, ensure_ascii=False), autoescape=True)
    )
    for row in tx.connection.execute(quoting).all():
        content = json.loads(row.content)
        emptied = sum(_empty(entry) for entry in _entries(content, key))
        if emptied:
            changed = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
            tx.connection.execute(update(table).where(table.c.id == row.id).values(content=changed))
            count += emptied
    return count


def _entries(value: Any, key: str) -> Iterable[dict[str, Any]]:
    """Yield every object inside `value` that speaks of the document `key`."""
    if isinstance(value, list):
        for one in cast("list[Any]", value):
            yield from _entries(one, key)
    elif isinstance(value, dict):
        found = cast("dict[str, Any]", value)
        if found.get("document_key") == key:
            yield found
        for one in found.values():
            yield from _entries(one, key)


def _empty(entry: dict[str, Any]) -> bool:
    before = dict(entry)
    entry.update({name: empty for name, empty in _QUOTED.items() if name in entry})
    return entry != before
