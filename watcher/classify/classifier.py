"""The classifier: a seed corpus and a model, ready to give verdicts."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from watcher import text as texts
from watcher.classify import explain, linear
from watcher.classify.features import FEATURES, Reading, read
from watcher.classify.linear import RELEVANCE, Model, Output
from watcher.classify.themes import Rule
from watcher.classify.vector import Space, Vector, features_of
from watcher.classify.words import pieces_for
from watcher.model import Evidence, Features, Seed, SeedMatch, Theme, ThemeScore, Verdict

PRESENT = 0.69  # value from which a concept counts as present: one mention of weight 1 in a text of usual length
DEFAULT_LANGUAGE = "fr"

Reason = tuple[tuple[Evidence, ...], SeedMatch | None]
_NO_REASON: Reason = ((), None)


class Classifier:
    """Gives verdicts. Build it with `watcher.classify.load`.

    `version` is a short hash of the model, the themes, the seeds and the code of the features. `notes` says what a person
    should know of it: no model, a model made for other themes, themes that are not calibrated.
    """

    def __init__(
        self, themes: Sequence[Theme], seeds: Sequence[Seed], rule: Rule, model: Model, version: str, notes: tuple[str, ...]
    ) -> None:
        self.version = version
        self.notes = notes
        self._rule = rule
        pieces = pieces_for(themes, rule)
        self.space = Space(themes, rule, seeds, pieces, {word: idf for word, (idf, _) in model.words.items()}, model.passages)
        self._word_weights = np.array([weight for _, weight in model.words.values()], dtype=np.float32)
        pairs = [name for name in self.space.names if name.startswith("pair:")]
        ids = [theme.id for theme in themes]
        self._relevance = model.outputs.get(RELEVANCE) or linear.prior_relevance(pairs, ids)
        self._outputs = tuple((theme, model.outputs.get(theme.id) or linear.prior(theme.id)) for theme in themes)
        every = (self._relevance, *(output for _, output in self._outputs))
        self._dense = np.array([[output.dense.get(name, 0.0) for output in every] for name in self.space.names])
        shape = (len(self.space.names), 0)
        brings = [np.zeros(shape), *(self.space.brings(output.dense) for _, output in self._outputs)]
        self._brings = np.hstack(brings, dtype=np.float64)
        groups = pieces.lexicon.groups
        own = [[output.dense.get(f"group:{group}", 0.0) for group in groups] for _, output in self._outputs]
        self._alone = np.array(own).reshape(len(own), len(groups))
        self._slopes = np.array([[output.slope] for _, output in self._outputs]).reshape(len(own), 1)
        self._must_read = tuple(tuple(groups.index(name) for name in names) for names in rule.must_read)

    @property
    def calibrated(self) -> dict[str, bool]:
        """Return, for every theme, whether labels stand behind its scores."""
        return {theme.id: output.labelled for theme, output in self._outputs}

    @property
    def useful(self) -> float:
        """Return the probability from which a text is graded 2."""
        return self._relevance.threshold if self._rule.useful is None else self._rule.useful

    def features(self, title: str, text: str, *, kind: str = "article") -> Features:
        """Return what may be kept of one text for training, when the text itself may not."""
        reading = read(title, text, kind=kind, pieces=self.space.pieces)
        return features_of(reading, self.space.vector(reading), self.space.names)

    def verdict(
        self, title: str, text: str, *, kind: str = "article", language: str | None = None, sparing: bool = False
    ) -> Verdict:
        """Return the verdict on one text.

        `kind` is "question" for a parliamentary question, whose formulas are set aside. `language` is what its source
        declares; it is guessed from the text where it is None. With `sparing`, only the themes that a reader may be told of
        have reasons, which cost more than the scores: those that are on; all of a text of relevance 1 or more with none on.
        """
        reading = read(title, text, kind=kind, pieces=self.space.pieces)
        vector = self.space.vector(reading)
        relevance, scores, marks = self._scored(vector)
        grade = self._grade(relevance, vector)
        wanted = marks if sparing and (any(marks) or grade == 0) else [True] * len(marks)
        reasons = self._reasons(reading, vector, (title, text), wanted)
        scored = (
            ThemeScore(
                theme=theme.id,
                score=round(score, 4),
                on=on,
                threshold=self._threshold(theme, output),
                evidence=evidence,
                seed=seed,
            )
            for (theme, output), score, on, (evidence, seed) in zip(self._outputs, scores, marks, reasons, strict=True)
        )
        return Verdict(
            relevance=grade,
            score=round(relevance, 4),
            themes=tuple(scored),
            language=language or texts.language(text or title, DEFAULT_LANGUAGE),
            classifier=self.version,
        )

    def decisions(self, features: Features) -> dict[str, bool]:
        """Return what is decided, for `relevance` and every theme, of a text of which only `features` are left."""
        relevance, _, marks = self._scored(self.space.restored(features))
        return {RELEVANCE: relevance >= self.useful} | {theme.id: on for (theme, _), on in zip(self._outputs, marks, strict=True)}

    def _reasons(self, reading: Reading, vector: Vector, text: tuple[str, str], wanted: Sequence[bool]) -> list[Reason]:
        """Return why each theme that is `wanted` has its score: the terms that moved it, and the nearest passage of a seed."""
        if not any(wanted):
            return [_NO_REASON] * len(wanted)
        found = explain.mentions(self.space, reading, vector)
        brought = (np.array(vector.dense) @ self._brings).reshape(self._alone.shape)
        weights = (self._slopes * found.weights(brought, self._alone)).tolist()
        return [
            (explain.evidence(found, row, text), explain.nearest(self.space, vector, theme.id)) if given else _NO_REASON
            for (theme, _), row, given in zip(self._outputs, weights, wanted, strict=True)
        ]

    def _scored(self, vector: Vector) -> tuple[float, list[float], list[bool]]:
        """Return the probability of grade 2 or more, that of every theme, and which themes are on."""
        sums = (np.array(vector.dense) @ self._dense).tolist()
        relevance = self._relevance.probability(sums[0] + self._worded(vector))
        scores = [output.probability(x) for (_, output), x in zip(self._outputs, sums[1:], strict=True)]
        marks = [score >= self._threshold(theme, output) for (theme, output), score in zip(self._outputs, scores, strict=True)]
        if relevance >= self.useful and scores and not any(marks):
            marks[scores.index(max(scores))] = True  # what is useful is filed somewhere: under its best theme
        return relevance, scores, marks

    def _worded(self, vector: Vector) -> float:
        return float(self._word_weights[vector.words] @ vector.values) if len(vector.words) else 0.0

    def _threshold(self, theme: Theme, output: Output) -> float:
        return output.threshold if theme.threshold is None else theme.threshold

    def _grade(self, relevance: float, vector: Vector) -> int:
        if relevance < self.useful:
            return 1 if relevance >= self._rule.marginal else 0
        present = all(any(vector.dense[group] >= PRESENT for group in some) for some in self._must_read)
        return 3 if self._must_read and present and relevance >= self._rule.sure else 2


def build(themes: Sequence[Theme], seeds: Sequence[Seed], data: bytes | None, rule: Rule | None) -> Classifier:
    """Return the classifier of a seed corpus and a model's bytes; one that cannot be used is set aside with a note."""
    notes: list[str] = []
    if not seeds:
        notes.append("There is no seed document: no text can be said to be near one. Put back those of `seeds/`, or write some.")
    model = Model(outputs={})
    if data is None:
        notes.append(
            "There is no trained model: scores come from terms and seeds, and are not calibrated. "
            "`watcher themes learn` trains one."
        )
    else:
        try:
            model = linear.decode(data)
        except ValueError as error:
            notes.append(f"The trained model cannot be read ({error}): scores come from terms and seeds and are not calibrated.")
    if model.outputs:
        if model.features != FEATURES:
            notes.append("The trained model was made by another version of watcher. `watcher themes learn` trains it again.")
        if gone := sorted(set(model.outputs) - {RELEVANCE} - {theme.id for theme in themes}):
            notes.append(f"The trained model was made for other themes: {', '.join(gone)} are no longer there.")
        if new := [theme.id for theme in themes if theme.id not in model.outputs or not model.outputs[theme.id].labelled]:
            notes.append(f"Not calibrated, for want of labelled texts: {', '.join(new)}.")
    rule = rule or model.rule
    version = sha256(repr((FEATURES, themes, rule, seeds)).encode() + (data or b"")).hexdigest()[:12]
    return Classifier(themes, seeds, rule, model, version, tuple(notes))
