"""Moves: which documents another model would judge otherwise, and why; and putting its verdicts in place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from watcher import text
from watcher.model import Candidate, Document, Evidence, TextStatus, Verdict
from watcher.pipeline import labelling
from watcher.pipeline.desk import Desk
from watcher.pipeline.documents import explained, judge, words_of
from watcher.store import Transaction, documents

if TYPE_CHECKING:
    from watcher.classify.classifier import Classifier

RECENT = timedelta(days=90)
MOST = 2000  # documents judged again: some ten seconds
USEFUL = 2
REASONS = 4
SLICE = 200  # verdicts written in one transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A term whose weight changed, in log-odds before and after."""

    term: str
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The probability of a theme, and the threshold it is held against, before and after."""

    theme: str
    score_before: float
    score_after: float
    threshold_before: float
    threshold_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A document whose themes, or whose place in a digest, another model changes.

    `shifts` says how for the themes `gained` or `lost`, or for those it has: a threshold that moves may be all. `reasons` are the
    terms whose weight changed most there; counts of other words have a share in a probability that no term shows.
    """

    key: str
    title: str
    relevance_before: int
    relevance_after: int
    score_before: float
    score_after: float
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    shifts: tuple[Shift, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """Documents with the verdict of another model, which of them it moves, and the version that its verdicts bear."""

    classifier: str
    verdicts: tuple[tuple[Candidate, Verdict], ...]
    moves: tuple[Move, ...]


def recent(desk: Desk) -> tuple[Candidate, ...]:
    """Return the documents that are judged again: those of the last three months that were read, at most 2,000."""

    def read(tx: Transaction) -> tuple[Candidate, ...]:
        found = documents.recent(tx, desk.now() - RECENT, MOST)
        return labelling.with_questions(tx, [one for one in found if _is_held(one.document)])

    return desk.store.read(read)


def _is_held(document: Document) -> bool:
    """Say whether the words of `document` are there: not still to come, nor forgotten, whose verdict stays as it is."""
    if document.status is TextStatus.PENDING:
        return False
    return bool(words_of(document)) or document.fingerprint == text.fingerprint(document.title, "")


def compare(
    desk: Desk, some: Sequence[Candidate], before: "Classifier", after: "Classifier", step: Callable[[], None]
) -> Rejudged:
    """Judge `some` with both classifiers; `step` is called for each."""
    sources = {source.id: source for source in desk.config.sources}
    verdicts: list[tuple[Candidate, Verdict]] = []
    moves: list[Move] = []
    for one in some:
        source = sources.get(one.document.source_id)
        was, is_now = (judge(classifier, one.document, source) for classifier in (before, after))
        verdicts.append((one, is_now))
        # What is kept has not all reasons: they are worked out for what moves.
        if moved(one, was, is_now):
            was, is_now = (explained(classifier, one.document, source) for classifier in (before, after))
            if move := moved(one, was, is_now):
                moves.append(move)
        step()
    moves.sort(key=lambda move: (-abs(move.score_after - move.score_before), move.key))
    return Rejudged(classifier=after.version, verdicts=tuple(verdicts), moves=tuple(moves))


def moved(one: Candidate, was: Verdict, is_now: Verdict) -> Move | None:
    """Return how the second verdict moves a document from the first; None when it stays where it was."""
    gained, lost = (tuple(t for t in here.on if t not in there.on) for here, there in ((is_now, was), (was, is_now)))
    crossed = (was.relevance >= USEFUL) != (is_now.relevance >= USEFUL)
    if not gained and not lost and not crossed:
        return None
    themes = (*gained, *lost) or is_now.on or was.on
    return Move(
        key=one.document.key,
        title=one.document.title,
        relevance_before=was.relevance,
        relevance_after=is_now.relevance,
        score_before=was.score,
        score_after=is_now.score,
        gained=gained,
        lost=lost,
        shifts=_shifts(was, is_now, themes),
        reasons=_reasons(was, is_now, themes),
    )


def put(desk: Desk, verdicts: Sequence[tuple[Candidate, Verdict]]) -> int:
    """Put the new verdicts in place, in short transactions, unless the text changed meanwhile; return how many there were.

    What was already mailed stays as it was: editions are frozen.
    """

    def write(tx: Transaction, some: Sequence[tuple[Candidate, Verdict]]) -> int:
        held = documents.of_keys(tx, [one.document.key for one, _ in some])
        same = {
            one.document.key: verdict
            for one, verdict in some
            if one.document.key in held and held[one.document.key].document.fingerprint == one.document.fingerprint
        }
        documents.classify(tx, same)
        return len(same)

    slices = [verdicts[start : start + SLICE] for start in range(0, len(verdicts), SLICE)]
    return sum(desk.store.write(lambda tx, some=some: write(tx, some)) for some in slices)


def _shifts(was: Verdict, is_now: Verdict, themes: Sequence[str]) -> tuple[Shift, ...]:
    before, after = ({score.theme: score for score in verdict.themes} for verdict in (was, is_now))
    return tuple(
        Shift(
            theme=theme,
            score_before=before[theme].score,
            score_after=after[theme].score,
            threshold_before=before[theme].threshold,
            threshold_after=after[theme].threshold,
        )
        for theme in themes
        if theme in before and theme in after
    )


def _reasons(was: Verdict, is_now: Verdict, themes: Sequence[str]) -> tuple[Reason, ...]:
    before, after = (_terms(verdict, themes) for verdict in (was, is_now))
    found = [
        Reason(
            term=(before.get(place) or after[place]).term,
            before=before[place].weight if place in before else 0.0,
            after=after[place].weight if place in after else 0.0,
        )
        for place in before | after
    ]
    ranked = sorted(found, key=lambda reason: (-abs(reason.after - reason.before), reason.term))
    return tuple(reason for reason in ranked[:REASONS] if reason.after != reason.before)


def _terms(verdict: Verdict, themes: Sequence[str]) -> dict[tuple[str, str, int], Evidence]:
    return {
        (score.theme, one.field, one.start): one for score in verdict.themes if score.theme in themes for one in score.evidence
    }
