"""The trained model as plain arrays, and how it is written and read back.

One linear function for the relevance of a text (dense numbers and words) and one per theme (dense numbers only), each
brought to a probability by a logistic curve fitted on texts that the function had not seen (Platt, 1999).
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from watcher.classify.themes import FALSE_ALARM, MISS, Concept, Rule
from watcher.model import Term

FORMAT = 1
RELEVANCE = "relevance"

# What is believed before any label is seen: a theme is rare, and one good term or a close passage makes it possible.
PRIOR_BIAS = -3.2
PRIOR_GROUP = 1.6
PRIOR_SEED = 0.9
PRIOR_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One linear function. Its score is `1 / (1 + exp(-(slope * x + offset)))`, x being the sum of the weighted numbers.

    `dense` holds the weights by name of number (see vector.py). `positives` counts the labels it was trained on; `labelled`
    is False for a theme that had none, which is scored by a stated prior and is not calibrated.
    """

    dense: Mapping[str, float]
    slope: float = 1.0
    offset: float = 0.0
    threshold: float = PRIOR_THRESHOLD
    positives: int = 0

    @property
    def labelled(self) -> bool:
        """Return whether any label stands behind this function."""
        return self.positives > 0

    def probability(self, x: float) -> float:
        """Return the calibrated probability of the weighted sum `x`."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.slope * x + self.offset))))


@dataclass(frozen=True, slots=True, kw_only=True)
class WordPassage:
    """A passage of a private seed, without its text: the words it holds with their weights, of norm 1, in no order.

    `seed` is the id of its seed and `title` its title, which is all that is ever shown of it.
    """

    seed: str
    title: str
    themes: tuple[str, ...]
    words: Mapping[str, float] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """All the outputs, by theme id and `relevance`, with the vocabulary: word to (inverse document frequency, weight).

    `rule` is the relevance rule that it was trained with, `features` the version of the code of the features, `inputs` the
    hash of the texts it was trained on: the model's version. `figures` are its cross-validated figures, by name, each with the
    bounds of its interval. `labels` names the labels of staff it was trained on (`Correction.id`).
    """

    outputs: Mapping[str, Output]
    words: Mapping[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]], repr=False)
    rule: Rule = field(default_factory=Rule)
    features: int = 0
    inputs: str = ""
    passages: tuple[WordPassage, ...] = field(default=(), repr=False)
    figures: Mapping[str, tuple[float, float, float]] = field(default_factory=dict[str, tuple[float, float, float]])
    labels: tuple[str, ...] = field(default=(), repr=False)


def prior(theme: str) -> Output:
    """Return the function of a theme that nobody labelled: its own terms and its nearest seed, and a stated prior."""
    return Output(
        dense={f"group:{theme}": PRIOR_GROUP, f"work:{theme}": PRIOR_GROUP / 2, f"seed:{theme}": PRIOR_SEED}, offset=PRIOR_BIAS
    )


def prior_relevance(pairs: list[str], themes: list[str]) -> Output:
    """Return the function of relevance before any label: the pairs of concepts, and the themes at work."""
    dense = dict.fromkeys(pairs, PRIOR_GROUP) | {f"work:{theme}": PRIOR_GROUP / 2 for theme in themes} | {"seed": PRIOR_SEED}
    return Output(dense=dense, offset=PRIOR_BIAS - 2)


def encode(model: Model) -> bytes:
    """Return the model as JSON, keys sorted and numbers rounded, so that equal models are equal bytes."""
    outputs = {
        name: {
            "dense": {key: round(weight, 4) for key, weight in sorted(output.dense.items())},
            "slope": round(output.slope, 4),
            "offset": round(output.offset, 4),
            "threshold": round(output.threshold, 4),
            "positives": output.positives,
        }
        for name, output in sorted(model.outputs.items())
    }
    words = {word: [round(idf, 3), round(weight, 3)] for word, (idf, weight) in sorted(model.words.items())}
    top = {
        "format": FORMAT,
        "features": model.features,
        "inputs": model.inputs,
        "rule": asdict(model.rule),
        "outputs": outputs,
        "words": words,
        "passages": [asdict(passage) for passage in model.passages],
        "figures": {name: [round(value, 4) for value in figure] for name, figure in model.figures.items()},
        "labels": list(model.labels),
    }
    return json.dumps(top, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def decode(data: bytes) -> Model:
    """Return the model that `data` holds. Raises ValueError, with the reason, for anything else."""
    try:
        top = json.loads(data)
        if top["format"] != FORMAT:
            raise ValueError(f"format {top['format']} is not {FORMAT}")
        outputs = {name: Output(**fields) for name, fields in top["outputs"].items()}
        words = {word: (float(idf), float(weight)) for word, (idf, weight) in top["words"].items()}
        return Model(
            outputs=outputs,
            words=words,
            rule=_rule(top["rule"]),
            features=int(top["features"]),
            inputs=str(top["inputs"]),
            passages=tuple(_passage(one) for one in top.get("passages", ())),
            figures={name: (float(v), float(low), float(high)) for name, (v, low, high) in top.get("figures", {}).items()},
            labels=tuple(map(str, top.get("labels", ()))),
        )
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise ValueError(f"not a model ({error!r})") from error


def _passage(fields: dict[str, Any]) -> WordPassage:
    words = {str(word): float(weight) for word, weight in fields["words"].items()}
    return WordPassage(seed=str(fields["seed"]), title=str(fields["title"]), themes=tuple(fields["themes"]), words=words)


def _rule(fields: dict[str, Any]) -> Rule:
    concepts = tuple(
        Concept(id=one["id"], terms=tuple(Term(**t) for t in one["terms"]), excludes=tuple(Term(**t) for t in one["excludes"]))
        for one in fields["concepts"]
    )
    must_read = tuple(tuple(names) for names in fields["must_read"])
    grades = {name: fields[name] for name in ("useful", "sure", "marginal")}
    costs = {name: float(fields.get(name, default)) for name, default in (("miss", MISS), ("false_alarm", FALSE_ALARM))}
    return Rule(**grades, **costs, must_read=must_read, concepts=concepts)
