"""Learn: train again on seeds, labelled texts and what staff said, compare with the model in use, and adopt what is no worse."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from watcher import classify, seeds
from watcher.classify import linear
from watcher.classify.corrections import Correction, gather
from watcher.errors import ConfigError
from watcher.model import Seed
from watcher.pipeline import comparing, labelling, moves
from watcher.pipeline.comparing import Compared, OnLabels, Progress
from watcher.pipeline.desk import Desk
from watcher.store import Transaction, labels, private_seeds

if TYPE_CHECKING:
    from watcher.classify.classifier import Classifier
    from watcher.classify.corpus import Teaching


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What learning came to.

    `version` is the hash of what the new model was made from, `unchanged` tells that the one in use was made from the same;
    `classifier` is the version that its verdicts bear.
    `labels`, `private` and `contested` count labelled versions, private seeds, and opinions left out because people disagree.
    """

    version: str
    classifier: str
    unchanged: bool
    adopted: bool
    labels: int
    private: int
    contested: int
    figures: tuple[Compared, ...]
    on_labels: OnLabels
    moves: tuple[moves.Move, ...]
    judged: int

    @property
    def dropped(self) -> tuple[str, ...]:
        """The figures below their floor, by name."""
        fallen = tuple(figure.name for figure in self.figures if figure.dropped)
        return (*fallen, "labels") if self.on_labels.dropped else fallen


def learn(
    desk: Desk, progress: Progress, *, added: Sequence[Seed] = (), dry_run: bool = False, lower_floors: str | None = None
) -> Lesson:
    """Train, compare, and adopt the new model unless a figure drops below its floor.

    `added` are private seeds to import. With `dry_run` nothing is written. `lower_floors` is the reason for which floors that
    are broken are lowered. Raises ConfigError when there is too little to train on, WatcherError without scikit-learn.
    """
    from watcher.classify import evaluate
    from watcher.classify.train import inputs_of, steps, train

    floors = seeds.read_floors(desk.home.seeds)
    teaching, contested = _teaching(desk, added)
    in_use = linear.decode(desk.seeds.model) if desk.seeds.model else linear.Model(outputs={})
    progress.begin("training", steps(teaching))
    try:
        trained = train(teaching, progress.step)
    except ValueError as error:
        raise ConfigError(str(error), file=str(desk.home.seeds / "examples.jsonl"), remedy="Label more texts.") from error
    measured = evaluate.cross_validated(trained)
    figures = {figure.name: (figure.value, figure.low, figure.high) for figure in measured}
    model = linear.encode(replace(trained.model, figures=figures))
    after = _classifier(desk, model)
    before = desk.classifier
    compared = [*comparing.cross_validated(measured, in_use), *comparing.on_streams(desk, before, after, progress)]
    lesson = Lesson(
        version=inputs_of(teaching),
        classifier=after.version,
        unchanged=model == desk.seeds.model,
        adopted=False,
        labels=len(teaching.corrections),
        private=len(teaching.private),
        contested=contested,
        figures=tuple(comparing.held_against(figure, floors) for figure in compared),
        on_labels=comparing.on_labels(before, trained, teaching.corrections, frozenset(in_use.labels)),
        moves=(),
        judged=0,
    )
    some = moves.recent(desk)
    progress.begin("documents", len(some))
    again = moves.compare(desk, some, before, after, progress.step)
    lesson = replace(lesson, moves=again.moves, judged=len(again.verdicts))
    if dry_run or (lesson.dropped and lower_floors is None):
        return lesson
    if lower_floors is not None:
        seeds.write_floors(desk.home.seeds, comparing.lowered(floors, lesson.figures, lower_floors))
    desk.store.write(lambda tx: private_seeds.save(tx, added, now=desk.now()))
    if not lesson.unchanged:
        seeds.adopt(desk.home.seeds, model)
        moves.put(desk, again.verdicts)
    return replace(lesson, adopted=True)


def roll_back(desk: Desk, progress: Progress, *, dry_run: bool = False) -> moves.Rejudged:
    """Take the model that was in use before, keep this one in its place, and judge recent documents again with it.

    Done twice, it is undone. Raises ConfigError when no model was replaced yet.
    """
    model = seeds.previous(desk.home.seeds)
    some = moves.recent(desk)
    progress.begin("documents", len(some))
    again = moves.compare(desk, some, desk.classifier, _classifier(desk, model), progress.step)
    if not dry_run:
        seeds.adopt(desk.home.seeds, model)
        moves.put(desk, again.verdicts)
    return again


def _teaching(desk: Desk, added: Sequence[Seed]) -> tuple["Teaching", int]:
    from watcher.classify.corpus import Teaching

    corpus = desk.seeds
    themes = {theme.id for theme in corpus.themes} | {linear.RELEVANCE}

    def read(tx: Transaction) -> tuple[tuple[Correction, ...], int, tuple[Seed, ...]]:
        said = [label for label in labels.every(tx) if label.theme in themes]
        texts = labelling.texts_held(tx, {(label.document, label.fingerprint) for label in said})
        return (*gather(said, texts), private_seeds.every(tx))

    corrections, contested, private = desk.store.read(read)
    by_id = {seed.id: seed for seed in (*private, *added)}
    teaching = Teaching(
        themes=corpus.themes,
        seeds=corpus.seeds,
        examples=corpus.examples,
        negatives=corpus.negatives,
        rule=corpus.rule,
        corrections=corrections,
        private=tuple(by_id[ident] for ident in sorted(by_id)),
    )
    return teaching, contested


def _classifier(desk: Desk, model: bytes) -> "Classifier":
    return classify.load(desk.seeds.themes, desk.seeds.seeds, model, rule=desk.seeds.rule)
