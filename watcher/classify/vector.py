"""From the reading of a text to numbers: group values, their products, likeness to the seeds, words.

Every number of the dense part has a name, so that a model made for other themes can still be used for what they share:
`group:x` the value of a group; `work:x` a theme together with the second list of `must_read`; `pair:x+y` a concept of the
first list with one of the second; `seed:x` the likeness to the nearest passage of a seed of theme x; `seed` to any seed.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from watcher import text as texts
from watcher.classify.features import FEATURES, GLUE, Reading, group_values, read
from watcher.classify.linear import WordPassage
from watcher.classify.themes import Rule
from watcher.classify.words import Pieces
from watcher.model import Features, Seed, Theme

Floats = npt.NDArray[np.float32]
SEED_SCALE = 4.0  # brings cosines, mostly under .5, to the scale of the group values
PASSAGE_WORDS = 60
BUCKETS = 1 << 18  # few enough for a bucket to be shared by many words, names and numbers; many enough to learn from
LEAST_QUOTED, QUOTED = 100, 280  # characters of a passage that are quoted, in whole sentences


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a seed record, of some sixty words, with the themes of its record and the part of it that is quoted.

    Of a private seed, `text` is empty and the title of the seed is quoted.
    """

    seed: str
    themes: tuple[str, ...]
    text: str
    quote: str


@dataclass(frozen=True, slots=True)
class Vector:
    """One text as numbers. `words` and `values` are the positions in the vocabulary and their weights, of norm 1.

    `likeness` is the cosine with every passage; `worth` the raw worth of every entry of the lexicon that was mentioned.
    """

    dense: list[float]
    words: npt.NDArray[np.intp]
    values: Floats
    likeness: Floats
    worth: dict[int, float] = field(repr=False)


class Space:
    """Turns readings into vectors, for one seed corpus and one vocabulary (word to its inverse document frequency)."""

    def __init__(
        self,
        themes: Sequence[Theme],
        rule: Rule,
        seeds: Sequence[Seed],
        pieces: Pieces,
        idf: Mapping[str, float],
        private: Sequence[WordPassage] = (),
    ) -> None:
        self.pieces, self.lexicon = pieces, pieces.lexicon
        self._themes = tuple(theme.id for theme in themes)
        self._position = {word: place for place, word in enumerate(idf)}
        self._idf = np.array(list(idf.values()), dtype=np.float32)
        number = {group: place for place, group in enumerate(self.lexicon.groups)}
        lists = [[number[name] for name in names] for names in rule.must_read]
        self._first, self._second = [*lists, [], []][:2]
        self.passages = (*_passages(seeds), *(Passage(p.seed, p.themes, "", p.title) for p in private))
        self._of_theme = [
            np.array([n for n, p in enumerate(self.passages) if theme in p.themes], dtype=np.intp) for theme in self._themes
        ]
        self._taught = [place for place, some in enumerate(self._of_theme) if len(some)]
        taught = [self._of_theme[place] for place in self._taught]
        self._by_theme = np.concatenate(taught) if taught else np.array([], dtype=np.intp)
        self._begins = np.cumsum([0, *map(len, taught)])[:-1]
        self.names, self.parts = self._names()
        self._matrix = self._passage_matrix(private)
        self._bucket_of: dict[str, int] | None = None

    def vector(self, reading: Reading) -> Vector:
        """Return the numbers of one reading; `dense` is in the order of `names`."""
        values, worth = group_values(reading, self.lexicon)
        words, weights = self._words(reading.counts)
        likeness = (
            weights @ self._matrix[words] if len(words) and len(self.passages) else np.zeros(len(self.passages), np.float32)
        )
        people = math.log1p(sum(math.expm1(values[g]) for g in self._second))
        dense = list(values)
        dense += [math.sqrt(values[g] * people) for g in range(len(self._themes))]
        dense += [math.sqrt(values[a] * values[b]) for a in self._first for b in self._second]
        dense += self._likest(likeness)
        return Vector(dense, words, weights, likeness, worth)

    def _likest(self, likeness: Floats) -> list[float]:
        """Return the likeness to the nearest passage of each theme, then to any, scaled; 0 where there is no passage."""
        found = [0.0] * len(self._themes)
        if self._taught:
            nearest: list[float] = np.maximum.reduceat(likeness[self._by_theme], self._begins).tolist()
            for place, value in zip(self._taught, nearest, strict=True):
                found[place] = SEED_SCALE * value
        return [*found, SEED_SCALE * (float(likeness.max()) if len(likeness) else 0.0)]

    def restored(self, features: Features) -> Vector:
        """Return the numbers of a text of which only `features` are left. Words that share a bucket are all taken for read."""
        counts = {word: features.words[place] for word, place in self._buckets().items() if place in features.words}
        words, weights = self._words(counts)
        dense = [features.dense.get(name, 0.0) for name in self.names]
        return Vector(dense, words, weights, np.zeros(len(self.passages), np.float32), {})

    def word_passages(self, seeds: Sequence[Seed]) -> tuple[WordPassage, ...]:
        """Return the passages of `seeds` as they are kept in a model: words without order, their weights to three digits."""
        titles = {seed.id: seed.title for seed in seeds}
        vocabulary = list(self._position)
        kept: list[WordPassage] = []
        for place, passage in enumerate(self.passages):
            if passage.seed in titles:
                column = self._matrix[:, place]
                words = {vocabulary[row]: round(float(column[row]), 3) for row in np.flatnonzero(column)}
                kept.append(WordPassage(seed=passage.seed, title=titles[passage.seed], themes=passage.themes, words=words))
        return tuple(kept)

    def brings(self, weights: Mapping[str, float]) -> Floats:
        """Return, for a function of these `weights`, the matrix from the dense numbers to what each group adds to its sum.

        Of a product, one half goes to its first group; the others share the rest. Likeness to the seeds belongs to no group.
        """
        matrix = np.zeros((len(self.names), len(self.lexicon.groups)), np.float32)
        for row, (name, parts) in enumerate(zip(self.names, self.parts, strict=True)):
            for position, group in enumerate(parts):
                share = 1.0 if len(parts) == 1 else 0.5 if position == 0 else 0.5 / (len(parts) - 1)
                matrix[row, group] += share * weights.get(name, 0.0)
        return matrix

    def nearest(self, vector: Vector, theme: str) -> tuple[Passage, float] | None:
        """Return the passage nearest to a text among the seeds of `theme` (among all, where it has none), and the cosine."""
        some = self._of_theme[self._themes.index(theme)]
        if not len(some):
            some = np.arange(len(self.passages))
        if not len(some):
            return None
        best = int(some[vector.likeness[some].argmax()])
        return self.passages[best], float(vector.likeness[best])

    def _names(self) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
        """Return the names of the dense numbers, and the groups that each is made of."""
        groups, second = self.lexicon.groups, tuple(self._second)
        rows: list[tuple[str, tuple[int, ...]]] = [(f"group:{group}", (g,)) for g, group in enumerate(groups)]
        rows += [(f"work:{theme}", (g, *second)) for g, theme in enumerate(self._themes)]
        rows += [(f"pair:{groups[a]}+{groups[b]}", (a, b)) for a in self._first for b in second]
        rows += [(f"seed:{theme}", ()) for theme in self._themes]
        rows.append(("seed", ()))
        return tuple(name for name, _ in rows), tuple(parts for _, parts in rows)

    def _words(self, counts: Mapping[str, int]) -> tuple[npt.NDArray[np.intp], Floats]:
        position = self._position
        known = list(filter(position.__contains__, counts))
        words = np.array(list(map(position.__getitem__, known)), dtype=np.intp)
        weights = (1 + np.log(np.array(list(map(counts.__getitem__, known)), dtype=np.float32))) * self._idf[words]
        norm = float(np.sqrt(weights @ weights))
        return words, weights / norm if norm else weights

    def _buckets(self) -> dict[str, int]:
        if self._bucket_of is None:
            self._bucket_of = {word: bucket(word) for word in self._position}
        return self._bucket_of

    def _passage_matrix(self, private: Sequence[WordPassage]) -> Floats:
        matrix = np.zeros((len(self._position), len(self.passages)), np.float32)
        read_here = len(self.passages) - len(private)
        for place, passage in enumerate(self.passages[:read_here]):
            words, weights = self._words(read("", passage.text, kind="article", pieces=self.pieces).counts)
            matrix[words, place] = weights
        for place, kept in enumerate(private, start=read_here):
            for word, weight in kept.words.items():
                if word in self._position:
                    matrix[self._position[word], place] = weight
        return matrix


