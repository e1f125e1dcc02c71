"""Stories: which documents tell the same news, in several outlets or under several addresses.

Two ways to be the same: near-copies of a text (MinHash over runs of five words), and like titles whose words and figures
each text bears out. Both are cautious, for a wrong merge hides an article from its readers and a missed one only repeats it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from watcher import text
from watcher.model import Candidate, Story

WINDOW = timedelta(days=21)

_PERMUTATIONS = 128
_BANDS = 32
_COPY = 0.6  # Jaccard index of shingles from which two texts are copies
_COPY_OTHERWISE = 0.9  # a monthly barometer shares its sentences with last month's, not its figures
_FEWEST_SHINGLES = 30
_READ = 1800  # characters of a text that are compared: copies are cut at the end, and the time this takes grows with them
_LIKE_TITLES = 65.0  # token sort ratio, 0 to 100
_BORNE_OUT = 0.7  # share of a title's words that the other document must hold
_LIKE_LEADS = 0.3  # Jaccard index of the words of the two beginnings
_FEWEST_TITLE_WORDS = 3
_LEAD = 600
_STEM = 5

_NAME = re.compile(r"(?<=[^\W_] )(?:[dlDL]['’])?([A-ZÀ-Þ][^\W\d_]{2,})|(?<=[dlDL]['’])([A-ZÀ-Þ][^\W\d_]{2,})")
_THOUSANDS = re.compile(r"(?<=\d)[\s\u00a0\u202f.](?=\d{3}\b)")
_NUMBER = re.compile(r"\d+(?:,\d+)?")
_MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_MONTH = re.compile(rf"\b(?:{_MONTHS})\b", re.IGNORECASE)


def group(candidates: Iterable[Candidate], known: Sequence[Candidate]) -> tuple[Story, ...]:
    """Return the stories that `candidates` tell, alone or with documents of `known`, each candidate in exactly one.

    A story's id is the key of its oldest document, or the id that document's story already has: a merge keeps the older id.
    Only documents less than 21 days apart are compared, and only those that some theme is about (relevance above 0).
    """
    wanted = {candidate.document.key: candidate for candidate in candidates}
    everything = {candidate.document.key: candidate for candidate in known} | wanted
    oldest_first = sorted(everything.values(), key=_age)
    union = _Union(candidate.document.key for candidate in oldest_first)
    first_of: dict[str, str] = {}
    for candidate in oldest_first:
        if candidate.story_id is not None:
            union.join(first_of.setdefault(candidate.story_id, candidate.document.key), candidate.document.key)
    texts = [_Text(candidate) for candidate in oldest_first if candidate.verdict.relevance > 0]
    for one, other in _copies(texts):
        union.join(one.key, other.key)
    for one, other in _same_news(texts):
        union.join(one.key, other.key)
    stories: list[Story] = []
    for keys in union.groups():
        if any(key in wanted for key in keys):
            oldest = everything[keys[0]]
            stories.append(Story(id=oldest.story_id or oldest.document.key, keys=tuple(keys)))
    return tuple(stories)


def _age(candidate: Candidate) -> tuple[datetime, datetime, str]:
    """Return what "oldest" goes by: when we first stored it, which nobody can move, then its own date."""
    document = candidate.document
    return (document.recorded_at, document.published_at or document.recorded_at, document.key)


class _Text:
    """What is compared of a document, worked out once and only when asked for."""

    def __init__(self, candidate: Candidate) -> None:
        document = candidate.document
        self.key = document.key
        self.title = document.title
        self.body = (document.text or document.summary)[:_READ]
        self.when = document.published_at or document.recorded_at
        self.source = document.source_id

    @cached_property
    def shingles(self) -> frozenset[int]:
        return text.shingles(self.body)

    @cached_property
    def title_words(self) -> frozenset[str]:
        return _content(self.title)

    @cached_property
    def words(self) -> frozenset[str]:
        return self.title_words | _content(self.body)

    @cached_property
    def lead(self) -> frozenset[str]:
        return _content(self.body[:_LEAD])

    @cached_property
    def folded_title(self) -> str:
        return " ".join(sorted(text.fold(word.text) for word in text.words(self.title)))

    @cached_property
    def title_facts(self) -> frozenset[str]:
        return _facts(self.title)

    @cached_property
    def facts(self) -> frozenset[str]:
        """Every figure, month and word that this document could bear a fact of another one out with."""
        passage = f"{self.title} {self.body}"
        return _figures(passage) | {text.fold(word.text)[:_STEM] for word in text.words(passage)}

    @cached_property
    def lead_facts(self) -> frozenset[str]:
        return self.title_facts | _figures(self.body[:_LEAD])


def _copies(texts: Sequence[_Text]) -> Iterable[tuple[_Text, _Text]]:
    """Yield the pairs whose texts are near-copies: found by their signatures, checked on the shingles themselves."""
    long = [t for t in texts if len(t.shingles) >= _FEWEST_SHINGLES]
    if len(long) < 2:
        return
    from rensa import RMinHash, RMinHashLSH  # a compiled library: 2 ms, but only where there is something to compare

    index = RMinHashLSH(threshold=_COPY, num_perm=_PERMUTATIONS, num_bands=_BANDS)
    for number, one in enumerate(long):
        signature = RMinHash(num_perm=_PERMUTATIONS, seed=42)
        signature.update([shingle.to_bytes(8) for shingle in one.shingles])
        for candidate in sorted(index.query(signature)):
            other = long[candidate]
            likeness = len(one.shingles & other.shingles) / len(one.shingles | other.shingles)
            needed = _COPY_OTHERWISE if _at_odds(one, other) else _COPY
            if likeness >= needed and abs(one.when - other.when) <= WINDOW:
                yield other, one
        index.insert(number, signature)


def _same_news(texts: Sequence[_Text]) -> Iterable[tuple[_Text, _Text]]:
    """Yield the pairs of different outlets whose titles are alike and each borne out by the other's text."""
    titled = [t for t in texts if len(t.title_words) >= _FEWEST_TITLE_WORDS]
    if len(titled) < 2:
        return
    from rapidfuzz import fuzz, process

    titles = [t.folded_title for t in titled]
    for number, one in enumerate(titled):
        found = process.extract(titles[number], titles[:number], scorer=fuzz.ratio, score_cutoff=_LIKE_TITLES, limit=None)
        for _, _, index in found:
            other = titled[index]
            if one.source != other.source and abs(one.when - other.when) <= WINDOW and _agree(one, other):
                yield other, one


