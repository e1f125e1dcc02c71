"""How both chambers number their questions, and the addresses that carry the numbers: each known form leads to a key.

What identifies a question stands at the end of the path, whatever the host: both chambers changed hosts, pages are mirrored
under other names (several subdomains of senat.fr serve the same pages), and both dropped http.
"""

import re
from datetime import date
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from watcher import legislatures
from watcher.model import Chamber, Question

# https://www.senat.fr/questions/base/2024/qSEQ241000719.html, basile/visio.do?id=qSEQ16030791G
_SENAT = re.compile(r"qSEQ(?P<year>\d\d)(?P<month>\d\d)(?P<number>\d{5}|\d{4}[A-Z])(?:\.html?)?", re.IGNORECASE | re.ASCII)
# /dyn/17/questions/QANR5L17QE6139, ...QE6139.pdf, json/QANR5L17QE6139.json
_ASSEMBLEE = re.compile(
    r"QANR5L(?P<legislature>\d{1,2})(?P<kind>[A-Z]{2,4})(?P<number>\d+)(?:\.(?:pdf|html?|json|xml))?", re.IGNORECASE | re.ASCII
)
# /q17/17-2634QE.htm, /q14/14-47351QE.htm/vue/xml
_ASSEMBLEE_OLD = re.compile(r"(?P<legislature>\d{1,2})-(?P<number>\d+)(?P<kind>[A-Z]{2,4})\.html?", re.IGNORECASE | re.ASCII)
_KEY = "question:"
_LETTERS = {"": "QE", "S": "QOSD", "G": "QG"}

# A number below this, in the month a legislature begins or the one after, is the new legislature's: the Sénat goes on counting
# for days or weeks (n° 28479 on 30 June 2022, eight days into the 16th), and no legislature ended below these.
_FEW = {"QE": 3_000, "QOSD": 300, "QG": 200}
_VERY_FEW = 10


class Numbered(NamedTuple):
    """What a reference of the Sénat says: `qSEQ` YY MM number letter. `number` has no leading zeros and no letter."""

    legislature: int
    kind: str
    number: str


def is_key(words: str) -> bool:
    """Say whether `words` are the key of a question ("question:senat:17:QE:719"), as documents and links hold it."""
    return words.startswith(_KEY)


def address_key(url: str) -> str | None:
    """Return the key of the question whose page `url` is ("question:senat:17:QE:719"), None when it is no question's.

    A reference alone ("qSEQ241000719", "QANR5L17QE6139"), or the path of a member of an archive, is read too.
    """
    if (found := senat_reference(url)) is not None:
        return Question(chamber=Chamber.SENAT, legislature=found.legislature, kind=found.kind, number=found.number).key
    for part in _parts(url):
        match = _ASSEMBLEE.fullmatch(part) or _ASSEMBLEE_OLD.fullmatch(part)
        if match is not None:
            number = match["number"].lstrip("0")
            legislature, kind = int(match["legislature"]), match["kind"].upper()
            return Question(chamber=Chamber.ASSEMBLEE, legislature=legislature, kind=kind, number=number).key if number else None
    return None


def senat_reference(url: str) -> Numbered | None:
    """Return what the reference of the Sénat in `url` says, None when there is none or its letter is unknown."""
    match = next((found for part in _parts(url) if (found := _SENAT.fullmatch(part))), None)
    if match is None:
        return None
    figures = match["number"].upper()
    letter = figures[-1] if figures[-1].isalpha() else ""
    number, month = figures.removesuffix(letter).lstrip("0"), int(match["month"])
    kind = _LETTERS.get(letter)
    if kind is None or not number or not 1 <= month <= 12:
        return None
    year = int(match["year"]) + (1900 if int(match["year"]) >= 78 else 2000)  # the base begins in 1978
    legislature = senat_legislature(date(year, month, 1), kind, number)
    return Numbered(legislature, kind, number) if legislature is not None else None


def senat_legislature(published: date, kind: str, number: str) -> int | None:
    """Return the legislature under which the Sénat counted a question of the month of `published`; None before the table.

    The day is not looked at, so that an address, which has none, and a listing agree. Between a dissolution and the next
    legislature the numbers go on.
    """
    first = published.replace(day=1)
    current = legislatures.last_begun(_last_day_of_month(first))
    if current is None:
        return None
    began = current.begins.replace(day=1)
    older = legislatures.of(current.number - 1)
    if older is None or first not in (began, _month_after(began)):
        return current.number
    return current.number if int(number) < _FEW.get(kind, _VERY_FEW) else older.number


def _month_after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _last_day_of_month(first: date) -> date:
    return date.fromordinal(_month_after(first).toordinal() - 1)


def _parts(url: str) -> list[str]:
    """Return what may name a question in an address: the segments of its path from the last, and the value of `id`."""
    try:
        parts = urlsplit(url.strip())
        ids = parse_qs(parts.query).get("id", [])
    except ValueError:  # brackets that hold no IPv6 address, or more fields than anybody sends
        return []
    return [*(segment for segment in reversed(parts.path.split("/")) if segment), *ids][:20]
