"""Documents made of items, and the verdicts that are kept on them."""

from pathlib import Path

import pytest

from tests.store.builders import document
from watcher import classify, seeds
from watcher.classify.classifier import Classifier
from watcher.model import Source
from watcher.pipeline.documents import explained, judge

SEEDS = Path(__file__).parents[2] / "seeds"
TEXT = "L’intelligence artificielle transforme les métiers : les salariés veulent une formation à l’IA générative."


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """Return the classifier that is shipped."""
    corpus = seeds.load(SEEDS)
    return classify.load(corpus.themes, corpus.seeds, corpus.model, rule=corpus.rule)


def test_a_source_is_filed_under_the_themes_it_is_restricted_to_alone(classifier: Classifier) -> None:
    """A better theme that the source is not restricted to is no theme of its documents, on or off."""
    one = document("k", title="IA : une étude", text=TEXT)
    source = Source(
        id="dares", kind="feed", name="Dares", url="https://dares.example/feed", themes=("cyber-donnees", "territoires")
    )
    assert "ia-competences" in judge(classifier, one, None).on
    kept = judge(classifier, one, source)
    assert {score.theme for score in kept.themes} == {"cyber-donnees", "territoires"}
    assert kept == explained(classifier, one, source)
    assert any(score.evidence for score in kept.themes)