def _agree(one: _Text, other: _Text) -> bool:
    return _bears_out(one, other) and _bears_out(other, one) and _alike(one.lead, other.lead)


def _bears_out(one: _Text, other: _Text) -> bool:
    """Tell whether `one` holds the words of the other's title, and all its facts: another place, another month, fail."""
    words = other.title_words
    return len(words & one.words) / len(words) >= _BORNE_OUT and other.title_facts <= one.facts


def _at_odds(one: _Text, other: _Text) -> bool:
    """Tell whether each of two like texts begins with facts that the other does not know of."""
    return bool(one.lead_facts - other.facts) and bool(other.lead_facts - one.facts)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return not one or not other or len(one & other) / len(one | other) >= _LIKE_LEADS


def _content(passage: str) -> frozenset[str]:
    """Return the beginnings of the words that carry meaning: four letters and more, and acronyms."""
    words = (word.text for word in text.words(passage))
    return frozenset(text.fold(word)[:_STEM] for word in words if len(word) >= 4 or (len(word) > 1 and word.isupper()))


def _facts(passage: str) -> frozenset[str]:
    """Return what tells two like sentences apart: figures, months, and names (capitals that do not open a sentence)."""
    named = {text.fold(match[1] or match[2])[:_STEM] for match in _NAME.finditer(passage)}
    return _figures(passage) | named


def _figures(passage: str) -> frozenset[str]:
    """Return the numbers of `passage`, their groups of thousands joined, and its months."""
    joined = _THOUSANDS.sub("", passage)
    return frozenset(_NUMBER.findall(joined)) | frozenset(text.fold(month) for month in _MONTH.findall(passage))


class _Union:
    """Disjoint sets of keys, given oldest first; each set keeps that order."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._parent: dict[str, str] = {key: key for key in keys}
        self._age: Mapping[str, int] = {key: age for age, key in enumerate(self._parent)}

    def join(self, one: str, other: str) -> None:
        first, second = sorted((self._root(one), self._root(other)), key=self._age.__getitem__)
        self._parent[second] = first

    def groups(self) -> list[list[str]]:
        members: dict[str, list[str]] = {}
        for key in self._parent:
            members.setdefault(self._root(key), []).append(key)
        return list(members.values())

    def _root(self, key: str) -> str:
        while self._parent[key] != key:
            self._parent[key] = self._parent[self._parent[key]]
            key = self._parent[key]
        return key
