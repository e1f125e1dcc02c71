"""Compare a new model with the one in use: figures against their floors, and the labels that staff gave since."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Protocol

from watcher import seeds
from watcher.classify import linear
from watcher.classify.corrections import Correction
from watcher.pipeline.desk import Desk
from watcher.seeds import Floors

if TYPE_CHECKING:
    from watcher.classify.classifier import Classifier
    from watcher.classify.evaluate import Figure
    from watcher.classify.train import Trained

CHANCE = 1.64  # standard deviations: a drop on the labels is believed when luck explains it less than once in twenty


class Progress(Protocol):
    """Whoever shows how learning is going."""

    def begin(self, what: str, steps: int) -> None:
        """Say that `what` begins, and how long it is."""
        ...

    def step(self) -> None:
        """Say that one step of it is done."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One figure of the new model beside that of the model in use (None: not known) and its floor (None: none pinned)."""

    name: str
    in_use: float | None
    new: float
    low: float
    high: float
    floor: float | None
    better: str
    how: str
    dropped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OnLabels:
    """How many of the `count` labels that the model in use has not seen each model gives back; the new one held out."""

    count: int = 0
    in_use: int = 0
    new: int = 0
    dropped: bool = False


def cross_validated(measured: Sequence["Figure"], in_use: linear.Model) -> list[tuple["Figure", float | None]]:
    """Return the cross-validated figures of the new model, each with that of the model in use where it is known."""
    return [(figure, in_use.figures[figure.name][0] if figure.name in in_use.figures else None) for figure in measured]


def on_streams(desk: Desk, before: "Classifier", after: "Classifier", progress: Progress) -> list[tuple["Figure", float | None]]:
    """Return the figures on texts of real streams that training never saw, of the new model and of the one in use."""
    from watcher.classify.evaluate import on_streams as measure

    file = desk.home.seeds / seeds.UNSEEN
    if not file.exists():
        return []
    texts = seeds.read_examples(file, frozenset(theme.id for theme in desk.seeds.themes))
    progress.begin("real texts", 2 * len(texts))
    told = [measure(classifier, texts, progress.step) for classifier in (after, before)]
    was = {figure.name: figure.value for figure in told[1]}
    return [(figure, was[figure.name]) for figure in told[0]]


def held_against(pair: tuple["Figure", float | None], floors: Floors) -> Compared:
    """Return a figure of the new model, and that of the model in use, beside the floor of it."""
    figure, in_use = pair
    floor = floors.floors.get(figure.name)
    dropped = floor is not None and (figure.value < floor if figure.better == "higher" else figure.value > floor)
    return Compared(
        name=figure.name,
        in_use=in_use,
        new=figure.value,
        low=figure.low,
        high=figure.high,
        floor=floor,
        better=figure.better,
        how=figure.how,
        dropped=dropped,
    )


def lowered(floors: Floors, figures: Sequence[Compared], reason: str) -> Floors:
    """Return `floors` with those that are broken lowered to the worse bound of their figure's interval."""
    worse = {one.name: round(one.low if one.better == "higher" else one.high, 3) for one in figures if one.dropped}
    return Floors(floors={**floors.floors, **worse}, reason=reason if worse else floors.reason)


def on_labels(before: "Classifier", trained: "Trained", rows: Sequence[Correction], seen: frozenset[str]) -> OnLabels:
    """Compare both models on the labels that the one in use has not seen; the new one is held out of each.

    The new one drops when it loses more labels than it wins, by more than luck explains (sign test).
    """
    from watcher.classify.evaluate import decided

    marks = decided(trained)
    won = lost = kept = neither = 0
    for place, row in enumerate(rows, start=trained.corpus.examples):
        if row.id in seen:
            continue
        text = row.text
        features = before.features(text.title, text.text, kind=text.kind) if text else row.features
        was = before.decisions(features)
        for column, name in enumerate(trained.corpus.names):
            if name not in row.marks or name not in was:
                continue
            right_before, right_now = was[name] == row.marks[name], bool(marks[place, column]) == row.marks[name]
            won += right_now and not right_before
            lost += right_before and not right_now
            kept += right_before and right_now
            neither += not right_before and not right_now
    dropped = lost - won > CHANCE * sqrt(lost + won)
    return OnLabels(count=won + lost + kept + neither, in_use=lost + kept, new=won + kept, dropped=dropped)
