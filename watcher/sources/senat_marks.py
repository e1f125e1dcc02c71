"""The marks that tell the life of a question on its page, followed line by line.

A mark is a whole line: the same words inside a sentence of a senator or a minister are text.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from enum import Enum, auto

from watcher import dates, numbering
from watcher.model import Answer, Ministry, QuestionStatus, Transfer
from watcher.sources import senat_words
from watcher.sources.senat_found import Found
from watcher.sources.senat_lines import Line

_DATE = r"(?P<date>\d{1,2}/\d{1,2}/\d{4})"
_NUMBER = r"n\s?[°ºo]\s?(?P<number>\d+)\s?[A-Z]?"
_OF = r"(?:du |de la |de l['’]\s?|des |de )"
_TO = r"(?:à (?:M\.|Mme) (?:le |la |l['’]\s?)?|au |aux |à la |à l['’]\s?|à )"
_HEAD = re.compile(
    rf"Question (?:[^()]{{0,80}}?\b{_NUMBER}\b[^()]{{0,60}}? )?de (?P<civility>M\.|Mme|Mlle) (?P<name>[^()]{{2,80}}?)"
    rf"(?: ?\((?P<place>.{{2,160}})\))?(?:,? publiée?\b[^\d]{{0,60}}{_DATE}(?: ?-? ?page (?P<page>\d+))?)?"
)
_CAPTION = re.compile(rf"(?:Question [^.]{{0,80}}{_NUMBER})?(?: ?-? ?\d+(?:e|ème) législature)?")
_PUBLISHED = re.compile(rf"(?:publiée?|JO)\b[^\d]{{0,60}}{_DATE}(?: ?-? ?page (?P<page>\d+))?", re.IGNORECASE)
_PAGE = re.compile(r"(?P<before>.* )?[-–—] ?page (?P<page>\d+)", re.DOTALL)
_SITTING = re.compile(rf"(?:Question posée|Réponse apportée) en séance publique le {_DATE}")
_THEME = re.compile(r"Concerne le thème ?: ?(?P<theme>.{2,120})")
_RECALLS = re.compile(rf"Rappelle la question (?:\w+ )?{_NUMBER}\b.{{0,160}}")
_ERRATUM = re.compile(rf"Erratum\b[^\d]{{0,60}}{_DATE}.{{0,60}}")
_TRANSMITTED = re.compile(rf"Transmise? {_TO}(?P<ministry>.{{3,300}})")
_WAITING = re.compile(rf"En attente de réponse {_OF}(?P<ministry>.{{3,300}})")
_CONVERTED = re.compile(r"Transformée? en .{2,120}")
_ENDED = re.compile(r"(?:La|Cette) question (?:est|a été) .{3,160}")
_ANSWER = re.compile(rf"Réponse {_OF}(?P<ministry>.{{3,300}}?)(?: publiée?\b[^\d]{{0,60}}{_DATE}(?: ?-? ?page (?P<page>\d+))?)?")
_ENDINGS = frozenset({QuestionStatus.WITHDRAWN, QuestionStatus.LAPSED, QuestionStatus.CONVERTED})


class _At(Enum):
    """Where on the page we are. BETWEEN is after the question's text, where what became of it stands."""

    BEFORE = auto()
    QUESTION = auto()
    BETWEEN = auto()
    ANSWER = auto()
    AFTER = auto()


def follow(lines: Sequence[Line]) -> Found:
    """Return what the lines of a page say of its question; its `author` is None when they are no question's."""
    reader = _Reader()
    plain = [replace(line, text=" ".join(line.text.split())) for line in lines]  # no-break spaces are blanks to a pattern
    for place, line in enumerate(plain):
        following = plain[place + 1] if place + 1 < len(plain) else None
        if not reader.take(line, lines[place].text, following):
            break
    return reader.done()


