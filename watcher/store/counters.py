"""Two numbers that only grow: how many final dots were announced, and how often people changed what they receive."""

from dataclasses import dataclass

from sqlalchemy import bindparam, literal_column, select, update

from watcher.store import recipient_tables
from watcher.store.database import Transaction
from watcher.store.prepared import Prepared

_TABLE = recipient_tables.mail_counters


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """`epoch` counts final dots, `changes` the choices, suspensions and erasures. Both are 0 in a new database."""

    epoch: int = 0
    changes: int = 0


def read(tx: Transaction) -> Counters:
    """Return both."""
    row = tx.connection.execute(select(_TABLE.c.epoch, _TABLE.c.changes)).first()
    return Counters(epoch=row.epoch, changes=row.changes) if row else Counters()


def next_epoch(tx: Transaction) -> Counters:
    """Count one more final dot, and return both."""
    return _add(tx, epoch=1)


def step(tx: Transaction, known: Counters) -> Counters | None:
    """Count one more final dot and return both, when they still are as `known`; None, and nothing counted, when not.

    A quarter of the time of `next_epoch`, which has to be told what it finds.
    """
    if not _STEP.run(tx, {"known_epoch": known.epoch, "known_changes": known.changes}):
        return None
    return Counters(epoch=known.epoch + 1, changes=known.changes)


def changed(tx: Transaction) -> None:
    """Count one more change of what somebody receives: what is about to be handed over is looked at again."""
    _add(tx, changes=1)


def advance(tx: Transaction, epoch: int) -> None:
    """Bring the epoch to at least `epoch`."""
    if (missing := epoch - read(tx).epoch) > 0:
        _add(tx, epoch=missing)


_ADD = (
    update(_TABLE)
    .values(epoch=_TABLE.c.epoch + bindparam("more_epoch"), changes=_TABLE.c.changes + bindparam("more_changes"))
    .returning(_TABLE.c.epoch, _TABLE.c.changes)
)
_STEP = Prepared(
    update(_TABLE)
    .values(epoch=_TABLE.c.epoch + literal_column("1"))
    .where(_TABLE.c.epoch == bindparam("known_epoch"), _TABLE.c.changes == bindparam("known_changes"))
)


def _add(tx: Transaction, *, epoch: int = 0, changes: int = 0) -> Counters:
    row = tx.connection.execute(_ADD, {"more_epoch": epoch, "more_changes": changes}).first()
    if row is None:
        tx.connection.execute(_TABLE.insert().values(id=1, epoch=epoch, changes=changes))
        return Counters(epoch=epoch, changes=changes)
    return Counters(epoch=row.epoch, changes=row.changes)
