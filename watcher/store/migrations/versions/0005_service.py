"""Add what the service remembers: alarms, versions of sources.yaml, its heartbeat."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables; what the archive holds stays as it is."""
