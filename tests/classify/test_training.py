"""Training, and the figures that are pinned."""

import json
from pathlib import Path

import numpy as np
import pytest

from watcher import classify, seeds
from watcher.classify import evaluate, linear
from watcher.classify.evaluate import Figure, below_floors, report
from watcher.classify.train import train
from watcher.seeds import Seeds

HERE = Path(__file__).resolve().parent


def test_the_same_inputs_give_the_same_bytes(corpus: Seeds) -> None:
    """Training is deterministic, so a model's hash says what it was made of."""
    few = corpus.negatives[:60]
    first = train(corpus.themes, corpus.seeds, corpus.examples, few, rule=corpus.rule)
    assert first == train(corpus.themes, corpus.seeds, corpus.examples, few, rule=corpus.rule)
    assert linear.encode(linear.decode(first)) == first


def test_too_few_labels_are_refused(corpus: Seeds) -> None:
    """A model of a handful of texts is refused with the counts, rather than made up."""
    with pytest.raises(ValueError, match="ten useful"):
        train(corpus.themes, corpus.seeds, corpus.examples[:8], rule=corpus.rule)


def test_a_theme_nobody_labelled_is_left_to_its_prior(corpus: Seeds) -> None:
    """Training skips a theme with too few labels, and the classifier says that it is not calibrated."""
    without = tuple(e for e in corpus.examples if "territoires" not in e.themes)
    model = train(corpus.themes, corpus.seeds, without, corpus.negatives[:60], rule=corpus.rule)
    assert "territoires" not in linear.decode(model).outputs
    assert not classify.load(corpus.themes, corpus.seeds, model).calibrated["territoires"]


def test_no_figure_is_below_its_floor(corpus: Seeds) -> None:
    """The cross-validated figures and those on real streams kept unseen hold the floors of floors.json."""
    floors = json.loads((HERE / "floors.json").read_text("utf-8"))["floors"]
    unseen = seeds.read_examples(HERE / "unseen.jsonl.gz", frozenset(theme.id for theme in corpus.themes))
    assert not {text.id for text in unseen} & {text.id for text in (*corpus.negatives, *corpus.examples)}
    classifier = classify.load(corpus.themes, corpus.seeds, corpus.model)
    questions = [text for text in unseen if text.kind == "question"]
    figures = (
        *evaluate.evaluate(corpus.themes, corpus.seeds, corpus.examples, corpus.negatives, rule=corpus.rule),
        evaluate.alarms(classifier, questions, "alerts_per_1000_questions", "unseen"),
        evaluate.found(classifier, questions, "questions_on_training_found", "unseen"),
        evaluate.alarms(classifier, [t for t in unseen if t.kind == "debate"], "alerts_per_1000_speeches", "unseen"),
    )
    assert below_floors(figures, floors) == (), report(figures)
    assert {figure.name for figure in figures} == set(floors)


def test_a_broken_floor_is_named() -> None:
    """A figure on the wrong side of its floor is told with both numbers, whichever side is better."""
    low = Figure(name="f1", value=0.8, low=0.7, high=0.9, better="higher", how="")
    high = Figure(name="alerts", value=50, low=40, high=60, better="lower", how="")
    assert below_floors((low, high), {"f1": 0.9, "alerts": 40}) == (
        "f1 is 0.800; its floor is 0.900.",
        "alerts is 50.000; its floor is 40.000.",
    )
    assert below_floors((low, high), {"f1": 0.8, "alerts": 50}) == ()


def test_the_calibration_error_is_what_it_is_called() -> None:
    """Scores that tell the share of right answers have no error; scores that are always sure and wrong have all of it."""
    labels = np.array([1, 0, 1, 0])
    assert evaluate.calibration_error(labels, np.full(4, 0.5)) == pytest.approx(0.0)
    assert evaluate.calibration_error(labels, 1.0 - labels) == pytest.approx(1.0)
