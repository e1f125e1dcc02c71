"""Keep questions: join what was read to what is held, and store what happened to them, in the transaction of their documents."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from watcher import legislatures, questions
from watcher.digest import Record
from watcher.model import (
    AnswerDelay,
    Candidate,
    Chamber,
    Document,
    EventKind,
    Pending,
    Question,
    QuestionEvent,
    QuestionStatus,
    SourceState,
)
from watcher.pipeline.desk import Desk
from watcher.questions import GroupKind
from watcher.store import Transaction, documents
from watcher.store import pending as waiting
from watcher.store import questions as stored
from watcher.store import sources as memory

# What ends a question that we know is news, dated or not: its list gives a state and no day.
_ENDS = frozenset({EventKind.WITHDRAWN, EventKind.LAPSED, EventKind.CLOSED, EventKind.CONVERTED, EventKind.ANSWERED})
MOST_OVERDUE = 50  # read of each theme; an edition shows fewer
YEAR = timedelta(days=365)
LOOK_AGAIN = timedelta(days=28)  # between two readings of the page of a question that its list has forgotten
MOST_AGAIN = 20  # of these pages for each poll
FOLLOWED = timedelta(days=14)  # a source that was not read for so long is switched off, gone or removed
FEWEST_ANSWERS, MOST_MINISTRIES = 2, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What tells news from history: `news_since` is the start of the last period (None: everything is news)."""

    now: datetime
    today: date
    news_since: datetime | None


def clock(desk: Desk, news_since: datetime | None) -> Clock:
    """Return the clock of a poll, with the day of the configured zone."""
    now = desk.now()
    return Clock(now=now, today=now.astimezone(desk.zone).date(), news_since=news_since)


def record(tx: Transaction, documents: Sequence[Document], clock: Clock) -> None:
    """Join the questions in `documents` to what is held of them, and add the events that they show.

    An event is news by its date; one that nobody dated, when its question is, or when its page had been read without it.
    """
    read = {document.key: document.question for document in documents if document.question is not None}
    if not read:
        return
    before = stored.get(tx, read)
    stored.save(tx, [questions.merge(before.get(key), question) for key, question in read.items()], now=clock.now)
    stored.offer_again(tx, _texts_that_came(before, read), clock.now)
    happened = [
        event
        for key, question in read.items()
        for event in questions.events(before.get(key), question, today=clock.today, read_from=_place(question))
    ]
    held = {document.key for document in documents if document.held}
    stored.add_events(
        tx, happened, now=clock.now, news=lambda event: event.question not in held and _is_news(event, before, read, clock)
    )


def told_without_text(tx: Transaction, key: str, clock: Clock) -> None:
    """Offer what a listing told of a question whose page was given up: editions had been waiting for it."""
    stored.offer_again(tx, [(key, EventKind.ASKED), (key, EventKind.ANSWERED)], clock.now)


def _texts_that_came(before: Mapping[str, Question], read: Mapping[str, Question]) -> list[tuple[str, EventKind]]:
    """Return the events that a listing told of, and whose text has only come now: an edition may have left in between."""
    held = [(before[key], question) for key, question in read.items() if key in before]
    asked = [(now.key, EventKind.ASKED) for then, now in held if now.text and not then.text]
    answered = [
        (now.key, EventKind.ANSWERED)
        for then, now in held
        if now.answer and now.answer.text and then.answer and not then.answer.text
    ]
    return asked + answered


def pass_time(tx: Transaction, today: date, now: datetime) -> None:
    """Store what the calendar alone does to questions: terms that ended without an answer, legislatures that ended.

    And have the pages of those read again that no list shows any more, for as long as they wait for an answer.
    """
    stored.mark_overdue(tx, today, now)
    _look_again(tx, today, now)
    for legislature in legislatures.LEGISLATURES:
        if legislature.ends is None or legislature.ends >= today:
            continue
        waiting = stored.open_of(tx, Chamber.ASSEMBLEE, legislature.number)
        lapsed = [(question, event) for question in waiting if (event := questions.lapsed(question, today)) is not None]
        if not lapsed:
            continue
        stored.save(tx, [_ended(question, event) for question, event in lapsed], now=now)
        recent = (today - legislature.ends).days <= stored.WATCHED.days
        stored.add_events(tx, [event for _, event in lapsed], now=now, news=recent)


def _look_again(tx: Transaction, today: date, now: datetime) -> None:
    """Let a few pages of old open questions of the Sénat wait to be read: its list forgets a question after a year."""
    unlisted = stored.unlisted(tx, Chamber.SENAT, asked_before=today - YEAR, seen_before=now - LOOK_AGAIN, limit=MOST_AGAIN)
    followed = {name for name, state in memory.states(tx).items() if _is_followed(state, now)} if unlisted else ()
    waiting.add(
        tx,
        [
            Pending(source_id=one.source_id, document_key=one.key, url=one.url, news=False)
            for one in unlisted
            if one.source_id in followed
        ],
    )


