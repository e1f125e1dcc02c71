"""The document that stands for each story."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from watcher import text, urls
from watcher.digest.choice import eligible, scores_of
from watcher.digest.plan import Plan
from watcher.model import Candidate, Story, TextStatus, ThemeScore

_WHOLENESS = {TextStatus.FULL: 0, TextStatus.PARTIAL: 1, TextStatus.SUMMARY: 2, TextStatus.PENDING: 3, TextStatus.RESERVED: 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The document that stands for a story, with its copies and its scores on the digest's themes, best first."""

    story: Story
    candidate: Candidate
    group: tuple[Candidate, ...]
    scores: tuple[ThemeScore, ...]

    @property
    def outlets(self) -> int:
        """How many outlets carry the story."""
        return len({text.fold(publisher_of(one)) for one in self.group}) if len(self.group) > 1 else 1


def represented(plan: Plan) -> Iterator[Chosen]:
    """Yield, for each story of the plan that the digest takes, the document that stands for it."""
    story_of = {key: story for story in plan.stories for key in story.keys}
    groups: dict[str, tuple[Story, list[Candidate]]] = {}
    for candidate in plan.candidates:
        key = candidate.document.key
        story = story_of.get(key) or Story(id=candidate.story_id or key, keys=(key,))
        groups.setdefault(story.entry_key, (story, []))[1].append(candidate)
    for story, group in groups.values():
        chosen = _chosen(story, group, plan)
        if chosen is not None:
            yield chosen


def publisher_of(candidate: Candidate) -> str:
    """Return the name of the outlet: its own, else its host, else the source."""
    document = candidate.document
    return text.clean_line(document.publisher, limit=80) or (
        urls.host(document.url) if urls.is_web(document.url) else document.source_id
    )


def date_of(candidate: Candidate) -> datetime:
    """Return when it was published, or stored when its date is unknown."""
    return candidate.document.published_at or candidate.document.recorded_at


def _chosen(story: Story, group: Sequence[Candidate], plan: Plan) -> Chosen | None:
    """Return the document that stands for its story: the most relevant, read whole rather than in part, the earliest.

    Of a story told before, those that were told then do not stand for what is new.
    """
    told = set(story.told.documents) if story.told else set[str]()
    fit = [c for c in group if c.document.key not in told and eligible(c, plan.digest, plan.themes)]
    if not fit:
        return None
    best = min(
        fit,
        key=lambda c: (-c.verdict.relevance, _WHOLENESS[c.document.status], -c.verdict.score, date_of(c), c.document.key),
    )
    return Chosen(story=story, candidate=best, group=tuple(group), scores=tuple(scores_of(best, plan.digest, plan.themes)))
