"""Near misses: what stands just below a threshold, for a person to look at once a week."""

from dataclasses import dataclass
from datetime import datetime

from watcher.classify.linear import RELEVANCE
from watcher.model import Candidate
from watcher.pipeline.desk import Desk
from watcher.store import documents

MARGIN = 0.15
MOST = 20_000  # documents looked at: a busy month
USEFUL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A document that a little more would have put in a digest (`theme` is then `relevance`), or under one more theme."""

    candidate: Candidate
    theme: str
    score: float
    threshold: float

    @property
    def gap(self) -> float:
        """How far below the threshold it is."""
        return self.threshold - self.score


def near(desk: Desk, since: datetime, *, margin: float = MARGIN) -> tuple[Near, ...]:
    """Return what was recorded after `since` and is at most `margin` below a threshold, the nearest first.

    Themes are looked at in useful documents only: of the others, it is their relevance that decides.
    """
    found = desk.store.read(lambda tx: documents.recent(tx, since, MOST))
    misses: list[Near] = []
    for one in found:
        verdict = one.verdict
        if not verdict.classifier:
            continue
        if verdict.relevance < USEFUL:
            misses.append(Near(candidate=one, theme=RELEVANCE, score=verdict.score, threshold=desk.classifier.useful))
        else:
            misses += [
                Near(candidate=one, theme=score.theme, score=score.score, threshold=score.threshold)
                for score in verdict.themes
                if not score.on
            ]
    close = [miss for miss in misses if 0 <= miss.gap <= margin]
    return tuple(sorted(close, key=lambda miss: (miss.theme != RELEVANCE, miss.gap, miss.candidate.document.key)))
