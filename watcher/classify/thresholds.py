"""Where a probability becomes a yes: the thresholds, chosen on held-out scores for what mistakes cost."""

import numpy as np
import numpy.typing as npt

from watcher.classify.corpus import Array, Corpus
from watcher.classify.themes import Rule

FALSE_ALARMS = 0.01  # the most that may be told of texts of real streams known to be off-theme
STIFFNESS = 4.0  # cost, per label, of a threshold that is 1 away from the one that calibrated probabilities call for
SMOOTHED = 15  # candidates, of one hundredth each, over which the cost is averaged
CANDIDATES = np.arange(0.1, 0.81, 0.01)


def threshold(probabilities: Array, corpus: Corpus, column: int, rule: Rule, rows: npt.NDArray[np.bool_] | None = None) -> float:
    """Return the probability from which `column` is told, chosen on `rows` (all, if None).

    It is the cheapest: `rule.miss` for each labelled text that is missed and `rule.false_alarm` for each that is told wrongly,
    per text that should be told, smoothed over neighbouring candidates. If the probabilities were exact, the cheapest
    threshold would be false_alarm / (miss + false_alarm) (Elkan, 2001): a square term pulls towards it, which matters where
    labels are few. Among texts of real streams, a hundred times more numerous in use, false alarms may not pass FALSE_ALARMS.
    """
    labels = corpus.labels[:, column]
    kept = np.ones(len(labels), dtype=bool) if rows is None else rows
    labelled = ~corpus.real & (labels >= 0) & kept
    right, given = labels[labelled] == 1, probabilities[labelled]
    misses = np.array([np.sum((given < c) & right) for c in CANDIDATES])
    alarms = np.array([np.sum((given >= c) & ~right) for c in CANDIDATES])
    cost = (rule.miss * misses + rule.false_alarm * alarms) / max(int(np.sum(right)), 1)
    half = SMOOTHED // 2
    smooth = np.convolve(np.pad(cost, half, mode="edge"), np.full(SMOOTHED, 1 / SMOOTHED), mode="valid")
    smooth += STIFFNESS * (CANDIDATES - rule.false_alarm / (rule.miss + rule.false_alarm)) ** 2
    real = probabilities[corpus.real & kept]
    allowed = np.array([not real.size or float(np.mean(real >= c)) <= FALSE_ALARMS for c in CANDIDATES])
    smooth[~allowed] = np.inf
    return float(CANDIDATES[int(np.argmin(smooth))]) if allowed.any() else float(CANDIDATES[-1])


def held_out_thresholds(corpus: Corpus, probabilities: Array, rule: Rule, folds: npt.NDArray[np.intp]) -> Array:
    """Return, for every text and output, the threshold chosen without the text's fold: what a new text would meet."""
    thresholds = np.zeros(corpus.labels.shape)
    for fold in range(int(folds.max()) + 1):
        for column in range(corpus.labels.shape[1]):
            others = folds != fold
            thresholds[~others, column] = threshold(probabilities[:, column], corpus, column, rule, others)
    return thresholds
