"""Why a theme has its score: the terms that raised and lowered it, where they stand, and the nearest seed passage."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from watcher.classify.features import Reading
from watcher.classify.vector import Space, Vector
from watcher.model import Evidence, SeedMatch

MOST_EVIDENCE = 8
SMALLEST_WEIGHT = 0.05
LEAST_LIKENESS = 0.05

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mentions:
    """The first mention of every term of a text, the same for all themes.

    `spans` are the places (field, start, end); a place may hold the terms of several groups. For each term, `place` is its
    number among `spans`, `group` its group and `part` its share of what the group brings, the sum of the group's terms being 1.
    Where those that exclude outweigh the others, the group brings nothing: `part` is then the raw worth of the term, in
    `hidden` and not in `shared`.
    """

    spans: tuple[tuple[str, int, int], ...]
    place: npt.NDArray[np.intp]
    group: npt.NDArray[np.intp]
    shared: Floats
    hidden: Floats

    def weights(self, brought: Floats, alone: Floats) -> Floats:
        """Return what each place added to each theme (themes x places), in log-odds.

        `brought` is what each group added to a theme, `alone` the weight of the group itself (themes x groups).
        """
        terms = brought[:, self.group] * self.shared + alone[:, self.group] * self.hidden
        weights = np.zeros((len(self.spans), len(brought)))
        np.add.at(weights, self.place, terms.T)
        return weights.T


def mentions(space: Space, reading: Reading, vector: Vector) -> Mentions:
    """Return the first mention of every term of a text."""
    total = [0.0] * len(space.lexicon.groups)
    for number, worth in vector.worth.items():
        total[space.lexicon.entries[number].group] += worth
    first = {hit.entry: hit for hit in reversed(reading.hits)}
    places: dict[tuple[str, int, int], int] = {}
    rows: list[tuple[int, int, float, float]] = []
    for entry, hit in first.items():
        worth, whole = vector.worth[entry], total[hit.group]
        shared, hidden = (worth / whole, 0.0) if whole > 0 else (0.0, min(worth, 0.0))
        rows.append((places.setdefault((hit.field, hit.start, hit.end), len(places)), hit.group, shared, hidden))
    place, group, share, left = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Mentions(tuple(places), np.array(place, np.intp), np.array(group, np.intp), np.array(share), np.array(left))


def evidence(found: Mentions, weights: Sequence[float], text: tuple[str, str]) -> tuple[Evidence, ...]:
    """Return the terms that moved a theme, the strongest first, each at its first mention in `text` (title, text).

    `weights` is one row of `Mentions.weights`, in units of log-odds.
    """
    telling = [
        (-abs(weight), span, weight)
        for span, weight in zip(found.spans, weights, strict=True)
        if weight >= SMALLEST_WEIGHT or -weight >= SMALLEST_WEIGHT
    ]
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
