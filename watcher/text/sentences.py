"""Sentences of French prose, to quote one that tells something whole."""

import re
from typing import NamedTuple

_BEFORE_A_NAME_OR_NUMBER = """
m mm mme mmes mlle mlles dr pr me mgr st ste mr mrs ms art al no nos p pp cf ex chap ch éd ed env av bd tél tel fig vol ann
cie sté min max hab réf ref resp dir coll approx adj adm arr bull cass circ cons conv ord parag op vs
janv févr fevr juil sept oct nov déc dec
"""
_ABBREVIATIONS = frozenset(_BEFORE_A_NAME_OR_NUMBER.split())
_END = re.compile(r"[.!?…]+[»”\"’')\]]*(?:\s*[»”])?(?=\s)|\n+")
_OPENING = re.compile(r"\s+[«“\"‘'(\[–—•-]*\s*")
_BEFORE_DOT = re.compile(r"([^\W\d_]+)$")


class Span(NamedTuple):
    """A stretch of a text: `original[start:end] == text`."""

    text: str
    start: int
    end: int


def sentences(text: str) -> list[Span]:
    """Split `text` into sentences, in order, without the blanks between them.

    A line end always separates. Nothing is cut inside « » or “ ”, nor after an abbreviation (M., art.), an initial or a
    number that opens a line ("1. Titre"), nor before a lower-case letter.
    """
    spans: list[Span] = []
    for line in re.finditer(r"[^\n]+", text):
        _split_line(text, line.start(), line.end(), spans)
    return spans


def _split_line(text: str, start: int, end: int, spans: list[Span]) -> None:
    line = text[start:end]
    quoted = _quoted(line)
    begin = 0
    for match in _END.finditer(line):
        cut = match.end()
        if cut >= len(line) or not _is_end(line, begin, match):
            continue
        if any(opened < match.start() < closed and cut < closed for opened, closed in quoted):
            continue
        _add(text, start + begin, start + cut, spans)
        begin = cut
    _add(text, start + begin, end, spans)


def _is_end(line: str, begin: int, match: re.Match[str]) -> bool:
    opening = _OPENING.match(line, match.end())
    following = line[opening.end() : opening.end() + 1] if opening else ""
    if following.islower() or (following and not following.isalnum()):
        return False
    if not match[0].startswith(".") or match[0].startswith(".."):
        return True
    before = line[begin : match.start()]
    if re.fullmatch(r"\s*(?:\d{1,3}|[IVX]{1,4}|[a-zA-Z])", before):
        return False
    word = _BEFORE_DOT.search(before[-20:])
    return word is None or not ((len(word[1]) == 1 and word[1].isupper()) or word[1].lower() in _ABBREVIATIONS)


def _quoted(line: str) -> list[tuple[int, int]]:
    """Return the stretches between guillemets that are closed on the same line."""
    return [match.span() for match in re.finditer(r"«[^«»]*»|“[^“”]*”", line)]


def _add(text: str, start: int, end: int, spans: list[Span]) -> None:
    whole = text[start:end]
    stripped = whole.strip()
    if stripped:
        first = start + len(whole) - len(whole.lstrip())
        spans.append(Span(stripped, first, first + len(stripped)))
