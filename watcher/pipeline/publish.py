"""Publish: freeze a digest's edition, render it for each recipient, and queue the mails, all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watcher import dates, digest, render, schedule, stories
from watcher.errors import ConfigError, StoreError, UnknownNameError
from watcher.model import Candidate, Digest, Edition, Message, Period, Recipient, Source, SourceState, UnreadSource
from watcher.pipeline import documents, held, parliament
from watcher.pipeline.desk import Desk
from watcher.store import Transaction, editions
from watcher.store import documents as stored
from watcher.store import held as owed
from watcher.store import sources as memory

STORY_WINDOW = timedelta(days=21)
MOST_CANDIDATES = 5000


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


def publish(desk: Desk, name: str, *, week: str | None = None) -> Published:
    """Freeze and queue the edition of digest `name` for `week` ("2026-W47"; the last complete period by default).

    An edition holds what was recorded since the previous edition's cut-off, never what was published in a window. Running it
    again returns the edition that exists, and releases the mails that were held if their template is mended since. Raises
    UnknownNameError for an unknown digest or week, ConfigError when nobody receives it, StoreError.
    """
    wanted = digest_named(desk, name)
    period = period_of(desk, wanted, week)
    before = held.release(desk, wanted)
    frozen = desk.store.read(lambda tx: editions.get(tx, wanted.id, period.key))
    if frozen is not None:
        return _published(wanted, frozen, before)
    if not wanted.recipients:
        raise ConfigError(
            f"the digest {wanted.id!r} has no recipients: nothing is frozen and nothing mailed.",
            file=str(desk.home.sources_yaml),
            remedy=f"Add an address to its `recipients:`; `watcher digest preview {wanted.id}` shows it meanwhile.",
        )
    templates = held.templates_of(desk.home)
    edition, looked_at = compose(desk, wanted, period, templates_hash=templates.hash)
    if not edition.sources_read:
        raise StoreError("No source was read since the last edition: nothing is frozen.", remedy="`watcher poll` says why.")
    mailed = desk.store.read(lambda tx: editions.mailed(tx, tuple(r.id for r in wanted.recipients)))
    done = held.rendered(edition, wanted.recipients, mailed, templates, desk.config.settings)
    now = desk.now()

    def freeze(tx: Transaction) -> editions.Frozen:
        frozen = editions.freeze(tx, edition, done.posts, now, looked_at=looked_at)
        if frozen.created:
            owed.hold(tx, frozen.id, done.held, now)
        return frozen

    return _published(wanted, desk.store.write(freeze), before, done)


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
    wanted = digest_named(desk, name)
    period = period_of(desk, wanted, week)
    templates = held.templates_of(desk.home)
    frozen = desk.store.read(lambda tx: editions.get(tx, wanted.id, period.key))
    edition = frozen.edition if frozen else compose(desk, wanted, period, templates_hash=templates.hash)[0]
    recipient = _recipient(desk, wanted, address)
    mailed: frozenset[str] = frozenset()
    if frozen is None:
        mailed = desk.store.read(lambda tx: editions.mailed(tx, (recipient.id,))).get(recipient.id, frozenset())
    own = digest.for_recipient(edition, recipient, mailed)
    return own, render.message(own, recipient, templates, desk.config.settings)


_Gathered = tuple[editions.Frozen | None, tuple[Candidate, ...], tuple[Candidate, ...], dict[str, SourceState], digest.Record]


def compose(desk: Desk, wanted: Digest, period: Period, *, templates_hash: str) -> tuple[Edition, tuple[str, ...]]:
    """Return the edition of `wanted` as of now, frozen nowhere yet, and the keys of the documents it looked at."""
    cutoff = desk.now()

    themes = tuple(t for t in desk.seeds.themes if not wanted.themes or t.id in wanted.themes)

    def gather(tx: Transaction) -> _Gathered:
        last = editions.last(tx, wanted.id)
        after = last.edition.cutoff if last else None
        found = stored.candidates(tx, after, cutoff, MOST_CANDIDATES)
        known = stored.recent(tx, cutoff - STORY_WINDOW, MOST_CANDIDATES)
        articles = tuple(c for c in found if not c.document.key.startswith("question:"))
        record = parliament.since(tx, desk, after, cutoff, [theme.id for theme in themes])
        return last, articles, known, memory.states(tx), record

    last, found, known, states, record = desk.store.read(gather)
    candidates = _judged(desk, found)
    after = last.edition.cutoff if last else None
    edition = digest.build(
        digest.Plan(
            digest=wanted,
            number=last.edition.number + 1 if last else 1,
            period=period,
            cutoff=cutoff,
            candidates=candidates,
            stories=stories.group(candidates, known),
            themes=themes,
            seeds=desk.seeds.seeds,
            read=len(candidates) + len({question.key for _, question in record.events}),
            sources_read=sum(_read_since(state, after) for state in states.values()),
            unread=unread(desk.config.sources, states),
            excerpt=desk.config.settings.excerpt,
            templates_hash=templates_hash,
            record=record,
        )
    )
    return edition, tuple(candidate.document.key for candidate in candidates)


def _judged(desk: Desk, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return `candidates`, those whose page is still to come judged by the words of their listing."""
    sources = {source.id: source for source in desk.config.sources}
    return tuple(
        candidate
        if candidate.verdict.classifier
        else replace(
            candidate,
            verdict=documents.judge(desk.classifier, candidate.document, sources.get(candidate.document.source_id)),
        )
        for candidate in candidates
    )


def unread(sources: Sequence[Source], states: dict[str, SourceState]) -> tuple[UnreadSource, ...]:
    """Return the enabled sources whose last poll failed, in the order of sources.yaml."""
    failing = [(s, states[s.id]) for s in sources if s.enabled and s.id in states and states[s.id].failures]
    return tuple(UnreadSource(id=s.id, name=s.name, reason=t.last_error or "", since=t.failing_since) for s, t in failing)


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
        period = dates.week(week, desk.zone)
    except ValueError as error:
        raise UnknownNameError("week", week, remedy="Write it as 2026-W47.") from error
    if period.end > desk.now():
        raise UnknownNameError("complete week", week, remedy="An edition is made of a week that is over.")
    return period


def _read_since(state: SourceState, after: datetime | None) -> bool:
    return state.last_success_at is not None and (after is None or state.last_success_at > after)


def _recipient(desk: Desk, wanted: Digest, address: str | None) -> Recipient:
    if address is None:
        return wanted.recipients[0] if wanted.recipients else Recipient(id="preview", address=desk.config.settings.mail.sender)
    known = next((r for r in wanted.recipients if r.address == address), None)
    return known or Recipient(id="preview", address=address)
