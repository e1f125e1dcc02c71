"""The words under which a text is found, made here once for every engine, so that all find the same texts."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from watcher.text.repair import storable
from watcher.text.tokens import search_tokens

# FTS5's `ascii` tokenizer splits exactly there; whatever is made of a word, the engines see the same pieces of it.
_WORD = re.compile("[0-9a-z\x80-\U0010ffff]+")
# tsvector refuses words of 2 KB and vectors of 1 MB. Nobody looks for such words, nor at the end of such documents.
_LONGEST = 100
_MOST_BYTES = 400_000
_MOST_BYTES_A_WORD = 4 * _LONGEST + 4
# A page made of words that exist nowhere costs up to .4 ms a word; three hundred pages of French hold fewer than these.
_MOST_CHUNKS = 12_000


class Indexed(NamedTuple):
    """The words under which a document is found, a blank between them: those of its title, and those of the rest."""

    title: str
    body: str


def indexed(title: str, *rest: str) -> Indexed:
    """Return the words under which a document is found: `title`, and the `rest` of it, its text and its summary."""
    return Indexed(" ".join(index_words(title)), " ".join(index_words("\n".join(rest))))


def index_words(passage: str) -> tuple[str, ...]:
    """Return the distinct words under which `passage` is found, in order of first appearance."""
    chunks = islice(dict.fromkeys(storable(passage).split()), _MOST_CHUNKS)
    return _bounded(dict.fromkeys(chain.from_iterable(map(_words_of, chunks))))


def words_in(tokens: str) -> tuple[str, ...]:
    """Return the words of one side of an `Indexed`, whoever made it: such as an index takes, each once, not too many."""
    return _bounded(dict.fromkeys(index_pieces(tokens)))


def index_pieces(tokens: str) -> Iterable[str]:
    """Give the words of which an index sees `tokens` made."""
    return (piece[:_LONGEST] for piece in _WORD.findall(tokens.lower()))


@lru_cache(maxsize=65_536)
def _words_of(chunk: str) -> tuple[str, ...]:
    """Return the words of what stands between two blanks. No word spans a blank, and most chunks have been seen before."""
    return tuple(index_pieces(search_tokens(chunk)))


def _bounded(words: dict[str, None]) -> tuple[str, ...]:
    return tuple(words) if len(words) * _MOST_BYTES_A_WORD < _MOST_BYTES else _cut(words)


def _cut(words: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    size = 0
    for word in words:
        size += len(word.encode()) + 4
        if size > _MOST_BYTES:
            break
        kept.append(word)
    return tuple(kept)
