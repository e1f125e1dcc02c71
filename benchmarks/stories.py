"""How well stories are told apart: missed and false merges on labelled pairs of our own sentences (`make quality`).

A pair is two texts, `same` or not, `hard` when the same news stands in other words or other news in the same words; `follows`
says that the second carries the first on. False merges hide an article from its readers: their floor is none at all.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

from watcher import stories
from watcher.model import Candidate, Document, TextStatus, Told, Verdict

PAIRS = Path(__file__).resolve().parent.parent / "tests" / "stories" / "pairs.jsonl"
MOST_FALSE = 0  # merges, and continuations seen where there is none
MOST_MISSED = 3
MOST_MISSED_CONTINUATIONS = 0
_MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two texts with their label."""

    id: str
    why: str
    same: bool
    hard: bool
    follows: bool
    one: Candidate
    other: Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """The pairs that went wrong, by their ids and reasons."""

    missed: tuple[str, ...]
    false: tuple[str, ...]
    missed_continuations: tuple[str, ...]
    false_continuations: tuple[str, ...]

    @property
    def broken(self) -> bool:
        """Whether a pinned floor is missed."""
        few = len(self.missed) <= MOST_MISSED and len(self.missed_continuations) <= MOST_MISSED_CONTINUATIONS
        return not few or len(self.false) > MOST_FALSE or len(self.false_continuations) > MOST_FALSE


def pairs(path: Path = PAIRS) -> tuple[Pair, ...]:
    """Read the labelled pairs."""
    return tuple(_pair(json.loads(line)) for line in path.read_text("utf-8").splitlines())


def judge(some: Iterable[Pair]) -> Errors:
    """Group each pair by itself, then all texts at once, and return what went wrong."""
    labelled = tuple(some)
    missed: list[str] = []
    false: list[str] = []
    lost: list[str] = []
    invented: list[str] = []
    for pair in labelled:
        together = len(stories.group((pair.one, pair.other), ())) == 1
        if together != pair.same:
            (missed if pair.same else false).append(f"{pair.id} ({pair.why})")
        if not pair.same and _continued(pair) != pair.follows:
            (lost if pair.follows else invented).append(f"{pair.id} ({pair.why})")
    return Errors(
        missed=tuple(missed),
        false=(*false, *_in_the_crowd(labelled)),
        missed_continuations=tuple(lost),
        false_continuations=tuple(invented),
    )


def report() -> bool:
    """Print the figures and return whether the floors hold."""
    labelled = pairs()
    errors = judge(labelled)
    hard = sum(pair.hard for pair in labelled)
    print(f"\nstories: {len(labelled)} labelled pairs, {hard} of them hard")
    for name, found, most in (
        ("false merges", errors.false, MOST_FALSE),
        ("missed merges", errors.missed, MOST_MISSED),
        ("false continuations", errors.false_continuations, MOST_FALSE),
        ("missed continuations", errors.missed_continuations, MOST_MISSED_CONTINUATIONS),
    ):
        print(f"  {name:22} {len(found):3}  (at most {most})" + "".join(f"\n      {one}" for one in found))
    return not errors.broken


def _continued(pair: Pair) -> bool:
    """Tell whether the second text, a week after the first was mailed, is taken for its continuation."""
    one = pair.one.document
    told = Told(
        story=one.key,
        development=1,
        title=one.title,
        documents=(one.key,),
        number=1,
        told_at=one.recorded_at + timedelta(hours=1),
    )
    found = stories.group((pair.other,), (pair.one,), (told,))
    return any(story.development > 1 for story in found)


def _in_the_crowd(labelled: tuple[Pair, ...]) -> tuple[str, ...]:
    """Return the merges of texts that no chain of `same` pairs joins, when all of them are grouped at once."""
    texts = {pair.one.document.title + pair.one.document.text: pair.one for pair in labelled}
    texts |= {pair.other.document.title + pair.other.document.text: pair.other for pair in labelled}
    news: dict[str, int] = {}
    for pair in labelled:
        if pair.same:
            one, other = (side.document.title + side.document.text for side in (pair.one, pair.other))
            number = news.get(one, news.get(other, len(news)))
            for text, known in list(news.items()):
                if known in (news.get(one), news.get(other)):
                    news[text] = number
            news[one] = news[other] = number
    key = {candidate.document.key: news.get(text, text) for text, candidate in texts.items()}
    found: list[str] = []
    for story in stories.group(texts.values(), ()):
        found += [f"{one} with {other}" for one, other in combinations(story.keys, 2) if key[one] != key[other]]
    return tuple(found)


def _pair(line: dict[str, Any]) -> Pair:
    return Pair(
        id=line["id"],
        why=line["why"],
        same=line["same"],
        hard=line["hard"],
        follows=line["follows"],
        one=_candidate(f"{line['id']}a", line["a"]),
        other=_candidate(f"{line['id']}b", line["b"]),
    )


def _candidate(key: str, side: dict[str, Any]) -> Candidate:
    when = _MONDAY + timedelta(days=side["day"])
    document = Document(
        key=key,
        source_id=side["outlet"],
        url=f"https://{side['outlet']}.example/{key}",
        title=side["title"],
        text=side["text"],
        published_at=when,
        recorded_at=when,
        status=TextStatus.FULL,
    )
    verdict = Verdict(relevance=2, score=0.8, themes=(), language="fr", classifier="pairs")
    return Candidate(document=document, verdict=verdict)
