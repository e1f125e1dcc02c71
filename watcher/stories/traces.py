"""What is compared of a document: its words, its title's, and the facts that tell two like texts apart."""

import re
import unicodedata
from datetime import timedelta
from functools import cache, cached_property

from watcher import text
from watcher.model import Candidate

WINDOW = timedelta(days=21)

_READ = 1000  # characters of a text that are compared: copies are cut at the end, and the time this takes grows with them
_LEAD = 600
_LEAD_WORDS = 80  # as many, or nearly
_STEM = 5
_RUN = 5

_NAME = re.compile(r"(?<=[^\W_] )(?:[dlDL]['’])?([A-ZÀ-Þ][^\W\d_]{2,})|(?<=[dlDL]['’])([A-ZÀ-Þ][^\W\d_]{2,})")
# These two begin with what is rare, not with a look behind: where nothing is found, a tenth of the time.
_ACRONYM = re.compile(r"[A-ZÀ-Þ](?<!\w[A-ZÀ-Þ])[A-ZÀ-Þ]{1,2}\b")
_THOUSANDS = re.compile(r"(\d)[\s\u00a0\u202f.](?=\d{3}\b)")
_NUMBER = re.compile(r"\d+(?:,\d+)?")
_MONTHS = frozenset(
    ("janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre", "decembre")
)


class Trace:
    """What is compared of a document, worked out once and only when asked for. `words` are beginnings, five letters long."""

    def __init__(self, candidate: Candidate) -> None:
        document = candidate.document
        self.key = document.key
        self.title = document.title
        self.body = (document.text or document.summary)[:_READ]
        self.when = document.published_at or document.recorded_at
        self.recorded_at = document.recorded_at
        self.source = document.source_id

    @cached_property
    def tokens(self) -> list[str]:
        """The folded words of the text, in order."""
        return _tokens(self.body)

    @cached_property
    def runs(self) -> list[str]:
        """Each run of five words: what near-copies share."""
        tokens = self.tokens
        return list(map(" ".join, zip(*(tokens[start:] for start in range(_RUN)), strict=False)))

    @cached_property
    def shingles(self) -> frozenset[str]:
        """The runs, each once."""
        return frozenset(self.runs)

    @cached_property
    def title_tokens(self) -> list[str]:
        """The folded words of the title, in order."""
        return _tokens(self.title)

    @cached_property
    def title_words(self) -> frozenset[str]:
        """The title's words that carry meaning: four letters and more, and acronyms."""
        return _telling(self.title_tokens, self.title)

    @cached_property
    def words(self) -> frozenset[str]:
        """Such words of the title and of the text."""
        return self.title_words | _telling(self.tokens, self.body)

    @cached_property
    def lead_tokens(self) -> list[str]:
        """The folded words of how the text begins, in order."""
        return self.tokens[:_LEAD_WORDS]

    @cached_property
    def lead(self) -> frozenset[str]:
        """Such words of how the text begins."""
        return _telling(self.lead_tokens, self.body[:_LEAD])

    @cached_property
    def sorted_title(self) -> str:
        """The title's words that carry meaning in alphabetical order: titles are turned around more than they are reworded.

        Short as they are, hundreds are compared with thousands at a time: under 64 characters, the library does several at once.
        """
        return " ".join(sorted(self.title_words))

    @cached_property
    def names(self) -> frozenset[str]:
        """The names in the title and in how the text begins: capitals that do not open a sentence."""
        return self.title_names | _names(self.body[:_LEAD])

    @cached_property
    def title_facts(self) -> frozenset[str]:
        """What tells a title from a like one: figures, months and names."""
        return _figures(self.title, self.title_tokens) | self.title_names

    @cached_property
    def title_names(self) -> frozenset[str]:
        """The names in the title."""
        return _names(self.title)

    @cached_property
    def lead_figures(self) -> frozenset[str]:
        """The figures and months of how the text begins."""
        return _figures(self.body[:_LEAD], self.lead_tokens)

    @cached_property
    def lead_facts(self) -> frozenset[str]:
        """The title's facts, with the figures and months of how the text begins."""
        return self.title_facts | self.lead_figures

    @cached_property
    def facts(self) -> frozenset[str]:
        """Every figure, month and word that this document could bear a fact of another one out with."""
        beginnings = (token[:_STEM] for token in (*self.title_tokens, *self.tokens))
        return _figures(f"{self.title} {self.body}", self.title_tokens + self.tokens) | frozenset(beginnings)


def _tokens(passage: str) -> list[str]:
    """Return the words of `passage` in lower case without accents.

    Latin letters and figures only, through one table of bytes: a tenth of the time of `text.fold`, of which a week takes
    thousands, and what is left out is left out of both texts.
    """
    latin = passage.replace("œ", "oe").replace("Œ", "oe").encode("latin-1", "replace")
    return latin.translate(_table()).decode("ascii").split()


@cache
def _table() -> bytes:
    plain = (unicodedata.normalize("NFKD", chr(code)).lower()[:1] for code in range(256))
    return "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in plain).encode("ascii")


def _telling(tokens: list[str], passage: str) -> frozenset[str]:
    acronyms = map(text.fold, _ACRONYM.findall(passage))
    return frozenset([token[:_STEM] for token in set(tokens) if len(token) >= 4]).union(acronyms)


def _names(passage: str) -> frozenset[str]:
    return frozenset(text.fold(match[1] or match[2])[:_STEM] for match in _NAME.finditer(passage))


def _figures(passage: str, tokens: list[str]) -> frozenset[str]:
    """Return the numbers of `passage`, their groups of thousands joined, and the months among its `tokens`."""
    return frozenset(_NUMBER.findall(_THOUSANDS.sub(r"\1", passage))) | _MONTHS.intersection(tokens)
