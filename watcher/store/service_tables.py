"""The tables of the service: its heartbeat, the alarms that last, what it remembers of sources, what people edited."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, Table

from watcher.store.metadata import metadata
from watcher.store.types import UTCDateTime, Words

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("beat_at", UTCDateTime, nullable=False),
    Column("started_at", UTCDateTime, nullable=False),
    Column("last_poll_at", UTCDateTime),
    Column("pid", Integer, nullable=False),
    Column("host", Words, nullable=False),
    Column("program", Words, nullable=False),
    Column("problems", Words, nullable=False),
)

# An alarm is a row from when it was told until its end was: told once at each.
alarms = Table(
    "alarms",
    metadata,
    Column("kind", Words, primary_key=True),
    Column("subject", Words, primary_key=True),
    Column("since", UTCDateTime, nullable=False),
    Column("detail", Words, nullable=False),
)

source_health = Table(
    "source_health",
    metadata,
    Column("source_id", Words, primary_key=True),
    Column("memory", Words, nullable=False),
)

# Since when a digest is known: an edition that should have left before is owed to nobody.
digest_joins = Table(
    "digest_joins",
    metadata,
    Column("digest", Words, primary_key=True),
    Column("joined_at", UTCDateTime, nullable=False),
)

# Editions that came too late, and a person said no to.
edition_refusals = Table(
    "edition_refusals",
    metadata,
    Column("digest", Words, primary_key=True),
    Column("period", Words, primary_key=True),
    Column("refused_at", UTCDateTime, nullable=False),
)

kept_versions = Table(
    "kept_versions",
    metadata,
    Column("sha256", Words, primary_key=True),
    Column("kept_at", UTCDateTime, nullable=False),
    Column("files", Words, nullable=False),
    Index("ix_kept_versions_kept_at", "kept_at"),
)

kept_files = Table(
    "kept_files",
    metadata,
    Column("sha256", Words, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
