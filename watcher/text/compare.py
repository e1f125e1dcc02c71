"""What makes two texts the same: a fingerprint for equality, shingles for likeness, the language they are in."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from watcher.text.repair import readable
from watcher.text.tokens import fold, words

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_PLAIN = dict(zip("’‘ʼ“”«»„–—‑", '\'\'\'"""""---', strict=True), **{"…": "...", "œ": "oe", "æ": "ae"})
_PLAIN_CAPITALS = {**_PLAIN, "Œ": "oe", "Æ": "ae"}
# Case folding byte by byte, for texts of Latin-1; ß becomes two letters, and µ one that Latin-1 lacks.
_FOLDED = bytes(range(256)).decode("latin-1").replace("ß", "s").replace("µ", "u").casefold().encode("latin-1")
_BLANKS = bytes(code for code in range(256) if chr(code).isspace())
_LETTERS = re.compile(r"[^\W\d_]+")
# The languages of the sources that a French observatory reads; a short French title is else read as Occitan or Walloon.
_LANGUAGES = (
    "fr",
    "en",
    "de",
    "es",
    "it",
    "nl",
    "pt",
    "ca",
    "pl",
    "sv",
    "da",
    "fi",
    "el",
    "ro",
    "cs",
    "hu",
    "ar",
    "ru",
    "uk",
    "zh",
    "ja",
)
# Function words that French shares with none of its neighbours: not "la", "que" or "il".
_FUNCTION_WORDS = "du des aux une dans sur pour avec qui dont où est sont été cette ces leurs elle ils vous pas et"
_FRENCH = frozenset(_FUNCTION_WORDS.split())
_PLAINLY = 0.06  # share of such words that no other language's text reaches, and 19 French texts in 20 do
_FEWEST_WORDS = 5


def fingerprint(title: str, text: str) -> str:
    """Return the SHA-256, in hexadecimal, of what an article says; case, quotes, dashes and blanks do not change it."""
    return hashlib.sha256(f"{_normal(title)}\n{_normal(text)}".encode()).hexdigest()


def casefold(text: str) -> str:
    """Return `text.casefold()`, in a tenth of the time where the text is Latin-1."""
    latin = _latin(text)
    return text.casefold() if latin is None else latin.translate(_FOLDED).decode("latin-1")


def shingles(text: str, size: int = 5) -> frozenset[int]:
    """Return 64-bit hashes of each run of `size` folded words, the same in every process; one hash for a shorter text."""
    folded = [word.text for word in words(fold(text))]
    if not folded:
        return frozenset()
    runs = (" ".join(folded[i : i + size]) for i in range(max(1, len(folded) - size + 1)))
    return frozenset(int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest()) for run in runs)


def language(text: str, default: str) -> str:
    """Return the ISO 639-1 code of the language of `text`; `default` when it has fewer than five words."""
    sample = text[:1000]
    found = _LETTERS.findall(sample.lower())
    if len(found) < _FEWEST_WORDS:
        return default
    # Nine texts in ten are French and say so in every line: a hundred times cheaper than the classifier, and as sure.
    if sum(map(_FRENCH.__contains__, found)) >= _PLAINLY * len(found):
        return "fr"
    return str(_identifier().classify(sample)[0])


def _normal(text: str) -> str:
    shown = readable(text)
    # With plain marks most texts are Latin-1, where each character folds by itself and is whole: half the time.
    latin = _latin(_replaced(shown, _PLAIN_CAPITALS))
    if latin is not None:
        return latin.translate(_FOLDED, _BLANKS).decode("latin-1")
    folded = _replaced(unicodedata.normalize("NFC", shown.casefold()), _PLAIN)
    return "".join(folded.split())


def _replaced(text: str, marks: Mapping[str, str]) -> str:
    for mark, plain in marks.items():  # many times faster than str.translate, or a pattern, where there are few
        text = text.replace(mark, plain)
    return text


def _latin(text: str) -> bytes | None:
    """Return `text` in Latin-1, None when it does not fit or cannot be folded byte by byte."""
    try:
        encoded = text.encode("latin-1")
    except UnicodeEncodeError:
        return None
    return None if b"\xdf" in encoded or b"\xb5" in encoded else encoded


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # loads numpy and a model: 1.3 s

    # Our own, because the library's shared one is used by trafilatura, which wants all languages.
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(_LANGUAGES)
    return identifier
