"""Cut the passage of a text that answers a question. In Python, so that both engines show the same one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from watcher import text
from watcher.store.words import Groups

LENGTH = 240
_BEFORE = 80
# Nobody reads on to see why a document was found: past this, its beginning is shown.
_LOOKED_AT = 40_000
_ONE_LINE = str.maketrans({"\n": " ", "\r": " ", "\t": " ", "\v": " ", "\f": " "})


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage on one line, and the offsets in it of the words that were looked for."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def snippet_of(passages: Sequence[str], groups: Groups) -> Snippet:
    """Return the surroundings of the first word of `groups` in the first of `passages` that holds one, else a beginning."""
    wanted = {word for group in groups for word in group}
    for passage in passages if wanted else ():
        first = next(_found(passage[:_LOOKED_AT], wanted), None)
        if first is not None:
            return _around(passage[:_LOOKED_AT], first, wanted)
    beginning = next((passage for passage in passages if passage.strip()), "")
    return Snippet(_cut(beginning, 0)[0])


def _found(passage: str, wanted: set[str]) -> Iterator[tuple[int, int]]:
    looked_up: dict[str, bool] = {}
    for word in text.words(passage):
        if word.text not in looked_up:
            looked_up[word.text] = not wanted.isdisjoint(text.index_words(word.text))
        if looked_up[word.text]:
            yield word.start, word.end


def _around(passage: str, first: tuple[int, int], wanted: set[str]) -> Snippet:
    start = max(0, first[0] - _BEFORE)
    if start:
        space = passage.find(" ", start, first[0])
        start = space + 1 if space >= 0 else start
    shown, begin, end = _cut(passage, start)
    shift = len(shown) - len(shown.removeprefix("… ")) - begin
    found = _found(passage[begin:end], wanted)
    return Snippet(shown, tuple((s + begin + shift, e + begin + shift) for s, e in found))


def _cut(passage: str, start: int) -> tuple[str, int, int]:
    """Return the passage from `start`, one for one on one line, with ellipses, and the offsets it was cut at."""
    begin = start + len(passage[start:]) - len(passage[start:].lstrip())
    end = min(len(passage), begin + LENGTH)
    if end < len(passage):
        space = passage.rfind(" ", begin + LENGTH // 2, end)
        end = space if space >= 0 else end
    end = begin + len(passage[begin:end].rstrip())
    shown = passage[begin:end].translate(_ONE_LINE)
    return ("… " if begin and passage[:begin].strip() else "") + shown + (" …" if passage[end:].strip() else ""), begin, end
