"""Forget what is older than it may be kept: texts, former versions, mails that were sent. A slice at a time.

What says what a document was stays: title, address, dates, fingerprint, verdict, themes. It is still found by its title.
"""

from datetime import datetime

from sqlalchemy import delete, or_, select, tuple_, update

from watcher import text
from watcher.model import DeliveryState
from watcher.store import recipient_tables, schema, words
from watcher.store.database import Transaction

SLICE = 500


def purge_texts(tx: Transaction, before: datetime, limit: int = SLICE) -> int:
    """Forget the text and summary of at most `limit` documents last read before `before`; return how many there were."""
    table = schema.documents
    # A document is never revised before it was recorded: the first condition is there for its index.
    old = (table.c.recorded_at < before, table.c.revised_at < before, or_(table.c.text != "", table.c.summary != ""))
    found = tx.connection.execute(select(table.c.id, table.c.title).where(*old).order_by(table.c.recorded_at).limit(limit)).all()
    if found:
        ids = [row.id for row in found]
        tx.connection.execute(update(table).where(table.c.id.in_(ids)).values(text="", summary=""))
        words.index(tx.connection, [(row.id, text.indexed(row.title)) for row in found])
    return len(found)


def purge_versions(tx: Transaction, before: datetime, limit: int = SLICE) -> int:
    """Forget the text and summary of at most `limit` former versions read before `before`; return how many there were."""
    table = schema.document_versions
    old = (table.c.revised_at < before, or_(table.c.text != "", table.c.summary != ""))
    keys = [(row.document_id, row.version) for row in tx.connection.execute(select(table).where(*old).limit(limit))]
    if keys:
        place = tuple_(table.c.document_id, table.c.version).in_(keys)
        tx.connection.execute(update(table).where(place).values(text="", summary=""))
    return len(keys)


def purge_mails(tx: Transaction, before: datetime, limit: int = SLICE) -> int:
    """Forget the bytes of at most `limit` mails sent before `before`, and what the relay said; return how many there were.

    To whom each was sent, when and under which Message-ID stays. A mail that waits, or was refused, keeps its bytes.
    """
    table, mails = schema.deliveries, recipient_tables.mails
    old = (table.c.state == DeliveryState.SENT, table.c.updated_at < before)
    found = select(table.c.id).join(mails, mails.c.delivery_id == table.c.id).where(*old).limit(limit)
    ids = list(tx.connection.scalars(found))
    if ids:
        tx.connection.execute(delete(mails).where(mails.c.delivery_id.in_(ids)))
        tx.connection.execute(update(table).where(table.c.id.in_(ids)).values(reply=None))
    return len(ids)
