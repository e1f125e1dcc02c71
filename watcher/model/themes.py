"""Themes, the seed corpus, what the classifier says, and what people say of that."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word or phrase of a theme; `exact` keeps case and accents (`IA`). Weights of excluding terms count against it."""

    pattern: str
    weight: float = 1.0
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One theme of seeds/themes.yaml. `threshold` overrides the one the model chose; None leaves it."""

    id: str
    label: str
    description: str
    weight: float = 1.0
    colour: str = "#334155"
    threshold: float | None = None
    terms: tuple[Term, ...] = ()
    excludes: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """One record of seeds/*.md: an account, in our own words, of a document that defines what is followed."""

    id: str
    title: str
    publisher: str
    date: date
    url: str
    themes: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One labelled text of seeds/examples.jsonl, or one correction by staff."""

    id: str
    kind: str
    title: str
    text: str
    themes: tuple[str, ...]
    maybe: tuple[str, ...] = ()
    relevance: int
    ambiguous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A term that moved a score. `start` and `end` are character offsets in the title or the text, as `field` says."""

    term: str
    start: int
    end: int
    weight: float
    field: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedMatch:
    """The passage of the seed corpus that is nearest to a text. `similarity` is a cosine in [0, 1]."""

    id: str
    passage: str
    similarity: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeScore:
    """The verdict on one theme: a probability, the threshold it is held against, and the reasons."""

    theme: str
    score: float
    on: bool
    threshold: float
    evidence: tuple[Evidence, ...] = ()
    seed: SeedMatch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the classifier says of one text. `relevance` is 0 to 3 (see docs/classification.md), `score` its probability."""

    relevance: int
    score: float
    themes: tuple[ThemeScore, ...]
    language: str
    classifier: str

    @property
    def on(self) -> tuple[str, ...]:
        """The ids of the themes above their threshold, best first."""
        return tuple(t.theme for t in sorted(self.themes, key=lambda t: -t.score) if t.on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What is kept of a text that somebody labelled, so that it can be learned from when its text is gone.

    `dense` are the numbers that the classifier read in it, by name, zeros left out. `words` counts its words by bucket: a
    bucket is shared by many words and their order is not kept, so that no sentence can be made again. `version` is that of
    the code that read it.
    """

    version: int
    dense: Mapping[str, float]
    words: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a person says of one version of a document: `value` tells whether it is of `theme`.

    `theme` is the id of a theme, or `relevance` for whether it belongs in a digest. `fingerprint` is that of the version that
    the person read. There is one label for each document, fingerprint, theme and author: the last one given.
    """

    document: str
    fingerprint: str
    theme: str
    value: bool
    author: str
    labelled_at: datetime
    features: Features
