"""The questions that come with the package, and how they are dated."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import classify, numbering, seeds
from watcher.demo.parliament import drafts, names, questions
from watcher.demo.parliament.questions import Entry
from watcher.errors import ConfigError
from watcher.model import Chamber, QuestionStatus

SEEDS = Path(__file__).parents[2] / "seeds"
BASE = "http://127.0.0.1:8471"
HEAD = "chamber: senat\nkind: QE\nnumber: 90001\ntitle: t\nauthor: bise\nministry: ia\nasked: 1w\npage: 2"


def _all(now: datetime, issue: int = 1) -> list[Entry]:
    return [entry for chamber in Chamber for entry in questions.entries(chamber, BASE, now, issue)]


def test_texts_have_the_length_of_parliamentary_ones(anchor: datetime) -> None:
    """120 to 250 words for a question, 150 to 400 for an answer; a reminder is a sentence, a sitting is a dialogue."""
    for entry in _all(anchor):
        question = entry.question
        words = len(question.text.split())
        assert (30 if question.recalls else 120) <= words <= 250, entry.slug
        if question.answer:
            assert 150 <= len(question.answer.text.split()) <= 400, entry.slug


def test_texts_are_written_with_french_typography(anchor: datetime) -> None:
    """Typographic apostrophes, guillemets with no-break spaces, nothing left to fill in, no damage."""
    for entry in _all(anchor):
        text = "\n".join([entry.question.title, entry.question.text, entry.question.answer.text if entry.question.answer else ""])
        assert not re.search(r"['\"$\ufffd]|  | [;:!?%»]|« |\d \d{3}|n° ", text), entry.slug
        assert text.count("«") == text.count("»"), entry.slug


def test_no_two_questions_share_a_number_and_none_is_a_real_one(anchor: datetime) -> None:
    """Numbers stand above those that the chambers have given, members above the references that are in use."""
    every = [entry.question for entry in _all(anchor)]
    assert len({question.key for question in every}) == len(every)
    assert all(int(question.number) >= (90_000 if question.kind == "QE" else 9_000) for question in every)
    assert {person.ref for person in names.DEPUTIES.values()} == {f"PA9000{number:02}" for number in range(1, 13)}
    assert all(person.ref is None for person in names.SENATORS.values())


def test_members_get_their_names_from_a_file_of_the_home() -> None:
    """Each deputy who asks is in `reference/members.json`, in the shape of the reference data."""
    ((path, text),) = names.reference_files().items()
    assert path == "reference/members.json"
    members = json.loads(text)["members"]
    assert members["PA900001"] == {"name": "Églantine Brumaire", "civility": "Mme"}
    asking = {draft.author for draft in drafts.load().values() if draft.chamber == "assemblee"}
    assert {names.DEPUTIES[author].ref for author in asking} <= set(members)


def test_each_event_of_a_life_is_told(anchor: datetime) -> None:
    """Answered, transferred, withdrawn, lapsed, converted, recalled, signalled, corrected, closed for an unknown reason."""
    every = {entry.slug: entry for entry in _all(anchor)}
    told = {entry.question.status for entry in every.values()}
    assert told == set(QuestionStatus) - {QuestionStatus.UNKNOWN}
    converted, oral = every["senat-plateaux-techniques-cfa"].question, every["senat-plateaux-techniques-oral"].question
    assert (converted.converted_to, oral.kind) == (oral.key, "QOSD")
    recall, old = every["senat-rappel-sous-traitance"].question, every["senat-sous-traitance-reconversion"].question
    assert recall.recalls == old.key
    assert f"n°\u00a0{old.number}" in recall.text
    assert old.title in recall.text
    assert every["senat-assistance-ia-generative"].question.transfers
    assert every["senat-ragondins-marais"].question.errata
    assert every["an-tri-candidatures"].question.signalled_on
    assert every["senat-jeunes-diplomes-seance"].question.sitting_on == date(2026, 11, 11)


def test_one_question_on_the_themes_is_overdue_by_75_days(anchor: datetime) -> None:
    """Two months have passed and nobody answered: AI in continuing vocational training."""
    (entry,) = [entry for entry in _all(anchor) if entry.slug == "senat-ia-formation-continue"]
    assert entry.question.asked_on == date(2026, 11, 21) - timedelta(days=75)
    assert (entry.question.status, entry.question.answer) == (QuestionStatus.OPEN, None)


def test_the_next_issue_answers_one_open_question_of_each_chamber(anchor: datetime) -> None:
    """Nothing else moves between the two issues."""
    for chamber in Chamber:
        before = {entry.slug: entry.question for entry in questions.entries(chamber, BASE, anchor, 0)}
        after = {entry.slug: entry.question for entry in questions.entries(chamber, BASE, anchor, 1)}
        (changed,) = [slug for slug in before if before[slug] != after[slug]]
        assert (before[changed].status, after[changed].status) == (QuestionStatus.OPEN, QuestionStatus.ANSWERED)


def test_one_answer_serves_three_questions_in_each_chamber(anchor: datetime) -> None:
    """The same words, day and page; the questions are not alike."""
    for chamber in Chamber:
        mine = [entry.question for entry in questions.entries(chamber, BASE, anchor, 0)]
        answers = [question.answer for question in mine if question.answer]
        shared = [answer for answer in answers if answers.count(answer) == 3]
        assert len(shared) == 3
        assert len({question.text for question in mine if question.answer == shared[0]}) == 3


def test_a_campaign_is_five_members_and_nearly_one_text(anchor: datetime) -> None:
    """The texts differ by the member, the department and the pronoun alone; they come over three weeks."""
    five = [entry for entry in _all(anchor) if entry.slug.startswith("an-formation-ia-tpe")]
    assert len({entry.person for entry in five}) == len({entry.question.text for entry in five}) == 5
    assert len({entry.question.asked_on for entry in five}) == 3
    tails = {entry.question.text.partition(" constatent ")[2].replace("Elle lui", "Il lui") for entry in five}
    assert len(tails) == 1


def test_themes_are_found_where_they_are_meant_and_not_in_a_ministers_title(anchor: datetime) -> None:
    """The classifier files every question as its writer did; rural post offices are not relevant whoever they are put to."""
    loaded = seeds.load(SEEDS)
    classifier = classify.load(loaded.themes, loaded.seeds, loaded.model)
    for entry in _all(anchor):
        text = "\n\n".join([entry.question.text, entry.question.answer.text if entry.question.answer else ""])
        verdict = classifier.verdict(entry.question.title, text, kind="question")
        assert (verdict.relevance > 0) == bool(entry.themes), entry.slug
    (post,) = [entry for entry in _all(anchor) if entry.slug == "senat-bureaux-de-poste"]
    assert not post.themes
    assert "chargée de l’intelligence artificielle et du numérique" in post.question.text
    off = [entry for entry in questions.entries(Chamber.SENAT, BASE, anchor, 0) if not entry.themes]
    assert len(off) == 4


def test_an_address_leads_to_its_question(anchor: datetime) -> None:
    """The addresses are of the forms of the two sites, under the outlet's own origin."""
    for entry in _all(anchor):
        assert numbering.address_key(entry.question.addresses[0]) == entry.question.key


