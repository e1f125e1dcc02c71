"""The life of a question: which events its readings show, and what the calendar alone makes of it."""

import itertools
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.questions.builders import QUESTIONS, READINGS, TODAY, bare, stages, whole
from watcher import legislatures, questions
from watcher.model import Answer, Chamber, EventKind, Ministry, Question, QuestionEvent, QuestionStatus, Transfer

Shown = set[tuple[EventKind, str]]


def shown(events: Iterable[QuestionEvent]) -> Shown:
    return {(event.kind, event.detail) for event in events}


def read_all(readings: Iterable[Question]) -> tuple[Shown, Question]:
    """Return every event that `readings` brought one after the other, and what is then held."""
    held: Question | None = None
    seen: Shown = set()
    for reading in readings:
        seen |= shown(questions.events(held, reading, today=TODAY, read_from="x"))
        held = questions.merge(held, reading)
    assert held is not None
    return seen, held


def one(found: Iterable[QuestionEvent], kind: EventKind) -> QuestionEvent:
    (event,) = (event for event in found if event.kind is kind)
    return event


def test_a_whole_life_has_each_of_its_events_with_its_date() -> None:
    """Asked, recalled, signalled, renewed, transferred, answered after 287 days, corrected, converted."""
    found = questions.events(None, whole(), today=TODAY, read_from="https://a.example/1")
    assert shown(found) == {
        (EventKind.ASKED, ""),
        (EventKind.RECALLED, ""),
        (EventKind.SIGNALLED, ""),
        (EventKind.RENEWED, "1"),
        (EventKind.TRANSFERRED, "1"),
        (EventKind.ANSWERED, ""),
        (EventKind.ERRATUM, "1"),
        (EventKind.CONVERTED, ""),
    }
    assert {event.read_from for event in found} == {"https://a.example/1"}
    assert {event.question for event in found} == {whole().key}
    asked, answered = one(found, EventKind.ASKED), one(found, EventKind.ANSWERED)
    assert (asked.on, asked.page, asked.to_ministry) == (date(2024, 10, 3), "3506", "Secrétariat d'État chargé du numérique")
    assert (answered.on, answered.page, answered.days) == (date(2025, 7, 17), "4196", 287)
    transferred = one(found, EventKind.TRANSFERRED)
    assert (transferred.on, transferred.from_ministry) == (date(2025, 1, 9), "Secrétariat d'État chargé du numérique")
    assert one(found, EventKind.RECALLED).linked == "question:senat:16:QE:8911"
    assert one(found, EventKind.CONVERTED).linked == "question:senat:17:QOSD:12"


@given(QUESTIONS, st.data())
def test_readings_in_any_order_tell_the_life_of_the_fullest(question: Question, data: st.DataObject) -> None:
    """However often, late and stale the readings come, the events are those of the fullest one, and each comes once."""
    readings = stages(question)
    fullest = readings[-1]
    drawn = data.draw(st.lists(st.sampled_from(readings), max_size=8))
    at = data.draw(st.integers(0, len(drawn)))
    seen, held = read_all([*drawn[:at], fullest, *drawn[at:]])
    assert (
        seen == shown(questions.timeline(held, today=TODAY)) == shown(questions.events(None, fullest, today=TODAY, read_from="x"))
    )


@given(READINGS)
def test_a_reading_that_was_taken_in_brings_nothing_more(readings: tuple[Question, Question]) -> None:
    """A poll that is repeated tells nobody the same again."""
    before, after = readings
    held = questions.merge(before, after)
    assert questions.events(held, after, today=TODAY, read_from="x") == ()
    assert questions.events(held, held, today=TODAY, read_from="x") == ()


@given(QUESTIONS)
def test_an_event_comes_once_in_a_life(question: Question) -> None:
    """Kind and detail are unique, so that the store can keep each once."""
    found = questions.timeline(question, today=TODAY)
    assert len(shown(found)) == len(found)
    assert EventKind.OVERDUE not in {event.kind for event in found}
    assert found[0].kind is EventKind.ASKED


