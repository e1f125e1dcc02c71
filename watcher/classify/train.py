"""Training the model from the seeds and the labelled texts (the only room of scikit-learn).

What a figure is worth depends on what the function had seen: every probability curve and every threshold here is chosen on
scores that each text got from a function trained without it (five folds, near-identical stories kept in one fold).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from watcher.classify import linear
from watcher.classify.features import FEATURES, Keys, Reading, read
from watcher.classify.linear import RELEVANCE, Model, Output
from watcher.classify.themes import Rule, compile_terms
from watcher.classify.vector import Space, vocabulary_words
from watcher.model import Example, Seed, Theme

Array = npt.NDArray[np.float64]
USEFUL = 2  # the relevance from which a text enters a digest
FOLDS = 5
REPEATS = 3
STRENGTH = 1.0  # inverse of the penalty of the linear functions
WORD_SCALE = 8.0  # how much the words weigh beside the dense numbers
THEME_BALANCE = 3.0  # a label of a theme is worth this many texts without it: themes are thin
NEGATIVE_WEIGHT = {True: 0.3, False: 0.1}  # of a text of a real stream, for relevance and for a theme
FALSE_ALARMS = 0.01  # the most that may be told of texts of real streams known to be off-theme
LEAST_POSITIVES = 4  # under this, a theme is left to its prior
LEAST_TEXTS = 10  # useful ones, and others
SAME_STORY = 0.3  # cosine from which two texts are kept in one fold


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores that texts got from functions trained without them: one row a text, one column an output.

    Columns are relevance, then the themes; rows are the examples, then the negatives. `probabilities` are after the curve.
    """

    sums: Array
    probabilities: Array


