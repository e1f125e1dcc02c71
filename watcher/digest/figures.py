"""The edition in figures: stories per theme against earlier editions, and the terms that rise.

What an edition counts is frozen with it, so that the next ones compare without reading the archive again.
"""

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from watcher.digest.chosen import Chosen
from watcher.digest.plan import Plan
from watcher.digest.terms import Tally, tally
from watcher.model import Edition, Figures, RisingTerm, ThemeFigure

COMPARED = 8  # editions
FEWEST_COMPARED = 3  # a mean of two says nothing
MOST_RISING = 6
FEWEST_HOLDING = 3  # stories
_EXCESS = 2.0  # in units of what chance alone makes a count vary by
_UNCOUNTED = 0.5  # a term that a former edition left out was held there once, or not at all
_MOST_COUNTED = 1000  # stories whose words are counted: the best of a week that has more
_MOST_KEPT = 600  # terms


def figures(plan: Plan, filed: Mapping[str, Sequence[Chosen]]) -> Figures:
    """Count the stories of each theme, by theme in `filed`, and compare them with `plan.earlier`."""
    best = sorted(
        ((theme, chosen) for theme, some in filed.items() for chosen in some),
        key=lambda pair: (-pair[1].candidate.verdict.relevance, -pair[1].candidate.verdict.score, pair[1].story.entry_key),
    )
    told = tally((theme, chosen.candidate.document) for theme, chosen in best[:_MOST_COUNTED])
    earlier = plan.earlier[:COMPARED]
    compared = len(earlier) if len(earlier) >= FEWEST_COMPARED else 0
    common = sorted(told.counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST_KEPT]
    return Figures(
        themes=_themes(plan, filed, earlier if compared else ()),
        rising=rising(told, [edition.figures for edition in earlier if edition.figures.stories]),
        compared=compared,
        stories=told.stories,
        terms=tuple(sorted((term, count) for term, count in common if count > 1)),
    )


def own_figures(all_: Figures, wanted: Set[str]) -> Figures:
    """Return the figures on the themes `wanted`, all of them when there are none."""
    if not wanted:
        return all_
    return replace(
        all_,
        themes=tuple(figure for figure in all_.themes if figure.theme in wanted),
        rising=tuple(term for term in all_.rising if wanted & set(term.themes)),
    )


def rising(now: Tally, earlier: Sequence[Figures]) -> tuple[RisingTerm, ...]:
    """Return the terms that more stories hold than earlier editions lead to expect, the most surprising first.

    Expected: the share of earlier stories that held the term, times the stories of today. A term rises when at least three
    stories hold it, and its excess over the expected count is twice what chance makes such a count vary by (the square root
    of the expected count and one: a Poisson count). A term that a former edition left out counts there as half a story.
    """
    stories = sum(figures.stories for figures in earlier)
    if len(earlier) < FEWEST_COMPARED or not stories:
        return ()
    before = [dict(figures.terms) for figures in earlier]
    found: list[tuple[float, str, float]] = []
    for term, count in now.counts.items():
        if count < FEWEST_HOLDING or term not in now.titled:
            continue
        usual = sum(counts.get(term, _UNCOUNTED) for counts in before) / stories * now.stories
        excess = (count - usual) / math.sqrt(usual + 1)
        if excess >= _EXCESS:
            found.append((-excess, term, usual))
    kept: list[RisingTerm] = []
    shown: list[str] = []
    for _, term, usual in sorted(found):
        if any(_within(term, other) or _within(other, term) for other in shown):
            continue  # "formation" beside "formation continue" says nothing more
        shown.append(term)
        kept.append(RisingTerm(term=now.form(term), count=now.counts[term], usual=round(usual, 2), themes=now.themes(term)))
    return tuple(kept[:MOST_RISING])


def _within(term: str, other: str) -> bool:
    return f" {term} " in f" {other} "


def _themes(plan: Plan, filed: Mapping[str, Sequence[Chosen]], earlier: Sequence[Edition]) -> tuple[ThemeFigure, ...]:
    """Return a line for each theme that has stories, or usually has."""
    lines: list[ThemeFigure] = []
    for theme in plan.themes_by_weight:
        count = len(filed.get(theme.id, ()))
        mean = sum(_count(edition, theme.id) for edition in earlier) / len(earlier) if earlier else None
        if count or (mean or 0) >= 0.5:
            lines.append(ThemeFigure(theme=theme.id, label=theme.label, colour=theme.colour, count=count, mean=mean))
    return tuple(lines)


def _count(edition: Edition, theme: str) -> int:
    return sum(len(section.entries) + section.more for section in edition.sections if section.theme == theme)
