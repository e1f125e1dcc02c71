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

FEATURES = 1
"""Version of what this module computes; part of the version of every classifier."""

USUAL_LENGTH = 150  # words: texts longer than this mention more, and mean no more by it
TITLE_MENTIONS = 2  # one mention in the title is worth this many in the text
GROUP_CAP = 3.0  # natural logarithm: reached at some 19 distinct mentions of weight 1
MOST_WORDS = 3_000  # words read of one text; the subject of an article shows before that

_GLUE = "et ou que qui dont où ce cette ces son sa ses leur leurs pour par sur dans avec sans est sont ne pas se s"
GLUE = LINKS | frozenset(_GLUE.split())
"""Words that hold sentences together; a pile of keywords has few of them."""


_Token = tuple[str, texts.Word]  # the key of a word, and the word as it stands


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


class Keys:
    """Gives every word its key: its folded lemma, empty for a link. Remembers the words it has seen, within bounds."""

    def __init__(self, most: int = 200_000) -> None:
        self._seen: dict[str, str] = {}
        self._most = most

    def __call__(self, word: str) -> str:
        """Return the key of `word`: `métiers` and `Métier` share one."""
        key = self._seen.get(word)
        if key is None:
            if len(self._seen) >= self._most:
                self._seen.clear()
            key = self._seen[word] = _key(word.lower())
        return key


def _key(word: str) -> str:
    if word in LINKS:
        return ""
    key = texts.fold(texts.lemma(word))
    # New words (cyberattaques) are in no dictionary of lemmas: their plural is taken off by hand.
    return key[:-1] if len(key) > 4 and key.endswith("s") and not key.endswith("ss") and key == texts.fold(word) else key


def read(title: str, text: str, *, kind: str, lexicon: Lexicon, keys: Keys) -> Reading:
    """Return the words and the mentions of one text. Offsets are in `title` or in `text`, as `field` says."""
    head, head_length = _tokens(title, "article", keys)
    body, body_length = _tokens(text, kind, keys)
    counts = Counter(key for key, _ in body)
    if counts and max(counts.values()) > max(6, body_length * 0.06):
        body = _without_piles(body, text)
        counts = Counter(key for key, _ in body)
    for key, _ in head:
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
    damp = math.sqrt(USUAL_LENGTH / max(reading.length, USUAL_LENGTH))
    worth: dict[int, float] = {}
    sums = [0.0] * len(lexicon.groups)
    for number, count in mentions.items():
        entry = lexicon.entries[number]
        worth[number] = entry.sign * entry.weight * 2 * (1 - 0.5**count) * damp
        sums[entry.group] += worth[number]
    return [min(math.log1p(max(total, 0.0)), GROUP_CAP) for total in sums], worth


def _tokens(text: str, kind: str, keys: Keys) -> tuple[list[_Token], int]:
    words = texts.words(text)[:MOST_WORDS]
    tokens = [(key, word) for word in words if (key := keys(word.text))]
    for start, end in set_aside(text, kind):
        tokens = [token for token in tokens if not start <= token[1].start < end]
    return tokens, len(words)


def _find(tokens: Sequence[_Token], name: str, lexicon: Lexicon) -> list[Hit]:
    covered = [0] * len(lexicon.groups)
    by_first, entries = lexicon.by_first, lexicon.entries
    hits: list[Hit] = []
    for place, (key, word) in enumerate(tokens):
        for number in by_first.get(key, ()):
            entry = entries[number]
            size = len(entry.keys)
            if covered[entry.group] > place:
                continue
            if size > 1 and tuple(key for key, _ in tokens[place : place + size]) != entry.keys:
                continue
            if entry.exact and entry.exact != tuple(word.text for _, word in tokens[place : place + size]):
                continue
            covered[entry.group] = place + size
            hits.append(Hit(number, entry.group, word.start, tokens[place + size - 1][1].end, name))
    return hits


def _without_piles(tokens: list[_Token], text: str) -> list[_Token]:
    """Return the tokens of the sentences that read like sentences, each of them once."""
    kept: list[_Token] = []
    seen: set[tuple[str, ...]] = set()
    for sentence in texts.sentences(text):
        inside = [token for token in tokens if sentence.start <= token[1].start < sentence.end]
        keys = tuple(key for key, _ in inside)
        words = [word.text.lower() for word in texts.words(sentence.text)]
        piled = len(words) >= 8 and (len(set(keys)) < 0.6 * len(keys) or sum(w in GLUE for w in words) < 0.15 * len(words))
        if not piled and keys not in seen:
            kept += inside
            seen.add(keys)
    return kept
