"""What makes two texts the same: a fingerprint for equality, shingles for likeness, the language they are in."""

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from watcher.text.repair import readable
from watcher.text.tokens import fold, words

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_TYPOGRAPHY = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "“": '"',
        "”": '"',
        "«": '"',
        "»": '"',
        "„": '"',
        "–": "-",
        "—": "-",
        "‑": "-",
        "…": "...",
        "œ": "oe",
        "æ": "ae",
    }
)
_AROUND_PUNCTUATION = re.compile(r" ?([^\w\s]) ?")
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
_FRENCH = frozenset(
    [
        "le",
        "la",
        "les",
        "du",
        "des",
        "au",
        "aux",
        "une",
        "dans",
        "sur",
        "pour",
        "par",
        "avec",
        "qui",
        "que",
        "dont",
        "où",
        "est",
        "sont",
        "été",
        "cette",
        "ces",
        "ses",
        "leurs",
        "plus",
        "il",
        "elle",
        "ils",
        "nous",
        "vous",
        "ne",
        "pas",
        "ou",
        "et",
        "d",
        "l",
        "qu",
        "n",
        "s",
    ]
)
_PLAINLY = 0.3  # share of function words that no other language's text reaches
_FEWEST_WORDS = 5


def fingerprint(title: str, text: str) -> str:
    """Return the SHA-256, in hexadecimal, of what an article says; case, quotes, dashes and blanks do not change it."""
    return hashlib.sha256(f"{_normal(title)}\n{_normal(text)}".encode()).hexdigest()


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
    found = words(sample)
    if len(found) < _FEWEST_WORDS:
        return default
    # Nine texts in ten are French and say so in every line: a hundred times cheaper than the classifier, and as sure.
    if sum(word.text.lower() in _FRENCH for word in found) >= _PLAINLY * len(found):
        return "fr"
    return str(_identifier().classify(sample)[0])


def _normal(text: str) -> str:
    folded = unicodedata.normalize("NFC", readable(text).casefold()).translate(_TYPOGRAPHY)
    return _AROUND_PUNCTUATION.sub(r"\1", " ".join(folded.split()))


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # loads numpy and a model: 1.3 s

    # Our own, because the library's shared one is used by trafilatura, which wants all languages.
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(_LANGUAGES)
    return identifier
