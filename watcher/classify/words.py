"""The words of a text as the classifier reads them: the key of each, and where it stands."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import accumulate, chain, compress
from operator import add, itemgetter
from typing import Self

from watcher import text as texts
from watcher.classify.boilerplate import set_aside
from watcher.classify.themes import LINKS

MOST_WORDS = 3_000  # words read of one text; the subject of an article shows before that

_LONGEST_PIECE = 40  # letters; what is longer hardly comes back

Span = tuple[str, int, int]
Piece = tuple[tuple[str, ...], tuple[Span, ...]]
_KEYS: Callable[[Piece], tuple[str, ...]] = itemgetter(0)


class Keys(dict[str, str]):
    """Gives every word its key, its folded lemma: `métiers` and `Métier` share one. Empty for a link.

    Remembers the words it has seen, within bounds; `pieces` those that stand between two blanks of a text.
    """

    def __init__(self, most: int = 200_000) -> None:
        super().__init__()
        self._most = most
        self.pieces = _Pieces(self, most // 4)

    def __reduce__(self) -> tuple[type[Self], tuple[int]]:
        return type(self), (self._most,)  # what was remembered is quickly learned again, and weighs more than the rest

    def __missing__(self, word: str) -> str:
        if len(self) >= self._most:
            self.clear()
        key = self[word] = _key(word.lower())
        return key


class _Pieces(dict[str, Piece]):
    """Gives what stands between two blanks its words, `l'emploi,` for one: their keys, and the words with their offsets."""

    def __init__(self, keys: Keys, most: int) -> None:
        super().__init__()
        self._key_of, self._most = keys, most

    def __missing__(self, piece: str) -> Piece:
        spans = tuple(texts.spans(piece))
        found = tuple(self._key_of[word] for word, _, _ in spans), spans
        if len(piece) <= _LONGEST_PIECE:
            if len(self) >= self._most:
                self.clear()
            self[piece] = found
        return found


def _key(word: str) -> str:
    if word in LINKS:
        return ""
    if word.isdecimal():
        return word
    key = texts.fold(texts.lemma(word))
    # New words (cyberattaques) are in no dictionary of lemmas: their plural is taken off by hand.
    return key[:-1] if len(key) > 4 and key.endswith("s") and not key.endswith("ss") and key == texts.fold(word) else key


class Words:
    """The words of one text that are read, links left out. `keys` are in order, `length` counts the links too.

    Where a word stands is worked out when it is asked for: of a thousand words, ten are.
    """

    def __init__(self, pieces: Sequence[str], found: Sequence[Piece], kept: Sequence[int] | None = None) -> None:
        self._pieces, self._found = pieces, found
        self._every = list(chain.from_iterable(map(_KEYS, found)))[:MOST_WORDS]
        self.length = len(self._every)
        if kept is not None:
            self._kept = kept
        self.keys = list(filter(None, self._every)) if kept is None else [self._every[number] for number in kept]

    def __len__(self) -> int:
        return len(self.keys)

    def span(self, place: int) -> Span:
        """Return the word at `place` among `keys` as it is written, and its range of characters in the text."""
        number = self._kept[place]
        piece = bisect_right(self._counts, number)
        spans = self._found[piece][1]
        word, start, end = spans[number - self._counts[piece] + len(spans)]
        begin = self._ends[piece] - len(self._pieces[piece])
        return word, begin + start, begin + end

    def only(self, places: Sequence[int]) -> "Words":
        """Return the words at `places` alone."""
        return Words(self._pieces, self._found, [self._kept[place] for place in places])

    def outside(self, ranges: Sequence[tuple[int, int]]) -> "Words":
        """Return the words that begin in none of these ranges of characters."""
        read = bytearray(map(bool, self._every))
        for begin, end in ranges:
            some = slice(self._first(begin), self._first(end))
            read[some] = bytes(len(read[some]))
        return Words(self._pieces, self._found, list(compress(range(self.length), read)))

    def _first(self, offset: int) -> int:
        """Return how many words begin before `offset`."""
        piece = bisect_right(self._ends, offset)
        if piece == len(self._pieces):
            return self._counts[-1]
        spans = self._found[piece][1]
        begin = self._ends[piece] - len(self._pieces[piece])
        return self._counts[piece] - sum(begin + start >= offset for _, start, _ in spans)

    @cached_property
    def _kept(self) -> Sequence[int]:
        """Which of all the words are read."""
        return list(compress(range(self.length), self._every))

    @cached_property
    def _counts(self) -> list[int]:
        """How many words there are up to the end of each piece."""
        return list(accumulate(map(len, map(_KEYS, self._found))))

    @cached_property
    def _ends(self) -> list[int]:
        """Where each piece ends: one blank follows."""
        return list(map(add, accumulate(map(len, self._pieces)), range(len(self._pieces))))


def words_of(text: str, kind: str, keys: Keys) -> Words:
    """Return the words of `text` that are read; what stands in every text of its `kind` is set aside."""
    pieces = text.split(" ")
    words = Words(pieces, list(map(keys.pieces.__getitem__, pieces)))
    ranges = set_aside(text, kind)
    return words.outside(ranges) if ranges else words
