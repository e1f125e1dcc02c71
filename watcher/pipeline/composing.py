"""Compose: what was recorded since the last edition, judged and put into stories, becomes the next one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from watcher import digest, numbering, stories
from watcher.model import Candidate, Digest, Edition, Period, Source, SourceState, Theme, Told, UnreadSource
from watcher.pipeline import collector, documents, parliament
from watcher.pipeline.desk import Desk
from watcher.store import Transaction
from watcher.store import documents as stored
from watcher.store import sources as memory
from watcher.store import stories as told_before

MOST_CANDIDATES = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gathered:
    """What the store holds for an edition, read at one instant: what was recorded `after` the previous one's cut-off."""

    after: datetime | None
    earlier: tuple[Edition, ...]
    candidates: tuple[Candidate, ...]
    known: tuple[Candidate, ...]
    told: tuple[Told, ...]
    states: dict[str, SourceState]
    record: digest.Record


@collector.at_rest()
def compose(
    desk: Desk, wanted: Digest, period: Period, *, templates_hash: str, since: datetime | None = None
) -> tuple[Edition, tuple[str, ...]]:
    """Return the edition of `wanted` as of now, frozen nowhere yet, and the keys of the documents it looked at.

    It holds what was recorded since the previous edition's cut-off, or after the instant `since`.
    """
    cutoff = desk.now()
    themes = tuple(t for t in desk.seeds.themes if not wanted.themes or t.id in wanted.themes)
    found = desk.store.read(lambda tx: _gathered(tx, desk, wanted, themes, cutoff, since))
    candidates = _judged(desk, found.candidates, wanted)
    plan = digest.Plan(
        digest=wanted,
        number=found.earlier[0].number + 1 if found.earlier else 1,
        period=period,
        cutoff=cutoff,
        candidates=candidates,
        stories=stories.group(candidates, found.known, found.told),
        themes=themes,
        seeds=desk.seeds.seeds,
        read=len(candidates) + len({question.key for _, question in found.record.events}),
        sources_read=sum(_read_since(state, found.after) for state in found.states.values()),
        unread=unread(desk.config.sources, found.states),
        excerpt=desk.config.settings.excerpt,
        templates_hash=templates_hash,
        record=found.record,
        weights={source.id: source.weight for source in desk.config.sources},
        earlier=found.earlier,
    )
    edition = digest.build(plan, whole=lambda keys: _whole(desk, keys))
    return edition, tuple(candidate.document.key for candidate in candidates)


def _gathered(
    tx: Transaction, desk: Desk, wanted: Digest, themes: Sequence[Theme], cutoff: datetime, since: datetime | None
) -> _Gathered:
    window = cutoff - stories.WINDOW
    earlier = told_before.earlier(tx, wanted.id, window, digest.COMPARED)
    after = since or (earlier[0].cutoff if earlier else None)
    told = stories.told(earlier, window)
    return _Gathered(
        after=after,
        earlier=earlier,
        candidates=tuple(
            candidate
            for candidate in told_before.candidates(tx, after, cutoff, MOST_CANDIDATES)
            if not numbering.is_key(candidate.document.key)
        ),
        known=told_before.known(tx, window, after, MOST_CANDIDATES, {key for one in told for key in one.documents}),
        told=told,
        states=memory.states(tx),
        record=parliament.since(tx, desk, after, cutoff, [theme.id for theme in themes]),
    )


def _judged(desk: Desk, candidates: Sequence[Candidate], wanted: Digest) -> tuple[Candidate, ...]:
    """Return `candidates`, those with the verdict they lack.

    One whose page is still to come is judged by the words of its listing; one that no theme is on has the scores of all.
    """
    lacking = [
        one.document.key
        for one in candidates
        if not one.verdict.classifier or (not one.verdict.themes and one.verdict.relevance >= wanted.min_relevance)
    ]
    whole = _whole(desk, lacking)
    return tuple(whole.get(candidate.document.key, candidate) for candidate in candidates)


def _whole(desk: Desk, keys: Collection[str]) -> dict[str, Candidate]:
    """Return the documents that have one of `keys` with all their text and reasons; what was never judged is judged now."""
    sources = {source.id: source for source in desk.config.sources}
    found = desk.store.read(lambda tx: stored.of_keys(tx, sorted(keys)))
    return {
        key: one
        if one.verdict.classifier
        else replace(one, verdict=documents.judge(desk.classifier, one.document, sources.get(one.document.source_id)))
        for key, one in found.items()
    }


def unread(sources: Sequence[Source], states: dict[str, SourceState]) -> tuple[UnreadSource, ...]:
    """Return the enabled sources whose last poll failed, in the order of sources.yaml."""
    failing = [(s, states[s.id]) for s in sources if s.enabled and s.id in states and states[s.id].failures]
    return tuple(UnreadSource(id=s.id, name=s.name, reason=t.last_error or "", since=t.failing_since) for s, t in failing)


def _read_since(state: SourceState, after: datetime | None) -> bool:
    return state.last_success_at is not None and (after is None or state.last_success_at > after)
