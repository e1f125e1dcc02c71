"""The life of a question as dated events, and what the calendar alone makes of it."""

import calendar
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from watcher import legislatures
from watcher.model import Chamber, EventKind, Ministry, Question, QuestionEvent, QuestionStatus
from watcher.questions.merge import merge, same_ministry

# Règlement du Sénat, article 75, and Règlement de l'Assemblée nationale, article 135: written questions are answered within
# two months of their publication. How a court would count them is not settled: what is shown is "more than two months".
TERM_MONTHS = 2
WRITTEN = "QE"
_AHEAD = timedelta(days=31)  # the Journal officiel is not dated further ahead: such a date is a mistake


def events(before: Question | None, after: Question, *, today: date, read_from: str) -> tuple[QuestionEvent, ...]:
    """Return the events that are known once `after` was read, and were not, or not so, while `before` was held.

    ASKED is among them when `before` is None. An event whose date, page, delay or link was corrected comes again, with the
    same kind and detail. A date more than a month after `today` is not believed: the event then has none. A stale reading
    brings nothing.
    """
    shown = {} if before is None else {(event.kind, event.detail): event for event in timeline(before, today=today)}
    found = timeline(merge(before, after), today=today)
    return tuple(replace(event, read_from=read_from) for event in found if _is_news(event, shown.get((event.kind, event.detail))))


def timeline(question: Question, *, today: date) -> tuple[QuestionEvent, ...]:
    """Return all that `question` shows to have happened to it, in the order in which it happens. OVERDUE is not among it."""
    return tuple(_believable(event, today) for event in (*_asked(question), *_passed_on(question), *_ended(question)))


def due_on(question: Question) -> date | None:
    """Return the last day of the term of a written question, two calendar months after it was asked; None without a term."""
    asked = question.asked_on
    if question.kind != WRITTEN or asked is None:
        return None
    years, month = divmod(asked.month - 1 + TERM_MONTHS, 12)
    if asked.year + years > date.max.year:
        return None
    last = calendar.monthrange(asked.year + years, month + 1)[1]
    return date(asked.year + years, month + 1, min(asked.day, last))


def overdue(question: Question, today: date) -> QuestionEvent | None:
    """Return that an open question's term ended before `today` without an answer, dated from its last day; else None."""
    due = due_on(question)
    if due is None or question.asked_on is None or today <= due or not is_open(question):
        return None
    days = (due - question.asked_on).days
    return QuestionEvent(question=question.key, kind=EventKind.OVERDUE, on=due, days=days, read_from=_address(question))


def lapsed(question: Question, today: date) -> QuestionEvent | None:
    """Return that an open question of the Assemblée lapsed with its legislature, dated from that one's last day; else None.

    The Assemblée's questions end with it, mostly without a closure of their own. The Sénat is never dissolved: its questions
    lapse when it says so.
    """
    legislature = legislatures.of(question.legislature)
    if question.chamber is not Chamber.ASSEMBLEE or legislature is None or legislature.ends is None:
        return None
    if today <= legislature.ends or not is_open(question):
        return None
    return QuestionEvent(
        question=question.key, kind=EventKind.LAPSED, on=legislature.ends, label=legislature.how, read_from=_address(question)
    )


def is_open(question: Question) -> bool:
    """Say whether `question` is said to wait for an answer, and has none."""
    return question.status is QuestionStatus.OPEN and question.answer is None


def _asked(question: Question) -> Iterator[QuestionEvent]:
    key, asked = question.key, question.asked_on or question.sitting_on
    to = question.asked_ministry.label if question.asked_ministry else None
    yield QuestionEvent(question=key, kind=EventKind.ASKED, on=asked, page=question.page, to_ministry=to or None)
    if question.recalls:
        yield QuestionEvent(question=key, kind=EventKind.RECALLED, on=asked, linked=question.recalls)
    if question.signalled_on:
        yield QuestionEvent(question=key, kind=EventKind.SIGNALLED, on=question.signalled_on)
    for rank, day in enumerate(question.renewed_on, start=1):
        yield QuestionEvent(question=key, kind=EventKind.RENEWED, on=day, detail=str(rank))


def _passed_on(question: Question) -> Iterator[QuestionEvent]:
    """Give the transfers. A new reference for a ministry that is called the same, as after a reshuffle, is none."""
    holder = question.asked_ministry
    for rank, transfer in enumerate(question.transfers, start=1):
        if holder is None or not _one_ministry(holder, transfer.to):
            yield QuestionEvent(
                question=question.key,
                kind=EventKind.TRANSFERRED,
                on=transfer.on,
                detail=str(rank),
                from_ministry=(holder.label if holder else "") or None,
                to_ministry=transfer.to.label or None,
            )
        holder = transfer.to


def _ended(question: Question) -> Iterator[QuestionEvent]:
    key, status, label = question.key, question.status, question.status_label
    if question.answer is not None or status is QuestionStatus.ANSWERED:
        yield _answered(question)
    for rank, day in enumerate(question.errata, start=1):
        yield QuestionEvent(question=key, kind=EventKind.ERRATUM, on=day, detail=str(rank))
    if question.converted_to or status is QuestionStatus.CONVERTED:
        # The day a question was closed is that of its last state only.
        closed = question.closed_on if status is QuestionStatus.CONVERTED else None
        yield QuestionEvent(question=key, kind=EventKind.CONVERTED, on=closed, linked=question.converted_to, label=label)
    if status is QuestionStatus.WITHDRAWN:
        yield QuestionEvent(question=key, kind=EventKind.WITHDRAWN, on=question.closed_on, label=label)
    if status is QuestionStatus.LAPSED:
        yield QuestionEvent(question=key, kind=EventKind.LAPSED, on=question.closed_on, label=label)
    if status is QuestionStatus.CLOSED and question.answer is None:
        yield QuestionEvent(question=key, kind=EventKind.CLOSED, on=question.closed_on, label=label)


def _answered(question: Question) -> QuestionEvent:
    answer = question.answer
    on = answer.published_on if answer else None
    days = (on - question.asked_on).days if on and question.asked_on else None
    ministry = answer.ministry.label if answer and answer.ministry else None
    return QuestionEvent(
        question=question.key,
        kind=EventKind.ANSWERED,
        on=on,
        page=answer.page if answer else None,
        days=days,
        from_ministry=ministry or None,
    )


def _one_ministry(one: Ministry, other: Ministry) -> bool:
    """Say whether two attributions are to one ministry: the same identity through renamings, or the same name."""
    if one.id and other.id:
        return one.id == other.id
    return same_ministry(replace(one, ref=None), replace(other, ref=None))


def _believable(event: QuestionEvent, today: date) -> QuestionEvent:
    if event.on is None or event.on <= today + _AHEAD:
        return event
    return replace(event, on=None, days=None)


def _is_news(event: QuestionEvent, shown: QuestionEvent | None) -> bool:
    if shown is None:
        return True
    return (event.on, event.page, event.days, event.linked) != (shown.on, shown.page, shown.days, shown.linked)


def _address(question: Question) -> str:
    return question.addresses[0] if question.addresses else ""
