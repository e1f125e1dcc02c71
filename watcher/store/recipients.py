"""What is known of the people who receive digests, beside what sources.yaml says: choices, suspensions, bounces."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from watcher.model import Subscription, Suspension
from watcher.store import counters, recipient_tables, schema
from watcher.store.database import Transaction
from watcher.store.upsert import upsert

_CHOICES = recipient_tables.subscriptions
_SUSPENSIONS = recipient_tables.suspensions
_BOUNCES = recipient_tables.bounces


def choices(tx: Transaction) -> dict[tuple[str, str], Subscription]:
    """Return what people chose for themselves, by (recipient's id, digest)."""
    found = (_choice(dict(row)) for row in tx.connection.execute(select(_CHOICES)).mappings())
    return {(one.recipient_id, one.digest): one for one in found}


def _choice(row: dict[str, Any]) -> Subscription:
    row["themes"] = None if row["themes"] is None else tuple(json.loads(row["themes"]))
    return Subscription(**row)


def choose(tx: Transaction, choice: Subscription) -> None:
    """Keep what a person chose for a digest, in the place of what they chose before."""
    values = {
        "recipient_id": choice.recipient_id,
        "digest": choice.digest,
        "active": choice.active,
        "themes": None if choice.themes is None else json.dumps(choice.themes, ensure_ascii=False),
        "frequency": choice.frequency,
        "decided_at": choice.decided_at,
        "decided_by": choice.decided_by,
    }
    upsert(tx.connection, _CHOICES, [values])
    counters.changed(tx)


def suspensions(tx: Transaction) -> dict[str, Suspension]:
    """Return who is suspended, by the recipient's id."""
    return {row["recipient_id"]: Suspension(**row) for row in tx.connection.execute(select(_SUSPENSIONS)).mappings()}


def suspend(tx: Transaction, recipient_id: str, reason: str, now: datetime) -> None:
    """Send nothing to a person any more, until they are resumed."""
    upsert(tx.connection, _SUSPENSIONS, [{"recipient_id": recipient_id, "since": now, "reason": reason}])
    counters.changed(tx)


def resume(tx: Transaction, recipient_id: str) -> bool:
    """Forget a person's suspension and the mails that came back; say whether they were suspended."""
    tx.connection.execute(delete(_BOUNCES).where(_BOUNCES.c.recipient_id == recipient_id))
    ended = tx.connection.execute(delete(_SUSPENSIONS).where(_SUSPENSIONS.c.recipient_id == recipient_id)).rowcount
    if ended:
        counters.changed(tx)
    return bool(ended)


def bounced(tx: Transaction, recipient_id: str, edition_id: int, status: str, now: datetime) -> int:
    """Note that the mail of an edition came back for good; return of how many editions in a row that is true.

    An edition whose mail did not come back, between two that did, begins the count anew.
    """
    values = {"recipient_id": recipient_id, "edition_id": edition_id, "bounced_at": now, "status": status}
    upsert(tx.connection, _BOUNCES, [values])
    table = schema.deliveries
    query = (
        select(table.c.edition_id, _BOUNCES.c.edition_id.label("came_back"))
        .outerjoin(_BOUNCES, (_BOUNCES.c.recipient_id == table.c.recipient_id) & (_BOUNCES.c.edition_id == table.c.edition_id))
        .where(table.c.recipient_id == recipient_id, table.c.edition_id <= edition_id)
        .order_by(table.c.edition_id.desc())
    )
    in_a_row = 0
    for row in tx.connection.execute(query):
        if row.came_back is None:
            break
        in_a_row += 1
    return in_a_row


def names_of(tx: Transaction, edition_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return the digest and the period of each edition, by its number in the table."""
    table = schema.editions
    query = select(table.c.id, table.c.digest, table.c.period).where(table.c.id.in_(list(set(edition_ids))))
    return {row.id: (row.digest, row.period) for row in tx.connection.execute(query)}


def last_mailed(tx: Transaction) -> dict[str, datetime]:
    """Return when each person was last sent a mail, by the recipient's id."""
    table = schema.deliveries
    query = (
        select(table.c.recipient_id, func.max(table.c.updated_at)).where(table.c.state == "sent").group_by(table.c.recipient_id)
    )
    return {row[0]: row[1] for row in tx.connection.execute(query)}


def mailed_in(tx: Transaction, digest: str) -> dict[str, frozenset[str]]:
    """Return the keys of the entries that each person was sent in the editions of `digest`."""
    mailed, editions = schema.mailed, schema.editions
    query = select(mailed.c.recipient_id, mailed.c.entry_key).join(editions, editions.c.id == mailed.c.edition_id)
    found: dict[str, set[str]] = {}
    for row in tx.connection.execute(query.where(editions.c.digest == digest)):
        found.setdefault(row.recipient_id, set()).add(row.entry_key)
    return {ident: frozenset(keys) for ident, keys in found.items()}
