"""The shipped seed corpus and its classifier, read once."""

from pathlib import Path

import pytest

from watcher import classify, seeds
from watcher.classify.classifier import Classifier

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def corpus() -> seeds.Seeds:
    """Return the seed corpus that is shipped."""
    return seeds.load(ROOT / "seeds")


@pytest.fixture(scope="session")
def classifier(corpus: seeds.Seeds) -> Classifier:
    """Return the classifier that is shipped."""
    return classify.load(corpus.themes, corpus.seeds, corpus.model)
