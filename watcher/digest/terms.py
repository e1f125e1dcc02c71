"""How many stories hold each term: words and pairs of words, counted by their dictionary forms."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from watcher import text
from watcher.model import Document

_BEGINNING = 400  # characters of each text that are counted
_SHORTEST = 4
_MOST_BETWEEN = 12  # characters between the words of a pair: "prise en charge", no further
_APART = re.compile(r"[.,;:!?()«»\n]")
_COMMON = """
annee an mois semaine jour janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre lundi mardi
mercredi jeudi vendredi samedi dimanche aujourd hier demain nouveau premier dernier autre meme plus moins tres bien encore deja
toujours aussi alors ainsi apres avant depuis pendant selon lors contre entre sans sous vers chez faire etre avoir pouvoir devoir
vouloir aller venir mettre prendre donner dire savoir voir permettre annoncer presenter publier indiquer preciser partir grand
dans avec pour comme elle leur notre votre cela celui ceux dont quand quel tous toute parce tandis afin notamment cette
petit fort seul tout plusieurs certain chaque nombre part fois cas point milieu euro million milliard cent mille article
dossier actualite communique presse information page lire suite france francais
"""
_LEFT_OUT = frozenset(_COMMON.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The count of `stories`, and of those that hold each term. `titled` are the terms that stand in a title.

    `held` has, for each story, the theme it is filed under and its terms as they are written there.
    """

    counts: Counter[str]
    titled: frozenset[str]
    held: tuple[tuple[str, dict[str, str]], ...]

    @property
    def stories(self) -> int:
        """How many stories were counted."""
        return len(self.held)

    def form(self, term: str) -> str:
        """Return how texts write `term`: its most frequent form, one without a capital before one with."""
        forms = Counter(_form(terms[term]) for _, terms in self.held if term in terms)
        return min(forms.items(), key=lambda item: (-item[1], item[0][:1].isupper(), len(item[0]), item[0]))[0]

    def themes(self, term: str) -> tuple[str, ...]:
        """Return the themes of the stories that hold `term`."""
        return tuple(dict.fromkeys(theme for theme, terms in self.held if term in terms))


def tally(stories: Iterable[tuple[str, Document]]) -> Tally:
    """Count the terms in the title and the beginning of each document; each comes with the theme it is filed under."""
    counts: Counter[str] = Counter()
    titled: set[str] = set()
    held: list[tuple[str, dict[str, str]]] = []
    for theme, document in stories:
        in_title = terms(text.clean_line(document.title))
        titled |= in_title.keys()
        found = terms((document.text or document.summary)[:_BEGINNING]) | in_title
        counts.update(found.keys())
        held.append((theme, found))
    return Tally(counts=counts, titled=frozenset(titled), held=tuple(held))


def terms(passage: str) -> dict[str, str]:
    """Return the terms of `passage`, each as it is written there: words that carry meaning, and neighbours among them."""
    found: dict[str, str] = {}
    before: tuple[str, int, int] | None = None
    for word, start, end in text.spans(passage):
        lemma = _term(word)
        if lemma is None:
            continue
        found.setdefault(lemma, word)
        if before is not None and start - before[2] <= _MOST_BETWEEN and not _APART.search(passage, before[2], start):
            pair = f"{before[0]} {lemma}"
            if pair not in found:
                found[pair] = passage[before[1] : end]
        before = (lemma, start, end)
    return found


@lru_cache(maxsize=16_384)
def _term(word: str) -> str | None:
    """Return the dictionary form of `word`; None when it carries no meaning."""
    lemma = text.lemma(word)
    return lemma if _telling(word, lemma) else None


def _telling(word: str, lemma: str) -> bool:
    if word.isupper():
        return len(word) > 1 and not any(character.isdigit() for character in word)
    return len(lemma) >= _SHORTEST and lemma not in _LEFT_OUT and lemma.isalpha()


def _form(words: str) -> str:
    """Return `words` as inside a sentence: a capital stays where it is not the first letter of a plain word."""
    first, space, rest = words.partition(" ")
    return (first if first[1:2].isupper() or not first[1:].islower() else first.lower()) + space + rest
