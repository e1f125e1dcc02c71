"""Add what was taken down, and is never read again."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table; what the archive holds stays as it is."""
    op.create_table(
        "takedowns",
        sa.Column("document_key", WORDS, nullable=False),
        sa.Column("taken_down_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("document_key", name="pk_takedowns"),
    )
