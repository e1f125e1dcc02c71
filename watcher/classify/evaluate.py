"""How good the classifier is, on texts it was not trained on, with bootstrap intervals.

Figures on labelled texts are cross-validated (`cross_validated`): each text is scored by functions, curves and thresholds made
without its fold. Figures on real streams (`alarms`) need texts that training never saw; the caller says which.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from watcher.classify.classifier import Classifier
from watcher.classify.corpus import USEFUL, Array, label_of
from watcher.classify.linear import RELEVANCE
from watcher.classify.thresholds import held_out_thresholds
from watcher.classify.train import FOLDS, Trained
from watcher.model import Example, Theme

Decisions = npt.NDArray[np.bool_]
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


def cross_validated(trained: Trained) -> tuple[Figure, ...]:
    """Return the cross-validated figures of training, on the labelled examples alone."""
    corpus = trained.corpus
    rows = slice(0, corpus.examples)
    how = f"cross-validated on {corpus.examples} labelled texts"
    scored = trained.scored
    return _figures(corpus.labels[rows], scored.sums[rows], scored.probabilities[rows], decided(trained)[rows], how)


def decided(trained: Trained) -> Decisions:
    """Return what functions, curves and thresholds made without a text decide on it: a row a text, a column an output."""
    chances = trained.scored.probabilities
    folds = trained.corpus.folds(0, FOLDS)
    marks = chances >= held_out_thresholds(trained.corpus, chances, trained.model.rule, folds)
    for row in np.flatnonzero(marks[:, 0] & ~marks[:, 1:].any(axis=1)):
        marks[row, 1 + int(np.argmax(chances[row, 1:]))] = True  # as the classifier does: a useful text is filed somewhere
    return marks


def measured(classifier: Classifier, themes: Sequence[Theme], texts: Sequence[Example]) -> tuple[Figure, ...]:
    """Return the figures of `classifier` as it is on labelled `texts`; what it was trained on flatters it."""
    verdicts = [classifier.verdict(text.title, text.text, kind=text.kind) for text in texts]
    by_theme = [{score.theme: score for score in verdict.themes} for verdict in verdicts]
    ids = [theme.id for theme in themes]
    labels = np.array([[label_of(text, name) for name in (RELEVANCE, *ids)] for text in texts])
    chances = np.array([[v.score, *(of[theme].score for theme in ids)] for v, of in zip(verdicts, by_theme, strict=True)])
    marks = np.array(
        [[v.relevance >= USEFUL, *(of[theme].on for theme in ids)] for v, of in zip(verdicts, by_theme, strict=True)]
    )
    return _figures(labels, chances, chances, marks, f"the classifier in use, on {len(texts)} labelled texts")


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


def on_streams(classifier: Classifier, texts: Sequence[Example], step: Callable[[], None] = lambda: None) -> tuple[Figure, ...]:
    """Return the figures on texts of real streams, which training must not have seen.

    How many are graded useful per 1,000, for questions and for speeches, and the share found of the questions that people
    labelled useful. `step` is called for each text.
    """
    told: list[float] = []
    for text in texts:
        told.append(float(classifier.verdict(text.title, text.text, kind=text.kind).relevance >= USEFUL))
        step()
    marks = np.array(told)
    useful = np.array([text.relevance >= USEFUL and not text.ambiguous for text in texts])
    kinds = np.array([text.kind for text in texts])
    questions, speeches = marks[kinds == "question"], marks[kinds == "debate"]
    wanted = marks[useful & (kinds == "question")]
    parts = (
        ("alerts_per_1000_questions", "lower", questions, 1000, f"{len(questions)} real oral questions, unseen"),
        ("questions_on_training_found", "higher", wanted, 1, f"the {len(wanted)} of them that are on vocational training"),
        ("alerts_per_1000_speeches", "lower", speeches, 1000, f"{len(speeches)} real speeches, unseen"),
    )
    return tuple(
        _figure(name, better, how, lambda rows, some=some, per=per: per * float(np.mean(some[rows])), len(some))
        for name, better, some, per, how in parts
        if len(some)
    )


def report(figures: Sequence[Figure]) -> str:
    """Return the figures as a table to print, one line each."""
    rows = [(f.name, f"{f.value:.3f}", f"{f.low:.3f} to {f.high:.3f}", f.better, f.how) for f in figures]
    head = ("figure", "value", "95 % interval", "better", "how")
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    )


def below_floors(figures: Sequence[Figure], floors: Mapping[str, float]) -> tuple[str, ...]:
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
    known = [value for value in drawn if value == value]  # a draw may hold nothing to measure
    low, high = np.percentile(known, [2.5, 97.5]).tolist() if known else (float("nan"), float("nan"))
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
    if not len(labels):
        return float("nan")
    bins = np.minimum((chances * BINS).astype(int), BINS - 1)
    gaps = [
        np.sum(bins == b) * abs(np.mean(labels[bins == b]) - np.mean(chances[bins == b]))
        for b in range(BINS)
        if (bins == b).any()
    ]
    return float(np.sum(gaps) / len(labels))
