"""Digests, those who receive them, and the outbox."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One entry of `digests:` in sources.yaml. `day` and `at` are when it leaves, in the configured zone."""

    id: str
    title: str
    frequency: str = "weekly"
    day: str = "monday"
    at: str = "07:30"
    themes: tuple[str, ...] = ()
    recipients: tuple["Recipient", ...] = ()
    max_per_section: int = 8
    max_entries: int = 40
    min_relevance: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person who receives a digest. `themes` empty: all of them. `id` is opaque: the address is never logged.

    `frequency` is `weekly`, `daily` or `at_once`; None: that of the digest. `language` is that of the mail's own words (ISO 639).
    """

    id: str
    address: str
    name: str | None = None
    themes: tuple[str, ...] = ()
    frequency: str | None = None
    language: str = "fr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a person chose for one digest; it wins over sources.yaml. None: nothing was chosen, what the file says holds.

    `decided_by` says through which door: `mail`, `web` or `operator`.
    """

    recipient_id: str
    digest: str
    active: bool = True
    themes: tuple[str, ...] | None = None
    frequency: str | None = None
    decided_at: datetime
    decided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """That nothing is sent to a person any more because their mails came back; `reason` is what their server said."""

    recipient_id: str
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One mail, as the frozen bytes that are handed over, with what was rendered for those who look at it."""

    message_id: str
    subject: str
    html: str
    text: str
    raw: bytes


class DeliveryState(StrEnum):
    """Where a mail is (architecture, section 8)."""

    QUEUED = "queued"
    HANDING_OVER = "handing_over"
    SENT = "sent"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One row of the outbox: a message for one recipient, and how far it got. `hand_overs` counts final dots."""

    id: int
    edition_id: int
    recipient_id: str
    address: str
    message_id: str
    raw: bytes
    state: DeliveryState
    attempts: int = 0
    hand_overs: int = 0
    not_before: datetime | None = None
    reply: str | None = None
    updated_at: datetime | None = None
