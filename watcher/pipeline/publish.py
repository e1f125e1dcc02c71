"""Publish: freeze a digest's edition, render it for each recipient, and queue the mails, all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email import policy
from email.parser import BytesParser

from watcher import dates, digest, render, schedule
from watcher.deliver import dkim
from watcher.errors import ConfigError, StoreError, UnknownNameError
from watcher.model import Digest, Edition, Message, Period, Recipient
from watcher.pipeline import held, keys, room, subscriptions
from watcher.pipeline.composing import compose
from watcher.pipeline.desk import Desk
from watcher.render.mime import list_of
from watcher.store import Transaction, editions, outbox
from watcher.store import held as owed


class NothingReadError(StoreError):
    """No source was read since the last edition: there is nothing to freeze yet."""

    def __init__(self) -> None:
        super().__init__("No source was read since the last edition: nothing is frozen.", remedy="`watcher poll` says why.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What publishing one digest gave. `created` is False when that edition was frozen before: nothing is mailed again.

    `mails` counts those queued now, `released` those of them that had been held; `held` are those that a mistake in a
    template keeps, as (recipient's id, problem).
    """

    digest: Digest
    edition: Edition
    created: bool
    mails: int
    released: int = 0
    held: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What one person reads of an edition.

    `stored` is True when the mail is the one in the outbox, byte for byte; `sent` when one was made for this person at all;
    `frozen` when the edition was made before.
    """

    edition: Edition
    message: Message
    stored: bool = False
    sent: bool = False
    frozen: bool = False


def publish(desk: Desk, name: str, *, week: str | None = None) -> Published:
    """Freeze and queue the edition of digest `name` for `week` ("2026-W47"; the last complete period by default).

    An edition holds what was recorded since the previous edition's cut-off, never what was published in a window. Running it
    again returns the edition that exists, and releases the mails that were held if their template is mended since. Raises
    UnknownNameError for an unknown digest or week, ConfigError when nobody receives it, StoreError.
    """
    wanted = digest_named(desk, name)
    return publish_digest(desk, subscriptions.own_pace(desk, wanted), period_of(desk, wanted, week))


def publish_digest(desk: Desk, wanted: Digest, period: Period, *, since: datetime | None = None) -> Published:
    """Freeze and queue the edition of `wanted` for `period`, made of what was recorded since the previous one, or `since`."""
    room.check(desk.home.var)
    before = held.release(desk, wanted)
    frozen = desk.store.read(lambda tx: editions.get(tx, wanted.id, period.key))
    if frozen is not None:
        return _published(wanted, frozen, before)
    if not wanted.recipients:
        raise ConfigError(
            f"nobody receives the digest {wanted.id!r} at its own pace: nothing is frozen and nothing mailed.",
            file=str(desk.home.sources_yaml),
            remedy="Add an address to its `recipients:` unless all chose another pace; "
            f"`watcher digest preview {wanted.id}` shows it meanwhile.",
        )
    templates = held.templates_of(desk.home)
    edition, looked_at = compose(desk, wanted, period, templates_hash=templates.hash, since=since)
    if not edition.sources_read:
        raise NothingReadError
    had = desk.store.read(lambda tx: held.sent_before(tx, wanted))
    done = held.rendered(edition, wanted.recipients, had, templates, keys.signing(desk))
    (one,) = frozen_together(desk, [(edition, done)], looked_at=looked_at)
    return _published(wanted, one, before, done)


def frozen_together(
    desk: Desk, rendered: Sequence[tuple[Edition, held.Rendered]], *, looked_at: Sequence[str] | None
) -> tuple[editions.Frozen, ...]:
    """Freeze editions and queue their mails, all of them or none. Raises StoreError."""
    now = desk.now()

    def freeze(tx: Transaction) -> tuple[editions.Frozen, ...]:
        done: list[editions.Frozen] = []
        for edition, mails in rendered:
            one = editions.freeze(tx, edition, mails.posts, now, looked_at=looked_at)
            if one.created:
                owed.hold(tx, one.id, mails.held, now)
            done.append(one)
        return tuple(done)

    return desk.store.write(freeze)


def _published(wanted: Digest, frozen: editions.Frozen, before: held.Released, done: held.Rendered | None = None) -> Published:
    fresh = done if frozen.created else None
    return Published(
        digest=wanted,
        edition=frozen.edition,
        created=frozen.created,
        mails=before.mails + (len(fresh.posts) if fresh else 0),
        released=before.mails,
        held=(*before.held, *((recipient.id, problem) for recipient, problem in (fresh.held if fresh else ()))),
    )


def preview(desk: Desk, name: str, *, week: str | None = None, address: str | None = None) -> tuple[Edition, Message]:
    """Return the edition and the mail that `publish` would make now, or the one it made, for `address` or the first recipient."""
    found = previewed(desk, name, week=week, address=address)
    return found.edition, found.message


def previewed(desk: Desk, name: str, *, week: str | None = None, address: str | None = None) -> Preview:
    """Return what `address`, or the first recipient, would be sent of an edition, or was: stored bytes while they are kept.

    `name` is a digest, or a digest at another pace (`veille.daily`); who reads at another pace is shown theirs. Raises
    UnknownNameError for a name or a week that is none, and for a past week of which no edition was made.
    """
    named = digest_named(desk, list_of(name))
    wanted, recipient = subscriptions.read_by(desk, named, name, address)
    period = period_of(desk, wanted, week)
    frozen = desk.store.read(lambda tx: editions.get(tx, wanted.id, period.key))
    templates = held.templates_of(desk.home)
    had: dict[str, held.Before] = {}
    sent = None
    if frozen is None:
        if period.key != schedule.last_period(wanted, desk.zone, desk.now()).key:
            raise UnknownNameError(f"edition of {wanted.id} for", period.key, remedy="None was made then: `watcher digest list`.")
        edition = compose(desk, wanted, period, templates_hash=templates.hash)[0]
        had = desk.store.read(lambda tx: held.sent_before(tx, _with(wanted, recipient)))
    else:
        edition = frozen.edition
        sent = desk.store.read(lambda tx: outbox.of_edition(tx, frozen.id, recipient.id))
        if sent is not None and sent.raw:
            own = digest.for_recipient(edition, recipient, frozenset())
            return Preview(edition=own, message=_read_back(sent.message_id, sent.raw), stored=True, sent=True, frozen=True)
    own = digest.for_recipient(edition, recipient, had.get(recipient.id, held.Before()).keys)
    done = held.rendered(edition, (recipient,), had, templates, keys.signing(desk))
    message = done.posts[0][1] if done.posts else render.message(own, recipient, templates, keys.signing(desk))
    return Preview(edition=own, message=message, sent=sent is not None, frozen=frozen is not None)


def test_mail(desk: Desk, name: str, *, week: str | None, address: str) -> Message:
    """Return the mail of an edition for `address` as a stranger reads it: whole, under a Message-ID of its own (row E15)."""
    edition = previewed(desk, name, week=week, address=address).edition
    stranger = Recipient(id="test", address=address)
    message = render.message(edition, stranger, held.templates_of(desk.home), keys.signing(desk))
    return replace(message, raw=dkim.signed(message.raw, desk.config.settings.mail))


def _with(wanted: Digest, recipient: Recipient) -> Digest:
    return replace(wanted, recipients=(recipient,))


def _read_back(message_id: str, raw: bytes) -> Message:
    """Return a stored mail with its two readable parts."""
    parsed = BytesParser(policy=policy.default).parsebytes(raw)
    parts: dict[str, str] = {}
    for part in parsed.walk():
        if part.get_content_maintype() == "text":
            parts[part.get_content_subtype()] = part.get_content()
    subject = str(parsed["Subject"] or "")
    return Message(message_id=message_id, subject=subject, html=parts.get("html", ""), text=parts.get("plain", ""), raw=raw)


def digest_named(desk: Desk, name: str) -> Digest:
    """Return the digest whose id is `name`. Raises ConfigError naming those that exist."""
    by_id = {digest.id: digest for digest in desk.config.digests}
    if name not in by_id:
        raise UnknownNameError("digest", name, by_id, remedy=f"There are: {', '.join(by_id) or 'none'}.")
    return by_id[name]


def period_of(desk: Desk, wanted: Digest, week: str | None) -> Period:
    """Return the period that `week` names, or the last complete one."""
    if week is None:
        return schedule.last_period(wanted, desk.zone, desk.now())
    try:
        period = dates.day(week, desk.zone) if wanted.frequency == "daily" else dates.week(week, desk.zone)
    except ValueError as error:
        remedy = "It leaves each day: write a day, as 2026-11-20." if wanted.frequency == "daily" else "Write it as 2026-W47."
        raise UnknownNameError("day" if wanted.frequency == "daily" else "week", week, remedy=remedy) from error
    if period.end > desk.now():
        raise UnknownNameError("complete week", week, remedy="An edition is made of a week that is over.")
    return period