def train(
    themes: Sequence[Theme],
    seeds: Sequence[Seed],
    examples: Sequence[Example],
    negatives: Sequence[Example] = (),
    *,
    rule: Rule | None = None,
) -> bytes:
    """Return the bytes of a model trained on `examples`, and on `negatives` taken as off every theme.

    The same inputs give the same bytes. Raises ValueError when there are fewer than ten useful or ten other examples.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):  # one thread: the same sums in the same order, whatever else the machine does
        corpus = Corpus(themes, seeds, examples, negatives, rule or Rule())
        outputs, word_weights = _outputs(corpus)
    inputs = sha256(repr((tuple(themes), rule, tuple(seeds), tuple(examples), tuple(negatives))).encode()).hexdigest()[:16]
    words = {word: (idf, float(weight)) for (word, idf), weight in zip(corpus.idf.items(), word_weights, strict=True)}
    return linear.encode(Model(outputs=outputs, words=words, rule=rule or Rule(), features=FEATURES, inputs=inputs))


class Corpus:
    """Labelled texts as matrices: `dense` and `words`, `labels` (1, 0, or -1 where nobody knows), `folds` of stories."""

    def __init__(
        self,
        themes: Sequence[Theme],
        seeds: Sequence[Seed],
        examples: Sequence[Example],
        negatives: Sequence[Example],
        rule: Rule,
    ) -> None:
        keys = Keys()
        lexicon = compile_terms(themes, rule, keys.__getitem__)
        texts = (*examples, *negatives)
        readings = [read(t.title, t.text, kind=t.kind, lexicon=lexicon, keys=keys) for t in texts]
        self.idf = _inverse_frequencies(readings)
        self.space = Space(themes, rule, seeds, lexicon, self.idf)
        vectors = [self.space.vector(reading) for reading in readings]
        self.examples = tuple(examples)
        self.names = (RELEVANCE, *(theme.id for theme in themes))
        self.dense: Array = np.array([vector.dense for vector in vectors])
        self.width = self.dense.shape[1]
        self.words: Array = np.zeros((len(texts), len(self.idf)))
        for row, vector in enumerate(vectors):
            self.words[row, vector.words] = vector.values
        self.labels = np.array([[_label(text, name) for name in self.names] for text in texts])
        self.real = np.arange(len(texts)) >= len(examples)
        self.stories = _stories(self.words, len(examples))
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

    def fit(self, column: int, rows: npt.NDArray[np.intp]) -> tuple[Array, float]:
        """Return the weights and the intercept of the function of `column`, trained on `rows` where the label is known."""
        from sklearn.linear_model import LogisticRegression

        known = rows[self.labels[rows, column] >= 0]
        labels = self.labels[known, column]
        weights = np.where(self.real[known], NEGATIVE_WEIGHT[not column], 1.0)
        if column:
            weights = np.where(labels == 1, THEME_BALANCE, weights)
        model = LogisticRegression(C=STRENGTH, max_iter=2000)
        model.fit(self.matrix(column)[known], labels, sample_weight=weights)
        return model.coef_[0], float(model.intercept_[0])


def _outputs(corpus: Corpus) -> tuple[dict[str, Output], Array]:
    """Return the trained functions, and the weight that relevance gives to every word."""
    useful, other = (int(np.sum(corpus.labels[: len(corpus.examples), 0] == value)) for value in (1, 0))
    if min(useful, other) < LEAST_TEXTS:
        raise ValueError(f"Training needs ten useful and ten other labelled texts at least; there are {useful} and {other}.")
    scored = cross_validate(corpus)
    outputs: dict[str, Output] = {}
    word_weights = np.zeros(corpus.words.shape[1])
    everything = np.arange(len(corpus.labels))
    for column, name in enumerate(corpus.names):
        positives = int(np.sum(corpus.labels[:, column] == 1))
        if column and positives < LEAST_POSITIVES:
            continue
        weights, intercept = corpus.fit(column, everything)
        slope, shift = curve(scored.sums[:, column], corpus, column)
        if not column:
            weights = corpus.unturned(weights)
            word_weights = weights[corpus.width :] * WORD_SCALE
        outputs[name] = Output(
            dense={key: float(weight) for key, weight in zip(corpus.space.names, weights, strict=False)},
            slope=slope,
            offset=shift + slope * intercept,
            threshold=threshold(scored.probabilities[:, column], corpus, column),
            positives=positives,
        )
    return outputs, word_weights


def cross_validate(corpus: Corpus) -> Scored:
    """Return the scores of every text by functions trained without its fold, the mean over several ways of folding.

    The probability curves are fitted fold by fold too: a text's probability comes from a curve that had not seen it.
    """
    rows, columns = corpus.labels.shape
    sums, probabilities = np.zeros((rows, columns)), np.zeros((rows, columns))
    for repeat in range(REPEATS):
        folds = np.random.default_rng(repeat).permutation(rows)[corpus.stories] % FOLDS
        for column in range(columns):
            if np.sum(corpus.labels[:, column] == 1) < LEAST_POSITIVES:
                continue
            scores = np.zeros(rows)
            for fold in range(FOLDS):
                weights, intercept = corpus.fit(column, np.flatnonzero(folds != fold))
                held = folds == fold
                scores[held] = corpus.matrix(column)[held] @ weights + intercept
            sums[:, column] += scores / REPEATS
            for fold in range(FOLDS):
                slope, shift = curve(scores, corpus, column, folds != fold)
                held = folds == fold
                probabilities[held, column] += _logistic(slope * scores[held] + shift) / REPEATS
    return Scored(sums, probabilities)


def curve(scores: Array, corpus: Corpus, column: int, rows: npt.NDArray[np.bool_] | None = None) -> tuple[float, float]:
    """Return the slope and the shift of the logistic curve from held-out `scores` to the labels (Platt's targets)."""
    from sklearn.linear_model import LogisticRegression

    labels = corpus.labels[:, column]
    known = (labels >= 0) & (True if rows is None else rows)
    weights = np.where(corpus.real[known], NEGATIVE_WEIGHT[not column], 1.0)
    model = LogisticRegression(C=10.0).fit(scores[known].reshape(-1, 1), labels[known], sample_weight=weights)
    return max(float(model.coef_[0, 0]), 0.05), float(model.intercept_[0])


def held_out_thresholds(corpus: Corpus, scored: Scored) -> Array:
    """Return, for every text and output, the threshold chosen without the text's fold: what a new text would meet."""
    folds = np.random.default_rng(0).permutation(len(corpus.labels))[corpus.stories] % FOLDS
    thresholds = np.zeros(corpus.labels.shape)
    for fold in range(FOLDS):
        for column in range(corpus.labels.shape[1]):
            thresholds[folds == fold, column] = threshold(scored.probabilities[:, column], corpus, column, folds != fold)
    return thresholds


def threshold(probabilities: Array, corpus: Corpus, column: int, rows: npt.NDArray[np.bool_] | None = None) -> float:
    """Return the probability that separates best: the highest F1 among those that keep false alarms of real texts rare.

    A miss and a false alarm cost the same among labelled texts; among texts of real streams, which are a hundred times more
    numerous in use, false alarms may not pass FALSE_ALARMS. F1 is smoothed over neighbouring candidates, for want of texts.
    """
    labels = corpus.labels[:, column]
    kept = np.ones(len(labels), dtype=bool) if rows is None else rows
    example = ~corpus.real & (labels >= 0) & kept
    right, given = labels[example] == 1, probabilities[example]
    candidates = np.arange(0.1, 0.81, 0.01)
    f1 = np.array([2 * np.sum((given >= c) & right) / max(np.sum(given >= c) + np.sum(right), 1) for c in candidates])
    smooth = np.convolve(np.pad(f1, 7, mode="edge"), np.full(15, 1 / 15), mode="valid")
    real = probabilities[corpus.real & kept]
    allowed = np.array([not real.size or float(np.mean(real >= c)) <= FALSE_ALARMS for c in candidates])
    smooth[~allowed] = -1
    return float(candidates[int(np.argmax(smooth))]) if allowed.any() else float(candidates[-1])


def _label(text: Example, name: str) -> int:
    if name == RELEVANCE:
        return -1 if text.ambiguous else int(text.relevance >= USEFUL)
    return 1 if name in text.themes else -1 if name in text.maybe else 0


def _inverse_frequencies(readings: Sequence[Reading]) -> dict[str, float]:
    frequency = Counter(word for reading in readings for word in vocabulary_words(reading))
    return {word: float(np.log((1 + len(readings)) / (1 + n)) + 1) for word, n in sorted(frequency.items()) if n >= 2}


def _stories(words: Array, examples: int) -> npt.NDArray[np.intp]:
    """Return for every text the number of its story: the first text it is near to, or itself."""
    stories = np.arange(len(words))
    near = words[:examples] @ words[:examples].T
    for row in range(examples):
        stories[row] = stories[int(np.argmax(near[row, : row + 1] >= SAME_STORY))]
    return stories


def _logistic(x: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))
