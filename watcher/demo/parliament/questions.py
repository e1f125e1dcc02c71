"""Date the questions at an anchor: what each of them is, issue after issue of the Journal officiel."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from string import Template

from watcher.demo import moments
from watcher.demo.parliament import drafts
from watcher.demo.parliament.drafts import Draft
from watcher.demo.parliament.names import DEPUTIES, MINISTRIES, SENATORS, Person
from watcher.legislatures import LEGISLATURES
from watcher.model import Answer, Chamber, Ministry, Question, QuestionStatus, Transfer

LEGISLATURE = LEGISLATURES[-1].number
LAST_ISSUE = 1
"""The number of the last issue that the demo prints; it begins with issue 0."""

_ISSUE_WEEKDAY = {Chamber.SENAT: 3, Chamber.ASSEMBLEE: 1}
_LETTERS = {"QE": "", "QOSD": "S", "QG": "G"}
_STATES = {state.value: state for state in QuestionStatus}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One question as it stands, and what its writer alone knows.

    `question` is what a careful reader should make of the chamber's data: tests compare with it. `code` is the Assemblée's
    closing code, `decree` that a decree moved the question to another ministry, `linked` the question that this one recalls
    or became.
    """

    slug: str
    question: Question
    person: Person
    themes: tuple[str, ...]
    older: bool
    quirks: frozenset[str]
    code: str
    decree: bool
    erratum_page: str
    linked: Question | None = None


def entries(chamber: Chamber, base: str, now: datetime, issue: int) -> tuple[Entry, ...]:
    """Return the questions of `chamber` as of `issue`, newest first, with the addresses of their pages under `base`."""
    mine = [draft for draft in drafts.load().values() if draft.chamber == chamber]
    made = {draft.slug: _entry(draft, chamber, base, now, issue) for draft in mine}
    linked = [_linked(draft, made) for draft in mine]
    return tuple(sorted(linked, key=lambda entry: (_asked(entry.question), entry.question.number), reverse=True))


def issue_day(chamber: Chamber, now: datetime) -> date:
    """Return the day of the last issue: Thursdays for the Sénat, Tuesdays for the Assemblée."""
    today = now.astimezone(moments.PARIS).date()
    return today - timedelta(days=(today.weekday() - _ISSUE_WEEKDAY[chamber]) % 7)


def senat_name(question: Question) -> str:
    """Return the name of a question's page: `qSEQ`, year, month, number: `qSEQ261090412` or `qSEQ26119061S`."""
    return f"qSEQ{_asked(question):%y%m}{senat_number(question)}"


def senat_number(question: Question) -> str:
    """Return the number with its letter, five characters long: `00719`, `9061S`."""
    return f"{question.number}{_LETTERS[question.kind]}".zfill(5)


def uid(question: Question) -> str:
    """Return the Assemblée's name of a question: `QANR5L17QE90201`."""
    return f"QANR5L{question.legislature}{question.kind}{question.number}"


def last_day(question: Question) -> date:
    """Return the later of the days of the question and of its answer."""
    answered = question.answer.published_on if question.answer else None
    return max(_asked(question), answered or date.min)


