"""What the templates are told of an edition, besides the edition: the lines to begin with, and the bars of the figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from watcher.model import Edition, Entry, EventKind, QuestionEntry, Section, ThemeFigure

ESSENTIALS = 5
_ESSENTIAL_ANSWER = 2  # relevance from which the best answer of the Government is one of the five


@dataclass(frozen=True, slots=True, kw_only=True)
class Essential:
    """One line of what matters most. `theme` is the label of its section (empty for what has no theme), None for parliament."""

    title: str
    url: str
    outlet: str
    theme: str | None
    language: str = "fr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One bar of the edition in figures: `count` stories of a theme, against the `mean` of earlier editions (None: unknown).

    `cells` are the widths of its parts in percent, from left to right: `bar`, `rest`, and `mean` for the mark between them.
    """

    label: str
    colour: str
    count: int
    mean: float | None
    share: float
    cells: tuple[tuple[str, int], ...]


def essentials(edition: Edition) -> tuple[Essential, ...]:
    """Return the best answer of the Government, then the most relevant entries, no more than two of one theme at first."""
    answers = [one for one in edition.parliament.entries if one.event is EventKind.ANSWERED]
    best = [one for one in answers[:1] if one.relevance >= _ESSENTIAL_ANSWER]
    lines = [Essential(title=one.title, url=one.url, outlet=one.ministry, theme=None) for one in best]
    ranked = sorted(
        ((section, place, entry) for section in edition.sections for place, entry in enumerate(section.entries)),
        key=lambda found: (found[1] >= 2, -found[2].relevance, -found[2].score, found[2].key),
    )
    lines += [
        Essential(title=entry.title, url=entry.url, outlet=entry.publisher, theme=section.label, language=entry.language)
        for section, _, entry in ranked[: ESSENTIALS - len(lines)]
    ]
    return tuple(lines)


def figures(edition: Edition) -> tuple[Figure, ...]:
    """Return the bars of `edition`, the longest being the greatest count or mean."""
    lines = edition.figures.themes or tuple(_counted(section) for section in edition.sections)
    most = max((max(line.count, line.mean or 0.0) for line in lines), default=1.0) or 1.0
    return tuple(
        Figure(
            label=line.label,
            colour=line.colour,
            count=line.count,
            mean=line.mean,
            share=line.count / most,
            cells=_cells(line.count / most, None if line.mean is None else line.mean / most),
        )
        for line in lines
    )


def until(edition: Edition) -> datetime | None:
    """Return when the last article of `edition` was published, if that is after its period; None when it is not.

    An edition holds what was recorded until its cut-off, a day or two after the week that it is named after.
    """
    dates = [entry.published_at for section in edition.sections for entry in section.entries if entry.published_at]
    last = min(max(dates), edition.cutoff) if dates else None
    return last if last and last >= edition.period.end else None


def shortened(edition: Edition, kept: Sequence[Entry | QuestionEntry]) -> Edition:
    """Return `edition` with the entries `kept` only, the others counted in `more`."""
    keys = {entry.key for entry in kept}
    sections: list[Section] = []
    for section in edition.sections:
        entries = tuple(entry for entry in section.entries if entry.key in keys)
        sections.append(replace(section, entries=entries, more=section.more + len(section.entries) - len(entries)))
    part = edition.parliament
    lists = {
        name: tuple(e for e in entries if e.key in keys)
        for name, entries in (("answers", part.answers), ("asked", part.asked), ("moved", part.moved), ("ended", part.ended))
    }
    left = len(part.entries) - sum(map(len, lists.values()))
    return replace(edition, sections=tuple(sections), parliament=replace(part, **lists, more=part.more + left))


def _counted(section: Section) -> ThemeFigure:
    count = len(section.entries) + section.more
    return ThemeFigure(theme=section.theme, label=section.label, colour=section.colour, count=count)


def _cells(share: float, mean: float | None) -> tuple[tuple[str, int], ...]:
    """Return the parts of a bar; one that is there at all is seen, however short."""
    bar = max(round(share * 100), 2) if share else 0
    if mean is None:
        parts = [("bar", bar), ("rest", 100 - bar)]
    elif (mark := round(mean * 100)) >= bar:
        parts = [("bar", bar), ("rest", mark - bar), ("mean", 0), ("rest", 100 - mark)]
    else:
        parts = [("bar", mark), ("mean", 0), ("bar", bar - mark), ("rest", 100 - bar)]
    return tuple(part for part in parts if part[1] > 0 or part[0] == "mean")
