"""Build the first schema: what is polled, the archive with its index of words, what is mailed."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NUMBER: TypeEngine[Any] = sa.Double()
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create every table and index."""
    _meta()
    _polled()
    _documents()
    _documents_around()
    _index_of_words()
    _mailed()


def _column(name: str, kind: TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        _column("instance_id", WORDS),
        _column("created_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_meta"),
        sa.CheckConstraint("id = 1", name=op.f("ck_meta_one_row")),
    )


def _polled() -> None:
    op.create_table(
        "source_states",
        _column("source_id", WORDS),
        sa.Column("joined_at", INSTANT),
        sa.Column("next_poll_at", INSTANT),
        sa.Column("last_polled_at", INSTANT),
        sa.Column("last_success_at", INSTANT),
        sa.Column("etag", WORDS),
        sa.Column("last_modified", WORDS),
        sa.Column("body_sha256", WORDS),
        _column("cursor", WORDS),
        _column("usual_items", NUMBER),
        _column("failures", sa.Integer()),
        sa.Column("last_error", WORDS),
        sa.Column("failing_since", INSTANT),
        sa.Column("moved_to", WORDS),
        _column("moved_seen", sa.Integer()),
        _column("gone", sa.Boolean()),
        sa.PrimaryKeyConstraint("source_id", name="pk_source_states"),
    )
    op.create_table(
        "host_states",
        _column("origin", WORDS),
        sa.Column("not_before", INSTANT),
        sa.Column("robots", WORDS),
        _column("robots_refuse", sa.Boolean()),
        sa.Column("robots_read_at", INSTANT),
        sa.Column("tdm_policy", WORDS),
        _column("failures", sa.Integer()),
        sa.PrimaryKeyConstraint("origin", name="pk_host_states"),
    )
    op.create_table(
        "quarantine",
        _column("sha256", WORDS),
        _column("strikes", sa.Integer()),
        _column("reason", WORDS),
        _column("first_at", INSTANT),
        _column("last_at", INSTANT),
        sa.PrimaryKeyConstraint("sha256", name="pk_quarantine"),
        sa.CheckConstraint("strikes > 0", name=op.f("ck_quarantine_strikes")),
    )
    op.create_table(
        "poll_reports",
        sa.Column("id", ID, nullable=False),
        _column("source_id", WORDS),
        _column("reported_at", INSTANT),
        _column("report", WORDS),
        sa.PrimaryKeyConstraint("id", name="pk_poll_reports"),
    )
    op.create_index("ix_poll_reports_source_id", "poll_reports", ["source_id", "id"])
    op.create_index("ix_poll_reports_reported_at", "poll_reports", ["reported_at"])


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", ID, nullable=False),
        _column("key", WORDS),
        _column("source_id", WORDS),
        _column("recorded_at", INSTANT),
        _column("revised_at", INSTANT),
        sa.Column("offered_at", INSTANT),
        sa.Column("published_at", INSTANT),
        _column("news", sa.Boolean()),
        _column("held", sa.Boolean()),
        _column("status", WORDS),
        _column("version", sa.Integer()),
        _column("fingerprint", WORDS),
        sa.Column("guid", WORDS),
        _column("language", WORDS),
        _column("media_type", WORDS),
        sa.Column("pages", sa.BigInteger()),
        sa.Column("reserved", WORDS),
        sa.Column("relevance", sa.Integer()),
        sa.Column("score", NUMBER),
        _column("classifier", WORDS),
        sa.Column("story_id", WORDS),
        _column("url", WORDS),
        _column("title", WORDS),
        sa.Column("author", WORDS),
        _column("publisher", WORDS),
        _column("summary", WORDS),
        sa.Column("verdict", WORDS),
        _column("text", WORDS),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("key", name="uq_documents_key"),
        sa.CheckConstraint("version > 0", name=op.f("ck_documents_version")),
        sa.CheckConstraint("status IN ('full', 'partial', 'summary', 'reserved', 'pending')", name=op.f("ck_documents_status")),
        sa.CheckConstraint("(offered_at IS NOT NULL) = (news AND NOT held)", name=op.f("ck_documents_offered")),
    )
    op.create_index("ix_documents_offered_at", "documents", ["offered_at", "relevance", "score"])
    op.create_index("ix_documents_recorded_at", "documents", ["recorded_at"])
    op.create_index("ix_documents_published_at", "documents", ["published_at"])
    op.create_index("ix_documents_classifier", "documents", ["classifier"])
    op.create_index("ix_documents_counts", "documents", ["source_id", "status", "news", "held"])


def _of_document(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=f"fk_{table}_document_id", ondelete="CASCADE")


