"""Bring what left this home back into a database that does not know of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from watcher.model import DeliveryState, Edition
from watcher.store import editions, rows, schema
from watcher.store.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A mail that left, as the journal knows it: `reply` is None when nobody knows whether it was taken."""

    recipient_id: str
    address: str
    message_id: str
    reply: str | None
    keys: tuple[str, ...]


def skeleton(edition: Edition) -> str:
    """Return an edition as JSON without what it shows: its name, number, period and cut-off."""
    return rows.dump(Edition(digest=edition.digest, title=edition.title, number=edition.number, period=edition.period,
                             cutoff=edition.cutoff, sections=(), read=0, sources_read=0))  # fmt: skip


def mailed_of(tx: Transaction, edition_id: int) -> dict[str, tuple[str, ...]]:
    """Return the keys of the entries that each person was sent in one edition."""
    found: dict[str, list[str]] = {}
    for row in tx.connection.execute(select(schema.mailed).where(schema.mailed.c.edition_id == edition_id)):
        found.setdefault(row.recipient_id, []).append(row.entry_key)
    return {ident: tuple(sorted(keys)) for ident, keys in found.items()}


def bring_back(tx: Transaction, bare: str, left: Sequence[Left], now: datetime) -> bool:
    """Store an edition that was lost, without what it showed, and who was sent it; say whether it was missing at all."""
    edition = rows.load(Edition, bare)
    if editions.get(tx, edition.digest, edition.period.key) is not None:
        return False
    table = schema.editions
    taken = tx.connection.scalar(select(func.max(table.c.number)).where(table.c.digest == edition.digest)) or 0
    values = {
        "digest": edition.digest,
        "number": max(edition.number, taken + 1),
        "period": edition.period.key,
        "cutoff": edition.cutoff,
        "frozen_at": now,
        "content": bare,
    }
    key = tx.connection.execute(table.insert().values(values)).inserted_primary_key
    ident = int(key[0]) if key else 0
    for mail in left:
        tx.connection.execute(
            schema.deliveries.insert().values(
                edition_id=ident,
                recipient_id=mail.recipient_id,
                address=mail.address,
                message_id=mail.message_id,
                state=DeliveryState.UNKNOWN if mail.reply is None else DeliveryState.SENT,
                attempts=1,
                hand_overs=1,
                reply=mail.reply,
                updated_at=now,
            )
        )
        _mailed(tx, ident, mail.recipient_id, mail.keys)
    return True


def _mailed(tx: Transaction, edition_id: int, recipient_id: str, keys: Iterable[str]) -> None:
    before = editions.mailed(tx, (recipient_id,))[recipient_id]
    fresh = [key for key in dict.fromkeys(keys) if key not in before]
    if fresh:
        carried = [{"recipient_id": recipient_id, "entry_key": key, "edition_id": edition_id} for key in fresh]
        tx.connection.execute(schema.mailed.insert(), carried)
