"""Reading a text: its words, and the terms of the seed corpus that it mentions.

A mention is worth less each time it comes back, and a group is capped, so that repeating a word buys nothing. Sentences that
are mere piles of words (keyword stuffing, tag clouds) are not read (promise H09).
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from itertools import compress, count
from typing import NamedTuple

from watcher import text as texts
from watcher.classify.themes import LINKS, Lexicon
from watcher.classify.words import Pieces, Words, words_of

FEATURES = 2
"""Version of what this module computes; part of the version of every classifier."""

USUAL_LENGTH = 150  # words: texts longer than this mention more, and mean no more by it; shorter ones less, and mean no less
SHORTEST = 40  # words, a headline and its summary: below this, a mention is not worth more for being alone
TITLE_MENTIONS = 2  # one mention in the title is worth this many in the text
GROUP_CAP = 3.0  # natural logarithm: reached at some 19 distinct mentions of weight 1

_GLUE = "et ou que qui dont où ce cette ces son sa ses leur leurs pour par sur dans avec sans est sont ne pas se s"
GLUE = LINKS | frozenset(_GLUE.split())
"""Words that hold sentences together; a pile of keywords has few of them."""


class Hit(NamedTuple):
    """One mention of a term: the entry of the lexicon, and where it stands."""

    entry: int
    group: int
    start: int
    end: int
    field: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one text: the mentions of terms, how often each key came, and its length in words, links included."""

    hits: tuple[Hit, ...]
    length: int
    counts: dict[str, int] = field(repr=False)


def read(title: str, text: str, *, kind: str, pieces: Pieces) -> Reading:
    """Return the words and the mentions of one text. Offsets are in `title` or in `text`, as `field` says."""
    head = words_of(title, "article", pieces)
    body = words_of(text, kind, pieces)
    length = head.length + body.length
    counts = Counter(body.keys)
    if counts and max(counts.values()) > max(6, body.length * 0.06):
        body = _without_piles(body, text)
        counts = Counter(body.keys)
    for key in head.keys:
        counts[key] += TITLE_MENTIONS
    hits = (*_find(head, "title", pieces.lexicon), *_find(body, "text", pieces.lexicon))
    return Reading(hits, length, dict(counts))


def group_values(reading: Reading, lexicon: Lexicon) -> tuple[list[float], dict[int, float]]:
    """Return the value of every group, in [0, GROUP_CAP], and the raw worth of every entry that was mentioned.

    The worth of an entry is its weight times 1, 1.5, 1.75... for one, two, three mentions, at most doubled; it is negative
    for a term that excludes. The value of a group is log(1 + the sum of the worths), brought to the usual length.
    """
    mentions: Counter[int] = Counter()
    for hit in reading.hits:
        mentions[hit.entry] += TITLE_MENTIONS if hit.field == "title" else 1
    damp = math.sqrt(USUAL_LENGTH / max(reading.length, SHORTEST))
    worth: dict[int, float] = {}
    sums = [0.0] * len(lexicon.groups)
    for number, times in mentions.items():
        entry = lexicon.entries[number]
        worth[number] = entry.sign * entry.weight * 2 * (1 - 0.5**times) * damp
        sums[entry.group] += worth[number]
    return [min(math.log1p(max(total, 0.0)), GROUP_CAP) for total in sums], worth


def _find(words: Words, name: str, lexicon: Lexicon) -> list[Hit]:
    keys, by_first = words.keys, lexicon.by_first
    covered = [0] * len(lexicon.groups)
    hits: list[Hit] = []
    for place, spot in zip(compress(count(), map(by_first.__contains__, keys)), words.firsts(), strict=True):
        alone, by_second = by_first[keys[place]]
        following = by_second.get(keys[place + 1], ()) if by_second and place + 1 < len(keys) else ()
        for number, (group, _, _, wanted, exact) in (*following, *alone):
            if covered[group] > place:
                continue
            more = len(wanted) - 1
            if more and tuple(keys[place : place + more + 1]) != wanted:
                continue
            if exact and exact != tuple(words.span(spot, ahead)[0] for ahead in range(more + 1)):
                continue
            covered[group] = place + more + 1
            _, start, end = words.span(spot)
            hits.append(Hit(number, group, start, words.span(spot, more)[2] if more else end, name))
    return hits


def _without_piles(words: Words, text: str) -> Words:
    """Return the words of the sentences that read like sentences, each of them once."""
    kept: list[int] = []
    seen: set[tuple[str, ...]] = set()
    starts = words.starts()
    for sentence in texts.sentences(text):
        inside = [place for place, start in enumerate(starts) if sentence.start <= start < sentence.end]
        keys = tuple(words.keys[place] for place in inside)
        said = [word.lower() for word, _, _ in texts.spans(sentence.text)]
        piled = len(said) >= 8 and (len(set(keys)) < 0.6 * len(keys) or sum(w in GLUE for w in said) < 0.15 * len(said))
        if not piled and keys not in seen:
            kept += inside
            seen.add(keys)
    return words.only(kept)
