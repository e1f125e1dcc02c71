"""Why a theme has its score: the terms that raised and lowered it, where they stand, and the nearest seed passage."""

from collections.abc import Sequence
from typing import NamedTuple

from watcher.classify.features import Reading
from watcher.classify.linear import Output
from watcher.classify.vector import Space, Vector
from watcher.model import Evidence, SeedMatch

MOST_EVIDENCE = 8
SMALLEST_WEIGHT = 0.05
LEAST_LIKENESS = 0.05


class Mention(NamedTuple):
    """The first mention of a term: where it stands, its group, and its part in what the group brings.

    `part` is a share of the sum of the group's terms; where those that exclude outweigh the others, the group is worth
    nothing and `part` is the raw worth of the term, told apart by `hidden`.
    """

    span: tuple[str, int, int]
    group: int
    part: float
    hidden: bool


def mentions(space: Space, reading: Reading, vector: Vector) -> tuple[Mention, ...]:
    """Return the first mention of every term of a text, the same for all themes."""
    total = [0.0] * len(space.lexicon.groups)
    for number, worth in vector.worth.items():
        total[space.lexicon.entries[number].group] += worth
    first: dict[int, Mention] = {}
    for hit in reading.hits:
        if hit.entry not in first:
            worth, whole = vector.worth[hit.entry], total[hit.group]
            part = worth / whole if whole > 0 else min(worth, 0.0)
            first[hit.entry] = Mention((hit.field, hit.start, hit.end), hit.group, part, whole <= 0)
    return tuple(first.values())


def evidence(
    found: Sequence[Mention], brought: Sequence[float], output: Output, space: Space, text: tuple[str, str]
) -> tuple[Evidence, ...]:
    """Return the terms that moved `output`, the strongest first, each at its first mention in `text` (title, text).

    `brought` is what each group added to the weighted sum (`Space.brings`). A weight is in units of log-odds: what a group
    brings is shared among its terms by their worth.
    """
    dense, groups, slope = output.dense, space.lexicon.groups, output.slope
    weights: dict[tuple[str, int, int], float] = {}
    for span, group, part, hidden in found:
        gain = dense.get(f"group:{groups[group]}", 0.0) if hidden else brought[group]
        if gain:
            weights[span] = weights.get(span, 0.0) + slope * gain * part
    telling = [(-abs(weight), span, weight) for span, weight in weights.items() if abs(weight) >= SMALLEST_WEIGHT]
    telling.sort()
    title, body = text
    return tuple(
        Evidence(term=(title if name == "title" else body)[start:end], start=start, end=end, weight=round(weight, 3), field=name)
        for _, (name, start, end), weight in telling[:MOST_EVIDENCE]
    )


def nearest(space: Space, vector: Vector, theme: str) -> SeedMatch | None:
    """Return the seed passage nearest to a text, or None when none is near."""
    found = space.nearest(vector, theme)
    if found is None or found[1] < LEAST_LIKENESS:
        return None
    passage, cosine = found
    return SeedMatch(id=passage.seed, passage=passage.quote, similarity=round(min(cosine, 1.0), 3))
