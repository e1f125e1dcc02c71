"""All that is kept of one person, told or erased. A keyed hash is what remains, so that an old backup forgets them again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Table, delete, func, select, update

from watcher.model import DeliveryState
from watcher.store import counters, label_tables, recipient_tables, schema
from watcher.store.database import Transaction
from watcher.store.upsert import upsert

_DELIVERIES = schema.deliveries
_LABELS = label_tables.labels
_TOMBSTONES = recipient_tables.tombstones
_OWN = (recipient_tables.subscriptions, recipient_tables.suspensions, recipient_tables.bounces, schema.mailed)
NOBODY = "forgotten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was erased: mails, entries noted as mailed, choices with suspensions and bounces, and labels made nameless.

    `message_ids` are those of the mails: copies of them outside the database are named after these.
    """

    mails: int = 0
    entries: int = 0
    choices: int = 0
    labels: int = 0
    message_ids: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """How many rows there were."""
        return self.mails + self.entries + self.choices + self.labels


def erase(tx: Transaction, recipient_id: str, address: str, hash_: str, now: datetime) -> Erased:
    """Erase all that is kept of a person, and leave the tombstone `hash_`. Doing it again erases what came since.

    A mail that was sent stays as a number that counts; one that waits is not sent. What the person taught stays, nameless.
    """
    mails = tx.connection.execute(_mails_of(recipient_id)).all()
    ids = [row.id for row in mails]
    tx.connection.execute(delete(recipient_tables.mails).where(recipient_tables.mails.c.delivery_id.in_(ids)))
    sent = [row.id for row in mails if row.state == DeliveryState.SENT]
    for ident in sent:
        nameless = {"recipient_id": f"{NOBODY}-{ident}", "address": "", "message_id": f"<{NOBODY}.{ident}>", "reply": None}
        tx.connection.execute(update(_DELIVERIES).where(_DELIVERIES.c.id == ident).values(**nameless))
    tx.connection.execute(delete(_DELIVERIES).where(_DELIVERIES.c.recipient_id == recipient_id))
    counted = [_deleted(tx, table, recipient_id) for table in _OWN]
    labels = _made_nameless(tx, address)
    upsert(tx.connection, _TOMBSTONES, [{"hash": hash_, "forgotten_at": now}], replace=())
    counters.changed(tx)
    return Erased(
        mails=len(mails),
        entries=counted[-1],
        choices=sum(counted[:-1]),
        labels=labels,
        message_ids=tuple(row.message_id for row in mails),
    )


def tombstones(tx: Transaction) -> dict[str, datetime]:
    """Return the keyed hashes of those who asked to be forgotten, and when they did."""
    return {row.hash: row.forgotten_at for row in tx.connection.execute(select(_TOMBSTONES))}


def bury(tx: Transaction, hashes: dict[str, datetime]) -> None:
    """Add tombstones, as an old backup lacks those that came after it."""
    upsert(tx.connection, _TOMBSTONES, [{"hash": hash_, "forgotten_at": when} for hash_, when in hashes.items()], replace=())


def kept(tx: Transaction, recipient_id: str, address: str) -> dict[str, list[dict[str, Any]]]:
    """Return every row about a person, by table, as plain values; the bytes of mails as text."""
    raw = recipient_tables.mails.c.raw
    mails = (
        _mails_of(recipient_id)
        .add_columns(raw)
        .outerjoin(recipient_tables.mails, recipient_tables.mails.c.delivery_id == _DELIVERIES.c.id)
    )
    found = {"deliveries": [_plain(row) for row in tx.connection.execute(mails).mappings()]}
    for table in _OWN:
        found[table.name] = [
            _plain(row) for row in tx.connection.execute(select(table).where(table.c.recipient_id == recipient_id)).mappings()
        ]
    own = select(_LABELS).where(func.lower(_LABELS.c.author) == address.lower())
    found["labels"] = [
        {name: value for name, value in _plain(row).items() if name != "features"}
        for row in tx.connection.execute(own).mappings()
    ]
    return found


def addresses(tx: Transaction) -> frozenset[str]:
    """Return every address that the outbox holds."""
    return frozenset(tx.connection.scalars(select(_DELIVERIES.c.address).where(_DELIVERIES.c.address != "").distinct()))


def _mails_of(recipient_id: str) -> Any:
    return select(*_DELIVERIES.c).where(_DELIVERIES.c.recipient_id == recipient_id).order_by(_DELIVERIES.c.id)


def _deleted(tx: Transaction, table: Table, recipient_id: str) -> int:
    return tx.connection.execute(delete(table).where(table.c.recipient_id == recipient_id)).rowcount


def _made_nameless(tx: Transaction, address: str) -> int:
    """Take the name off the labels of `address`; one that would repeat a nameless label goes."""
    columns = (_LABELS.c.document, _LABELS.c.fingerprint, _LABELS.c.theme, _LABELS.c.author)
    own = tx.connection.execute(select(*columns).where(func.lower(_LABELS.c.author) == address.lower())).all()
    for row in own:
        same = (_LABELS.c.document == row.document, _LABELS.c.fingerprint == row.fingerprint, _LABELS.c.theme == row.theme)
        taken = tx.connection.scalar(select(func.count()).where(*same, _LABELS.c.author == NOBODY))
        mine = (*same, _LABELS.c.author == row.author)
        statement = delete(_LABELS).where(*mine) if taken else update(_LABELS).where(*mine).values(author=NOBODY)
        tx.connection.execute(statement)
    return len(own)


def _plain(row: RowMapping) -> dict[str, Any]:
    return {name: value.decode("utf-8", "replace") if isinstance(value, bytes) else value for name, value in row.items()}
