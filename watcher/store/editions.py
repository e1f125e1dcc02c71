"""Frozen editions, and what was mailed to whom: once each."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, update

from watcher.errors import StoreError
from watcher.model import DeliveryState, Edition, Message, Recipient
from watcher.store import recipient_tables, rows, schema, stories
from watcher.store.database import Transaction
from watcher.text import storable

_TABLE = schema.editions
_TICK = timedelta(microseconds=1)

Post = tuple[Recipient, Message, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """An edition as it was frozen. `created` is True only for the `freeze` that made it."""

    id: int
    edition: Edition
    created: bool = False


def last(tx: Transaction, digest: str) -> Frozen | None:
    """Return the edition of `digest` with the highest number, None before the first."""
    return _one(tx, select(_TABLE).where(_TABLE.c.digest == digest).order_by(_TABLE.c.number.desc()).limit(1))


def last_cutoff(tx: Transaction, digest: str) -> datetime | None:
    """Return the cut-off of the last edition of `digest` without its content, None before the first."""
    query = select(_TABLE.c.cutoff).where(_TABLE.c.digest == digest).order_by(_TABLE.c.number.desc()).limit(1)
    return tx.connection.scalar(query)


def exists(tx: Transaction, digest: str, period_key: str) -> bool:
    """Say whether there is an edition of `digest` for a period, without its content."""
    return tx.connection.scalar(select(_TABLE.c.id).where(_TABLE.c.digest == digest, _TABLE.c.period == period_key)) is not None


def get(tx: Transaction, digest: str, period_key: str) -> Frozen | None:
    """Return the edition of `digest` for a period, None when there is none."""
    return _one(tx, select(_TABLE).where(_TABLE.c.digest == digest, _TABLE.c.period == period_key))


def all(tx: Transaction, digest: str | None = None) -> tuple[Frozen, ...]:  # noqa: A001  # editions.all reads as it should
    """Return the editions of `digest`, or of every digest, newest first.

    Notices to the administrator are frozen as editions are, under a name that begins with `_`: they are those of no digest.
    """
    query = select(_TABLE).order_by(_TABLE.c.id.desc())
    its = _TABLE.c.digest == digest if digest is not None else ~_TABLE.c.digest.startswith("_", autoescape=True)
    query = query.where(its)
    return tuple(_frozen(row) for row in tx.connection.execute(query))


def mailed(tx: Transaction, recipient_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the keys of the entries that each recipient has been, or is about to be, sent."""
    table = schema.mailed
    found: dict[str, set[str]] = {ident: set() for ident in recipient_ids}
    for some in rows.chunks(list(found)):
        query = select(table.c.recipient_id, table.c.entry_key).where(table.c.recipient_id.in_(some))
        for ident, key in tx.connection.execute(query):
            found[ident].add(key)
    return {ident: frozenset(keys) for ident, keys in found.items()}


def freeze(
    tx: Transaction, edition: Edition, messages: Sequence[Post], now: datetime, *, looked_at: Collection[str] | None = None
) -> Frozen:
    """Freeze `edition`, queue its `messages` and note what they carry, all or nothing. Returns it.

    Each message goes to one recipient and carries entries (their keys). An edition of that (digest, period) that exists
    already is returned as it is: nothing is frozen or queued a second time. With `looked_at`, the keys of the candidates the
    edition was made from, news that was stored since they were read is offered to the next edition; without, a document
    whose `recorded_at` precedes the cut-off would be in neither. Raises StoreError when a recipient has had one of these
    entries before, or the number is taken.
    """
    existing = get(tx, edition.digest, edition.period.key)
    if existing is not None:
        return existing
    _check(tx, edition, messages)
    if looked_at is not None:
        _offer_again(tx, edition, looked_at)
    values = {
        "digest": edition.digest,
        "number": edition.number,
        "period": edition.period.key,
        "cutoff": edition.cutoff,
        "frozen_at": now,
        "content": rows.dump(edition),
    }
    key = tx.connection.execute(_TABLE.insert().values(values)).inserted_primary_key
    ident = int(key[0]) if key else 0
    stories.note(tx, edition)
    _queue(tx, ident, messages, now)
    return Frozen(id=ident, edition=edition, created=True)


def _check(tx: Transaction, edition: Edition, messages: Sequence[Post]) -> None:
    number = tx.connection.scalar(select(func.max(_TABLE.c.number)).where(_TABLE.c.digest == edition.digest)) or 0
    if edition.number <= number:
        raise StoreError(
            f"Digest {edition.digest} has a number {number} already, {edition.number} cannot follow it.",
            remedy="Compose the edition again.",
        )
    before = mailed(tx, [recipient.id for recipient, _, _ in messages])
    for recipient, _, keys in messages:
        again = before[recipient.id].intersection(storable(key) for key in keys)
        if again:
            raise StoreError(
                f"Recipient {recipient.id} has had {len(again)} of the entries of {edition.digest} {edition.period.key} before.",
                remedy="Compose the edition again.",
            )


def _offer_again(tx: Transaction, edition: Edition, looked_at: Collection[str]) -> None:
    """Offer to the next edition what the cut-off of this one covers but nobody looked at."""
    documents = schema.documents
    before = last(tx, edition.digest)
    query = select(documents.c.id, documents.c.key).where(documents.c.offered_at <= edition.cutoff)
    if before is not None:
        query = query.where(documents.c.offered_at > before.edition.cutoff)
    seen = {storable(key) for key in looked_at}
    missed = [row.id for row in tx.connection.execute(query) if row.key not in seen]
    for some in rows.chunks(missed):
        tx.connection.execute(update(documents).where(documents.c.id.in_(some)).values(offered_at=edition.cutoff + _TICK))


def _queue(tx: Transaction, edition_id: int, messages: Sequence[Post], now: datetime) -> None:
    deliveries = [
        {
            "edition_id": edition_id,
            "recipient_id": recipient.id,
            "address": recipient.address,
            "message_id": message.message_id,
            "state": DeliveryState.QUEUED,
            "attempts": 0,
            "hand_overs": 0,
            "updated_at": now,
        }
        for recipient, message, _ in messages
    ]
    carried = [
        {"recipient_id": recipient.id, "entry_key": key, "edition_id": edition_id}
        for recipient, _, keys in messages
        for key in dict.fromkeys(keys)
    ]
    if deliveries:
        tx.connection.execute(schema.deliveries.insert(), deliveries)
        table = schema.deliveries
        query = select(table.c.recipient_id, table.c.id).where(table.c.edition_id == edition_id)
        ids = {row.recipient_id: row.id for row in tx.connection.execute(query)}
        raw = [{"delivery_id": ids[storable(recipient.id)], "raw": message.raw} for recipient, message, _ in messages]
        tx.connection.execute(recipient_tables.mails.insert(), raw)
    if carried:
        tx.connection.execute(schema.mailed.insert(), carried)


def _one(tx: Transaction, query: Any) -> Frozen | None:
    row = tx.connection.execute(query).first()
    return _frozen(row) if row else None


def _frozen(row: Row[Any]) -> Frozen:
    return Frozen(id=row.id, edition=rows.load(Edition, row.content))
