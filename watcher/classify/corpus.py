"""The texts that a model is trained on, as matrices."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from watcher.classify.corrections import Correction
from watcher.classify.features import Reading, read
from watcher.classify.linear import RELEVANCE
from watcher.classify.themes import Rule
from watcher.classify.vector import Space, vocabulary_words
from watcher.classify.words import pieces_for
from watcher.model import Example, Features, Seed, Theme

Array = npt.NDArray[np.float64]
USEFUL = 2  # the relevance from which a text enters a digest
WORD_SCALE = 8.0  # how much the words weigh beside the dense numbers
SAME_STORY = 0.3  # cosine from which two texts are kept in one fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaching:
    """All that a model is made from.

    `examples` are labelled texts, `corrections` what staff say of documents, `negatives` texts of real streams that are off
    every theme, `private` seeds that stay in the archive: the model keeps words of theirs, no sentence.
    """

    themes: tuple[Theme, ...]
    seeds: tuple[Seed, ...]
    examples: tuple[Example, ...]
    negatives: tuple[Example, ...] = ()
    rule: Rule = field(default_factory=Rule)
    corrections: tuple[Correction, ...] = ()
    private: tuple[Seed, ...] = ()


class Corpus:
    """Texts as rows: the examples, then the corrections, then the negatives.

    `dense` and `words` are their numbers, `labels` 1, 0, or -1 where nobody knows (one column for relevance, then one a
    theme: `names`); `real` marks the negatives; `stories` numbers the story of each row, which folds keep together.
    """

    def __init__(self, teaching: Teaching) -> None:
        rule, themes = teaching.rule, teaching.themes
        pieces = pieces_for(themes, rule)
        examples, negatives = teaching.examples, teaching.negatives
        rows: tuple[Example | Features, ...] = (*examples, *(c.text or c.features for c in teaching.corrections), *negatives)
        readings = [read(row.title, row.text, kind=row.kind, pieces=pieces) if isinstance(row, Example) else row for row in rows]
        self.idf = _inverse_frequencies([reading for reading in readings if isinstance(reading, Reading)])
        self.space = Space(themes, rule, (*teaching.seeds, *teaching.private), pieces, self.idf)
        vectors = [self.space.vector(r) if isinstance(r, Reading) else self.space.restored(r) for r in readings]
        self.names = (RELEVANCE, *(theme.id for theme in themes))
        self.examples = len(examples)
        self.labelled = len(examples) + len(teaching.corrections)
        self.dense: Array = np.array([vector.dense for vector in vectors])
        self.width = self.dense.shape[1]
        self.words: Array = np.zeros((len(vectors), len(self.idf)))
        for row, vector in enumerate(vectors):
            self.words[row, vector.words] = vector.values
        self.labels = np.array(_labels(teaching, self.names))
        self.real = np.arange(len(vectors)) >= self.labelled
        self.stories = _stories(self.words, self.labelled)
        # There are fewer texts than words: turning the space changes no penalised linear function, and makes it ten times
        # quicker to train.
        left, sizes, self._turn = np.linalg.svd(np.hstack([self.dense, self.words * WORD_SCALE]), full_matrices=False)
        self._turned: Array = left * sizes

    def matrix(self, column: int) -> Array:
        """Return what the function of `column` is given: words, with the dense numbers, are for relevance only."""
        return self.dense if column else self._turned

    def unturned(self, weights: Array) -> Array:
        """Return the weights of the dense numbers, then of the words, from those of the function of relevance."""
        return weights @ self._turn

    def folds(self, draw: int, count: int) -> npt.NDArray[np.intp]:
        """Return the fold of every row in the drawing number `draw`; a story is never cut."""
        return np.random.default_rng(draw).permutation(len(self.labels))[self.stories] % count


def _labels(teaching: Teaching, names: Sequence[str]) -> list[list[int]]:
    return [
        *([label_of(text, name) for name in names] for text in teaching.examples),
        *([int(row.marks.get(name, -1)) for name in names] for row in teaching.corrections),
        *([label_of(text, name) for name in names] for text in teaching.negatives),
    ]


def label_of(text: Example, name: str) -> int:
    """Return 1, 0, or -1 where nobody knows, for relevance or for a theme."""
    if name == RELEVANCE:
        return -1 if text.ambiguous else int(text.relevance >= USEFUL)
    return 1 if name in text.themes else -1 if name in text.maybe else 0


def _inverse_frequencies(readings: Sequence[Reading]) -> dict[str, float]:
    frequency = Counter(word for reading in readings for word in vocabulary_words(reading))
    return {word: float(np.log((1 + len(readings)) / (1 + n)) + 1) for word, n in sorted(frequency.items()) if n >= 2}


def _stories(words: Array, labelled: int) -> npt.NDArray[np.intp]:
    """Return for every row the number of its story: the first labelled text it is near to, or itself."""
    stories = np.arange(len(words))
    near = words[:labelled] @ words[:labelled].T
    for row in range(labelled):
        stories[row] = stories[int(np.argmax(near[row, : row + 1] >= SAME_STORY))]
    return stories
