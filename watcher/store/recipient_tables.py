"""The tables of recipients: what they chose, what came back from them, who asked to be forgotten; and the bytes of mails."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table

from watcher.store.metadata import metadata
from watcher.store.types import Id, UTCDateTime, Words

# The bytes of a mail stand apart from how far it got: SQLite writes a row anew, all 70 kB of it, whenever its length changes.
mails = Table(
    "mails",
    metadata,
    Column("delivery_id", Id, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("raw", LargeBinary, nullable=False),
)

# A person's own choice, which wins over sources.yaml; NULL where they chose nothing. `themes` is a JSON list.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("recipient_id", Words, primary_key=True),
    Column("digest", Words, primary_key=True),
    Column("active", Boolean, nullable=False),
    Column("themes", Words),
    Column("frequency", Words),
    Column("decided_at", UTCDateTime, nullable=False),
    Column("decided_by", Words, nullable=False),
    CheckConstraint("decided_by IN ('mail', 'web', 'operator')", name="decided_by"),
)

suspensions = Table(
    "suspensions",
    metadata,
    Column("recipient_id", Words, primary_key=True),
    Column("since", UTCDateTime, nullable=False),
    Column("reason", Words, nullable=False),
)

# Mails that came back for good, one for each edition and person.
bounces = Table(
    "bounces",
    metadata,
    Column("recipient_id", Words, primary_key=True),
    Column("edition_id", Id, ForeignKey("editions.id"), primary_key=True),
    Column("bounced_at", UTCDateTime, nullable=False),
    Column("status", Words, nullable=False),
    Index("ix_bounces_edition_id", "edition_id"),
)

# Who asked to be forgotten, as a hash that means nothing without the key of the home.
tombstones = Table(
    "tombstones",
    metadata,
    Column("hash", Words, primary_key=True),
    Column("forgotten_at", UTCDateTime, nullable=False),
)

# One row. `epoch` counts final dots and never goes back: a database that counts less than the home remembers is an old copy.
# `changes` counts what people chose and how they were suspended or forgotten: whoever hands over sees that something did.
mail_counters = Table(
    "mail_counters",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("epoch", Id, nullable=False),
    Column("changes", Id, nullable=False),
)
