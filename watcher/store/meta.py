"""What the database says of itself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from watcher.errors import StoreError
from watcher.store import migrate, schema
from watcher.store.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """Which database this is. `instance_id` is drawn at creation and follows the data through backup and restore."""

    instance_id: str
    schema_version: str
    created_at: datetime


def read(tx: Transaction) -> Meta:
    """Return what the database says of itself. Raises StoreError when it says nothing."""
    row = tx.connection.execute(select(schema.meta)).first()
    version = migrate.version_of(tx.connection)
    if row is None or version is None:
        raise StoreError("The database does not say which one it is.", remedy="Restore a backup.")
    return Meta(instance_id=row.instance_id, schema_version=version, created_at=row.created_at)
