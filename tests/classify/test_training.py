"""Training, and the figures that are pinned."""

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tests.classify.conftest import ROOT
from watcher import classify, seeds
from watcher.classify import evaluate, linear
from watcher.classify.corpus import Corpus, Teaching
from watcher.classify.corrections import Correction
from watcher.classify.evaluate import Figure, below_floors, report
from watcher.classify.thresholds import threshold
from watcher.classify.train import Trained, inputs_of, steps, train
from watcher.model import Example, Seed
from watcher.seeds import Seeds


def teaching_of(corpus: Seeds, negatives: int | None = 60) -> Teaching:
    """Return all that the shipped model is made from, or the same with fewer negatives."""
    return Teaching(
        themes=corpus.themes,
        seeds=corpus.seeds,
        examples=corpus.examples,
        negatives=corpus.negatives[:negatives],
        rule=corpus.rule,
    )


@pytest.fixture(scope="module")
def quick(corpus: Seeds) -> Trained:
    """Train once on a part of the shipped corpus."""
    return train(teaching_of(corpus))


def test_the_same_inputs_give_the_same_bytes(corpus: Seeds, quick: Trained) -> None:
    """Training is deterministic, so a model's hash says what it was made of; progress is told to the last step."""
    done: list[None] = []
    teaching = teaching_of(corpus)
    again = train(teaching, lambda: done.append(None))
    assert linear.encode(again.model) == linear.encode(quick.model)
    assert linear.encode(linear.decode(linear.encode(quick.model))) == linear.encode(quick.model)
    assert len(done) == steps(teaching)


def test_the_shipped_model_was_made_from_what_is_shipped(corpus: Seeds) -> None:
    """Whoever edits seeds/ trains again: the version of model.json is the hash of themes, rule, seeds and labelled texts."""
    assert corpus.model is not None
    model = linear.decode(corpus.model)
    assert model.inputs == inputs_of(teaching_of(corpus, None))
    assert set(model.figures) == {figure.name for figure in evaluate.cross_validated(train(teaching_of(corpus)))}
    assert classify.load(corpus.themes, corpus.seeds, corpus.model, rule=corpus.rule).notes == ()


def test_too_few_labels_are_refused(corpus: Seeds) -> None:
    """A model of a handful of texts is refused with the counts, rather than made up."""
    with pytest.raises(ValueError, match="ten useful"):
        train(replace(teaching_of(corpus), examples=corpus.examples[:8]))


def test_a_theme_nobody_labelled_is_left_to_its_prior(corpus: Seeds) -> None:
    """Training skips a theme with too few labels, and the classifier says that it is not calibrated."""
    without = tuple(e for e in corpus.examples if "territoires" not in e.themes)
    model = train(replace(teaching_of(corpus), examples=without)).model
    assert "territoires" not in model.outputs
    assert not classify.load(corpus.themes, corpus.seeds, linear.encode(model)).calibrated["territoires"]


def test_no_figure_is_below_its_floor(corpus: Seeds) -> None:
    """The cross-validated figures and those on real streams kept unseen hold the floors of seeds/floors.json."""
    floors = seeds.read_floors(ROOT / "seeds").floors
    unseen = seeds.read_examples(ROOT / "seeds" / seeds.UNSEEN, frozenset(theme.id for theme in corpus.themes))
    assert not {text.id for text in unseen} & {text.id for text in (*corpus.negatives, *corpus.examples)}
    classifier = classify.load(corpus.themes, corpus.seeds, corpus.model)
    trained = train(teaching_of(corpus, None))
    figures = (*evaluate.cross_validated(trained), *evaluate.on_streams(classifier, unseen))
    assert below_floors(figures, dict(floors)) == (), report(figures)
    assert {figure.name for figure in figures} == set(floors)


def correction(corpus: Seeds, quick: Trained, theme: str, value: bool, *, text: Example | None = None) -> Correction:
    """Return what people said of a text on tomatoes, of which only the features are left unless `text` is given."""
    classifier = classify.load(corpus.themes, corpus.seeds, linear.encode(quick.model), rule=corpus.rule)
    words = text or TOMATOES
    return Correction(
        version=("https://example.org/t", "f1"),
        marks={theme: value},
        features=classifier.features(words.title, words.text),
        text=text,
    )


TOMATOES = Example(
    id="t",
    kind="article",
    title="Le jardin partagé fête ses tomates",
    text="Les habitants arrosent, désherbent et récoltent les tomates du potager. Une fête est prévue dimanche au jardin.",
    themes=(),
    relevance=0,
)


