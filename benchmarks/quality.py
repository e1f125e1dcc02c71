"""How good the classifier is: prints the table of figures and fails where one is below its pinned floor (`make quality`).

`python benchmarks/quality.py` judges by tests/classify/floors.json; `--pin REASON` writes the floors anew, at the worse
bound of each interval, and keeps the reason beside them.
"""

import argparse
import json
import sys
from pathlib import Path

from watcher import classify, seeds
from watcher.classify.evaluate import Figure, alarms, below_floors, evaluate, found, report

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ROOT / "tests" / "classify" / "floors.json"
UNSEEN = ROOT / "tests" / "classify" / "unseen.jsonl.gz"


def main() -> int:
    """Measure, print, and return 1 when a floor is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pin", metavar="REASON", help="write the floors anew, with the reason")
    pin: str | None = parser.parse_args().pin
    figures = measure()
    print(report(figures))
    if pin:
        floors = {f.name: round(f.low if f.better == "higher" else f.high, 3) for f in figures}
        FLOORS.write_text(json.dumps({"reason": pin, "floors": floors}, indent=2, ensure_ascii=False) + "\n", "utf-8")
        return 0
    broken = below_floors(figures, json.loads(FLOORS.read_text("utf-8"))["floors"])
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return 1 if broken else 0


def measure() -> tuple[Figure, ...]:
    """Return the cross-validated figures, and those of the shipped model on the halves of real streams kept unseen."""
    corpus = seeds.load(ROOT / "seeds")
    classifier = classify.load(corpus.themes, corpus.seeds, corpus.model, rule=corpus.rule)
    unseen = seeds.read_examples(UNSEEN, frozenset(theme.id for theme in corpus.themes))
    questions = [text for text in unseen if text.kind == "question"]
    speeches = [text for text in unseen if text.kind == "debate"]
    return (
        *evaluate(corpus.themes, corpus.seeds, corpus.examples, corpus.negatives, rule=corpus.rule),
        alarms(classifier, questions, "alerts_per_1000_questions", f"{len(questions)} real oral questions, unseen"),
        found(classifier, questions, "questions_on_training_found", "those of them that are on vocational training"),
        alarms(classifier, speeches, "alerts_per_1000_speeches", f"{len(speeches)} real speeches, unseen"),
    )


if __name__ == "__main__":
    sys.exit(main())
