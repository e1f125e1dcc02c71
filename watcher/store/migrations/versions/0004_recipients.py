"""Add what people chose for themselves: subscriptions, suspensions, and the traces of those who asked to be forgotten.

The bytes of mails move to a table of their own, so that noting how far a mail got does not write them again.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0004"
down_revision = "0003"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables; what the archive holds stays as it is."""
    op.create_table(
        "mails",
        sa.Column("delivery_id", ID, autoincrement=False, nullable=False),
        _column("raw", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_mails"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_mails_delivery_id", ondelete="CASCADE"),
    )
    op.execute("INSERT INTO mails (delivery_id, raw) SELECT id, raw FROM deliveries WHERE length(raw) > 0")
    op.drop_column("deliveries", "raw")
    op.create_table(
        "subscriptions",
        _column("recipient_id", WORDS),
        _column("digest", WORDS),
        _column("active", sa.Boolean()),
        sa.Column("themes", WORDS),
        sa.Column("frequency", WORDS),
        _column("decided_at", INSTANT),
        _column("decided_by", WORDS),
        sa.PrimaryKeyConstraint("recipient_id", "digest", name="pk_subscriptions"),
        sa.CheckConstraint("decided_by IN ('mail', 'web', 'operator')", name=op.f("ck_subscriptions_decided_by")),
    )
    op.create_table(
        "suspensions",
        _column("recipient_id", WORDS),
        _column("since", INSTANT),
        _column("reason", WORDS),
        sa.PrimaryKeyConstraint("recipient_id", name="pk_suspensions"),
    )
    op.create_table(
        "bounces",
        _column("recipient_id", WORDS),
        _column("edition_id", ID),
        _column("bounced_at", INSTANT),
        _column("status", WORDS),
        sa.PrimaryKeyConstraint("recipient_id", "edition_id", name="pk_bounces"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_bounces_edition_id"),
    )
    op.create_index("ix_bounces_edition_id", "bounces", ["edition_id"])
    op.create_table(
        "tombstones",
        _column("hash", WORDS),
        _column("forgotten_at", INSTANT),
        sa.PrimaryKeyConstraint("hash", name="pk_tombstones"),
    )
    op.create_table(
        "mail_counters",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        _column("epoch", ID),
        _column("changes", ID),
        sa.PrimaryKeyConstraint("id", name="pk_mail_counters"),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_counters_one_row")),
    )


def _column(name: str, kind: TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
