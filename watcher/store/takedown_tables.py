"""The table of what was taken down: articles that a publisher asked not to be kept, and that are never read again."""

from sqlalchemy import Column, Table

from watcher.store.metadata import metadata
from watcher.store.types import UTCDateTime, Words

# Not tied to a row of the archive: there is none any more, and there may never have been one.
takedowns = Table(
    "takedowns",
    metadata,
    Column("document_key", Words, primary_key=True),
    Column("taken_down_at", UTCDateTime, nullable=False),
)
