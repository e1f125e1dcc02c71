"""Add what is remembered of stories from week to week."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables; what the archive holds stays as it is."""
