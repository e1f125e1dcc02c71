"""Themes, concepts and the relevance rule, compiled into one table of terms to look for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from watcher import text
from watcher.model import Term, Theme

# Articles and prepositions are left out of both the terms and the texts: "pénurie de main-d'œuvre", "de la main-d'œuvre".
_LINKS = "le la les l un une des du de d à au aux en"
LINKS = frozenset(_LINKS.split())

# What a mistake costs, where themes.yaml does not say: a reader who misses an item has no second chance to see it; one who
# is shown an item too many loses the time of a glance.
MISS = 2.0
FALSE_ALARM = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A set of terms that several themes share (`relevance.concepts` of seeds/themes.yaml)."""

    id: str
    terms: tuple[Term, ...] = ()
    excludes: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How themes combine into a grade (`relevance` of seeds/themes.yaml).

    `useful` is the probability from which a text is graded 2, None to take the one the model learned; `sure` the one from
    which it may be graded 3, provided that a concept of each tuple of `must_read` is present; `marginal` the one for grade 1.
    `miss` and `false_alarm` are what the two mistakes cost, one beside the other, when thresholds are chosen.
    """

    useful: float | None = None
    sure: float = 0.6
    marginal: float = 0.15
    miss: float = MISS
    false_alarm: float = FALSE_ALARM
    must_read: tuple[tuple[str, ...], ...] = ()
    concepts: tuple[Concept, ...] = ()


class Entry(NamedTuple):
    """One term of one group, ready to be compared with a sequence of words.

    `sign` is +1 for a term that calls for its group and -1 for one that excludes it.
    """

    group: int
    sign: int
    weight: float
    keys: tuple[str, ...]
    exact: tuple[str, ...] | None


class Begun(NamedTuple):
    """The terms that begin with one key, each with its number: those of that word `alone`, the others by their second key,
    the longest first.
    """

    alone: tuple[tuple[int, Entry], ...]
    by_second: dict[str, tuple[tuple[int, Entry], ...]]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All the terms of a seed corpus; `by_first` gives those that begin with the key of a word.

    `groups` names the groups in order: the themes, then the concepts.
    """

    groups: tuple[str, ...]
    entries: tuple[Entry, ...]
    by_first: dict[str, Begun] = field(repr=False)


def compile_terms(themes: Sequence[Theme], rule: Rule, key: Callable[[str], str]) -> Lexicon:
    """Return the table of the terms of `themes` and of the concepts of `rule`; `key` gives the key of a word, empty for
    a link (LINKS).

    Raises ValueError for a term that holds no word at all.
    """
    groups: tuple[Theme | Concept, ...] = (*themes, *rule.concepts)
    entries: list[Entry] = []
    for number, group in enumerate(groups):
        entries += [_entry(number, 1, term, key) for term in group.terms]
        entries += [_entry(number, -1, term, key) for term in group.excludes]
    begun: dict[str, dict[str | None, list[tuple[int, Entry]]]] = {}
    for number, entry in sorted(enumerate(entries), key=lambda numbered: -len(numbered[1].keys)):
        first, *more = entry.keys
        begun.setdefault(first, {}).setdefault(more[0] if more else None, []).append((number, entry))
    by_first = {
        first: Begun(tuple(some.get(None, ())), {second: tuple(those) for second, those in some.items() if second is not None})
        for first, some in begun.items()
    }
    return Lexicon(tuple(group.id for group in groups), tuple(entries), by_first)


def is_searchable(pattern: str) -> bool:
    """Say whether a term holds a word that can be looked for: one at least that is not a link (LINKS)."""
    return any(word.text.lower() not in LINKS for word in text.words(pattern))


def _entry(group: int, sign: int, term: Term, key: Callable[[str], str]) -> Entry:
    words = [word.text for word in text.words(term.pattern) if key(word.text)]
    if not words:
        raise ValueError(f"The term {term.pattern!r} holds no word that can be looked for.")
    return Entry(group, sign, term.weight, tuple(key(word) for word in words), tuple(words) if term.exact else None)