def features_of(reading: Reading, vector: Vector, names: Sequence[str]) -> Features:
    """Return what is kept of a text, from what was read of it; `names` are those of the dense numbers."""
    dense = {name: round(value, 4) for name, value in zip(names, vector.dense, strict=True) if value}
    words: Counter[int] = Counter()
    for word in vocabulary_words(reading):
        words[bucket(word)] += reading.counts[word]
    return Features(version=FEATURES, dense=dense, words=dict(sorted(words.items())))


def bucket(word: str) -> int:
    """Return the number, out of BUCKETS, under which the counts of `word` are kept."""
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest()) % BUCKETS


def vocabulary_words(reading: Reading) -> list[str]:
    """Return the keys of `reading` that may enter a vocabulary: words of two letters or more, no numbers, no glue."""
    return [key for key in reading.counts if len(key) > 1 and key.isalpha() and key not in GLUE]


def _passages(seeds: Sequence[Seed]) -> tuple[Passage, ...]:
    passages: list[Passage] = []
    for seed in seeds:
        for paragraph in seed.text.split("\n\n"):
            start, words = 0, 0
            for sentence in texts.sentences(paragraph):
                words += sentence.text.count(" ") + 1
                if words >= PASSAGE_WORDS:
                    passages.append(_passage(seed, paragraph[start : sentence.end]))
                    start, words = sentence.end, 0
            if paragraph[start:].strip():
                passages.append(_passage(seed, paragraph[start:]))
    return tuple(passages)


def _passage(seed: Seed, stretch: str) -> Passage:
    text = stretch.strip()
    end = 0
    for sentence in texts.sentences(text):
        if end >= LEAST_QUOTED or (end and sentence.end > QUOTED):
            break
        end = sentence.end
    return Passage(seed.id, seed.themes, text, text[: end or QUOTED].strip())
