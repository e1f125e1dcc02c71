"""How good the classifier and the stories are: prints the figures and fails where one is below its pinned floor (`make quality`).

`python -m benchmarks.quality` judges by seeds/floors.json; `--pin REASON` writes the floors anew, at the worse bound of each
interval, and keeps the reason beside them.
"""

import argparse
import sys
from pathlib import Path

from benchmarks import stories
from watcher import classify, seeds
from watcher.classify.corpus import Teaching
from watcher.classify.evaluate import Figure, below_floors, cross_validated, on_streams, report
from watcher.classify.train import train
from watcher.seeds import Floors

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


def main() -> int:
    """Measure, print, and return 1 when a floor is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pin", metavar="REASON", help="write the floors anew, with the reason")
    pin: str | None = parser.parse_args().pin
    figures = measure()
    print(report(figures))
    if pin:
        floors = {f.name: round(f.low if f.better == "higher" else f.high, 3) for f in figures}
        seeds.write_floors(SEEDS, Floors(floors=floors, reason=pin))
        return 0
    broken = below_floors(figures, seeds.read_floors(SEEDS).floors)
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return 1 if not stories.report() or broken else 0


def measure() -> tuple[Figure, ...]:
    """Return the cross-validated figures, and those of the shipped model on the halves of real streams kept unseen."""
    corpus = seeds.load(SEEDS)
    classifier = classify.load(corpus.themes, corpus.seeds, corpus.model, rule=corpus.rule)
    unseen = seeds.read_examples(SEEDS / seeds.UNSEEN, frozenset(theme.id for theme in corpus.themes))
    teaching = Teaching(
        themes=corpus.themes, seeds=corpus.seeds, examples=corpus.examples, negatives=corpus.negatives, rule=corpus.rule
    )
    return (*cross_validated(train(teaching)), *on_streams(classifier, unseen))


if __name__ == "__main__":
    sys.exit(main())
