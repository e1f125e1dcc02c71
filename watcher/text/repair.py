"""Characters: what a database, a mail or a terminal cannot take is removed, what was decoded wrongly is decoded again."""

import re
import unicodedata
from collections.abc import Callable
from enum import Enum
from functools import lru_cache

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
# Marks that reorder text (UAX 9), and characters without width or ink that hide or split words (UTS 39).
_UNSEEN = re.compile(
    "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u206a-\u206f\ufff9-\ufffb"
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u3164\ufeff\uffa0\U000e0000-\U000e0fff]"
)
# What French and its neighbours are written with is left as it is after one look; letters with accents are whole (NFC).
_UNUSUAL = re.compile("[^\t\n -~\u00a0-\u00ac\u00ae-\u017f\u0192\u2010-\u2027\u202f-\u203a\u20ac\u2122]")
# What was decoded wrongly begins with these letters. Most texts hold none, which is seen before a pattern would be tried.
_SUSPECT = {letter: re.compile(f"{letter}[^\n -~]") for letter in "ÂÃÄÅâïð"}
_JOINERS = re.compile("[\u200c\u200d\ufe0e\ufe0f]")
_LINES = re.compile("\r\n?|[\u0085\u2028\u2029\x0b\x0c]")
# French sets a no-break space before : ; ! ? » % and inside « »; anywhere else it is a habit of editing tools.
_STRAY_BLANK = re.compile("(?<![«\\d])[\u00a0\u202f](?![;:!?»%€\\d])")
_MARK_RUN = re.compile(r"[^\w\s\x00-\u02ff]{5,}")
_LONG_RUN = re.compile(r"[^\w\s\x00-\u02ff]{31,}")
_MOST_MARKS, _STREAM_SAFE = 4, 30

_CP1252 = {bytes([b]).decode("cp1252"): b for b in range(0x80, 0xA0) if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
_BYTES = {ord(character): byte for character, byte in _CP1252.items()}  # to the Latin-1 character of the same byte
_TAIL = "\x80-\xbf" + "".join(_CP1252)
_GARBLED = re.compile(f"[ÂÃÄÅ][{_TAIL}]|[âï][{_TAIL}]{{2}}|ð[{_TAIL}]{{3}}")


def valid(text: str) -> str:
    """Return `text` in NFC, without NUL, with U+FFFD for lone surrogates: what any database and encoder takes.

    Everything else is kept, bidirectional marks included. Runs of more than 30 combining marks are broken by U+034F
    (stream-safe text, UAX 15), because normalising them takes quadratic time.
    """
    if text.isascii():
        return text.replace("\x00", "")
    text = _paired(text).replace("\x00", "")
    if _LONG_RUN.search(text):
        text = _LONG_RUN.sub(lambda run: _break_marks(run[0], _STREAM_SAFE, "\u034f"), text)
    return unicodedata.normalize("NFC", text)


def storable(value: str) -> str:
    """Return `value` with each NUL and each lone surrogate replaced by U+FFFD.

    PostgreSQL refuses NUL, and neither engine encodes half a surrogate pair. The length does not change, so that the offsets
    of evidence in a text stay right.
    """
    if type(value) is not str and isinstance(value, Enum):
        value = str(value.value)
    if "\x00" in value:
        value = value.replace("\x00", "\ufffd")
    if value.isascii():
        return value
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in value)
    return value


def clean_line(text: str, limit: int = 300) -> str:
    """Return `text` as one line of at most `limit` characters, cut at a word with "…", safe in a title or a log.

    Control characters, bidirectional marks and characters without width are removed, stacks of combining marks are cut
    to four, blanks are single. Markup is left as it is: escape where it is shown.
    """
    shown = text if _is_plain(text) else _settled(text, _shown)
    line = " ".join(part for part in re.split(r"[^\S\u00a0\u202f]+", shown) if part)
    line = single_blanks(line).strip()
    return line if len(line) <= limit else _cut(line, limit)


