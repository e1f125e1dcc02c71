"""How good the classifier is, on texts it was not trained on, with bootstrap intervals.

Figures on labelled texts are cross-validated (`evaluate`): each text is scored by functions, curves and thresholds made
without its fold. Figures on real streams (`alarms`) need texts that training never saw; the caller says which.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from watcher.classify.classifier import Classifier
from watcher.classify.themes import Rule
from watcher.classify.train import USEFUL, Corpus, cross_validate, held_out_thresholds
from watcher.model import Example, Seed, Theme

Array = npt.NDArray[np.float64]
DRAWS = 1000
BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure, with the bounds of its 95 % bootstrap interval. `better` is `higher` or `lower`; `how` says on
    what it was measured."""

    name: str
    value: float
    low: float
    high: float
    better: str
    how: str


def evaluate(
    themes: Sequence[Theme], seeds: Sequence[Seed], examples: Sequence[Example], negatives: Sequence[Example], *, rule: Rule
) -> tuple[Figure, ...]:
    """Return the cross-validated figures of training on these inputs (some ten seconds)."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        corpus = Corpus(themes, seeds, examples, negatives, rule)
        scored = cross_validate(corpus)
    chances = scored.probabilities[: len(examples)]
    ranks = scored.sums[: len(examples)]
    labels = corpus.labels[: len(examples)]
    marks = chances >= held_out_thresholds(corpus, scored)[: len(examples)]
    useful = marks[:, 0]
    for row in np.flatnonzero(useful & ~marks[:, 1:].any(axis=1)):
        marks[row, 1 + int(np.argmax(chances[row, 1:]))] = True  # as the classifier does: a useful text is filed somewhere
    return _figures(labels, ranks, chances, marks, f"cross-validated on {len(examples)} labelled texts")


def measured(classifier: Classifier, themes: Sequence[Theme], texts: Sequence[Example]) -> tuple[Figure, ...]:
    """Return the figures of `classifier` as it is on labelled `texts`; what it was trained on flatters it."""
    verdicts = [classifier.verdict(text.title, text.text, kind=text.kind) for text in texts]
    by_theme = [{score.theme: score for score in verdict.themes} for verdict in verdicts]
    ids = [theme.id for theme in themes]
    labels = np.array([[_useful(text), *(_label(text, theme) for theme in ids)] for text in texts])
    chances = np.array([[v.score, *(of[theme].score for theme in ids)] for v, of in zip(verdicts, by_theme, strict=True)])
    marks = np.array(
        [[v.relevance >= USEFUL, *(of[theme].on for theme in ids)] for v, of in zip(verdicts, by_theme, strict=True)]
    )
    return _figures(labels, chances, chances, marks, f"the classifier in use, on {len(texts)} labelled texts")


def _useful(text: Example) -> int:
    return -1 if text.ambiguous else int(text.relevance >= USEFUL)


def _label(text: Example, theme: str) -> int:
    return 1 if theme in text.themes else -1 if theme in text.maybe else 0


def _figures(
    labels: npt.NDArray[np.int_], ranks: Array, chances: Array, marks: npt.NDArray[np.bool_], how: str
) -> tuple[Figure, ...]:
    """Return the figures of rows of texts, columns of relevance then themes; labels of -1 are not judged."""
    measures: tuple[tuple[str, str, Callable[[npt.NDArray[np.intp]], float]], ...] = (
        ("relevance_average_precision", "higher", lambda rows: _average_precision(labels[rows, 0], ranks[rows, 0])),
        ("relevance_f1", "higher", lambda rows: _f1(labels[rows, :1], marks[rows, :1])),
        ("themes_micro_f1", "higher", lambda rows: _f1(labels[rows, 1:], marks[rows, 1:])),
        ("themes_macro_average_precision", "higher", lambda rows: _macro_average_precision(labels[rows, 1:], ranks[rows, 1:])),
        ("relevance_calibration_error", "lower", lambda rows: calibration_error(labels[rows, 0], chances[rows, 0])),
    )
    return tuple(_figure(name, better, how, measure, len(labels)) for name, better, measure in measures)


def alarms(classifier: Classifier, texts: Sequence[Example], name: str, how: str) -> Figure:
    """Return the number of texts graded useful, per 1,000 of `texts`, which training must not have seen."""
    told = np.array([classifier.verdict(t.title, t.text, kind=t.kind).relevance >= USEFUL for t in texts], dtype=np.float64)
    return _figure(name, "lower", how, lambda rows: 1000 * float(np.mean(told[rows])), len(texts))


def found(classifier: Classifier, texts: Sequence[Example], name: str, how: str) -> Figure:
    """Return the share graded useful of those among `texts` that people labelled useful; training must not have seen them."""
    useful = [text for text in texts if text.relevance >= USEFUL and not text.ambiguous]
    told = np.array([classifier.verdict(t.title, t.text, kind=t.kind).relevance >= USEFUL for t in useful], dtype=np.float64)
    return _figure(name, "higher", how, lambda rows: float(np.mean(told[rows])), len(useful))


def report(figures: Sequence[Figure]) -> str:
    """Return the figures as a table to print, one line each."""
    rows = [(f.name, f"{f.value:.3f}", f"{f.low:.3f} to {f.high:.3f}", f.better, f.how) for f in figures]
    head = ("figure", "value", "95 % interval", "better", "how")
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    )


def below_floors(figures: Sequence[Figure], floors: dict[str, float]) -> tuple[str, ...]:
    """Return one sentence for every figure that is worse than its floor; a figure without a floor is not judged."""
    by_name = {figure.name: figure for figure in figures}
    worse: list[str] = []
    for name, floor in floors.items():
        figure = by_name.get(name)
        if figure and (figure.value < floor if figure.better == "higher" else figure.value > floor):
            worse.append(f"{name} is {figure.value:.3f}; its floor is {floor:.3f}.")
    return tuple(worse)


def _figure(name: str, better: str, how: str, measure: Callable[[npt.NDArray[np.intp]], float], size: int) -> Figure:
    random = np.random.default_rng(20240101)
    drawn = [measure(random.integers(0, size, size)) for _ in range(DRAWS)]
    low, high = np.nanpercentile(drawn, [2.5, 97.5]).tolist()
    return Figure(name=name, value=measure(np.arange(size)), low=low, high=high, better=better, how=how)


def _average_precision(labels: npt.NDArray[np.int_], scores: Array) -> float:
    known = labels >= 0
    order = np.argsort(-scores[known], kind="stable")
    right = labels[known][order] == 1
    if not right.any():
        return float("nan")
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    return float(np.mean(precision[right]))


def _macro_average_precision(labels: npt.NDArray[np.int_], scores: Array) -> float:
    columns = [_average_precision(labels[:, column], scores[:, column]) for column in range(labels.shape[1])]
    found = [value for value in columns if not np.isnan(value)]
    return float(np.mean(found)) if found else float("nan")


def _f1(labels: npt.NDArray[np.int_], marks: npt.NDArray[np.bool_]) -> float:
    known = labels >= 0
    right = int(np.sum(marks & (labels == 1)))
    told, there = int(np.sum(marks & known)), int(np.sum(labels == 1))
    return 2 * right / max(told + there, 1)


def calibration_error(labels: npt.NDArray[np.int_], chances: Array) -> float:
    """Return the expected calibration error in ten equal bins (Naeini et al., 2015)."""
    known = labels >= 0
    labels, chances = labels[known], chances[known]
    bins = np.minimum((chances * BINS).astype(int), BINS - 1)
    gaps = [
        np.sum(bins == b) * abs(np.mean(labels[bins == b]) - np.mean(chances[bins == b]))
        for b in range(BINS)
        if (bins == b).any()
    ]
    return float(np.sum(gaps) / len(labels))
