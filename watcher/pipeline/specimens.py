"""Specimens: a full edition, a full report and an alarm of every kind, with which templates are tried out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from watcher import digest
from watcher.model import (
    AnswerDelay,
    Candidate,
    Chamber,
    Document,
    Edition,
    Entry,
    EventKind,
    Evidence,
    OverdueQuestion,
    Parliament,
    Period,
    QuestionEntry,
    QuestionLine,
    RisingTerm,
    SeedMatch,
    Story,
    TextStatus,
    Theme,
    ThemeScore,
    Told,
    Verdict,
)
from watcher.pipeline import health
from watcher.pipeline.report import NearMiss, Report, Traffic
from watcher.pipeline.status import SourceStatus, Status, Waiting
from watcher.seeds import Seeds
from watcher.store.service import Alarm

WHEN = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
NAME = "Rehearsal"
SENTENCE = "Rehearsal of a sentence that an edition may quote."
URL = "https://rehearsal.example"
# Every kind that templates/admin/words.j2 words differently, and one that it does not know.
ALARMS = {
    **dict.fromkeys(("failing", "silent", "drift", "late_edition"), "http_503"),
    **dict.fromkeys(sorted(health.TOLD), NAME),
    **dict.fromkeys(("own_network", "other"), ""),
    **dict.fromkeys(("refused_mails", "unknown_mails", "stale", "disk", "backup"), "30"),
    "shrinking": "3/40",
    "moved": URL,
}
_OF_SOURCES = frozenset(("failing", "silent", "stale", "shrinking", "drift", "moved", "late_edition"))


def full_edition(plan: digest.Plan, seeds: Seeds) -> Edition:
    """Return an edition of `plan` with everything in it that a template may show.

    Earlier ones to compare with, a story that moved on, entries left out, all that can happen to a question, and what was
    sent at once.
    """
    candidates = tuple(_candidate(theme, seeds) for theme in seeds.themes)
    plan = replace(plan, candidates=candidates, read=len(candidates))
    first = digest.build(plan)
    told = tuple(Story(id=one.document.key, keys=(one.document.key,), development=2, told=_told(one)) for one in candidates[:1])
    edition = digest.build(replace(plan, number=9, stories=told, earlier=(first,) * digest.COMPARED))
    rising = (RisingTerm(term="rehearsal", count=3, usual=0.5),)
    sections = tuple(replace(section, more=2) for section in edition.sections)
    sent: tuple[Entry | QuestionEntry, ...] = tuple(entry for section in sections for entry in section.entries)[:1]
    figures = replace(edition.figures, rising=rising)
    part = parliament(tuple(theme.id for theme in seeds.themes[:1]))
    return replace(edition, sections=sections, figures=figures, repeated=2, already_sent=sent + part.answers, parliament=part)


def sent_at_once(edition: Edition) -> Edition:
    """Return the first entry of `edition` as it is sent to whoever does not wait for the others."""
    sections = tuple(replace(section, entries=section.entries[:1], more=0) for section in edition.sections[:1])
    period = Period(key=URL, start=WHEN, end=WHEN)
    bare = replace(edition, frequency="at_once", sections=sections, period=period, parliament=Parliament(), already_sent=())
    return replace(bare, unread=(), repeated=0)


def parliament(themes: tuple[str, ...]) -> Parliament:
    """Return a parliamentary part with an entry for everything that can happen to a question."""
    entries = [_question_entry(kind, themes) for kind in EventKind]
    moved = {EventKind.TRANSFERRED, EventKind.SIGNALLED, EventKind.RENEWED, EventKind.ERRATUM, EventKind.RECALLED}
    lines = _lines(1)
    return Parliament(
        answers=tuple(e for e in entries if e.event is EventKind.ANSWERED),
        asked=tuple(e for e in entries if e.event is EventKind.ASKED),
        moved=tuple(e for e in entries if e.event in moved),
        ended=tuple(e for e in entries if e.event not in {*moved, EventKind.ANSWERED, EventKind.ASKED, EventKind.OVERDUE}),
        more=2,
        overdue=(OverdueQuestion(question=lines[0], title=NAME, ministry=NAME, days=90, themes=themes),),
        more_overdue=2,
        delays=(AnswerDelay(ministry=NAME, days=80, answers=12),),
    )


def alarms() -> tuple[Alarm, ...]:
    """Return an alarm of every kind."""
    return tuple(
        Alarm(kind=kind, subject="rehearsal" if kind in _OF_SOURCES else "", since=WHEN, detail=detail)
        for kind, detail in ALARMS.items()
    )


def report(*, full: bool) -> Report:
    """Return a weekly report in which everything happened, or nothing at all."""
    nothing: Mapping[str, int] = {}
    some = {"empty": 1, "http_503": 2} if full else nothing
    source = SourceStatus(
        id="rehearsal", name=NAME, state="http_503", since=WHEN, last_success_at=None, next_poll_at=WHEN, last_report=None
    )
    near = NearMiss(title=NAME, url=URL, source=NAME, theme="relevance", score=0.4, threshold=0.5)
    state = Status(
        sources=(source,) if full else (),
        digests=(),
        documents=some,
        waiting=Waiting(bulk=some, moved={}, gone=(), editions=(), mails=some),
        pages_waiting=len(some),
        outbox=dict.fromkeys(("queued", "sent", "refused", "unknown", "held"), 1) if full else nothing,
        classifier="rehearsal",
        database="sqlite",
        alarms=alarms() if full else (),
        program="0",
        schema="0",
    )
    traffic = Traffic(polls=len(some), fetched=len(some), rejected=some, failed=some, failures=some)
    return Report(traffic=traffic, status=state, near=(near, replace(near, theme=NAME)) if full else ())


def _question_entry(kind: EventKind, themes: tuple[str, ...]) -> QuestionEntry:
    lines = _lines(4)
    return QuestionEntry(
        key=f"{lines[0].key}#{kind.value}",
        event=kind,
        title=NAME,
        url=URL,
        questions=lines,
        on=WHEN.date(),
        days=60,
        ministry=NAME,
        from_ministry=NAME,
        page="1",
        label="Rehearsal of a reason",
        asked=(SENTENCE,),
        answered=(SENTENCE,) if kind is EventKind.ANSWERED else (),
        relevance=3,
        score=0.9,
        themes=themes,
        evidence=(Evidence(term="sentence", start=15, end=23, weight=1.0),),
        seed_title=NAME,
        theme_score=0.9,
        threshold=0.3,
        recalls="1",
        before=2,
        before_since=WHEN.date(),
    )


def _lines(count: int) -> tuple[QuestionLine, ...]:
    chambers = (Chamber.SENAT, Chamber.ASSEMBLEE)
    return tuple(
        QuestionLine(
            key=f"question:senat:17:QE:{number}",
            chamber=chambers[number % 2],
            kind="QE",
            number=str(number),
            url=URL,
            author=NAME,
            group=NAME,
            constituency=NAME,
            asked_on=WHEN.date(),
        )
        for number in range(count)
    )


def _told(one: Candidate) -> Told:
    return Told(story=one.document.key, development=1, title=NAME, documents=("before",), number=8, told_at=WHEN)


def _candidate(theme: Theme, seeds: Seeds) -> Candidate:
    document = Document(
        key=f"{URL}/{theme.id}",
        source_id="rehearsal",
        url=f"{URL}/{theme.id}",
        title=f"Rehearsal of {theme.label}",
        text=f"{SENTENCE} {SENTENCE}",
        publisher=NAME,
        published_at=WHEN,
        recorded_at=WHEN,
        status=TextStatus.FULL,
    )
    nearest = SeedMatch(id=seeds.seeds[0].id, passage=SENTENCE, similarity=0.5) if seeds.seeds else None
    score = ThemeScore(
        theme=theme.id,
        score=0.9,
        on=True,
        threshold=0.5,
        evidence=(Evidence(term="sentence", start=15, end=23, weight=1.0),),
        seed=nearest,
    )
    return Candidate(
        document=document, verdict=Verdict(relevance=3, score=0.9, themes=(score,), language="fr", classifier="rehearsal")
    )