def _entry(draft: Draft, chamber: Chamber, base: str, now: datetime, issue: int) -> Entry:
    def day(when: str) -> date:
        return _day(when, chamber, now)

    person = (SENATORS if chamber is Chamber.SENAT else DEPUTIES)[draft.author]
    moved, _, by = draft.transfers.partition(" ")
    to, _, when = moved.partition("@")
    asked, current = _ministry(draft.ministry, chamber), _ministry(to or draft.ministry, chamber)
    code, bar, label = draft.reason.rpartition("|")
    out = bool(draft.answered) and int(draft.issue) <= issue
    question = Question(
        chamber=chamber,
        legislature=LEGISLATURE,
        kind=draft.kind,
        number=draft.number.rstrip("SG"),
        title=draft.title,
        text=Template(draft.text).safe_substitute(author=person.printed, He=person.pronoun, place=draft.place),
        author=person.member,
        asked_on=day(draft.asked),
        sitting_on=day(draft.asked) - timedelta(days=int(draft.sitting)) if draft.sitting else None,
        page=draft.page,
        asked_ministry=asked,
        ministry=current,
        # Of the Sénat's pages, only the older ones tell the theme; its list tells it of all.
        rubric=draft.rubric or (draft.theme if draft.form == "older" else None),
        subjects=tuple(subject.strip() for subject in (draft.subjects or draft.theme).split("|") if subject.strip()),
        status=_status(draft, answered=out),
        status_label="Réponse publiée" if out and chamber is Chamber.ASSEMBLEE else label.strip(),
        signalled_on=day(draft.signalled) if draft.signalled else None,
        # The Sénat does not tell the day of a transfer.
        transfers=(Transfer(to=current, on=day(when) if chamber is Chamber.ASSEMBLEE else None),) if when else (),
        errata=(day(draft.erratum),) if draft.erratum else (),
        answer=_answer(draft, chamber, now) if out else None,
        closed_on=_closed_on(draft, chamber, now, answered=out),
    )
    return Entry(
        slug=draft.slug,
        question=replace(question, addresses=(_address(question, base),)),
        person=person,
        themes=tuple(theme.strip() for theme in draft.themes.split(",") if theme.strip()),
        older=draft.form == "older",
        quirks=frozenset(quirk.strip() for quirk in draft.quirks.split(",") if quirk.strip()),
        code=code.strip() if bar else "",
        decree=by == "decree",
        erratum_page=draft.erratum_page,
    )


def _linked(draft: Draft, made: Mapping[str, Entry]) -> Entry:
    entry = made[draft.slug]
    if draft.recalls:
        old = made[draft.recalls].question
        text = Template(entry.question.text).substitute(recalled=old.number, recalled_title=old.title)
        return replace(entry, linked=old, question=replace(entry.question, text=text, recalls=old.key))
    if draft.converted:
        new = made[draft.converted].question
        return replace(entry, linked=new, question=replace(entry.question, converted_to=new.key))
    return entry


def _ministry(name: str, chamber: Chamber) -> Ministry:
    """Return a ministry as `chamber` tells it: the Sénat knows no references."""
    ministry = MINISTRIES[name]
    return replace(ministry, ref=None) if chamber is Chamber.SENAT else ministry


def _answer(draft: Draft, chamber: Chamber, now: datetime) -> Answer:
    """Return the answer; the Sénat says which ministry gave it, the Assemblée which one is in charge."""
    to = draft.transfers.partition("@")[0] or draft.ministry
    return Answer(
        text=draft.answer,
        published_on=_day(draft.answered, chamber, now),
        page=draft.answer_page,
        ministry=_ministry(to, chamber) if chamber is Chamber.SENAT else None,
    )


def _status(draft: Draft, *, answered: bool) -> QuestionStatus:
    if answered:
        return QuestionStatus.ANSWERED
    if draft.converted:
        return QuestionStatus.CONVERTED
    return _STATES[draft.state] if draft.state else QuestionStatus.CLOSED if draft.closed else QuestionStatus.OPEN


def _closed_on(draft: Draft, chamber: Chamber, now: datetime, *, answered: bool) -> date | None:
    """Return the day of the closing, which the Assemblée gives to answered questions too and the Sénat to none."""
    when = draft.answered if answered else draft.closed
    return _day(when, chamber, now) if when and chamber is Chamber.ASSEMBLEE else None


def _address(question: Question, base: str) -> str:
    if question.chamber is Chamber.SENAT:
        return f"{base}/questions/base/{_asked(question).year}/{senat_name(question)}.html"
    return f"{base}/dyn/{question.legislature}/questions/{uid(question)}"


def _asked(question: Question) -> date:
    if question.asked_on is None:
        raise ValueError(f"{question.key} has no day.")
    return question.asked_on


def _day(when: str, chamber: Chamber, now: datetime) -> date:
    """Return the day that `3w` or `75d` names. Raises ValueError on anything else."""
    count, unit = int(when[:-1]), when[-1]
    if unit == "w":
        return issue_day(chamber, now) - timedelta(weeks=count)
    if unit == "d":
        return now.astimezone(moments.PARIS).date() - timedelta(days=count)
    raise ValueError(f"{when!r} is not of the form '3w' or '75d'.")
