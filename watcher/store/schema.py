"""The tables, and what must be unique in them. The migrations build them; tests compare the two.

No column of a unique key may be NULL: both engines take two NULLs for different values.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    column,
    table,
)

from watcher.store import label_tables as label_tables
from watcher.store import question_tables as question_tables
from watcher.store import recipient_tables as recipient_tables
from watcher.store import service_tables as service_tables
from watcher.store import takedown_tables as takedown_tables
from watcher.store.metadata import metadata
from watcher.store.types import Id, UTCDateTime, Words

# The last migration. A database that names a later one was written by a newer program.
VERSION = "0008"
VERSION_TABLE = "schema_version"

meta = Table(
    "meta",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("instance_id", Words, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
)

# ------------------------------------------------------------------------------------------------------- what is polled

source_states = Table(
    "source_states",
    metadata,
    Column("source_id", Words, primary_key=True),
    Column("joined_at", UTCDateTime),
    Column("next_poll_at", UTCDateTime),
    Column("last_polled_at", UTCDateTime),
    Column("last_success_at", UTCDateTime),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("body_sha256", Words),
    Column("cursor", Words, nullable=False),
    Column("usual_items", Double, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_error", Words),
    Column("failing_since", UTCDateTime),
    Column("moved_to", Words),
    Column("moved_seen", Integer, nullable=False),
    Column("gone", Boolean, nullable=False),
)

host_states = Table(
    "host_states",
    metadata,
    Column("origin", Words, primary_key=True),
    Column("not_before", UTCDateTime),
    Column("robots", Words),
    Column("robots_refuse", Boolean, nullable=False),
    Column("robots_read_at", UTCDateTime),
    Column("tdm_policy", Words),
    Column("failures", Integer, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("sha256", Words, primary_key=True),
    Column("strikes", Integer, CheckConstraint("strikes > 0", name="strikes"), nullable=False),
    Column("reason", Words, nullable=False),
    Column("first_at", UTCDateTime, nullable=False),
    Column("last_at", UTCDateTime, nullable=False),
)

poll_reports = Table(
    "poll_reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source_id", Words, nullable=False),
    Column("reported_at", UTCDateTime, nullable=False),
    Column("report", Words, nullable=False),
    Index("ix_poll_reports_source_id", "source_id", "id"),
    Index("ix_poll_reports_reported_at", "reported_at"),
)

# --------------------------------------------------------------------------------------------------------- the archive

# `offered_at` is when a document became a candidate for editions: NULL for backfill and for what is held. `revised_at` is
# when its present version was read. The long columns come last, so that scans of the others stay on the first page of a row.
documents = Table(
    "documents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    Column("source_id", Words, nullable=False),
    Column("recorded_at", UTCDateTime, nullable=False),
    Column("revised_at", UTCDateTime, nullable=False),
    Column("offered_at", UTCDateTime),
    Column("published_at", UTCDateTime),
    Column("news", Boolean, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("status", Words, nullable=False),
    Column("version", Integer, CheckConstraint("version > 0", name="version"), nullable=False),
    Column("fingerprint", Words, nullable=False),
    Column("guid", Words),
    Column("language", Words, nullable=False),
    Column("media_type", Words, nullable=False),
    Column("pages", BigInteger),
    Column("reserved", Words),
    Column("relevance", Integer),
    Column("score", Double),
    Column("classifier", Words, nullable=False),
    Column("story_id", Words),
    Column("url", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("author", Words),
    Column("publisher", Words, nullable=False),
    Column("summary", Words, nullable=False),
    Column("verdict", Words),
    Column("text", Words, nullable=False),
    CheckConstraint("status IN ('full', 'partial', 'summary', 'reserved', 'pending')", name="status"),
    CheckConstraint("(offered_at IS NOT NULL) = (news AND NOT held)", name="offered"),
    Index("ix_documents_offered_at", "offered_at", "relevance", "score"),
    Index("ix_documents_recorded_at", "recorded_at"),
    Index("ix_documents_published_at", "published_at"),
    Index("ix_documents_classifier", "classifier"),
    Index("ix_documents_counts", "source_id", "status", "news", "held"),
)
HELD = documents.c.held.is_(True)
Index("ix_documents_held", documents.c.held, sqlite_where=HELD)

document_versions = Table(
    "document_versions",
    metadata,
    Column("document_id", Id, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("revised_at", UTCDateTime, nullable=False),
    Column("status", Words, nullable=False),
    Column("fingerprint", Words, nullable=False),
    Column("published_at", UTCDateTime),
    Column("url", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("author", Words),
    Column("summary", Words, nullable=False),
    Column("text", Words, nullable=False),
)

# Only the themes that are on: this table answers filters and counts, the verdict itself is a column of its document.
document_themes = Table(
    "document_themes",
    metadata,
    Column("document_id", Id, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("theme", Words, primary_key=True),
    Column("score", Double, nullable=False),
    Index("ix_document_themes_theme", "theme", "document_id"),
)

sightings = Table(
    "sightings",
    metadata,
    Column("source_id", Words, primary_key=True),
    # Deferred: a sighting may be written before its document, in the same transaction.
    Column(
        "document_key",
        Words,
        ForeignKey("documents.key", ondelete="CASCADE", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    Column("guid", Words),
    Column("listed", Words, nullable=False),
    Column("seen_at", UTCDateTime, nullable=False),
    Index("ix_sightings_guid", "source_id", "guid"),
    Index("ix_sightings_document_key", "document_key"),
)

pending = Table(
    "pending",
    metadata,
    Column("source_id", Words, primary_key=True),
    Column("document_key", Words, primary_key=True),
    Column("url", Words, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", UTCDateTime),
    Column("published_at", UTCDateTime),
    Column("news", Boolean, nullable=False),
)

# The index of words: an FTS5 table (rowid, title, body) on SQLite, a table (document_id, words) on PostgreSQL; see words.py.
document_words = table("document_words", column("rowid", Id), column("document_id", Id))

# ------------------------------------------------------------------------------------------------------ what is mailed

editions = Table(
    "editions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", Words, nullable=False),
    Column("number", Integer, CheckConstraint("number > 0", name="number"), nullable=False),
    Column("period", Words, nullable=False),
    Column("cutoff", UTCDateTime, nullable=False),
    Column("frozen_at", UTCDateTime, nullable=False),
    Column("content", Words, nullable=False),
    UniqueConstraint("digest", "period"),
    UniqueConstraint("digest", "number"),
    Index("ix_editions_cutoff", "cutoff"),
    sqlite_autoincrement=True,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("edition_id", Id, ForeignKey("editions.id"), nullable=False),
    Column("recipient_id", Words, nullable=False),
    Column("address", Words, nullable=False),
    Column("message_id", Words, nullable=False, unique=True),
    Column("state", Words, nullable=False),
    Column("attempts", Integer, CheckConstraint("attempts >= 0", name="attempts"), nullable=False),
    Column("hand_overs", Integer, CheckConstraint("hand_overs >= 0", name="hand_overs"), nullable=False),
    Column("not_before", UTCDateTime),
    Column("reply", Words),
    Column("updated_at", UTCDateTime, nullable=False),
    UniqueConstraint("edition_id", "recipient_id"),
    CheckConstraint("state IN ('queued', 'handing_over', 'sent', 'deferred', 'refused', 'unknown')", name="state"),
    CheckConstraint("state <> 'deferred' OR not_before IS NOT NULL", name="deferred"),
    Index("ix_deliveries_state", "state", "not_before"),
    sqlite_autoincrement=True,
)

mailed = Table(
    "mailed",
    metadata,
    Column("recipient_id", Words, primary_key=True),
    Column("entry_key", Words, primary_key=True),
    Column("edition_id", Id, ForeignKey("editions.id"), nullable=False),
    Index("ix_mailed_edition_id", "edition_id"),
)
