"""The calendar of editions: which ones leave now, which came too late, when the next ones are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from watcher import schedule, tokens
from watcher.errors import WatcherError
from watcher.model import Digest, Subscription
from watcher.pipeline import keys
from watcher.pipeline.desk import Desk
from watcher.schedule import Due, Leaving
from watcher.store import Transaction, editions, forgetting, recipients, service

if TYPE_CHECKING:
    from watcher.pipeline.publish import Published


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """The edition of a digest whose hour came last, what becomes of it, and when the next one leaves."""

    digest: Digest
    due: Due
    leaving: Leaving
    next_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one look at the calendar gave: editions that were published, and why others could not be, by digest.

    `idle` are those for which there is nothing to do yet, and why: no source was read since the last edition.
    """

    published: "tuple[Published, ...]" = ()
    problems: tuple[tuple[str, str], ...] = ()
    idle: tuple[tuple[str, str], ...] = ()


def join(desk: Desk) -> None:
    """Note since when each digest is known: what should have left before is owed to nobody."""
    now = desk.now()
    desk.store.write(lambda tx: service.join_digests(tx, [digest.id for digest in desk.config.digests], now))


def coming(desk: Desk, tx: Transaction) -> tuple[Coming, ...]:
    """Return, for each digest that somebody receives, the edition whose hour came last and what becomes of it."""
    now, joined, refused = desk.now(), service.joined_digests(tx), service.refused_editions(tx)
    choices, out = recipients.choices(tx), _out(desk, tx)
    found: list[Coming] = []
    for digest in desk.config.digests:
        if not _received(digest, choices, out):
            continue
        due = schedule.edition_due(digest, desk.zone, now)
        last = editions.last_cutoff(tx, digest.id)
        leaving = schedule.leaving(
            due,
            sent=editions.exists(tx, digest.id, due.period.key),
            # A digest that had editions owes the next one, whoever made them.
            joined_at=last or joined.get(digest.id, now),
            refused=(digest.id, due.period.key) in refused,
            now=now,
        )
        next_at = schedule.next_edition(digest, desk.zone, now)
        found.append(Coming(digest=digest, due=due, leaving=leaving, next_at=next_at))
    return tuple(found)


def publish_due(desk: Desk) -> Turn:
    """Publish every edition whose hour has come, late ones once (promise P4), and what people receive at another pace.

    One that fails keeps no other from leaving.
    """
    # Templates and all: `status` asks for the calendar alone.
    from watcher.pipeline import paces, subscriptions
    from watcher.pipeline.publish import NothingReadError, publish_digest

    published: list[Published] = []
    problems: list[tuple[str, str]] = []
    idle: list[tuple[str, str]] = []
    for one in desk.store.read(lambda tx: coming(desk, tx)):
        if one.leaving is not Leaving.LEAVES:
            continue
        try:
            published.append(publish_digest(desk, subscriptions.own_pace(desk, one.digest), one.due.period))
        except NothingReadError as error:
            idle.append((one.digest.id, error.message))
        except WatcherError as error:
            problems.append((one.digest.id, error.message))
    others, mistakes = paces.publish_due(desk)
    return Turn(published=(*published, *others), problems=(*problems, *mistakes), idle=tuple(idle))


def _out(desk: Desk, tx: Transaction) -> frozenset[str]:
    """Return the ids of those to whom nothing is sent at all: suspended for bounces, or forgotten at their own request."""
    hashes = forgetting.tombstones(tx)
    key = keys.signing(desk).mail.key if hashes else ""
    people = (person for digest in desk.config.digests for person in digest.recipients) if hashes else ()
    return frozenset(recipients.suspensions(tx)) | {p.id for p in people if tokens.tombstone(key, p.address) in hashes}


def _received(digest: Digest, choices: Mapping[tuple[str, str], Subscription], out: frozenset[str]) -> bool:
    """Say whether anybody receives `digest` at its own pace: not those who left, nor those who chose another."""
    for person in digest.recipients:
        choice = choices.get((person.id, digest.id))
        pace = (choice.frequency if choice else None) or person.frequency or digest.frequency
        if person.id not in out and (choice is None or choice.active) and pace in (digest.frequency, "at_once"):
            return True
    return False
