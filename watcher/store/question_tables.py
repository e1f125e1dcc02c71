"""The tables of parliamentary questions, and of what was read of the archives they come in."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table

from watcher.store.metadata import metadata
from watcher.store.types import Id, UTCDateTime, Words

# A question is contained in a document, and has its key. What filters, sorts and counts is here, in short rows: half a million
# of them are read in a fraction of a second. `ministry` is that which answered, else that in charge, else that asked.
# `latest_on` is the later of question and answer, the day we first knew of a question without dates. `due_on` is the last day
# of its term while it waits for an answer, empty otherwise; `delay` what the answer took, in days. `author_words` and
# `group_words` are folded, each word after a blank.
questions = Table(
    "questions",
    metadata,
    Column("document_id", Id, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("document_key", Words, nullable=False, unique=True),
    Column("chamber", Words, nullable=False),
    Column("legislature", Integer, nullable=False),
    Column("kind", Words, nullable=False),
    Column("number", Words, nullable=False),
    Column("status", Words, nullable=False),
    Column("asked_on", Date),
    Column("answered_on", Date),
    Column("latest_on", Date, nullable=False),
    Column("due_on", Date),
    Column("delay", Integer),
    Column("ministry_id", Words),
    Column("ministry", Words, nullable=False),
    Column("author", Words, nullable=False),
    Column("author_words", Words, nullable=False),
    Column("group", Words, nullable=False),
    Column("group_words", Words, nullable=False),
    Column("answer_hash", Words),
    Column("recorded_at", UTCDateTime, nullable=False),
    Column("seen_at", UTCDateTime, nullable=False),
    Column("status_label", Words, nullable=False),
    Column("url", Words, nullable=False),
    Column("title", Words, nullable=False),
    CheckConstraint("chamber IN ('senat', 'assemblee')", name="chamber"),
    CheckConstraint(
        "status IN ('open', 'answered', 'withdrawn', 'converted', 'lapsed', 'closed', 'unknown')",
        name="status",
    ),
)

# The conditions of partial indexes on PostgreSQL are in the migrations only: to name them here would load its dialect, a
# twentieth of a second, with every command on SQLite.
WAITING = questions.c.due_on.is_not(None)
ANSWERED_ALIKE = questions.c.answer_hash.is_not(None)

_OF = questions.c
Index(
    "ix_questions_waiting",
    *(_OF.asked_on, _OF.document_key, _OF.due_on, _OF.ministry_id, _OF.chamber),
    sqlite_where=WAITING,
)
Index("ix_questions_latest_on", _OF.latest_on, _OF.document_key)
Index("ix_questions_answered_on", _OF.answered_on, _OF.kind, _OF.ministry_id, _OF.delay)
Index("ix_questions_ministry_id", _OF.ministry_id, _OF.ministry)
Index("ix_questions_legislature", _OF.chamber, _OF.legislature, _OF.status)
Index("ix_questions_answer_hash", _OF.answer_hash, sqlite_where=ANSWERED_ALIKE)

# The noun whole, its texts included, apart from the rows above that are read by the thousand.
question_records = Table(
    "question_records",
    metadata,
    Column("document_id", Id, ForeignKey("questions.document_id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("record", Words, nullable=False),
)

question_addresses = Table(
    "question_addresses",
    metadata,
    Column("address", Words, primary_key=True),
    Column("document_id", Id, ForeignKey("questions.document_id", ondelete="CASCADE"), nullable=False),
    Index("ix_question_addresses_document_id", "document_id"),
)

# `offered_at` is when an event became news for editions: NULL for backfill. A corrected event keeps it.
question_events = Table(
    "question_events",
    metadata,
    # Deferred: an event may be written before its question, in the same transaction.
    Column(
        "question",
        Words,
        ForeignKey("questions.document_key", ondelete="CASCADE", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    Column("kind", Words, primary_key=True),
    Column("detail", Words, primary_key=True),
    Column("on", Date),
    Column("recorded_at", UTCDateTime, nullable=False),
    Column("offered_at", UTCDateTime),
    Column("from_ministry", Words),
    Column("to_ministry", Words),
    Column("page", Words),
    Column("days", Integer),
    Column("linked", Words),
    Column("label", Words, nullable=False),
    Column("read_from", Words, nullable=False),
    CheckConstraint(
        "kind IN ('asked', 'signalled', 'renewed', 'transferred', 'overdue', 'answered', 'erratum', 'converted', 'recalled',"
        " 'withdrawn', 'lapsed', 'closed')",
        name="kind",
    ),
)
OFFERED = question_events.c.offered_at.is_not(None)
Index("ix_question_events_offered_at", question_events.c.offered_at, sqlite_where=OFFERED)

archive_members = Table(
    "archive_members",
    metadata,
    Column("source_id", Words, primary_key=True),
    Column("member", Words, primary_key=True),
    Column("crc", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
)
