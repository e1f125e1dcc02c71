"""What earlier editions told."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from watcher.model import Edition, Story, Told


def told(editions: Iterable[Edition], since: datetime) -> tuple[Told, ...]:
    """Return what `editions` frozen after `since` said of stories, oldest first."""
    found = [
        Told(
            story=entry.story or entry.key,
            development=entry.development,
            title=entry.title,
            documents=entry.documents or (entry.document_key,),
            number=edition.number,
            told_at=edition.cutoff,
        )
        for edition in editions
        if edition.cutoff > since
        for section in edition.sections
        for entry in section.entries
    ]
    return tuple(sorted(found, key=lambda one: (one.told_at, one.story, one.development)))


class Spoken:
    """What was told, by story: its last telling, its documents, and the number that its next development takes."""

    def __init__(self, all_: Sequence[Told]) -> None:
        self.all = sorted(all_, key=lambda one: (one.told_at, one.development))
        self.latest = {one.story: one for one in self.all}
        self.documents: dict[str, set[str]] = {}
        self._numbers = {story: one.development for story, one in self.latest.items()}
        self._story_of: dict[str, str] = {}
        for one in self.all:
            self.documents.setdefault(one.story, set()).update(one.documents)
            self._story_of |= dict.fromkeys(one.documents, one.story)

    def of(self, story: Story) -> Told | None:
        """Return the last telling of `story`, known by its id or by one of its documents."""
        names = (story.id, *(self._story_of[key] for key in story.keys if key in self._story_of))
        return next((self.latest[name] for name in names if name in self.latest), None)

    def next(self, story: str) -> int:
        """Return the number of the next development of `story`, another one each time."""
        self._numbers[story] += 1
        return self._numbers[story]
