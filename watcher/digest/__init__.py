"""Editions: the documents recorded since the last one, chosen, ranked and cut to what a person can read.

Pure: the store is read by the caller, and `for_recipient` makes a person's own edition out of the frozen one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from watcher import text, urls
from watcher.digest.choice import eligible, scores_of
from watcher.digest.excerpts import telling
from watcher.digest.parliament import Record, own, parliament
from watcher.digest.reasons import distinct_terms, nearest_seed
from watcher.model import (
    Candidate,
    Digest,
    Edition,
    Entry,
    Parliament,
    Period,
    Recipient,
    Section,
    Seed,
    Story,
    TextStatus,
    Theme,
    ThemeScore,
    UnreadSource,
)

__all__ = ["Plan", "Record", "build", "for_recipient"]

_WHOLENESS = {TextStatus.FULL: 0, TextStatus.PARTIAL: 1, TextStatus.SUMMARY: 2, TextStatus.PENDING: 3, TextStatus.RESERVED: 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that an edition is made of. `read` counts documents looked at, `excerpt` the characters quoted of each;
    `record` is what happened in parliament."""

    digest: Digest
    number: int
    period: Period
    cutoff: datetime
    candidates: tuple[Candidate, ...]
    stories: tuple[Story, ...]
    themes: tuple[Theme, ...]
    seeds: tuple[Seed, ...]
    read: int
    sources_read: int
    unread: tuple[UnreadSource, ...]
    excerpt: int
    templates_hash: str
    record: Record | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """The document that stands for a story, with its copies and its scores on the digest's themes, best first."""

    story: str
    candidate: Candidate
    group: tuple[Candidate, ...]
    scores: tuple[ThemeScore, ...]


def build(plan: Plan) -> Edition:
    """Choose, rank and cut: return the edition that `plan` gives, always the same for the same plan.

    A story is one entry, under the theme it scores best in; sections follow the themes' weights; within one, relevance
    comes first, then the score. What the caps leave out is counted in `more`, never dropped in silence.
    """
    filed: dict[str, list[_Chosen]] = {}
    for story, group in _by_story(plan.candidates, plan.stories).items():
        chosen = _chosen(story, group, plan)
        if chosen is not None:
            filed.setdefault(chosen.scores[0].theme, []).append(chosen)
    titles = {seed.id: seed.title for seed in plan.seeds}
    sections: list[Section] = []
    themes = [theme for theme in sorted(plan.themes, key=lambda theme: -theme.weight) if theme.id in filed]
    for theme, kept in zip(themes, _capped([filed[theme.id] for theme in themes], plan.digest), strict=True):
        entries = tuple(_entry(chosen, titles, plan.excerpt) for chosen in kept)
        more = len(filed[theme.id]) - len(kept)
        sections.append(Section(theme=theme.id, label=theme.label, colour=theme.colour, entries=entries, more=more))
    return Edition(
        digest=plan.digest.id,
        title=text.clean_line(plan.digest.title),
        number=plan.number,
        period=plan.period,
        cutoff=plan.cutoff,
        sections=tuple(sections),
        read=plan.read,
        sources_read=plan.sources_read,
        unread=plan.unread,
        templates_hash=plan.templates_hash,
        parliament=parliament(plan.record, plan.digest, plan.themes, titles, plan.excerpt) if plan.record else Parliament(),
    )


def for_recipient(edition: Edition, recipient: Recipient, mailed: frozenset[str]) -> Edition:
    """Return `edition` as `recipient` reads it: their themes only, without the entries `mailed` to them before."""
    wanted = set(recipient.themes)
    sections: list[Section] = []
    for section in edition.sections:
        kept = tuple(e for e in section.entries if e.key not in mailed and (not wanted or wanted & {section.theme, *e.themes}))
        more = section.more if not wanted or section.theme in wanted else 0
        if kept or (more and not section.entries):
            sections.append(replace(section, entries=kept, more=more))
    return replace(edition, sections=tuple(sections), parliament=own(edition.parliament, wanted, mailed))


def _by_story(candidates: Iterable[Candidate], stories: Iterable[Story]) -> dict[str, list[Candidate]]:
    story_of = {key: story.id for story in stories for key in story.keys}
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        key = candidate.document.key
        groups.setdefault(story_of.get(key, candidate.story_id or key), []).append(candidate)
    return groups


def _chosen(story: str, group: Sequence[Candidate], plan: Plan) -> _Chosen | None:
    """Return the document that stands for its story: the most relevant, read whole rather than in part, the earliest."""
    fit = [c for c in group if eligible(c, plan.digest, plan.themes)]
    if not fit:
        return None
    best = min(
        fit,
        key=lambda c: (-c.verdict.relevance, _WHOLENESS[c.document.status], -c.verdict.score, _date(c), c.document.key),
    )
    return _Chosen(story=story, candidate=best, group=tuple(group), scores=tuple(scores_of(best, plan.digest, plan.themes)))


def _entry(chosen: _Chosen, titles: Mapping[str, str], excerpt: int) -> Entry:
    """Return the entry of a story; its key is the story's, so that a copy met next week is known to have been mailed."""
    candidate, scores = chosen.candidate, chosen.scores
    document = candidate.document
    seed, seed_title = nearest_seed(scores, titles)
    return Entry(
        key=chosen.story,
        document_key=document.key,
        title=text.clean_line(document.title) or text.clean_line(document.url),
        url=document.url,
        publisher=_publisher(candidate),
        published_at=document.published_at,
        excerpts=telling(document, [e for score in scores for e in score.evidence], excerpt),
        relevance=candidate.verdict.relevance,
        score=candidate.verdict.score,
        themes=tuple(score.theme for score in scores),
        evidence=distinct_terms(scores),
        seed=seed,
        seed_title=seed_title,
        also_in=_also_in(candidate, chosen.group),
        status=document.status,
        media_type=document.media_type,
        pages=document.pages,
        language=document.language,
    )


def _also_in(candidate: Candidate, group: Sequence[Candidate]) -> tuple[tuple[str, str], ...]:
    """Return the other outlets that carry the story, each once, earliest first."""
    seen = {text.fold(_publisher(candidate))}
    others: list[tuple[str, str]] = []
    for other in sorted(group, key=lambda c: (_date(c), c.document.key)):
        name = _publisher(other)
        if text.fold(name) not in seen:
            seen.add(text.fold(name))
            others.append((name, other.document.url))
    return tuple(others)


def _publisher(candidate: Candidate) -> str:
    document = candidate.document
    return text.clean_line(document.publisher, limit=80) or (
        urls.host(document.url) if urls.is_web(document.url) else document.source_id
    )


def _date(candidate: Candidate) -> datetime:
    return candidate.document.published_at or candidate.document.recorded_at


def _rank(chosen: _Chosen) -> tuple[int, float, float, str]:
    verdict = chosen.candidate.verdict
    return (-verdict.relevance, -verdict.score, -_date(chosen.candidate).timestamp(), chosen.story)


def _capped(sections: Sequence[Sequence[_Chosen]], limits: Digest) -> list[list[_Chosen]]:
    """Rank and cut each section, then the edition: every section keeps its first entry, the rest goes to the best of all."""
    short = [sorted(section, key=_rank)[: limits.max_per_section] for section in sections]
    ranked = sorted((place > 0, _rank(chosen)) for section in short for place, chosen in enumerate(section))
    allowed = {rank[-1] for _, rank in ranked[: limits.max_entries]}
    return [[chosen for chosen in section if chosen.story in allowed] for section in short]
