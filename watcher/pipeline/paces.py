"""Editions that leave at another pace than their digest: each day, or at once for what nobody should learn on Monday."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from watcher import schedule
from watcher.errors import WatcherError
from watcher.model import Digest, Edition, Entry, Figures, Parliament, Period, QuestionEntry, Section
from watcher.pipeline import held, keys, publish, subscriptions
from watcher.pipeline.composing import compose
from watcher.pipeline.desk import Desk
from watcher.pipeline.publish import NothingReadError, Preview, Published, frozen_together, publish_digest
from watcher.render.mime import list_of
from watcher.store import editions

MUST_READ = 3
# What is older than a day is no news to interrupt anybody with, and so many a day are none either: they wait for the edition.
WITHIN = timedelta(days=1)
MOST_A_DAY = 5
NAME_LENGTH = 16  # hexadecimal digits of the name of an edition that leaves at once


def publish_due(desk: Desk) -> tuple[tuple[Published, ...], tuple[tuple[str, str], ...]]:
    """Publish what is due at other paces than the digests' own; return it, and why others could not be, by digest.

    An edition that exists is not made again; one that is more than two days late is not made at all: the next one holds it.
    """
    published: list[Published] = []
    problems: list[tuple[str, str]] = []
    for digest in desk.config.digests:
        try:
            own, *others = subscriptions.paces(desk, digest)
            for other in others:
                published += _at_once(desk, own, other) if other.frequency == subscriptions.AT_ONCE else _due(desk, own, other)
        except WatcherError as error:
            problems.append((digest.id, error.message))
    return tuple(published), tuple(problems)


def _due(desk: Desk, own: Digest, wanted: Digest) -> list[Published]:
    due = schedule.edition_due(wanted, desk.zone, desk.now())
    if due.late > schedule.LATEST or desk.store.read(lambda tx: editions.get(tx, wanted.id, due.period.key)) is not None:
        return []
    before, first = desk.store.read(lambda tx: (editions.last(tx, own.id), editions.last(tx, wanted.id) is None))
    # Whoever begins to read each day is not sent the archive: it goes on where the digest's own editions are.
    since = before.edition.cutoff if first and before else None
    try:
        return [publish_digest(desk, wanted, due.period, since=since)]
    except NothingReadError:
        return []  # a day on which nothing was read has no edition; `status` says what is not read


def _at_once(desk: Desk, own: Digest, wanted: Digest) -> list[Published]:
    """Publish an edition of one entry for each must-read that somebody waits for; it is named after the entry, hence once."""
    made = waiting_at_once(desk, own, wanted)
    if not made:
        return []
    frozen = frozen_together(desk, made, looked_at=None)
    return [
        Published(
            digest=wanted,
            edition=one.edition,
            created=one.created,
            mails=len(done.posts) if one.created else 0,
            held=tuple((person.id, problem) for person, problem in done.held),
        )
        for one, (_, done) in zip(frozen, made, strict=True)
    ]


def waiting_at_once(desk: Desk, own: Digest, wanted: Digest) -> list[tuple[Edition, held.Rendered]]:
    """Return the editions that would leave at once now, the best first, with their mails; nothing is frozen.

    `own` is the digest at its own pace, `wanted` the one of those who are written to at once.
    """
    now = desk.now()
    since, number, today = _so_far(desk, own, wanted, now)
    if today >= MOST_A_DAY:
        return []
    templates = held.templates_of(desk.home)
    eager = replace(wanted, min_relevance=MUST_READ, max_per_section=MOST_A_DAY, max_entries=MOST_A_DAY)
    whole, _ = compose(desk, eager, Period(key="at-once", start=since, end=now), templates_hash=templates.hash, since=since)
    had = desk.store.read(lambda tx: held.sent_before(tx, wanted))
    made: list[tuple[Edition, held.Rendered]] = []
    for edition in _each_alone(whole, number):
        (key,) = (entry.key for entry in _entries(edition))
        people = [p for p in wanted.recipients if key not in had[p.id].keys and _wants(p.themes, _entries(edition)[0])]
        if people and len(made) < MOST_A_DAY - today:
            numbered = replace(edition, number=number + len(made) + 1)
            made.append((numbered, held.rendered(numbered, people, had, templates, keys.signing(desk))))
    return made


def previewed(desk: Desk, name: str, *, week: str | None = None, address: str | None = None) -> Preview | None:
    """Return what `publish.previewed` does; for the name of what leaves at once (`veille.at-once`), what would leave now.

    None when nothing would. Raises UnknownNameError.
    """
    digest = publish.digest_named(desk, list_of(name))
    wanted, recipient = subscriptions.read_by(desk, digest, name, address)
    if wanted.frequency != subscriptions.AT_ONCE:
        return publish.previewed(desk, name, week=week, address=address)
    own = subscriptions.own_pace(desk, digest)
    for edition, done in waiting_at_once(desk, own, replace(wanted, recipients=(recipient,))):
        for _, message, _ in done.posts:
            return Preview(edition=edition, message=message)
    return None


def _so_far(desk: Desk, own: Digest, wanted: Digest, now: datetime) -> tuple[datetime, int, int]:
    """Return since when must-reads may be sent, the number of the last one, and how many left within a day."""
    main, earlier = desk.store.read(lambda tx: (editions.last(tx, own.id), editions.all(tx, wanted.id)))
    since = max(now - WITHIN, main.edition.cutoff) if main else now - WITHIN
    number = max((one.edition.number for one in earlier), default=0)
    return since, number, sum(one.edition.cutoff > now - WITHIN for one in earlier)


def _each_alone(whole: Edition, number: int) -> list[Edition]:
    """Return an edition for each entry of `whole`, the best first, named after its entry."""
    bare = replace(whole, number=number, sections=(), parliament=Parliament(), unread=(), figures=Figures(), repeated=0)
    alone: list[tuple[float, Edition]] = []
    for section in whole.sections:
        for entry in section.entries:
            only = replace(section, entries=(entry,), more=0)
            alone.append((entry.score, replace(bare, sections=(only,), period=_named(whole, entry.key))))
    for entry in whole.parliament.entries:
        if entry.relevance >= MUST_READ:
            part = _alone_in_parliament(whole.parliament, entry)
            alone.append((entry.score, replace(bare, parliament=part, period=_named(whole, entry.key))))
    return [edition for _, edition in sorted(alone, key=lambda pair: (-pair[0], pair[1].period.key))]


def _named(whole: Edition, key: str) -> Period:
    """Name an edition after its one entry: a hash, for the name stands in headers, and the key may be an address."""
    return Period(key=sha256(key.encode()).hexdigest()[:NAME_LENGTH], start=whole.cutoff - timedelta(seconds=1), end=whole.cutoff)


def _alone_in_parliament(part: Parliament, entry: QuestionEntry) -> Parliament:
    return replace(
        part,
        answers=tuple(e for e in part.answers if e is entry),
        asked=tuple(e for e in part.asked if e is entry),
        moved=tuple(e for e in part.moved if e is entry),
        ended=tuple(e for e in part.ended if e is entry),
        more=0,
        overdue=(),
        more_overdue=0,
        delays=(),
    )


def _entries(edition: Edition) -> tuple[Entry | QuestionEntry, ...]:
    sections: tuple[Section, ...] = edition.sections
    return (*(entry for section in sections for entry in section.entries), *edition.parliament.entries)


def _wants(themes: tuple[str, ...], entry: Entry | QuestionEntry) -> bool:
    return not themes or bool(set(themes) & set(entry.themes))