def unchanged_since(tx: Transaction, page: Pending, now: datetime) -> datetime | None:
    """Return the instant since when the page of an old open question would have to have changed to be read again.

    None for one that its list has shown of late: what changed there must be read whole. A page that changed shortly before it
    was last seen is read too, for a list may follow its pages by some days.
    """
    seen = stored.seen_at(tx, page.document_key)
    return seen - LOOK_AGAIN if seen is not None and seen < now - LOOK_AGAIN else None


def unchanged(tx: Transaction, page: Pending, now: datetime) -> None:
    """Note that the page of a question is the one that was read before: it no longer waits, and was seen `now`."""
    stored.seen(tx, page.document_key, now)
    waiting.done(tx, [page])


def _is_followed(state: SourceState, now: datetime) -> bool:
    return state.last_success_at is not None and state.last_success_at >= now - FOLLOWED


def since(tx: Transaction, desk: Desk, after: datetime | None, until: datetime, themes: Iterable[str]) -> Record:
    """Return what an edition shows of parliament: the events offered in (`after`, `until`], what is overdue, the delays."""
    today = until.astimezone(desk.zone).date()
    themes = tuple(themes)
    events = stored.events(tx, after, until)
    overdue = {one.key: one for theme in themes for one in stored.open_overdue(tx, today, MOST_OVERDUE, theme=theme)}
    asked = {question.key: question for _, question in events}
    groups = questions.groups(tuple(asked.values()))
    candidates = documents.of_keys(tx, (*asked, *overdue))
    put = [question for event, question in events if event.kind is EventKind.ASKED and _is_on(candidates, question, themes)]
    return Record(
        events=events,
        candidates=candidates,
        answered_alike=tuple(group.questions for group in groups if group.kind is GroupKind.ANSWER),
        put_alike=tuple(group.questions for group in groups if group.kind is GroupKind.CAMPAIGN),
        put_before=_put_before(tx, put, asked.keys(), themes),
        overdue=tuple(overdue.values()),
        delays=_delays(tx, desk, today),
        today=today,
    )


def _is_on(candidates: Mapping[str, Candidate], question: Question, themes: Sequence[str]) -> bool:
    held = candidates.get(question.key)
    return held is not None and any(score.on and score.theme in themes for score in held.verdict.themes)


def _put_before(tx: Transaction, put: Sequence[Question], told: Set[str], themes: Sequence[str]) -> dict[str, tuple[int, date]]:
    """Return, by question in `put`, how many of its campaign came before and since when; those `told` of now do not count."""
    days = [question.asked_on for question in put if question.asked_on]
    if not days:
        return {}
    before = {one.key: one for one in stored.put_before(tx, put, min(days) - questions.CAMPAIGN, themes)}
    found: dict[str, tuple[int, date]] = {}
    for group in questions.groups((*before.values(), *put)) if before else ():
        earlier = [one.asked_on for key in group.questions if key not in told and (one := before.get(key)) and one.asked_on]
        if group.kind is GroupKind.CAMPAIGN and earlier:
            found |= {key: (len(earlier), min(earlier)) for key in group.questions if key not in before}
    return found


def _delays(tx: Transaction, desk: Desk, today: date) -> tuple[AnswerDelay, ...]:
    """Return the medians of the last twelve months of the ministries that answered most often, longest first."""
    found = stored.median_delays(tx, today - YEAR, today)
    if not found:
        return ()  # the reference, which is read from files, is of no use
    often = sorted((one for one in found if one.answers >= FEWEST_ANSWERS), key=lambda one: -one.answers)[:MOST_MINISTRIES]
    labels = {name.id: name.label for name in desk.reference.ministries}
    delays = [
        AnswerDelay(ministry=labels.get(one.ministry_id, one.ministry_id), days=round(one.median_days), answers=one.answers)
        for one in often
    ]
    return tuple(sorted(delays, key=lambda one: (-one.days, one.ministry)))


def _ended(question: Question, event: QuestionEvent) -> Question:
    return replace(question, status=QuestionStatus.LAPSED, closed_on=event.on)


def _place(question: Question) -> str:
    return question.addresses[0] if question.addresses else ""


def _is_news(event: QuestionEvent, before: Mapping[str, Question], read: Mapping[str, Question], clock: Clock) -> bool:
    if clock.news_since is None:
        return True
    if event.on is not None:
        return _begins(event.on, clock) >= clock.news_since
    held = before.get(event.question)
    if held is not None and event.kind in _ENDS:
        return True
    latest = read[event.question].latest_on
    return bool(held and held.text) or (latest is not None and _begins(latest, clock) >= clock.news_since)


def _begins(day: date, clock: Clock) -> datetime:
    return datetime.combine(day, time.max, tzinfo=clock.now.tzinfo)
