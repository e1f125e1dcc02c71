"""From a text to a verdict: themes, relevance, and the reasons (docs/classification.md)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from watcher.model import Seed, Theme

if TYPE_CHECKING:
    from watcher.classify.classifier import Classifier
    from watcher.classify.themes import Rule

__all__ = ["load"]


def load(themes: Sequence[Theme], seeds: Sequence[Seed], model: bytes | None, *, rule: "Rule | None" = None) -> "Classifier":
    """Return a classifier for these themes and seeds.

    `model` is what `classify.train.train` gave; without it, or for a theme it does not know, scores come from terms and
    seeds alone and `Classifier.notes` says so. `rule` is the `relevance` part of themes.yaml, by default the one the model
    was trained with. The numerical library is imported here, not with this package.
    """
    from watcher.classify.classifier import build

    return build(tuple(themes), tuple(seeds), model, rule)