@pytest.mark.parametrize(
    "name", [field.name for field in fields(Question) if field.name not in ("chamber", "legislature", "kind", "number")]
)
def test_a_question_with_each_field_missing_in_turn_never_crashes(name: str) -> None:
    """Whatever a source leaves out, there is a life to tell, and putting it back later brings what was missing."""
    full = whole()
    empty: object = () if isinstance(getattr(full, name), tuple) else "" if isinstance(getattr(full, name), str) else None
    if name == "status":
        empty = QuestionStatus.UNKNOWN
    part = replace(full, **{name: empty})  # pyright: ignore[reportArgumentType]
    before = questions.events(None, part, today=TODAY, read_from="x")
    after = questions.events(part, full, today=TODAY, read_from="x")
    assert shown(before) | shown(after) == shown(questions.timeline(full, today=TODAY))
    assert questions.merge(part, full) == full
    assert questions.overdue(part, TODAY) is None or name == "answer"
    assert questions.lapsed(part, TODAY) is None
    assert isinstance(questions.bare_text(part), str)
    assert questions.groups([part, replace(part, number="720")]) is not None


def test_a_corrected_date_is_the_same_event_with_its_new_date() -> None:
    """The day of an answer that moved by a week revises the event, and its delay; it makes no second one."""
    before = whole()
    assert before.answer is not None
    after = replace(before, answer=replace(before.answer, published_on=date(2025, 7, 24)))
    (event,) = questions.events(before, after, today=TODAY, read_from="x")
    assert (event.kind, event.detail, event.on, event.days) == (EventKind.ANSWERED, "", date(2025, 7, 24), 294)


def test_an_answer_without_a_date_is_an_answer_without_a_delay() -> None:
    """A state that says "answered" is believed; its date comes when somebody gives it."""
    said = bare(status=QuestionStatus.ANSWERED, status_label="Réponse reçue", asked_on=date(2026, 1, 8))
    event = one(questions.timeline(said, today=TODAY), EventKind.ANSWERED)
    assert (event.on, event.days) == (None, None)
    dated = replace(said, answer=Answer(published_on=date(2026, 2, 12)))
    (event,) = questions.events(said, dated, today=TODAY, read_from="x")
    assert (event.kind, event.on, event.days) == (EventKind.ANSWERED, date(2026, 2, 12), 35)


def test_a_date_nobody_can_mean_is_no_date() -> None:
    """An answer dated 2052 is known to exist, its day is not (row F07)."""
    wrong = bare(asked_on=date(2026, 1, 8), answer=Answer(published_on=date(2052, 1, 1)))
    event = one(questions.timeline(wrong, today=TODAY), EventKind.ANSWERED)
    assert (event.on, event.days) == (None, None)


