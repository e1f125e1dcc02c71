"""Mails held back because they could not be rendered: rows of the outbox without bytes, until they get some.

Such a mail was refused by our own templates, before any relay: its state is `refused`, its bytes are empty, and its `reply`
says what to mend.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Update, and_, delete, exists, func, select, update

from watcher.errors import StoreError
from watcher.model import DeliveryState, Recipient
from watcher.store import editions, recipient_tables, schema
from watcher.store.database import Transaction
from watcher.store.editions import Frozen, Post

_TABLE = schema.deliveries
_MAILS = recipient_tables.mails
_HELD = and_(_TABLE.c.state == DeliveryState.REFUSED, ~exists().where(_MAILS.c.delivery_id == _TABLE.c.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMails:
    """The mails of one frozen edition that are held: what is wrong with each, by the id of its recipient."""

    frozen: Frozen
    problems: dict[str, str]


def hold(tx: Transaction, edition_id: int, mails: Iterable[tuple[Recipient, str]], now: datetime) -> None:
    """Note that these recipients of an edition are still owed their mail, and the problem that keeps it."""
    values = [
        {
            "edition_id": edition_id,
            "recipient_id": recipient.id,
            "address": recipient.address,
            "message_id": f"<held.{edition_id}.{recipient.id}>",
            "state": DeliveryState.REFUSED,
            "attempts": 0,
            "hand_overs": 0,
            "reply": problem,
            "updated_at": now,
        }
        for recipient, problem in mails
    ]
    if values:
        tx.connection.execute(_TABLE.insert(), values)


def of_digest(tx: Transaction, digest: str) -> tuple[HeldMails, ...]:
    """Return the held mails of the editions of `digest`, the oldest edition first."""
    query = select(_TABLE.c.edition_id, _TABLE.c.recipient_id, _TABLE.c.reply).where(_HELD).order_by(_TABLE.c.id)
    problems: dict[int, dict[str, str]] = {}
    for row in tx.connection.execute(query):
        problems.setdefault(row.edition_id, {})[row.recipient_id] = row.reply or ""
    if not problems:
        return ()
    frozen = [one for one in editions.all(tx, digest) if one.id in problems]
    return tuple(HeldMails(frozen=one, problems=problems[one.id]) for one in reversed(frozen))


def settle(
    tx: Transaction,
    edition_id: int,
    *,
    posts: Sequence[Post],
    kept: Iterable[tuple[Recipient, str]],
    dropped: Iterable[str],
    now: datetime,
) -> int:
    """Queue the mails that could be rendered at last, and note what they carry; return how many.

    Those `kept` stay held with the problem they have now; those whose recipient is among `dropped` are owed no longer. A mail
    that another process has settled is left as it is.
    """
    for recipient, problem in kept:
        tx.connection.execute(_its(edition_id, recipient.id).values(reply=problem, updated_at=now))
    for recipient_id in dropped:
        row = and_(_HELD, _TABLE.c.edition_id == edition_id, _TABLE.c.recipient_id == recipient_id)
        tx.connection.execute(delete(_TABLE).where(row))
    return sum(_queue(tx, edition_id, post, now) for post in posts)


def count(tx: Transaction) -> int:
    """Return how many mails are held."""
    return tx.connection.scalar(select(func.count()).where(_HELD)) or 0


def _its(edition_id: int, recipient_id: str) -> Update:
    return update(_TABLE).where(_HELD, _TABLE.c.edition_id == edition_id, _TABLE.c.recipient_id == recipient_id)


def _queue(tx: Transaction, edition_id: int, post: Post, now: datetime) -> bool:
    recipient, message, keys = post
    values = {"address": recipient.address, "message_id": message.message_id}
    statement = _its(edition_id, recipient.id).values(**values, state=DeliveryState.QUEUED, reply=None, updated_at=now)
    queued = tx.connection.scalar(statement.returning(_TABLE.c.id))
    if queued is None:
        return False
    tx.connection.execute(_MAILS.insert().values(delivery_id=queued, raw=message.raw))
    if editions.mailed(tx, (recipient.id,))[recipient.id].intersection(keys):
        raise StoreError(f"Recipient {recipient.id} has had some of these entries since.", remedy="Send the digest again.")
    carried = [{"recipient_id": recipient.id, "entry_key": key, "edition_id": edition_id} for key in dict.fromkeys(keys)]
    if carried:
        tx.connection.execute(schema.mailed.insert(), carried)
    return True
