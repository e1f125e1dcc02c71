"""Training the model from the seeds and the labelled texts (the only room of scikit-learn).

What a figure is worth depends on what the function had seen: every probability curve and every threshold here is chosen on
scores that each text got from a function trained without it (five folds, near-identical stories kept in one fold).
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module

import numpy as np
import numpy.typing as npt

from watcher.classify.corpus import USEFUL, WORD_SCALE, Array, Corpus, Teaching
from watcher.classify.features import FEATURES
from watcher.classify.linear import Model, Output
from watcher.classify.thresholds import threshold
from watcher.errors import WatcherError

__all__ = ["USEFUL", "Scored", "Trained", "cross_validate", "inputs_of", "steps", "train"]

FOLDS = 5
REPEATS = 3
STRENGTH = 1.0  # inverse of the penalty of the linear functions
THEME_BALANCE = 3.0  # a label of a theme is worth this many texts without it: themes are thin
NEGATIVE_WEIGHT = {True: 0.3, False: 0.1}  # of a text of a real stream, for relevance and for a theme
LEAST_POSITIVES = 4  # under this, a theme is left to its prior
LEAST_TEXTS = 10  # useful ones, and others


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores that texts got from functions trained without them: one row a text, one column an output.

    Columns are relevance, then the themes; rows are those of the corpus. `probabilities` are after the curve.
    """

    sums: Array
    probabilities: Array


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, with what it was trained on and the held-out scores behind its curves and thresholds."""

    model: Model
    corpus: Corpus
    scored: Scored


def train(teaching: Teaching, step: Callable[[], None] = lambda: None) -> Trained:
    """Return a model trained on `teaching`. The same inputs give the same model. `step` is called `steps(teaching)` times.

    Raises ValueError when there are fewer than ten useful or ten other labelled texts, and WatcherError where scikit-learn is
    not installed.
    """
    _library()
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):  # one thread: the same sums in the same order, whatever else the machine does
        corpus = Corpus(teaching)
        _enough(corpus)
        scored = cross_validate(corpus, step)
        outputs, word_weights = _outputs(corpus, scored, teaching)
    words = {word: (idf, float(weight)) for (word, idf), weight in zip(corpus.idf.items(), word_weights, strict=True)}
    model = Model(
        outputs=outputs,
        words=words,
        rule=teaching.rule,
        features=FEATURES,
        inputs=inputs_of(teaching),
        passages=corpus.space.word_passages(teaching.private),
        labels=tuple(sorted(row.id for row in teaching.corrections)),
    )
    return Trained(model, corpus, scored)


def inputs_of(teaching: Teaching) -> str:
    """Return the hash of all that a model is made from."""
    return sha256(repr((FEATURES, teaching)).encode()).hexdigest()[:16]


def steps(teaching: Teaching) -> int:
    """Return into how many steps training divides: one for each output and each way of folding."""
    return REPEATS * (1 + len(teaching.themes))


def cross_validate(corpus: Corpus, step: Callable[[], None] = lambda: None) -> Scored:
    """Return the scores of every text by functions trained without its fold, the mean over several ways of folding.

    The probability curves are fitted fold by fold too: a text's probability comes from a curve that had not seen it.
    """
    shape = corpus.labels.shape
    sums, probabilities = np.zeros(shape), np.zeros(shape)
    for repeat in range(REPEATS):
        folds = corpus.folds(repeat, FOLDS)
        for column in range(shape[1]):
            step()
            if np.sum(corpus.labels[:, column] == 1) < LEAST_POSITIVES:
                continue
            scores = np.zeros(shape[0])
            for fold in range(FOLDS):
                weights, intercept = _fit(corpus, column, np.flatnonzero(folds != fold))
                held = folds == fold
                scores[held] = corpus.matrix(column)[held] @ weights + intercept
            sums[:, column] += scores / REPEATS
            for fold in range(FOLDS):
                slope, shift = _curve(scores, corpus, column, folds != fold)
                held = folds == fold
                probabilities[held, column] += _logistic(slope * scores[held] + shift) / REPEATS
    return Scored(sums, probabilities)


def _library() -> None:
    try:
        # Before its threads are limited: only libraries that are loaded by then can be told.
        import_module("sklearn.linear_model")
    except ImportError as error:
        raise WatcherError(
            f"Training needs scikit-learn, which cannot be loaded here ({error}). Install it (pip install scikit-learn), or "
            "train where it is and copy seeds/model.json. Giving verdicts does not need it."
        ) from error


def _enough(corpus: Corpus) -> None:
    useful, other = (int(np.sum(corpus.labels[: corpus.labelled, 0] == value)) for value in (1, 0))
    if min(useful, other) < LEAST_TEXTS:
        raise ValueError(f"Training needs ten useful and ten other labelled texts at least; there are {useful} and {other}.")


def _outputs(corpus: Corpus, scored: Scored, teaching: Teaching) -> tuple[dict[str, Output], Array]:
    """Return the trained functions, and the weight that relevance gives to every word."""
    outputs: dict[str, Output] = {}
    word_weights = np.zeros(corpus.words.shape[1])
    everything = np.arange(len(corpus.labels))
    for column, name in enumerate(corpus.names):
        positives = int(np.sum(corpus.labels[:, column] == 1))
        if column and positives < LEAST_POSITIVES:
            continue
        weights, intercept = _fit(corpus, column, everything)
        slope, shift = _curve(scored.sums[:, column], corpus, column)
        if not column:
            weights = corpus.unturned(weights)
            word_weights = weights[corpus.width :] * WORD_SCALE
        outputs[name] = Output(
            dense={key: float(weight) for key, weight in zip(corpus.space.names, weights, strict=False)},
            slope=slope,
            offset=shift + slope * intercept,
            threshold=threshold(scored.probabilities[:, column], corpus, column, teaching.rule),
            positives=positives,
        )
    return outputs, word_weights


def _fit(corpus: Corpus, column: int, rows: npt.NDArray[np.intp]) -> tuple[Array, float]:
    """Return the weights and the intercept of the function of `column`, trained on `rows` where the label is known."""
    from sklearn.linear_model import LogisticRegression

    known = rows[corpus.labels[rows, column] >= 0]
    labels = corpus.labels[known, column]
    weights = np.where(corpus.real[known], NEGATIVE_WEIGHT[not column], 1.0)
    if column:
        weights = np.where(labels == 1, THEME_BALANCE, weights)
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    model.fit(corpus.matrix(column)[known], labels, sample_weight=weights)
    return model.coef_[0], float(model.intercept_[0])


def _curve(scores: Array, corpus: Corpus, column: int, rows: npt.NDArray[np.bool_] | None = None) -> tuple[float, float]:
    """Return the slope and the shift of the logistic curve from held-out `scores` to the labels (Platt's targets)."""
    from sklearn.linear_model import LogisticRegression

    labels = corpus.labels[:, column]
    known = (labels >= 0) & (True if rows is None else rows)
    weights = np.where(corpus.real[known], NEGATIVE_WEIGHT[not column], 1.0)
    model = LogisticRegression(C=10.0).fit(scores[known].reshape(-1, 1), labels[known], sample_weight=weights)
    return max(float(model.coef_[0, 0]), 0.05), float(model.intercept_[0])


def _logistic(x: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))