@pytest.mark.parametrize(
    ("asked", "given", "transferred"),
    [
        (Ministry(label="Travail", ref="PO1"), Ministry(label="Travail", ref="PO2"), False),
        (Ministry(label="Travail", id="travail"), Ministry(label="Emploi", id="travail"), False),
        (Ministry(label="Travail", id="travail"), Ministry(label="Culture", id="culture"), True),
        (Ministry(label="Travail"), Ministry(label="Culture"), True),
    ],
)
def test_a_reshuffle_is_no_transfer(asked: Ministry, given: Ministry, transferred: bool) -> None:
    """A new reference for a ministry of the same name, or a new name for the same ministry, moves no question."""
    question = bare(asked_ministry=asked, transfers=(Transfer(to=given, on=date(2025, 4, 3)),))
    assert ((EventKind.TRANSFERRED, "1") in shown(questions.timeline(question, today=TODAY))) is transferred


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (QuestionStatus.WITHDRAWN, EventKind.WITHDRAWN),
        (QuestionStatus.LAPSED, EventKind.LAPSED),
        (QuestionStatus.CLOSED, EventKind.CLOSED),
    ],
)
def test_an_end_without_an_answer_keeps_its_reason(status: QuestionStatus, kind: EventKind) -> None:
    """The source's own words stand beside the event."""
    question = bare(status=status, status_label="retirée pour cause de décès", closed_on=date(2026, 3, 5))
    event = one(questions.timeline(question, today=TODAY), kind)
    assert (event.on, event.label) == (date(2026, 3, 5), "retirée pour cause de décès")


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (date(2024, 10, 3), date(2024, 12, 3)),
        (date(2024, 12, 31), date(2025, 2, 28)),
        (date(2023, 12, 30), date(2024, 2, 29)),
        (date(2025, 11, 27), date(2026, 1, 27)),
    ],
)
def test_the_term_is_two_calendar_months(asked: date, due: date) -> None:
    """The last day of the term is the same day two months on, or the last of a shorter month; overdue is the day after."""
    question = bare(asked_on=asked, status=QuestionStatus.OPEN)
    assert questions.due_on(question) == due
    assert questions.overdue(question, due) is None
    event = questions.overdue(question, due + timedelta(days=1))
    assert event is not None
    assert (event.kind, event.on, event.detail, event.days) == (EventKind.OVERDUE, due, "", (due - asked).days)


def test_only_an_open_written_question_is_overdue() -> None:
    """Answered, withdrawn, unknown, oral or undated ones are not."""
    late = bare(asked_on=date(2025, 1, 9), status=QuestionStatus.OPEN)
    assert questions.overdue(late, TODAY) is not None
    for other in (
        replace(late, answer=Answer()),
        replace(late, status=QuestionStatus.WITHDRAWN),
        replace(late, status=QuestionStatus.UNKNOWN),
        replace(late, kind="QOSD"),
        replace(late, asked_on=None),
        replace(late, asked_on=date.max),
    ):
        assert questions.overdue(other, TODAY) is None


def test_open_questions_of_the_assemblee_lapse_with_their_legislature() -> None:
    """On the day after its last one; those of the Sénat, of the legislature that sits, and closed ones do not."""
    sixteenth = legislatures.of(16)
    assert sixteenth is not None
    assert sixteenth.ends is not None
    question = bare(chamber=Chamber.ASSEMBLEE, legislature=16, status=QuestionStatus.OPEN)
    assert questions.lapsed(question, sixteenth.ends) is None
    event = questions.lapsed(question, sixteenth.ends + timedelta(days=1))
    assert event is not None
    assert (event.kind, event.on, event.detail) == (EventKind.LAPSED, date(2024, 6, 9), "")
    for other in (
        replace(question, chamber=Chamber.SENAT),
        replace(question, legislature=17),
        replace(question, legislature=99),
        replace(question, status=QuestionStatus.ANSWERED),
        replace(question, answer=Answer(text="Oui.")),
    ):
        assert questions.lapsed(other, TODAY) is None


def test_every_order_of_a_short_life_ends_the_same() -> None:
    """The list, the page while it waits, the page once answered: six orders, one life."""
    listed = bare(title="Un titre", asked_on=date(2026, 1, 8), status=QuestionStatus.OPEN, asked_ministry=Ministry(label="A"))
    waiting = replace(listed, text="Le texte.", page="12", transfers=(Transfer(to=Ministry(label="B")),))
    answered = replace(waiting, status=QuestionStatus.ANSWERED, answer=Answer(text="Oui.", published_on=date(2026, 5, 7)))
    lives = [read_all(order) for order in itertools.permutations((listed, waiting, answered))]
    assert all(seen == {(EventKind.ASKED, ""), (EventKind.TRANSFERRED, "1"), (EventKind.ANSWERED, "")} for seen, _ in lives)
    assert all((held.status, held.text, held.answer) == (answered.status, "Le texte.", answered.answer) for _, held in lives)
