"""The words of a text as the classifier reads them: the key of each, and where it stands."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import accumulate, chain, compress, count
from operator import itemgetter
from typing import NamedTuple, Self

from watcher import text as texts
from watcher.classify.boilerplate import set_aside
from watcher.classify.themes import LINKS, Lexicon, Rule, compile_terms
from watcher.model import Theme

MOST_WORDS = 3_000  # words read of one text; the subject of an article shows before that

_LONGEST_PIECE = 40  # letters; what is longer hardly comes back

Span = tuple[str, int, int]
Spot = tuple[int, int]
"""Where a word is: the number of the piece, and its number among the words of the piece."""


class Keys(dict[str, str]):
    """Gives every word its key, its folded lemma: `métiers` and `Métier` share one. Empty for a link.

    Remembers the words it has seen, within bounds.
    """

    def __init__(self, most: int = 200_000) -> None:
        super().__init__()
        self._most = most

    def __reduce__(self) -> tuple[type[Self], tuple[int]]:
        return type(self), (self._most,)  # what was remembered is quickly learned again, and weighs more than the rest

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


class Piece(NamedTuple):
    """What stands between two blanks, `l'emploi,` for one: the keys of its words, the words with their offsets, no links.

    `length` counts the links too; `firsts` are the numbers of the words with which a term of the lexicon begins.
    """

    keys: tuple[str, ...]
    spans: tuple[Span, ...]
    length: int
    firsts: tuple[int, ...]

    def only(self, kept: Sequence[bool]) -> "Piece":
        """Return the piece with those of its words that are `kept`."""
        numbers = list(accumulate(kept, initial=0))
        firsts = tuple(numbers[number] for number in self.firsts if kept[number])
        return Piece(tuple(compress(self.keys, kept)), tuple(compress(self.spans, kept)), self.length, firsts)


_NOTHING = Piece((), (), 0, ())

# Of thousands of pieces: much faster than by name.
_KEYS: Callable[[Piece], tuple[str, ...]] = itemgetter(0)
_LENGTH: Callable[[Piece], int] = itemgetter(2)
_FIRSTS: Callable[[Piece], tuple[int, ...]] = itemgetter(3)


class Pieces(dict[str, Piece]):
    """Gives what stands between two blanks of a text its words, those marked with which terms of `lexicon` begin.

    Remembers the pieces it has seen, within bounds.
    """

    def __init__(self, lexicon: Lexicon, keys: Keys, most: int = 50_000) -> None:
        super().__init__()
        self.lexicon, self._keys, self._most = lexicon, keys, most

    def __reduce__(self) -> tuple[type[Self], tuple[Lexicon, Keys, int]]:
        return type(self), (self.lexicon, self._keys, self._most)

    def __missing__(self, piece: str) -> Piece:
        spans = tuple(texts.spans(piece))
        every = tuple(self._keys[word] for word, _, _ in spans)
        keys = tuple(filter(None, every))
        firsts = tuple(compress(count(), map(self.lexicon.by_first.__contains__, keys)))
        found = Piece(keys, tuple(compress(spans, every)), len(spans), firsts)
        if len(piece) <= _LONGEST_PIECE:
            if len(self) >= self._most:
                self.clear()
            self[piece] = found
        return found


def pieces_for(themes: Sequence[Theme], rule: Rule) -> Pieces:
    """Return what reads the words of texts, and the terms of `themes` and of the concepts of `rule` among them."""
    keys = Keys()
    return Pieces(compile_terms(themes, rule, keys.__getitem__), keys)


class Words:
    """The words of one text that are read, links left out. `keys` are in order, `length` counts the links too.

    Where a word stands is worked out when it is asked for: of a thousand words, ten are.
    """

    def __init__(self, pieces: Sequence[str], found: Sequence[Piece], length: int) -> None:
        self._pieces, self._found, self.length = pieces, found, length
        self.keys = list(chain.from_iterable(map(_KEYS, found)))
        self._passed = (0, 0)

    def firsts(self) -> Iterator[Spot]:
        """Give the words with which a term may begin, in order."""
        for piece in compress(count(), map(_FIRSTS, self._found)):
            for number in self._found[piece].firsts:
                yield piece, number

    def span(self, spot: Spot, ahead: int = 0) -> Span:
        """Return the word that stands `ahead` words after `spot` as it is written, and its range of characters in the text."""
        piece, number = spot[0], spot[1] + ahead
        while number >= len(self._found[piece].spans):
            number -= len(self._found[piece].spans)
            piece += 1
        word, start, end = self._found[piece].spans[number]
        begin = self._begin(piece)
        return word, begin + start, begin + end

    def _begin(self, piece: int) -> int:
        """Return where a piece begins. They are mostly asked for in order: what was added up is not added again."""
        passed, begin = self._passed if piece >= self._passed[0] else (0, 0)
        begin += sum(map(len, self._pieces[passed:piece])) + piece - passed
        self._passed = (piece, begin)
        return begin

    def starts(self) -> list[int]:
        """Return where each of `keys` begins."""
        return [self._begin(number) + start for number, piece in enumerate(self._found) for _, start, _ in piece.spans]

    def only(self, places: Collection[int]) -> "Words":
        """Return the words at `places` among `keys` alone."""
        kept, number = set(places), count()
        found = [piece.only([next(number) in kept for _ in piece.keys]) if piece.keys else piece for piece in self._found]
        return Words(self._pieces, found, self.length)


def words_of(text: str, kind: str, known: Pieces) -> Words:
    """Return the words of `text` that are read; what stands in every text of its `kind` is set aside."""
    pieces = text.split(" ")
    found = list(map(known.__getitem__, pieces))
    length, end = sum(map(_LENGTH, found)), len(text)
    if length > MOST_WORDS:
        found, end = _cut_short(pieces, found)
        length = MOST_WORDS
    _drop(found, text, [spoken for spoken in set_aside(text, kind) if spoken[0] < end])
    return Words(pieces, found, length)


def _drop(found: list[Piece], text: str, ranges: Sequence[tuple[int, int]]) -> None:
    """Leave out the words that begin in these ranges of characters, which are sorted: each blank is counted once."""
    passed = first = at = 0  # up to where blanks were counted, the piece that is there, and where that begins
    for begin, end in ranges:
        if blanks := text.count(" ", passed, begin):
            first, at = first + blanks, text.rfind(" ", passed, begin) + 1
        passed = begin
        last = first + text.count(" ", begin, end)
        _drop_from(found, first, begin - at, end - at)
        if last > first:
            _drop_from(found, last, 0, end - text.rfind(" ", begin, end) - 1)
        between = slice(first + 1, last)
        found[between] = [_NOTHING] * len(found[between])


def _drop_from(found: list[Piece], number: int, begin: int, end: int) -> None:
    """Leave out the words of one piece that begin in this range of its characters."""
    if number < len(found):
        found[number] = found[number].only([not begin <= start < end for _, start, _ in found[number].spans])


def _cut_short(pieces: Sequence[str], found: Sequence[Piece]) -> tuple[list[Piece], int]:
    """Return the pieces up to the last word that is read, the MOST_WORDSth with the links, and where the next one begins."""
    ends = list(accumulate(map(_LENGTH, found)))
    whole = bisect_right(ends, MOST_WORDS)
    left = MOST_WORDS - (ends[whole - 1] if whole else 0)
    _, stop, _ = texts.spans(pieces[whole])[left]
    cut = found[whole].only([start < stop for _, start, _ in found[whole].spans])
    return [*found[:whole], cut], sum(map(len, pieces[:whole])) + whole + stop
