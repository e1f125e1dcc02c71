"""The outbox: which mails are due, and how far each got. The table below is the whole of what may happen to one."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, literal, literal_column, or_, select, update

from watcher.errors import StoreError
from watcher.model import Delivery, DeliveryState
from watcher.store import recipient_tables, rows, schema
from watcher.store.database import Transaction
from watcher.store.prepared import Prepared
from watcher.store.types import Words

_TABLE = schema.deliveries
_MAILS = recipient_tables.mails
_COLUMNS = tuple(
    func.coalesce(_MAILS.c.raw, literal(b"")).label("raw") if field.name == "raw" else _TABLE.c[field.name]
    for field in fields(Delivery)
)
_State = DeliveryState

# Pure decisions are deliver.outbox's; this wall stands whatever they say: what is sent stays sent, and only what was being
# handed over can have been taken. An operator settles what is unknown, and may queue again what was refused.
MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    _State.QUEUED: frozenset({_State.HANDING_OVER, _State.DEFERRED, _State.REFUSED, _State.UNKNOWN}),
    _State.DEFERRED: frozenset({_State.QUEUED, _State.HANDING_OVER, _State.DEFERRED, _State.REFUSED, _State.UNKNOWN}),
    _State.HANDING_OVER: frozenset({_State.SENT, _State.QUEUED, _State.DEFERRED, _State.REFUSED, _State.UNKNOWN}),
    _State.UNKNOWN: frozenset({_State.QUEUED, _State.DEFERRED, _State.SENT, _State.REFUSED}),
    _State.REFUSED: frozenset({_State.QUEUED}),
    _State.SENT: frozenset(),
}
_BEFORE = {state: tuple(before for before, after in MOVES.items() if state in after) for state in DeliveryState}
_WAITING = (_State.QUEUED, _State.DEFERRED)


def due(tx: Transaction, now: datetime, limit: int) -> tuple[Delivery, ...]:
    """Return at most `limit` mails, oldest first, that are queued or deferred and may be handed over at `now`."""
    ready = and_(_TABLE.c.state.in_(_WAITING), or_(_TABLE.c.not_before.is_(None), _TABLE.c.not_before <= now))
    query = _whole().where(ready).order_by(_TABLE.c.id).limit(limit)
    return tuple(rows.deliveries(tx.connection.execute(query)))


def get(tx: Transaction, delivery_id: int) -> Delivery | None:
    """Return one mail, None when there is none of that number."""
    return next(rows.deliveries(tx.connection.execute(_whole().where(_TABLE.c.id == delivery_id))), None)


def find(tx: Transaction, states: Sequence[DeliveryState] = tuple(DeliveryState), limit: int = 100) -> tuple[Delivery, ...]:
    """Return at most `limit` mails that are in one of `states`, newest first."""
    query = _whole().where(_TABLE.c.state.in_(list(states))).order_by(_TABLE.c.id.desc()).limit(limit)
    return tuple(rows.deliveries(tx.connection.execute(query)))


def interrupted(tx: Transaction) -> tuple[Delivery, ...]:
    """Return the mails whose hand-over was under way when its process died, oldest first."""
    query = _whole().where(_TABLE.c.state == _State.HANDING_OVER).order_by(_TABLE.c.id)
    return tuple(rows.deliveries(tx.connection.execute(query)))


def move(
    tx: Transaction,
    delivery_id: int,
    state: DeliveryState,
    *,
    now: datetime,
    reply: str | None = None,
    not_before: datetime | None = None,
    attempts: int | None = None,
    hand_overs: int | None = None,
) -> None:
    """Note that a mail is now in `state`. `reply`, `attempts` and `hand_overs` stay as they are when None.

    `not_before` is for what waits (queued, deferred) and forgotten by the others. Raises StoreError when no mail has that
    number, when it may not go from its state to `state`, or when a deferred one has no instant to wait for.
    """
    if state is DeliveryState.DEFERRED and not_before is None:
        raise StoreError(f"Mail {delivery_id} is deferred without an instant to wait for.")
    given = {"reply": reply, "attempts": attempts, "hand_overs": hand_overs}
    values: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    values |= {"not_before": not_before if state in _WAITING else None, "updated_at": now}
    if _to(state, tuple(values)).run(tx, {**values, "mail": delivery_id}):
        return
    before = tx.connection.scalar(select(_TABLE.c.state).where(_TABLE.c.id == delivery_id))
    if before is None:
        raise StoreError(f"There is no mail {delivery_id} in the outbox.")
    raise StoreError(f"Mail {delivery_id} is {before}: it cannot become {state}.", remedy="Look at it with `watcher outbox`.")


@cache
def _to(state: DeliveryState, columns: tuple[str, ...]) -> Prepared:
    """Return the statement that brings a mail to `state`: it is run at every final dot."""
    before = or_(*(_TABLE.c.state == literal_column(f"'{one}'", Words) for one in _BEFORE[state]))
    return Prepared(
        update(_TABLE)
        .where(_TABLE.c.id == bindparam("mail"), before)
        .values({"state": literal_column(f"'{state}'", Words), **{name: bindparam(name) for name in columns}})
    )


def withdraw(tx: Transaction, delivery_ids: Iterable[int]) -> int:
    """Take mails that wait, and of which no final dot was ever sent, out of the outbox, as if they had not been queued.

    What they carried counts as not mailed. Returns how many there were.
    """
    never = (_TABLE.c.state.in_(_WAITING), _TABLE.c.hand_overs == 0)
    found = tx.connection.execute(
        select(_TABLE.c.id, _TABLE.c.edition_id, _TABLE.c.recipient_id).where(_TABLE.c.id.in_(list(delivery_ids)), *never)
    ).all()
    for row in found:
        carried = and_(schema.mailed.c.edition_id == row.edition_id, schema.mailed.c.recipient_id == row.recipient_id)
        tx.connection.execute(schema.mailed.delete().where(carried))
        tx.connection.execute(_MAILS.delete().where(_MAILS.c.delivery_id == row.id))
        tx.connection.execute(_TABLE.delete().where(_TABLE.c.id == row.id))
    return len(found)


def of_edition(tx: Transaction, edition_id: int, recipient_id: str) -> Delivery | None:
    """Return the mail of an edition to a person, None when there is none."""
    mine = and_(_TABLE.c.edition_id == edition_id, _TABLE.c.recipient_id == recipient_id)
    return next(rows.deliveries(tx.connection.execute(_whole().where(mine))), None)


def waiting(tx: Transaction) -> tuple[int, datetime | None]:
    """Return how many mails are queued or deferred, and when the first of them is due; None when one is due whenever asked."""
    found = tx.connection.execute(
        select(func.count(), func.count(_TABLE.c.not_before), func.min(_TABLE.c.not_before)).where(_TABLE.c.state.in_(_WAITING))
    ).one()
    return found[0], found[2] if found[0] == found[1] else None


def recover(tx: Transaction, now: datetime) -> int:
    """Note as unknown every mail whose hand-over was under way when its process died, and return how many there were.

    To be called at start, when nobody else hands over.
    """
    statement = update(_TABLE).where(_TABLE.c.state == _State.HANDING_OVER)
    return tx.connection.execute(statement.values(state=_State.UNKNOWN, updated_at=now)).rowcount


def counts(tx: Transaction) -> dict[DeliveryState, int]:
    """Return how many mails there are in each state that has some."""
    query = select(_TABLE.c.state, func.count()).group_by(_TABLE.c.state).order_by(_TABLE.c.state)
    return {DeliveryState(row[0]): row[1] for row in tx.connection.execute(query)}


def _whole() -> Select[Any]:
    return select(*_COLUMNS).outerjoin_from(_TABLE, _MAILS, _MAILS.c.delivery_id == _TABLE.c.id)
