"""Add labels, what people say of verdicts, and the seeds that stay private."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables; what the archive holds stays as it is."""
    op.create_table(
        "labels",
        _column("document", WORDS),
        _column("fingerprint", WORDS),
        _column("theme", WORDS),
        _column("author", WORDS),
        _column("value", sa.Boolean()),
        _column("labelled_at", INSTANT),
        _column("features", WORDS),
        sa.PrimaryKeyConstraint("document", "fingerprint", "theme", "author", name="pk_labels"),
    )
    op.create_index("ix_labels_labelled_at", "labels", ["labelled_at"])
    op.create_table(
        "private_seeds",
        _column("id", WORDS),
        _column("title", WORDS),
        _column("publisher", WORDS),
        _column("date", sa.Date()),
        _column("url", WORDS),
        _column("themes", WORDS),
        _column("text", WORDS),
        _column("added_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_private_seeds"),
    )


def _column(name: str, kind: TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