def mojibake(text: str) -> str:
    """Return `text` with UTF-8 that was read as windows-1252 read again ("MÃ©tiers" is "Métiers"), when that is certain.

    It is when the whole text decodes to usual characters, or else where a garbled run stands for one that French uses.
    """
    for _ in range(2):  # it happens twice to the same text
        if not _GARBLED.search(text):
            break
        try:
            decoded = text.translate(_BYTES).encode("latin-1").decode("utf-8")
        except UnicodeError:
            return _GARBLED.sub(_redecoded, text)
        if not all(map(_is_usual, {c for c in decoded if c > "\x7f"})):
            return _GARBLED.sub(_redecoded, text)
        text = decoded
    return text


@lru_cache(maxsize=8)  # asked of the same text by those that extract it and those that compare it
def readable(text: str) -> str:
    """Return `text` with lines ended by LF and nothing that is not seen: controls, bidirectional marks, zero width."""
    return text if _is_plain(text) else _settled(text, lambda raw: valid(_visible(_LINES.sub("\n", mojibake(raw)))))


def _is_plain(text: str) -> bool:
    """Say whether there is nothing to repair in `text`, as in nine of ten."""
    return not _UNUSUAL.search(text) and not any(letter in text and run.search(text) for letter, run in _SUSPECT.items())


def single_blanks(text: str) -> str:
    """Return `text` with runs of blanks inside lines made one, keeping the no-break spaces that French typography asks for."""
    return re.sub(r"[^\S\n]{2,}", " ", _STRAY_BLANK.sub(" ", text))


def _settled(text: str, step: Callable[[str], str]) -> str:
    """Repeat `step` until it changes nothing: what one removal brings together may be garbled or a pile of marks again."""
    for _ in range(4):
        changed = step(text)
        if changed == text:
            break
        text = changed
    return text


def _shown(text: str) -> str:
    line = _JOINERS.sub("", _visible(_LINES.sub(" ", mojibake(text))))
    if line.isascii():
        return line
    return unicodedata.normalize("NFC", _MARK_RUN.sub(lambda run: _break_marks(run[0], _MOST_MARKS, None), line))


def _visible(text: str) -> str:
    if text.isascii():
        return _CONTROL.sub("", text)
    return _UNSEEN.sub("", _CONTROL.sub("", _paired(text)))


def _paired(text: str) -> str:
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _break_marks(run: str, most: int, breaker: str | None) -> str:
    """Cut or break each stretch of more than `most` combining marks; `breaker` None drops what is over."""
    kept: list[str] = []
    count = 0
    for character in run:
        count = count + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if count > most:
            if breaker is None:
                continue
            kept.append(breaker)
            count = 1
        kept.append(character)
    return "".join(kept)


def _cut(line: str, limit: int) -> str:
    if limit < 2:
        return "…"[:limit]
    end = limit - 1
    space = max(line.rfind(" ", 0, end + 1), line.rfind("\u00a0", 0, end + 1))
    if space > limit // 2:
        end = space
    else:
        while end and unicodedata.combining(line[end]):
            end -= 1
    return line[:end].rstrip(" \u00a0\u202f,;:–—-(«") + "…"


def _redecoded(match: re.Match[str]) -> str:
    try:
        character = match[0].translate(_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return match[0]
    return character if character in _FRENCH else match[0]


def _is_usual(character: str) -> bool:
    """Say whether a European text may hold the character: a letter, punctuation, a space, money, a pictogram."""
    if character in "\ufeff\u200b\u200d" or character >= "\U0001f000":
        return True
    kind = unicodedata.category(character)
    return (kind[0] == "L" and character < "\u0590") or kind[0] in "PZ" or kind == "Sc" or character in _SIGNS


_SIGNS = frozenset("°±²³¹×÷½¼¾ªº©®™→←↑↓⇒✓✔★●■≤≥≠¨´¸¯§¬¦")
_FRENCH = frozenset("àâäáãçéèêëíîïñóôöõùûüúÿæœÀÂÄÁÇÉÈÊËÎÏÔÖÙÛÜŸÆŒ‘’“”«»–—…€°·•\u00a0\u202f")
