"""Inbound: what comes back by mail. Only what carries a token of ours changes anything, and nothing is ever answered."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from enum import StrEnum
from typing import Any

from watcher import tokens
from watcher.model import Delivery
from watcher.pipeline import keys, subscriptions
from watcher.pipeline.desk import Desk
from watcher.store import Transaction, recipients
from watcher.store import outbox as stored

MAX_BYTES = 10 << 20
# Of so many editions in a row must the mail come back for good before a person is written to no more.
SUSPEND_AFTER = 2
_TAG = re.compile(r"\+([ub])([0-9a-f]{40})@", re.IGNORECASE)
_SUBJECT = re.compile(r"unsubscribe\s+([0-9a-f]{40})\b", re.IGNORECASE)
_ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")


class Outcome(StrEnum):
    """What became of a mail that came in. All but the first three change nothing."""

    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    SUSPENDED = "suspended"
    DELAYED = "delayed"
    FORGED = "forged"
    AUTOMATIC = "automatic"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What came in and what was done; `recipient_id` says for whom, never at which address."""

    outcome: Outcome
    recipient_id: str | None = None
    status: str = ""

    def sentence(self) -> str:
        """Return what happened, in one line for a log."""
        whom = f" {self.recipient_id}" if self.recipient_id else ""
        return f"inbound: {self.outcome}{whom}{f' ({self.status})' if self.status else ''}"


def receive(desk: Desk, raw: bytes, *, envelope_to: str | None = None) -> Received:
    """Read one mail (RFC 5322) and act on it: somebody unsubscribes, or a mail of ours comes back (RFC 3464).

    A token counts wherever the mail was addressed to, or in its subject for somebody who unsubscribes. A delivery report counts
    only under the signed address that the mail left with; one that says `delayed` changes nothing. A mail that a program sent
    by itself unsubscribes nobody (RFC 3834). `envelope_to` is the address it was accepted for, when that is known.
    """
    message = BytesParser(policy=policy.default).parsebytes(raw[:MAX_BYTES])
    key = keys.signing(desk).mail.key
    tags = list(_tags(message, envelope_to))
    for kind, token in tags:
        if kind == "b" and (number := tokens.bounced(key, token)) is not None:
            return _bounced(desk, message, number)
    if _automatic(message):
        return Received(outcome=Outcome.AUTOMATIC)
    named = _SUBJECT.search(_header(message, "Subject"))
    for token in [*(token for kind, token in tags if kind == "u"), *([named[1]] if named else [])]:
        if subscriptions.unsubscribe(desk, token, by="mail"):
            return Received(outcome=Outcome.UNSUBSCRIBED, recipient_id=token[:16].lower())
    return Received(outcome=Outcome.FORGED if tags or named else Outcome.UNKNOWN)


def _bounced(desk: Desk, message: EmailMessage, number: int) -> Received:
    status = _status(message)
    mail = desk.store.read(lambda tx: stored.get(tx, number))
    if mail is None or status is None:
        return Received(outcome=Outcome.UNKNOWN)
    action, code = status
    if action != "failed" or not code.startswith("5"):
        return Received(outcome=Outcome.DELAYED, recipient_id=mail.recipient_id, status=code)
    suspended = desk.store.write(lambda tx: _note(tx, desk, mail, code))
    outcome = Outcome.SUSPENDED if suspended else Outcome.BOUNCED
    return Received(outcome=outcome, recipient_id=mail.recipient_id, status=code)


def _note(tx: Transaction, desk: Desk, mail: Delivery, code: str) -> bool:
    """Note that a mail came back for good, and say whether that was once too often (row E04)."""
    now = desk.now()
    in_a_row = recipients.bounced(tx, mail.recipient_id, mail.edition_id, code, now)
    if in_a_row < SUSPEND_AFTER:
        return False
    recipients.suspend(tx, mail.recipient_id, f"mails came back: {code}", now)
    return True


def _tags(message: EmailMessage, envelope_to: str | None) -> Iterator[tuple[str, str]]:
    """Yield the kind and the token of each signed address that the mail was sent to."""
    addressed = [envelope_to or "", *(value for name in _ADDRESSED for value in _headers(message, name))]
    for value in addressed:
        for kind, token in _TAG.findall(value):
            yield kind.lower(), token.lower()


def _automatic(message: EmailMessage) -> bool:
    """Say whether a program sent it by itself: an absence, a list, a report (RFC 3834, 2)."""
    if _header(message, "Auto-Submitted").strip().lower() not in ("", "no"):
        return True
    bulk = _header(message, "Precedence").strip().lower() in ("bulk", "list", "junk", "auto_reply")
    return bulk or bool(_header(message, "X-Autoreply")) or _header(message, "Return-Path").strip() == "<>"


def _status(message: EmailMessage) -> tuple[str, str] | None:
    """Return the action and the status of the first recipient of a delivery report (RFC 3464, 2.3), None without one."""
    if message.get_content_type() != "multipart/report":
        return None
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for fields in _blocks(part):
            action, status = _header(fields, "Action").strip().lower(), _header(fields, "Status").strip()
            found = re.match(r"[245]\.\d{1,3}\.\d{1,3}", status)
            if action and found:
                return action, found[0]
    return None


def _blocks(part: Any) -> list[Any]:
    content: Any = part.get_payload()
    return content if isinstance(content, list) else []  # pyright: ignore[reportUnknownVariableType]


def _headers(message: Any, name: str) -> list[str]:
    """Return the values of a header, those included that no standard allows."""
    try:
        return [str(value) for value in message.get_all(name, [])]
    except (ValueError, IndexError, AttributeError, TypeError):
        return []  # the parser of headers stumbles over some that were made to make it stumble: they say nothing to us


def _header(message: Any, name: str) -> str:
    return next(iter(_headers(message, name)), "")
