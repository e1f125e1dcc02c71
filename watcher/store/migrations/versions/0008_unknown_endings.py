"""Let an event say that a question was closed for a reason nobody knows."""

from alembic import op

revision = "0008"
down_revision = "0007"

KINDS = (
    "kind IN ('asked', 'signalled', 'renewed', 'transferred', 'overdue', 'answered', 'erratum', 'converted', 'recalled',"
    " 'withdrawn', 'lapsed', 'closed')"
)
COLUMNS = (
    'question, kind, detail, "on", recorded_at, offered_at, from_ministry, to_ministry, page, days, linked, label, read_from'
)


def upgrade() -> None:
    """Widen the kinds of events; what the archive holds stays as it is."""
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_question_events_kind"), "question_events", type_="check")
        op.create_check_constraint(op.f("ck_question_events_kind"), "question_events", KINDS)
        return
    # SQLite changes no constraint of a table that exists (sqlite.org/lang_altertable.html, 7): another takes its place.
    op.execute(
        "CREATE TABLE question_events_widened ("
        "question TEXT NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL, "
        '"on" DATE, recorded_at TEXT NOT NULL, offered_at TEXT, from_ministry TEXT, to_ministry TEXT, page TEXT, days INTEGER, '
        "linked TEXT, label TEXT NOT NULL, read_from TEXT NOT NULL, "
        "CONSTRAINT pk_question_events PRIMARY KEY (question, kind, detail), "
        "CONSTRAINT fk_question_events_question FOREIGN KEY(question) REFERENCES questions (document_key) "
        "ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, "
        f"CONSTRAINT ck_question_events_kind CHECK ({KINDS}))"
    )
    op.execute(f"INSERT INTO question_events_widened ({COLUMNS}) SELECT {COLUMNS} FROM question_events")  # noqa: S608
    op.execute("DROP TABLE question_events")
    op.execute("ALTER TABLE question_events_widened RENAME TO question_events")
    op.execute("CREATE INDEX ix_question_events_offered_at ON question_events (offered_at) WHERE offered_at IS NOT NULL")
