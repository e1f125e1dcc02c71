"""The tables of what people teach the classifier: labels on documents, and the seeds that stay private."""

from sqlalchemy import Boolean, Column, Date, Index, Table

from watcher.store.metadata import metadata
from watcher.store.types import UTCDateTime, Words

# Not tied to the row of its document: what was learned of a text outlives it. `features` is what is kept of the text.
labels = Table(
    "labels",
    metadata,
    Column("document", Words, primary_key=True),
    Column("fingerprint", Words, primary_key=True),
    Column("theme", Words, primary_key=True),
    Column("author", Words, primary_key=True),
    Column("value", Boolean, nullable=False),
    Column("labelled_at", UTCDateTime, nullable=False),
    Column("features", Words, nullable=False),
    Index("ix_labels_labelled_at", "labelled_at"),
)

# Documents in full that serve as seeds on this installation alone. `themes` is a JSON list of ids.
private_seeds = Table(
    "private_seeds",
    metadata,
    Column("id", Words, primary_key=True),
    Column("title", Words, nullable=False),
    Column("publisher", Words, nullable=False),
    Column("date", Date, nullable=False),
    Column("url", Words, nullable=False),
    Column("themes", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("added_at", UTCDateTime, nullable=False),
)