def _documents_around() -> None:
    op.create_table(
        "document_versions",
        sa.Column("document_id", ID, nullable=False, autoincrement=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        _column("revised_at", INSTANT),
        _column("status", WORDS),
        _column("fingerprint", WORDS),
        sa.Column("published_at", INSTANT),
        _column("url", WORDS),
        _column("title", WORDS),
        sa.Column("author", WORDS),
        _column("summary", WORDS),
        _column("text", WORDS),
        sa.PrimaryKeyConstraint("document_id", "version", name="pk_document_versions"),
        _of_document("document_versions"),
    )
    op.create_table(
        "document_themes",
        sa.Column("document_id", ID, nullable=False, autoincrement=False),
        _column("theme", WORDS),
        _column("score", NUMBER),
        sa.PrimaryKeyConstraint("document_id", "theme", name="pk_document_themes"),
        _of_document("document_themes"),
    )
    op.create_index("ix_document_themes_theme", "document_themes", ["theme", "document_id"])
    op.create_table(
        "sightings",
        _column("source_id", WORDS),
        _column("document_key", WORDS),
        sa.Column("guid", WORDS),
        _column("listed", WORDS),
        _column("seen_at", INSTANT),
        sa.PrimaryKeyConstraint("source_id", "document_key", name="pk_sightings"),
        sa.ForeignKeyConstraint(
            ["document_key"],
            ["documents.key"],
            name="fk_sightings_document_key",
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_sightings_guid", "sightings", ["source_id", "guid"])
    op.create_index("ix_sightings_document_key", "sightings", ["document_key"])
    op.create_table(
        "pending",
        _column("source_id", WORDS),
        _column("document_key", WORDS),
        _column("url", WORDS),
        _column("attempts", sa.Integer()),
        sa.Column("not_before", INSTANT),
        sa.Column("published_at", INSTANT),
        _column("news", sa.Boolean()),
        sa.PrimaryKeyConstraint("source_id", "document_key", name="pk_pending"),
    )


def _index_of_words() -> None:
    """Create the index that both engines fill with the same words, made in Python.

    FTS5 splits at what is not an ASCII letter or digit, or beyond ASCII, and nowhere else: the same rule as ours. It keeps
    which column a word is in, not where. PostgreSQL is given finished vectors, so that its own parser has no say either.
    """
    if op.get_context().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE document_words USING fts5(title, body, tokenize='ascii', detail='column', columnsize=0)")
        return
    op.execute(
        "CREATE TABLE document_words ("
        " document_id bigint CONSTRAINT pk_document_words PRIMARY KEY"
        " CONSTRAINT fk_document_words_document_id REFERENCES documents (id) ON DELETE CASCADE,"
        " words tsvector NOT NULL)"
    )
    op.execute("CREATE INDEX ix_document_words_words ON document_words USING gin (words)")


def _mailed() -> None:
    op.create_table(
        "editions",
        sa.Column("id", ID, nullable=False),
        _column("digest", WORDS),
        _column("number", sa.Integer()),
        _column("period", WORDS),
        _column("cutoff", INSTANT),
        _column("frozen_at", INSTANT),
        _column("content", WORDS),
        sa.PrimaryKeyConstraint("id", name="pk_editions"),
        sa.UniqueConstraint("digest", "period", name="uq_editions_digest_period"),
        sa.UniqueConstraint("digest", "number", name="uq_editions_digest_number"),
        sa.CheckConstraint("number > 0", name=op.f("ck_editions_number")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_editions_cutoff", "editions", ["cutoff"])
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        _column("edition_id", ID),
        _column("recipient_id", WORDS),
        _column("address", WORDS),
        _column("message_id", WORDS),
        _column("state", WORDS),
        _column("attempts", sa.Integer()),
        _column("hand_overs", sa.Integer()),
        sa.Column("not_before", INSTANT),
        sa.Column("reply", WORDS),
        _column("updated_at", INSTANT),
        _column("raw", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_deliveries_edition_id"),
        sa.UniqueConstraint("edition_id", "recipient_id", name="uq_deliveries_edition_id_recipient_id"),
        sa.UniqueConstraint("message_id", name="uq_deliveries_message_id"),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_deliveries_attempts")),
        sa.CheckConstraint("hand_overs >= 0", name=op.f("ck_deliveries_hand_overs")),
        sa.CheckConstraint(
            "state IN ('queued', 'handing_over', 'sent', 'deferred', 'refused', 'unknown')", name=op.f("ck_deliveries_state")
        ),
        sa.CheckConstraint("state <> 'deferred' OR not_before IS NOT NULL", name=op.f("ck_deliveries_deferred")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deliveries_state", "deliveries", ["state", "not_before"])
    op.create_table(
        "mailed",
        _column("recipient_id", WORDS),
        _column("entry_key", WORDS),
        _column("edition_id", ID),
        sa.PrimaryKeyConstraint("recipient_id", "entry_key", name="pk_mailed"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_mailed_edition_id"),
    )
    op.create_index("ix_mailed_edition_id", "mailed", ["edition_id"])
