"""What we hold of a question when it is read again: nothing is ever taken away."""

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given

from tests.questions.builders import QUESTIONS, READINGS, bare, whole
from watcher import questions
from watcher.model import Answer, Member, Ministry, Question, QuestionStatus, Transfer

CLOSED = frozenset(QuestionStatus) - {QuestionStatus.OPEN, QuestionStatus.UNKNOWN}


def said(question: Question) -> dict[str, object]:
    """Return what `question` says, by place: every date, text, name and page, those of its answer included."""
    answer, author = question.answer or Answer(), question.author or Member()
    values: dict[str, object] = {field.name: getattr(question, field.name) for field in fields(question)}
    values |= {f"answer.{field.name}": getattr(answer, field.name) for field in fields(answer)}
    values |= {f"author.{field.name}": getattr(author, field.name) for field in fields(author)}
    del values["status"], values["status_label"]
    return {name: value for name, value in values.items() if value}


@given(READINGS)
def test_nothing_that_was_known_is_ever_lost(readings: tuple[Question, Question]) -> None:
    """A date or a text is replaced by another one, never by nothing; a list never gets shorter."""
    before, after = readings
    merged = questions.merge(before, after)
    known = said(merged)
    for reading in readings:
        assert said(reading).keys() <= known.keys()
        for name in ("transfers", "errata", "renewed_on", "addresses"):
            assert len(getattr(merged, name)) >= len(getattr(reading, name))


@given(READINGS)
def test_a_question_only_goes_forward(readings: tuple[Question, Question]) -> None:
    """Answered stays answered, closed never opens again, whichever reading comes last."""
    before, after = readings
    one, other = questions.merge(before, after), questions.merge(after, before)
    assert one.status is other.status
    assert one.status in (before.status, after.status)
    if before.status is QuestionStatus.ANSWERED:
        assert one.status is QuestionStatus.ANSWERED
    if before.status in CLOSED:
        assert one.status in CLOSED


@given(QUESTIONS)
def test_the_same_reading_again_changes_nothing(question: Question) -> None:
    """Reading what is known is no news."""
    assert questions.merge(question, question) == question
    assert questions.merge(None, question) == question


@given(READINGS)
def test_merging_again_what_was_merged_changes_nothing(readings: tuple[Question, Question]) -> None:
    """A poll that is repeated after a crash leaves the same question."""
    before, after = readings
    once = questions.merge(before, after)
    assert questions.merge(once, after) == once


def test_a_stale_copy_does_not_take_an_answer_back() -> None:
    """The file of last week, served again, changes neither the state nor who answered."""
    held = whole()
    stale = replace(
        held, status=QuestionStatus.OPEN, status_label="En cours", answer=None, ministry=held.asked_ministry, transfers=()
    )
    assert questions.merge(held, stale) == held


def test_a_page_that_says_no_state_still_says_who_has_the_question() -> None:
    """A page without a state, read after the list, keeps the list's state and brings its own ministry."""
    listed = bare(status=QuestionStatus.OPEN, status_label="En cours", ministry=Ministry(label="Travail"))
    page = bare(ministry=Ministry(label="Emploi"), text="Le texte.")
    merged = questions.merge(listed, page)
    assert (merged.status, merged.status_label, merged.text) == (QuestionStatus.OPEN, "En cours", "Le texte.")
    assert merged.ministry == Ministry(label="Emploi")


def test_an_unknown_word_where_a_question_was_open_is_shown_as_unknown() -> None:
    """A state nobody has a name for is not "open", and its word stands beside; "En cours" served again does not hide it."""
    listed = bare(status=QuestionStatus.OPEN, status_label="En cours")
    unknown = bare(status=QuestionStatus.UNKNOWN, status_label="Suspendue")
    merged = questions.merge(listed, unknown)
    assert (merged.status, merged.status_label) == (QuestionStatus.UNKNOWN, "Suspendue")
    assert questions.merge(merged, listed) == merged


def test_dates_complete_the_transfers_that_had_none() -> None:
    """A source that dates a transfer completes one that does not; a transfer more is a transfer more."""
    travail, culture = Ministry(label="Travail"), Ministry(label="Culture")
    undated = bare(transfers=(Transfer(to=travail),))
    dated = bare(transfers=(Transfer(to=travail, on=date(2025, 1, 9)), Transfer(to=culture, on=date(2025, 3, 6))))
    assert questions.merge(undated, dated).transfers == dated.transfers
    assert questions.merge(dated, undated).transfers == dated.transfers
    other = questions.merge(undated, bare(transfers=(Transfer(to=culture),)))
    assert [transfer.to.label for transfer in other.transfers] == ["Travail", "Culture"]


def test_two_questions_are_never_made_one() -> None:
    """The same number in another legislature is another question."""
    with pytest.raises(ValueError, match="two questions"):
        questions.merge(whole(), replace(whole(), legislature=16))
