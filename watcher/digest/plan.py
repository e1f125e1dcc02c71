"""What an edition is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from watcher.digest.parliament import Record
from watcher.model import Candidate, Digest, Edition, Period, Seed, Story, Theme, UnreadSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that an edition is made of. `read` counts documents looked at, `excerpt` the characters quoted of each;
    `record` is what happened in parliament. `weights` are those of the sources, by id (1.0 where there is none); `earlier`
    the editions that its figures are compared with, newest first."""

    digest: Digest
    number: int
    period: Period
    cutoff: datetime
    candidates: tuple[Candidate, ...]
    stories: tuple[Story, ...]
    themes: tuple[Theme, ...]
    seeds: tuple[Seed, ...]
    read: int
    sources_read: int
    unread: tuple[UnreadSource, ...]
    excerpt: int
    templates_hash: str
    record: Record | None = None
    weights: Mapping[str, float] = field(default_factory=dict[str, float])
    earlier: tuple[Edition, ...] = ()

    @property
    def themes_by_weight(self) -> tuple[Theme, ...]:
        """The themes in the order of their sections: the heaviest first, equal ones as they come."""
        return tuple(sorted(self.themes, key=lambda theme: -theme.weight))
