"""Which entries come first, and which the caps leave out. docs/edition.md explains the order to its readers."""

from collections.abc import Sequence
from datetime import timedelta

from watcher.digest.chosen import Chosen, date_of
from watcher.digest.plan import Plan

_OUTLET = 0.1  # what each further outlet adds
_MOST_OUTLETS = 3
_DEVELOPMENT = 0.9  # of a story told before
_LATE = 0.8  # of what was published well before the period began
_WELL_BEFORE = timedelta(days=7)

Rank = tuple[int, float, float, str]


def rank(chosen: Chosen, plan: Plan) -> Rank:
    """Return what an entry is sorted by, least first: relevance, then merit, then date, the latest first."""
    verdict = chosen.candidate.verdict
    return (-verdict.relevance, -merit(chosen, plan), -date_of(chosen.candidate).timestamp(), chosen.story.entry_key)


def merit(chosen: Chosen, plan: Plan) -> float:
    """Return the classifier's score, times the source's weight, what other outlets add, and what is lost to older news."""
    outlets = 1 + _OUTLET * min(chosen.outlets - 1, _MOST_OUTLETS)
    novelty = _DEVELOPMENT if chosen.story.development > 1 else 1.0
    if date_of(chosen.candidate) < plan.period.start - _WELL_BEFORE:
        novelty *= _LATE
    return chosen.candidate.verdict.score * plan.weights.get(chosen.candidate.document.source_id, 1.0) * outlets * novelty


def capped(sections: Sequence[Sequence[Chosen]], plan: Plan) -> list[list[Chosen]]:
    """Rank and cut each section, then the edition: every section keeps its first entry, the rest goes to the best of all."""
    ranks = {chosen.story.entry_key: rank(chosen, plan) for section in sections for chosen in section}

    def of(chosen: Chosen) -> Rank:
        return ranks[chosen.story.entry_key]

    short = [sorted(section, key=of)[: plan.digest.max_per_section] for section in sections]
    ranked = sorted((place > 0, of(chosen)) for section in short for place, chosen in enumerate(section))
    allowed = {found[-1] for _, found in ranked[: plan.digest.max_entries]}
    return [[chosen for chosen in section if chosen.story.entry_key in allowed] for section in short]
