"""Add what the service remembers: its heartbeat, alarms, the health of sources, versions of what people edit."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables; what the archive holds stays as it is."""
    op.create_table(
        "heartbeat",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        _column("beat_at", INSTANT),
        _column("started_at", INSTANT),
        sa.Column("last_poll_at", INSTANT),
        _column("pid", sa.Integer()),
        _column("host", WORDS),
        _column("program", WORDS),
        _column("problems", WORDS),
        sa.PrimaryKeyConstraint("id", name="pk_heartbeat"),
        sa.CheckConstraint("id = 1", name=op.f("ck_heartbeat_one_row")),
    )
    _table("alarms", ("kind", "subject"), since=INSTANT, detail=WORDS)
    _table("source_health", ("source_id",), memory=WORDS)
    _table("digest_joins", ("digest",), joined_at=INSTANT)
    _table("edition_refusals", ("digest", "period"), refused_at=INSTANT)
    _table("kept_versions", ("sha256",), kept_at=INSTANT, files=WORDS)
    op.create_index("ix_kept_versions_kept_at", "kept_versions", ["kept_at"])
    _table("kept_files", ("sha256",), content=sa.LargeBinary())


def _table(name: str, key: tuple[str, ...], **others: TypeEngine[Any]) -> None:
    columns = [_column(part, WORDS) for part in key] + [_column(part, kind) for part, kind in others.items()]
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"))


def _column(name: str, kind: TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