class _Reader:
    def __init__(self) -> None:
        self.found = Found()
        self._at = _At.BEFORE

    def take(self, line: Line, shown: str, following: Line | None) -> bool:
        """Follow one line, `shown` as it stands on the page. Say whether the page goes on."""
        head = _HEAD.fullmatch(line.text)
        if self._at is _At.BEFORE:
            if head is not None:
                self._begin(head)
            elif line.level == 1:
                self.found.title = shown
            return True
        if line.text.startswith("Page mise à jour"):
            return False
        if head is not None and (head["date"] or line.level):
            self.found.several = True
            return False
        if not (self._place(line) or self._state(line) or self._answer(line, following)):
            self._text(shown)
        return True

    def done(self) -> Found:
        """Return what was found. An old page says last, right under the text, how a question ended: in words nobody knows too."""
        found = self.found
        if self._at is _At.QUESTION and len(found.text) > 1 and len(found.text[-1]) <= 80 and _ENDED.fullmatch(found.text[-1]):
            found.label = found.text.pop()
        return found

    def _begin(self, head: re.Match[str]) -> None:
        found = self.found
        found.author = senat_words.senator(head["name"], civility=head["civility"], place=head["place"] or "")
        found.number = (head["number"] or "").lstrip("0")
        found.asked_on, found.page = _day(head), head["page"]
        self._at = _At.QUESTION

    def _text(self, words: str) -> None:
        """Keep a line of a text. Today's form closes each text with its page, after which nothing is text."""
        if self._at is _At.QUESTION:
            self.found.text.append(words)
        elif self._at is _At.ANSWER:
            self.found.answer_text.append(words)

    def _place(self, line: Line) -> bool:
        """Read where and when a question or an answer was published, put or filed."""
        found, words = self.found, line.text
        if match := _SITTING.fullmatch(words):
            found.sitting_on = found.sitting_on or _day(match)
        elif match := _ERRATUM.fullmatch(words):
            found.errata += [day for day in (_day(match),) if day]
        elif self._at is _At.QUESTION and not found.text and (match := _THEME.fullmatch(words)):
            found.rubric = match["theme"]
        elif self._at is not _At.ANSWER and (match := _RECALLS.fullmatch(words)):
            found.recalls = _linked(line)
        elif match := _PUBLISHED.fullmatch(words):
            return self._dated(match)
        elif match := _PAGE.fullmatch(words):
            return self._closed(match)
        else:
            return not found.text and self._at is _At.QUESTION and _CAPTION.fullmatch(words) is not None
        return True

    def _closed(self, match: re.Match[str]) -> bool:
        """Close the text of a question or of an answer: "- page 3506"."""
        if self._at not in (_At.QUESTION, _At.ANSWER):
            return False
        if match["before"]:
            self._text(match["before"].strip())
        if self._at is _At.QUESTION:
            self.found.page, self._at = match["page"], _At.BETWEEN
        elif self.found.answer is not None:
            self.found.answer, self._at = replace(self.found.answer, page=match["page"]), _At.AFTER
        return True

    def _dated(self, match: re.Match[str]) -> bool:
        """Date a question or an answer from the line under its heading: "publiée dans le JO Sénat du 03/10/2013 - page 2876"."""
        found = self.found
        if self._at is _At.QUESTION and not found.text:
            found.asked_on, found.page = found.asked_on or _day(match), match["page"] or found.page
        elif self._at is _At.ANSWER and found.answer is not None and not found.answer_text:
            page = match["page"] or found.answer.page
            found.answer = replace(found.answer, published_on=found.answer.published_on or _day(match), page=page)
        else:
            return False
        return True

    def _state(self, line: Line) -> bool:
        """Read what became of a question, under its text. On old pages that is also where the text ends."""
        found, words = self.found, line.text
        if self._at is _At.ANSWER:
            return False
        if match := _TRANSMITTED.fullmatch(words):
            found.transfers.append(Transfer(to=Ministry(label=match["ministry"].rstrip(" ."))))
        elif match := _WAITING.fullmatch(words):
            found.waiting = Ministry(label=match["ministry"].rstrip(" ."))
            if not found.ended:
                found.status = QuestionStatus.OPEN
        elif _CONVERTED.fullmatch(words):
            found.status, found.label, found.converted_to = QuestionStatus.CONVERTED, words, _linked(line)
        elif _ENDED.fullmatch(words) and (self._at is not _At.QUESTION or senat_words.status_of(words) in _ENDINGS):
            found.status, found.label = senat_words.status_of(words), words
            found.closed_on = senat_words.day_in(words)
        else:
            return False
        if self._at is _At.QUESTION:
            self._at = _At.BETWEEN
        return True

    def _answer(self, line: Line, following: Line | None) -> bool:
        """Read the heading of the answer: dated today, a heading or followed by its date before."""
        match = _ANSWER.fullmatch(line.text)
        if match is None or self.found.answer is not None:
            return False
        dated = match["date"] or (following is not None and _PUBLISHED.fullmatch(following.text))
        if not dated and not line.level:
            return False
        ministry = Ministry(label=match["ministry"].rstrip(" ."))
        self.found.answer = Answer(published_on=_day(match), page=match["page"], ministry=ministry)
        self._at = _At.ANSWER
        return True


def _day(match: re.Match[str]) -> date | None:
    return dates.journal_day(match["date"] or "")


def _linked(line: Line) -> str | None:
    """Return the key of the question that a line leads to, else its first address, None when it leads nowhere."""
    keys = (numbering.address_key(link) for link in line.links)
    return next((key for key in keys if key), None) or next(iter(line.links), None)
