"""Pages that are still to be read, one row a (source, document)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, or_, select, update

from watcher.model import Pending
from watcher.store import rows, schema
from watcher.store.database import Transaction
from watcher.store.upsert import upsert

_TABLE = schema.pending
_PLACE = (_TABLE.c.source_id == bindparam("its_source"), _TABLE.c.document_key == bindparam("its_key"))
_DONE = delete(_TABLE).where(*_PLACE)
_POSTPONE = update(_TABLE).where(*_PLACE).values(attempts=bindparam("its_attempts"), not_before=bindparam("its_time"))


def add(tx: Transaction, pendings: Iterable[Pending]) -> None:
    """Note pages to read. One that waits already keeps its attempts, and takes the new address and date."""
    by_place = {(one.source_id, one.document_key): rows.columns_of(one, _TABLE) for one in pendings}
    upsert(tx.connection, _TABLE, list(by_place.values()), replace=("url", "published_at", "news"))


def due(tx: Transaction, now: datetime, limit: int, source_ids: Sequence[str] | None = None) -> tuple[Pending, ...]:
    """Return at most `limit` pages that may be read at `now`: news first, then the newest; those of `source_ids`, or all."""
    query = select(_TABLE).where(or_(_TABLE.c.not_before.is_(None), _TABLE.c.not_before <= now))
    if source_ids is not None:
        query = query.where(_TABLE.c.source_id.in_(list(source_ids)))
    order = (
        _TABLE.c.news.desc(),
        _TABLE.c.published_at.is_(None),
        _TABLE.c.published_at.desc(),
        _TABLE.c.document_key,
        _TABLE.c.source_id,
    )
    return tuple(rows.pendings(tx.connection.execute(query.order_by(*order).limit(limit))))


def postpone(tx: Transaction, pending: Pending) -> None:
    """Note that reading a page failed: `attempts` and `not_before` say how often and until when to wait."""
    values = {"its_attempts": pending.attempts, "its_time": pending.not_before}
    tx.connection.execute(_POSTPONE, {**values, "its_source": pending.source_id, "its_key": pending.document_key})


def done(tx: Transaction, pendings: Iterable[Pending]) -> None:
    """Note that pages were read, or given up: they no longer wait."""
    places = [{"its_source": one.source_id, "its_key": one.document_key} for one in pendings]
    if places:
        tx.connection.execute(_DONE, places)


def count(tx: Transaction) -> int:
    """Return how many pages wait."""
    return tx.connection.scalar(select(func.count()).select_from(_TABLE)) or 0
