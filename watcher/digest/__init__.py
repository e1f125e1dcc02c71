"""Editions: the documents recorded since the last one, chosen, ranked and cut to what a person can read.

Pure: the store is read by the caller, and `for_recipient` makes a person's own edition out of the frozen one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from watcher import text
from watcher.digest.choice import scores_of
from watcher.digest.chosen import Chosen, date_of, publisher_of, represented
from watcher.digest.excerpts import telling
from watcher.digest.figures import COMPARED, figures, own_figures
from watcher.digest.parliament import Record, own, parliament
from watcher.digest.plan import Plan
from watcher.digest.ranking import capped
from watcher.digest.reasons import reasons
from watcher.model import Candidate, Edition, Entry, Parliament, Recipient, Section

__all__ = ["COMPARED", "Plan", "Record", "build", "for_recipient"]


Whole = Callable[[frozenset[str]], Mapping[str, Candidate]]


def build(plan: Plan, whole: Whole | None = None) -> Edition:
    """Choose, rank and cut: return the edition that `plan` gives, always the same for the same plan.

    Where its candidates are light, with the beginning of their text and no reasons, `whole` returns the complete ones of some
    keys: it is asked once, for those that become entries.

    A story is one entry, under the theme it scores best in; sections follow the themes' weights; within one, relevance
    comes first, then what docs/edition.md explains. What the caps leave out is counted in `more`, and what earlier editions
    told in `repeated`: nothing is dropped in silence.
    """
    chosen = _choose(plan)
    if whole is not None:
        chosen = _completed(chosen, whole, plan)
    titles = {seed.id: seed.title for seed in plan.seeds}
    sections: list[Section] = []
    for theme in (theme for theme in plan.themes_by_weight if theme.id in chosen.kept):
        entries = tuple(_entry(one, titles, plan.excerpt) for one in chosen.kept[theme.id])
        more = len(chosen.filed[theme.id]) - len(entries)
        sections.append(Section(theme=theme.id, label=theme.label, colour=theme.colour, entries=entries, more=more))
    return Edition(
        digest=plan.digest.id,
        title=text.clean_line(plan.digest.title),
        number=plan.number,
        period=plan.period,
        cutoff=plan.cutoff,
        frequency=plan.digest.frequency,
        sections=tuple(sections),
        read=plan.read,
        sources_read=plan.sources_read,
        unread=plan.unread,
        templates_hash=plan.templates_hash,
        parliament=parliament(plan.record, plan.digest, plan.themes, titles, plan.excerpt) if plan.record else Parliament(),
        figures=figures(plan, chosen.filed),
        repeated=chosen.repeated,
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
    return replace(
        edition,
        sections=tuple(sections),
        parliament=own(edition.parliament, wanted, mailed),
        figures=own_figures(edition.figures, wanted),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """The stories of each theme, those of them that the caps keep, in order, and how many were told before."""

    filed: dict[str, list[Chosen]]
    kept: dict[str, list[Chosen]]
    repeated: int


def _choose(plan: Plan) -> _Choice:
    filed: dict[str, list[Chosen]] = {}
    repeated = 0
    for chosen in represented(plan):
        if chosen.story.told and chosen.story.development == chosen.story.told.development:
            repeated += 1
        else:
            filed.setdefault(chosen.scores[0].theme, []).append(chosen)
    themes = [theme.id for theme in plan.themes_by_weight if theme.id in filed]
    kept = dict(zip(themes, capped([filed[theme] for theme in themes], plan), strict=True))
    return _Choice(filed=filed, kept=kept, repeated=repeated)


def _completed(chosen: _Choice, whole: Whole, plan: Plan) -> _Choice:
    found = whole(frozenset(one.candidate.document.key for some in chosen.kept.values() for one in some))

    def completed(one: Chosen) -> Chosen:
        candidate = found.get(one.candidate.document.key, one.candidate)
        return replace(one, candidate=candidate, scores=tuple(scores_of(candidate, plan.digest, plan.themes)))

    return replace(chosen, kept={theme: [completed(one) for one in some] for theme, some in chosen.kept.items()})


def _entry(chosen: Chosen, titles: Mapping[str, str], excerpt: int) -> Entry:
    """Return the entry of a story; its key is the story's, so that a copy met next week is known to have been mailed."""
    candidate, scores, story = chosen.candidate, chosen.scores, chosen.story
    document = candidate.document
    return Entry(
        key=story.entry_key,
        document_key=document.key,
        title=text.clean_line(document.title) or text.clean_line(document.url),
        url=document.url,
        publisher=publisher_of(candidate),
        published_at=document.published_at,
        excerpts=telling(document, [e for score in scores for e in score.evidence], excerpt),
        relevance=candidate.verdict.relevance,
        score=candidate.verdict.score,
        **reasons(scores, titles),
        also_in=_also_in(candidate, chosen.group),
        status=document.status,
        media_type=document.media_type,
        pages=document.pages,
        language=document.language,
        story=story.id,
        development=story.development,
        documents=tuple(one.document.key for one in chosen.group),
        follows=story.told if story.development > 1 else None,
    )


def _also_in(candidate: Candidate, group: Sequence[Candidate]) -> tuple[tuple[str, str], ...]:
    """Return the other outlets that carry the story, each once, earliest first."""
    seen = {text.fold(publisher_of(candidate))}
    others: list[tuple[str, str]] = []
    for other in sorted(group, key=lambda c: (date_of(c), c.document.key)):
        name = publisher_of(other)
        if text.fold(name) not in seen:
            seen.add(text.fold(name))
            others.append((name, other.document.url))
    return tuple(others)
