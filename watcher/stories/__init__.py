"""Stories: which documents tell the same news, in several outlets or under several addresses, and which carry it on.

Two ways to be the same: near-copies of a text (MinHash over runs of five words), and like titles whose words and figures
each text bears out. Both are cautious, for a wrong merge hides an article from its readers and a missed one only repeats it.
What was told already is not told again, unless it has moved on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from watcher.model import Candidate, Story, Told
from watcher.stories.alike import copies, same_news
from watcher.stories.moves import continues, moved_on
from watcher.stories.spoken import Spoken, told
from watcher.stories.traces import WINDOW, Trace
from watcher.stories.union import Union

__all__ = ["WINDOW", "group", "told"]


def group(candidates: Iterable[Candidate], known: Sequence[Candidate], before: Sequence[Told] = ()) -> tuple[Story, ...]:
    """Return the stories that `candidates` tell, alone or with documents of `known`, each candidate in exactly one.

    A story's id is the key of its oldest document, or the id that document's story already has: a merge keeps the older id.
    Only documents less than 21 days apart are compared, and only those that some theme is about (relevance above 0).
    `before` is what editions of the last weeks said, oldest first: a story that stands there keeps its development number when
    it says nothing new, and gets the next one when it has moved on; so does a new story that carries an older one on.
    """
    wanted = {candidate.document.key: candidate for candidate in candidates}
    everything = {candidate.document.key: candidate for candidate in known} | wanted
    oldest_first = sorted(everything.values(), key=_age)
    union = Union(candidate.document.key for candidate in oldest_first)
    first_of: dict[str, str] = {}
    for candidate in oldest_first:
        if candidate.story_id is not None:
            union.join(first_of.setdefault(candidate.story_id, candidate.document.key), candidate.document.key)
    traces = {c.document.key: Trace(c) for c in oldest_first if c.verdict.relevance > 0}
    for pairs in (copies, same_news):
        for one, other in pairs(tuple(traces.values())):
            union.join(one.key, other.key)
    found = [
        Story(id=everything[keys[0]].story_id or keys[0], keys=tuple(keys))
        for keys in union.groups()
        if any(key in wanted for key in keys)
    ]
    return _developed(found, traces, before) if before else tuple(found)


def _age(candidate: Candidate) -> tuple[datetime, datetime, str]:
    """Return what "oldest" goes by: when we first stored it, which nobody can move, then its own date."""
    document = candidate.document
    return (document.recorded_at, document.published_at or document.recorded_at, document.key)


def _developed(found: Sequence[Story], traces: Mapping[str, Trace], before: Sequence[Told]) -> tuple[Story, ...]:
    """Give each story the number of its development; stories come oldest first, so that numbers follow time."""
    spoken = Spoken(before)
    done: list[Story] = []
    for story in found:
        last = spoken.of(story)
        if last is not None:
            done.append(_again(story, last, spoken, traces))
            continue
        earlier = _earlier(story, traces, spoken)
        if earlier is None:
            done.append(story)
        else:
            number = spoken.next(earlier.story)
            done.append(replace(story, id=earlier.story, development=number, told=spoken.latest[earlier.story]))
    return tuple(done)


def _again(story: Story, last: Told, spoken: Spoken, traces: Mapping[str, Trace]) -> Story:
    heard = spoken.documents[last.story]
    old = [traces[key] for key in story.keys if key in heard and key in traces]
    fresh = [traces[key] for key in story.keys if key not in heard and key in traces]
    later = [trace for trace in fresh if trace.recorded_at > last.told_at]
    moved = bool(old) and any(moved_on(trace, old) for trace in later)
    number = spoken.next(last.story) if moved else last.development
    return replace(story, id=last.story, development=number, told=last)


def _earlier(story: Story, traces: Mapping[str, Trace], spoken: Spoken) -> Told | None:
    """Return what `story` carries on, the last one of those that it could."""
    fresh = [traces[key] for key in story.keys if key in traces]
    for one in reversed(spoken.all):
        old = [traces[key] for key in one.documents if key in traces]
        if any(continues(new, before) for new in fresh for before in old):
            return one
    return None
