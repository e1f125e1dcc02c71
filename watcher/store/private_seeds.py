"""Seeds that stay private: documents in full, kept in the archive of one installation and nowhere else."""

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select

from watcher.model import Seed
from watcher.store import label_tables, rows
from watcher.store.database import Transaction
from watcher.store.upsert import upsert
from watcher.text import storable

_TABLE = label_tables.private_seeds


def save(tx: Transaction, seeds: Iterable[Seed], *, now: datetime) -> None:
    """Store `seeds`, each in the place of the one that had its id."""
    by_id = {storable(seed.id): seed for seed in seeds}
    values = [
        {**rows.columns_of(seed, _TABLE), "themes": json.dumps(seed.themes, ensure_ascii=False), "added_at": now}
        for seed in by_id.values()
    ]
    upsert(tx.connection, _TABLE, values)


def every(tx: Transaction) -> tuple[Seed, ...]:
    """Return the private seeds, in order of id."""
    found = tx.connection.execute(select(_TABLE).order_by(_TABLE.c.id))
    return tuple(
        Seed(
            id=row.id,
            title=row.title,
            publisher=row.publisher,
            date=row.date,
            url=row.url,
            themes=tuple(json.loads(row.themes)),
            text=row.text,
        )
        for row in found
    )


def remove(tx: Transaction, ident: str) -> bool:
    """Forget a private seed; tell whether there was one of that id."""
    return tx.connection.execute(delete(_TABLE).where(_TABLE.c.id == storable(ident))).rowcount > 0
