"""Words, and the forms under which they are searched and compared.

The lemma comes from a dictionary (simplemma), the stem from Snowball's French rules; each alone misses forms that the
other joins, so an index holds both. Tokens are folded: lower-case letters and figures only, so that every full-text
engine splits them alike.
"""

import re
import unicodedata
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from Stemmer import Stemmer

_LETTERS = r"[^\W_ʼ]+"
_MARKED = r"(?:[^\W_ʼ]|[\u0300-\u036f])+"
_ELISION = r"(?:(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’ʼ](?=[^\W_]))?"
_PATTERN = r"{elision}({letters}(?:&(?=[A-Z]\b){letters}|['’ʼ](?!s\b){letters})*)(?:['’ʼ]s\b)?"
_WORD = re.compile(_PATTERN.format(elision=_ELISION, letters=_LETTERS), re.IGNORECASE)
_WORD_DECOMPOSED = re.compile(_PATTERN.format(elision=_ELISION, letters=_MARKED), re.IGNORECASE)
_DECOMPOSED = re.compile("[\u0300-\u036f]")
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_FOLDED = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "’": "'", "ʼ": "'", "‘": "'", "–": "-", "—": "-", "‑": "-"}
)
_AGENT_NOUNS = re.compile(r"(?<=.{2})(?:(?P<t>t)rices?|(?P<e>)euses?)$")
_NOT_AGENTS = frozenset({"matrice", "cicatrice", "creuse", "heureuse", "gueuse", "yeuse"})
_SHORTEST_STEM = 4
_MOST_WORDS = 32
_LONGEST = 60  # letters; longer strings are no words, and would fill the caches
_FUNCTION_WORDS = """
a afin ai ainsi au aucun aux avec c ce ces cet cette ceux chez comme d dans de des dont du elle elles en entre est et eux il ils
j je l la le les leur leurs lui m ma mais me meme mes mon n ne ni nos notre nous on ont ou par pas pour qu que quel quelle qui s
sa sans se ses si son sont sous sur t ta te tes ton tu un une vers vos votre vous y
the of and in to for on with by an is are or at from
"""
_STOP = frozenset(_FUNCTION_WORDS.split())
_STEMMING = Lock()  # a stemmer of PyStemmer serves one thread at a time


class Word(NamedTuple):
    """A word of a text: `original[start:end] == text`. A plain tuple, because a page makes a thousand of them."""

    text: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """Split `text` into words with their character offsets; elided articles fall away (l'IA is IA), hyphens separate."""
    return [Word._make(span) for span in spans(text)]


def spans(text: str) -> list[tuple[str, int, int]]:
    """Return the same as `words`, as plain tuples: a third of the time, for those who read thousands of texts."""
    return [(match[1], *match.span(1)) for match in _pattern(text).finditer(text)]


def fold(text: str) -> str:
    """Return `text` in lower case without accents or ligatures, apostrophes and hyphens made plain (NFKD; œ is oe)."""
    if text.isascii():
        return text.lower()
    # Case folding gives capitals for Cherokee, whose small letters came to Unicode later.
    compatible = unicodedata.normalize("NFKD", text).casefold().lower()
    return _MARKS.sub("", unicodedata.normalize("NFKD", compatible)).translate(_FOLDED)


def lemma(word: str) -> str:
    """Return the folded dictionary form of a French word: `travaux` is `travail`, `formatrices` is `formateur`.

    Applied until nothing changes, so that `données`, `donnée` and `donner` meet. A word that the dictionary does not
    know loses its plural, unless it is written in capitals (an acronym keeps its S).
    """
    return _lemma(word) if len(word) <= _LONGEST else _token(word)


def stem(word: str) -> str:
    """Return the folded Snowball stem of a French word. Never use it alone: `loyer` gives `loi`."""
    return _stem(word) if len(word) <= _LONGEST else _token(word)


def search_tokens(text: str) -> str:
    """Return what a full-text index holds of `text`: for each word its lemma and its stem, separated by blanks."""
    return " ".join(filter(None, map(_tokens, _pattern(text).findall(text))))


def query_tokens(text: str) -> tuple[tuple[str, ...], ...]:
    """Return, for each word of a query, the tokens of which an indexed text must hold at least one.

    Words without meaning are left out unless there are no others; at most 32 words are looked at. Empty when there is
    no word at all.
    """
    found = [word.text for word in words(text[:4000])][:_MOST_WORDS]
    telling = [word for word in found if _token(word) not in _STOP] or found
    forms = (tuple(dict.fromkeys(filter(None, [*_tokens(word).split(), _token(word)]))) for word in telling)
    return tuple(dict.fromkeys(filter(None, forms)))


def _tokens(word: str) -> str:
    # A figure has no other form, and there is no end of them: they would push the words out of the caches.
    return _token(word) if word.isdecimal() or len(word) > _LONGEST else _forms(word)


@lru_cache(maxsize=32_768)
def _forms(word: str) -> str:
    base, short = lemma(word), stem(word)
    # A short stem joins strangers: "loi" is the stem of "loyer", "don" that of "données".
    return base if short == base or len(short) < _SHORTEST_STEM else f"{base} {short}".lstrip()


@lru_cache(maxsize=32_768)
def _lemma(word: str) -> str:
    from simplemma import is_known, lemmatize  # loads a dictionary of 20 MB

    current = unicodedata.normalize("NFC", word).lower().replace("’", "'").replace("ʼ", "'")
    if not current:
        return ""
    for _ in range(4):
        previous = current
        if is_known(current, lang="fr"):
            current = lemmatize(current, lang="fr").lower()
        elif not word.isupper():
            current = _singular(current)
        current = _masculine(current)
        if current == previous:
            break
    return _token(current)


@lru_cache(maxsize=32_768)
def _stem(word: str) -> str:
    written = unicodedata.normalize("NFC", word).lower().replace("’", "'")
    with _STEMMING:
        return _token(_stemmer().stemWord(written))


def _pattern(text: str) -> re.Pattern[str]:
    return _WORD_DECOMPOSED if _DECOMPOSED.search(text) else _WORD


def _token(word: str) -> str:
    return "".join(c for c in fold(word) if c.isalnum())


def _singular(word: str) -> str:
    if len(word) < 5:
        return word
    if word.endswith("eaux"):
        return word[:-1]
    if word.endswith("aux"):
        return word[:-2] + "l"
    return word[:-1] if word.endswith(("s", "x")) and not word.endswith(("ss", "us", "is", "eux")) else word


def _masculine(word: str) -> str:
    if word.rstrip("s") in _NOT_AGENTS:
        return word
    return _AGENT_NOUNS.sub(lambda match: "teur" if match["t"] else "eur", word)


@lru_cache(maxsize=1)
def _stemmer() -> "Stemmer":
    from Stemmer import Stemmer

    return Stemmer("french", 0)  # without a cache of its own
