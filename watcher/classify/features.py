"""Reading a text: its words, and the terms of the seed corpus that it mentions.

A mention is worth less each time it comes back, and a group is capped, so that repeating a word buys nothing. Sentences that
are mere piles of words (keyword stuffing, tag clouds) are not read (promise H09).
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from watcher import text as texts
from watcher.classify.boilerplate import set_aside
from watcher.classify.themes import LINKS, Lexicon

FEATURES = 2
"""Version of what this module computes; part of the version of every classifier."""

USUAL_LENGTH = 150  # words: texts longer than this mention more, and mean no more by it; shorter ones less, and mean no less
SHORTEST = 40  # words, a headline and its summary: below this, a mention is not worth more for being alone
TITLE_MENTIONS = 2  # one mention in the title is worth this many in the text
GROUP_CAP = 3.0  # natural logarithm: reached at some 19 distinct mentions of weight 1
MOST_WORDS = 3_000  # words read of one text; the subject of an article shows before that

_GLUE = "et ou que qui dont où ce cette ces son sa ses leur leurs pour par sur dans avec sans est sont ne pas se s"
GLUE = LINKS | frozenset(_GLUE.split())
"""Words that hold sentences together; a pile of keywords has few of them."""


class Tokens(NamedTuple):
    """The words of a text that are read: their keys, and the words as they stand, place by place."""

    keys: Sequence[str]
    words: Sequence[tuple[str, int, int]]


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


class Keys(dict[str, str]):
    """Gives every word its key, its folded lemma: `métiers` and `Métier` share one. Empty for a link.

    Remembers the words it has seen, within bounds.
    """

    def __init__(self, most: int = 200_000) -> None:
        super().__init__()
        self._most = most

    def __missing__(self, word: str) -> str:
        if len(self) >= self._most:
            self.clear()
        key = self[word] = _key(word.lower())
        return key


def _key(word: str) -> str:
    if word in LINKS:
        return ""
    if word.isdecimal():
        return word
    key = texts.fold(texts.lemma(word))
    # New words (cyberattaques) are in no dictionary of lemmas: their plural is taken off by hand.
    return key[:-1] if len(key) > 4 and key.endswith("s") and not key.endswith("ss") and key == texts.fold(word) else key


def read(title: str, text: str, *, kind: str, lexicon: Lexicon, keys: Keys) -> Reading:
    """Return the words and the mentions of one text. Offsets are in `title` or in `text`, as `field` says."""
    head, head_length = _tokens(title, "article", keys)
    body, body_length = _tokens(text, kind, keys)
    counts = Counter(body.keys)
    if counts and max(counts.values()) > max(6, body_length * 0.06):
        body = _without_piles(body, text)
        counts = Counter(body.keys)
    for key in head.keys:
        counts[key] += TITLE_MENTIONS
    hits = (*_find(head, "title", lexicon), *_find(body, "text", lexicon))
    return Reading(hits, head_length + body_length, dict(counts))


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
    for number, count in mentions.items():
        entry = lexicon.entries[number]
        worth[number] = entry.sign * entry.weight * 2 * (1 - 0.5**count) * damp
        sums[entry.group] += worth[number]
    return [min(math.log1p(max(total, 0.0)), GROUP_CAP) for total in sums], worth


def _tokens(text: str, kind: str, keys: Keys) -> tuple[Tokens, int]:
    words = texts.spans(text)[:MOST_WORDS]
    read = Tokens([keys[word] for word, _, _ in words], words)
    places = [place for place, key in enumerate(read.keys) if key]
    for begin, end in set_aside(text, kind):
        places = [place for place in places if not begin <= words[place][1] < end]
    return _chosen(read, places), len(words)


def _chosen(tokens: Tokens, places: Sequence[int]) -> Tokens:
    keys, words = tokens
    return Tokens([keys[place] for place in places], [words[place] for place in places])


def _find(tokens: Tokens, name: str, lexicon: Lexicon) -> list[Hit]:
    keys, words = tokens
    covered = [0] * len(lexicon.groups)
    by_first, entries = lexicon.by_first, lexicon.entries
    hits: list[Hit] = []
    for place in [place for place, key in enumerate(keys) if key in by_first]:
        for number in by_first[keys[place]]:
            entry = entries[number]
            after = place + len(entry.keys)
            if covered[entry.group] > place:
                continue
            if len(entry.keys) > 1 and tuple(keys[place:after]) != entry.keys:
                continue
            if entry.exact and entry.exact != tuple(word for word, _, _ in words[place:after]):
                continue
            covered[entry.group] = after
            hits.append(Hit(number, entry.group, words[place][1], words[after - 1][2], name))
    return hits


def _without_piles(tokens: Tokens, text: str) -> Tokens:
    """Return the tokens of the sentences that read like sentences, each of them once."""
    kept: list[int] = []
    seen: set[tuple[str, ...]] = set()
    for sentence in texts.sentences(text):
        inside = [place for place, (_, start, _) in enumerate(tokens.words) if sentence.start <= start < sentence.end]
        keys = tuple(tokens.keys[place] for place in inside)
        words = [word.lower() for word, _, _ in texts.spans(sentence.text)]
        piled = len(words) >= 8 and (len(set(keys)) < 0.6 * len(keys) or sum(w in GLUE for w in words) < 0.15 * len(words))
        if not piled and keys not in seen:
            kept += inside
            seen.add(keys)
    return _chosen(tokens, kept)
