"""Add parliamentary questions, what happens to them, and what was read of the archives they come in."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DAY: TypeEngine[Any] = sa.Date()


def upgrade() -> None:
    """Create the tables and indexes; what the archive holds stays as it is."""
    _questions()
    _indexes()
    _around()
    _events()
    _archive_members()


def _column(name: str, kind: TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _questions() -> None:
    op.create_table(
        "questions",
        sa.Column("document_id", ID, nullable=False, autoincrement=False),
        _column("document_key", WORDS),
        _column("chamber", WORDS),
        _column("legislature", sa.Integer()),
        _column("kind", WORDS),
        _column("number", WORDS),
        _column("status", WORDS),
        sa.Column("asked_on", DAY),
        sa.Column("answered_on", DAY),
        _column("latest_on", DAY),
        sa.Column("due_on", DAY),
        sa.Column("delay", sa.Integer()),
        sa.Column("ministry_id", WORDS),
        _column("ministry", WORDS),
        _column("author", WORDS),
        _column("author_words", WORDS),
        _column("group", WORDS),
        _column("group_words", WORDS),
        sa.Column("answer_hash", WORDS),
        _column("recorded_at", INSTANT),
        _column("seen_at", INSTANT),
        _column("status_label", WORDS),
        _column("url", WORDS),
        _column("title", WORDS),
        sa.PrimaryKeyConstraint("document_id", name="pk_questions"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_questions_document_id", ondelete="CASCADE"),
        sa.UniqueConstraint("document_key", name="uq_questions_document_key"),
        sa.CheckConstraint("chamber IN ('senat', 'assemblee')", name=op.f("ck_questions_chamber")),
        sa.CheckConstraint(
            "status IN ('open', 'answered', 'withdrawn', 'converted', 'lapsed', 'closed', 'unknown')",
            name=op.f("ck_questions_status"),
        ),
    )


def _indexes() -> None:
    held = "held IS 1" if op.get_context().dialect.name == "sqlite" else "held IS true"
    _index("ix_documents_held", "documents", ["held"], held)
    waiting = ["asked_on", "document_key", "due_on", "ministry_id", "chamber"]
    _index("ix_questions_waiting", "questions", waiting, "due_on IS NOT NULL")
    op.create_index("ix_questions_latest_on", "questions", ["latest_on", "document_key"])
    op.create_index("ix_questions_answered_on", "questions", ["answered_on", "kind", "ministry_id", "delay"])
    op.create_index("ix_questions_ministry_id", "questions", ["ministry_id", "ministry"])
    op.create_index("ix_questions_legislature", "questions", ["chamber", "legislature", "status"])
    _index("ix_questions_answer_hash", "questions", ["answer_hash"], "answer_hash IS NOT NULL")


def _of_question(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["document_id"], ["questions.document_id"], name=f"fk_{table}_document_id", ondelete="CASCADE")


def _around() -> None:
    op.create_table(
        "question_records",
        sa.Column("document_id", ID, nullable=False, autoincrement=False),
        _column("record", WORDS),
        sa.PrimaryKeyConstraint("document_id", name="pk_question_records"),
        _of_question("question_records"),
    )
    op.create_table(
        "question_addresses",
        _column("address", WORDS),
        _column("document_id", ID),
        sa.PrimaryKeyConstraint("address", name="pk_question_addresses"),
        _of_question("question_addresses"),
    )
    op.create_index("ix_question_addresses_document_id", "question_addresses", ["document_id"])


def _events() -> None:
    op.create_table(
        "question_events",
        _column("question", WORDS),
        _column("kind", WORDS),
        _column("detail", WORDS),
        sa.Column("on", DAY),
        _column("recorded_at", INSTANT),
        sa.Column("offered_at", INSTANT),
        sa.Column("from_ministry", WORDS),
        sa.Column("to_ministry", WORDS),
        sa.Column("page", WORDS),
        sa.Column("days", sa.Integer()),
        sa.Column("linked", WORDS),
        _column("label", WORDS),
        _column("read_from", WORDS),
        sa.PrimaryKeyConstraint("question", "kind", "detail", name="pk_question_events"),
        sa.ForeignKeyConstraint(
            ["question"],
            ["questions.document_key"],
            name="fk_question_events_question",
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.CheckConstraint(
            "kind IN ('asked', 'signalled', 'renewed', 'transferred', 'overdue', 'answered', 'erratum', 'converted', 'recalled',"
            " 'withdrawn', 'lapsed')",
            name=op.f("ck_question_events_kind"),
        ),
    )
    _index("ix_question_events_offered_at", "question_events", ["offered_at"], "offered_at IS NOT NULL")


def _archive_members() -> None:
    op.create_table(
        "archive_members",
        _column("source_id", WORDS),
        _column("member", WORDS),
        _column("crc", sa.BigInteger()),
        _column("size", sa.BigInteger()),
        sa.PrimaryKeyConstraint("source_id", "member", name="pk_archive_members"),
    )
