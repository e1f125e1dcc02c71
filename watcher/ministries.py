"""Which ministry a label names, through renamings and reshuffles.

The table of names is data (`watcher/data/ministries.yaml`, and `reference/ministries.yaml` of a home); here is how a label is
held against it. A label is never split on commas: "Ministère auprès de la ministre du travail, de la santé, de la solidarité et
des familles, chargé du travail et de l'emploi" is one ministry, and what it is in charge of comes last.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from watcher import text
from watcher.model import MinistryName

_DAY = timedelta(days=1)
_LONGEST = 600
_ASIDE = re.compile(r"\([^()]*\)")  # "Armées (Mme la SE auprès de la ministre)"
_DASH = re.compile(r"\s[-–—]\s")
_BESIDE = re.compile(r"\bau?pres d(?:e|u|es)\b")  # one misprint is the source's
_CHARGED = re.compile(r"\bcharge(?:e|s|es)? d(?:es|e|u)?\b")
_HEAD = re.compile(r"^\s*(?:du|de la) premiere? ministre,\s*(?=\w)")
_WORD = re.compile(r"[^\W\d_]+")
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])\s?['‘`´]\s?(?=[^\W\d_])")
_BEGINS = re.compile(r"(?:^|(?<=\. ))\w")
_PRIME = re.compile(r"\bpremi(er|ère) ministre\b")
# Words that the decrees on the Government write with a capital wherever they stand.
_PROPER = {
    word.lower(): word for word in ("État", "Europe", "Parlement", "Gouvernement", "France", "Olympiques", "Paralympiques")
} | {"etat": "État"}
_ABBREVIATION = 5  # letters of the longest: PME, TPE, ESS
_AS_WRITTEN = frozenset({"français"})  # the Français who live abroad, or an adjective
_RANK = re.compile(
    r"^(?:(?:m\.|mm\.|mme|mmes|monsieur|madame|le|la|les)\s+)*"
    r"(?:min[is]*teres?|ministres?|secretariats?|secretaires?|haut-commissariats?|hauts?-commissaires?)"
    r"(?:\s+d'etat)?(?:\s+deleguee?s?)?[\s,]*$"
)


def ministry_id(label: str, on: date | None, names: tuple[MinistryName, ...]) -> str | None:
    """Return the identity of the ministry called `label` on the day `on` (None: whenever), None when no name fits.

    A name fits when the label holds all its `words` and none of `without`, folded, and the day lies within its dates. Of those
    that fit, the one whose first word comes earliest in the label is meant (what a ministry is called first, it is first),
    then the one of most words, then the first of the table. What the ministry does itself (`own`) is looked at before the
    whole label.
    """
    table = _Table(names)
    return _ministry_id(label, _turn(on, table) if on else None, table)


def _turn(on: date, table: "_Table") -> date:
    """Return the last day until `on` on which a name of the table begins or has just ended: all names fit both days alike."""
    turns = _turns(table)
    return turns[bisect_right(turns, on) - 1]


@lru_cache(maxsize=8)
def _turns(table: "_Table") -> list[date]:
    begin = {name.since for name in table.names if name.since}
    ended = {name.until + _DAY for name in table.names if name.until and name.until < date.max}
    return sorted({date.min} | begin | ended)


@lru_cache(maxsize=4096)
def _ministry_id(label: str, on: date | None, table: "_Table") -> str | None:
    names = table.names
    for place in _places(label):
        fitting = [
            (place[name.words[0]], -len(name.words), rank, name.id)
            for rank, name in enumerate(names)
            if name.words[0] in place and _fits(name, place, on)
        ]
        if fitting:
            return min(fitting)[3]
    return None


class _Table:
    """A table of names, told from others by its identity: to hash its contents takes longer than to look a label up."""

    def __init__(self, names: tuple[MinistryName, ...]) -> None:
        self.names = names

    def __hash__(self) -> int:
        return id(self.names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Table) and self.names is other.names


@lru_cache(maxsize=4096)
def display(label: str) -> str:
    """Return `label` as readers see it: as the decrees write names of ministries, whichever chamber it comes from.

    A capital begins it and stays on State, Government, Parliament, Europe and the Prime Minister; the rest is small. Apostrophes
    are typographic, blanks single. Abbreviations (PME) stay as they are.
    """
    words = " ".join(label.split())
    shouted = words.isupper() and len(words) > _ABBREVIATION
    words = _APOSTROPHE.sub("’", _WORD.sub(lambda found: _cased(found[0], shouted=shouted), words))
    words = _PRIME.sub(lambda found: f"Premi{found[1]} ministre", words)
    return _BEGINS.sub(lambda found: found[0].upper(), words)


def _cased(word: str, *, shouted: bool) -> str:
    small = word.lower()
    if (proper := _PROPER.get(small)) is not None:
        return proper
    kept = small in _AS_WRITTEN or (1 < len(word) <= _ABBREVIATION and word.isupper())
    return word if kept and not shouted else small


def own(label: str) -> str:
    """Return, folded, the part of a label that says what the ministry does itself, not whom it stands beside.

    "Secrétariat d'État à l'outre-mer, auprès de la ministre de l'intérieur" is about overseas. Where nothing but the neighbour
    is named, its portfolio is the ministry's.
    """
    folded = " ".join(_DASH.sub(" – ", _ASIDE.sub(" ", _plain(label))).split())
    beside = _BESIDE.search(folded)
    if beside is None:
        return folded
    before, after = folded[: beside.start()], folded[beside.start() :]
    if not _RANK.match(before):
        return before.rstrip(" ,")
    if charges := list(_CHARGED.finditer(after)):
        return after[charges[-1].end() :].lstrip()
    return after.rpartition(" – ")[2] if " – " in after else _HEAD.sub("", after.removeprefix("aupres "))


def _fits(name: MinistryName, place: Mapping[str, int], on: date | None) -> bool:
    if on is not None and ((name.since and on < name.since) or (name.until and on > name.until)):
        return False
    return all(word in place for word in name.words) and not any(word in place for word in name.without)


@lru_cache(maxsize=4096)
def _places(label: str) -> tuple[Mapping[str, int], ...]:
    """Return where each word first stands, in the part that is the ministry's own and in the whole label."""
    return tuple({word.text: word.start for word in reversed(text.words(part))} for part in (own(label), _plain(label)))


def _plain(label: str) -> str:
    return text.fold(label[:_LONGEST])
