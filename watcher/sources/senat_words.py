"""How the Sénat writes what its lists and its pages both hold: names of its members, states of questions, days."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from watcher import dates, text, urls
from watcher.model import Member, Question, QuestionStatus

AHEAD = timedelta(days=31)
ZONE = ZoneInfo("Europe/Paris")
_PARTICLES = frozenset({"de", "du", "des", "d'", "d’", "la", "le", "van", "von"})
_DAY_IN = re.compile(r"\b\d{1,2}/\d{1,2}/\d{4}\b")

# The words of a state, folded, in the order in which they decide: "caduque, sans réponse" has lapsed, "sans réponse" waits.
_STATES = (
    (("retire",), QuestionStatus.WITHDRAWN),
    (("caduc", "caduque"), QuestionStatus.LAPSED),
    (("transform", "convert"), QuestionStatus.CONVERTED),
    (("sans reponse", "attente", "cours"), QuestionStatus.OPEN),
    (("reponse", "repondu"), QuestionStatus.ANSWERED),
)


def status_of(label: str) -> QuestionStatus:
    """Return the state that a label of the Sénat means: "Réponse reçue", "En cours", "La question est caduque".

    "Rappelée" and words nobody has seen yet are UNKNOWN: their label stands beside.
    """
    folded = text.fold(label)
    return next((status for marks, status in _STATES if any(mark in folded for mark in marks)), QuestionStatus.UNKNOWN)


def past_day(words: str, *, now: datetime) -> date | None:
    """Return the day that `words` mean, None when it lies more than a month after `now`: the Journal is not dated further."""
    return dates.journal_day(words, until=now.date() + AHEAD)


def day_in(words: str) -> date | None:
    """Return the first day that is written in `words` as 17/07/2025, None when there is none."""
    return next((found for match in _DAY_IN.finditer(words) if (found := dates.journal_day(match[0]))), None)


def address(words: str, base: str | None = None) -> str:
    """Return the address of a page in https (lists say http, the site redirects), empty when it is none."""
    try:
        return urls.canonical(words, base) if words else ""
    except ValueError:
        return ""


def latest(question: Question, *, now: datetime) -> datetime | None:
    """Return the later of the days of question and answer as an instant: a late answer must come back to the reader.

    What lies more than a month after `now` is a slip of the pen and is not looked at.
    """
    found = question.latest_until(now.date() + AHEAD)
    return datetime.combine(found, time(), ZONE).astimezone(UTC) if found else None


def senator(name: str, *, civility: str = "", place: str = "") -> Member:
    """Return the member called `name` ("PLUCHET Kristina" or "Kristina Pluchet"), of `place` ("Eure - Les Républicains").

    Capitals mark the family name, with the particles among them; it comes last and gets its usual letters.
    """
    constituency, _, group = (part.strip() for part in place.partition(" - "))
    words = name.split()
    capitals = [place for place, word in enumerate(words) if _is_capital(word)]
    if capitals and len(capitals) < len(words):
        start, end = capitals[0], capitals[-1] + 1
        while start > 0 and words[start - 1].lower() in _PARTICLES:
            start -= 1
        words = [*words[:start], *words[end:], *words[start:end]]
    return Member(name=" ".join(map(_usual, words)), civility=civility, group=group, constituency=constituency)


def _is_capital(word: str) -> bool:
    letters = [letter for letter in word if letter.isalpha()]
    return len(letters) > 1 and all(letter.isupper() for letter in letters) and "." not in word


def _usual(word: str) -> str:
    if not _is_capital(word):
        return word
    return re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), word)
