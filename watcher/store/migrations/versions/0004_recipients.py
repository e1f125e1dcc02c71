"""Add what people chose for themselves: subscriptions, suspensions, and the traces of those who asked to be forgotten."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables; what the archive holds stays as it is."""