@pytest.mark.parametrize("held", [True, False], ids=["text held", "features only"])
def test_a_label_teaches_with_its_text_or_without(corpus: Seeds, quick: Trained, held: bool) -> None:
    """Said relevant, a text on tomatoes is scored higher by the next model, also when retention has taken its text."""
    text = TOMATOES if held else None
    said = correction(corpus, quick, "relevance", True, text=text)
    after = train(replace(teaching_of(corpus), corrections=(said,))).model
    scores = [
        classify.load(corpus.themes, corpus.seeds, linear.encode(model), rule=corpus.rule)
        .verdict(TOMATOES.title, TOMATOES.text)
        .score
        for model in (quick.model, after)
    ]
    assert scores[1] > 1.5 * scores[0]
    assert after.labels == (said.id,)


def test_features_give_the_numbers_of_their_text_back(corpus: Seeds, quick: Trained) -> None:
    """What is kept of a labelled text decides as the text did; it holds numbers only, no word of the text."""
    classifier = classify.load(corpus.themes, corpus.seeds, linear.encode(quick.model), rule=corpus.rule)
    alike = 0
    for example in corpus.examples:
        verdict = classifier.verdict(example.title, example.text, kind=example.kind)
        features = classifier.features(example.title, example.text, kind=example.kind)
        decided = classifier.decisions(features)
        alike += decided == {"relevance": verdict.relevance >= 2} | {score.theme: score.on for score in verdict.themes}
        assert all(isinstance(bucket, int) and count > 0 for bucket, count in features.words.items())
        assert set(features.dense) <= set(classifier.space.names)
    assert alike >= 0.97 * len(corpus.examples)


def test_nothing_is_known_of_what_nobody_spoke_of(corpus: Seeds, quick: Trained) -> None:
    """A label on one theme says nothing of the others, nor of relevance."""
    said = correction(corpus, quick, "ia-emploi", False, text=TOMATOES)
    built = Corpus(replace(teaching_of(corpus), corrections=(said,)))
    row = built.labels[built.examples]
    assert dict(zip(built.names, row.tolist(), strict=True)) == dict.fromkeys(built.names, -1) | {"ia-emploi": 0}


def test_a_private_seed_leaves_words_and_no_sentence(corpus: Seeds) -> None:
    """A private seed raises the likeness of texts near to it; of its text the model keeps words, and the title is quoted."""
    text = (
        "Les entreprises de la métallurgie forment leurs salariés aux compétences numériques. Les emplois industriels changent "
        "et la formation professionnelle des techniciens suit, dit l’observatoire de branche dans son étude annuelle."
    )
    seed = Seed(
        id="private:branche",
        title="Une étude interne",
        publisher="",
        date=date(2026, 1, 1),
        url="",
        themes=("territoires",),
        text=text,
    )
    model = train(replace(teaching_of(corpus), private=(seed,))).model
    data = linear.encode(model)
    assert "Les entreprises de la métallurgie" not in data.decode()
    assert "dit l’observatoire" not in data.decode()
    classifier = classify.load(corpus.themes, corpus.seeds, data, rule=corpus.rule)
    nearest = {score.theme: score.seed for score in classifier.verdict("", text).themes}["territoires"]
    assert nearest is not None
    assert (nearest.id, nearest.passage) == (seed.id, seed.title)
    assert nearest.similarity > 0.9


def test_dearer_misses_lower_every_threshold(corpus: Seeds, quick: Trained) -> None:
    """`costs` of themes.yaml moves the thresholds the right way; with exact probabilities it would be the one of theory."""
    chances, built = quick.scored.probabilities, quick.corpus
    for column in range(len(built.names)):
        found = [
            threshold(chances[:, column], built, column, replace(corpus.rule, miss=m, false_alarm=a)) for m, a in ((9, 1), (1, 9))
        ]
        assert found[0] < found[1], built.names[column]


def test_false_alarms_on_real_streams_bound_a_threshold(corpus: Seeds, quick: Trained) -> None:
    """However dear a miss, at most one real off-theme text in a hundred is told."""
    built, column = quick.corpus, 0
    chances = np.where(built.real, 0.55, quick.scored.probabilities[:, column])
    assert threshold(chances, built, column, replace(corpus.rule, miss=100.0)) > 0.55


def test_training_says_that_its_library_is_missing(tmp_path: Path) -> None:
    """Where scikit-learn cannot be loaded, training is refused in a sentence; verdicts are given all the same."""
    (tmp_path / "sklearn.py").write_text("raise ImportError('not here')\n", "utf-8")
    code = (
        "from pathlib import Path\nfrom watcher import classify, seeds\nfrom watcher.errors import WatcherError\n"
        f"corpus = seeds.load(Path({str(ROOT / 'seeds')!r}))\n"
        "classify.load(corpus.themes, corpus.seeds, corpus.model).verdict('IA', 'Des emplois.')\n"
        "from watcher.classify.corpus import Teaching\nfrom watcher.classify.train import train\n"
        "try:\n    train(Teaching(themes=corpus.themes, seeds=corpus.seeds, examples=corpus.examples))\n"
        "except WatcherError as error:\n    print(error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}"},
    )
    assert done.stdout.startswith("Training needs scikit-learn, which cannot be loaded here (not here).")


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