@given(st.datetimes(min_value=datetime(2025, 9, 1), max_value=datetime(2035, 12, 31)))  # noqa: DTZ001 - made aware
def test_at_any_anchor_the_days_are_in_order_and_past(naive: datetime) -> None:
    """Issues are Thursdays and Tuesdays of the week before; nothing is asked after its answer or lies ahead."""
    now = naive.replace(tzinfo=UTC)
    for entry in _all(now):
        question = entry.question
        assert question.asked_on
        last = questions.last_day(question)
        assert question.asked_on <= last <= (now + timedelta(hours=2)).date()
        assert (question.closed_on or last) >= question.asked_on
        if question.asked_on.weekday() not in (1, 3):
            assert entry.slug == "senat-ia-formation-continue"


@pytest.mark.parametrize(
    "text",
    [HEAD, f"{HEAD}\n---\n  \n", f"{HEAD}\ncolour: red\n---\nText.", f"{HEAD}\npage: 3\n---\nText.", "title: alone\n---\nText."],
    ids=["no text", "blank text", "unknown key", "key twice", "missing keys"],
)
def test_a_file_that_is_not_well_formed_is_refused_by_name(text: str) -> None:
    """The error names the file, so that a writer finds it."""
    with pytest.raises(ConfigError, match=r"essai\.md"):
        drafts.parse("essai", text)
