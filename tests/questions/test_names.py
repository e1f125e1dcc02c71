"""Names for references, and the identity of ministries through their renamings."""

from dataclasses import replace
from datetime import date

from tests.questions.builders import bare, whole
from watcher import questions
from watcher.model import Answer, Member, Ministry, MinistryName, Question, Reference, Transfer

REFERENCE = Reference(
    members={"PA1": Member(name="Anne Petit", civility="Mme", group="SOC", constituency="Ain", group_ref="PO9")},
    bodies={"PO9": "Socialistes et apparentés", "PO7": "Ministère du travail"},
    ministries=(
        MinistryName(id="numerique", label="Numérique", words=("numerique",), without=("travail",), since=date(2020, 7, 6)),
        MinistryName(id="travail", label="Travail", words=("travail",), until=date(2025, 12, 31)),
        MinistryName(id="travail-solidarites", label="Travail et solidarités", words=("travail",)),
    ),
)


def test_references_get_their_names() -> None:
    """A member by `acteurRef`, a group and a ministry by `organeRef`."""
    question = bare(author=Member(ref="PA1"), asked_ministry=Ministry(ref="PO7"), asked_on=date(2025, 1, 7))
    named = questions.named(question, REFERENCE)
    assert named.author == Member(name="Anne Petit", civility="Mme", group="SOC", constituency="Ain", ref="PA1", group_ref="PO9")
    assert named.asked_ministry == Ministry(label="Ministère du travail", ref="PO7", id="travail")
    grouped = questions.named(bare(author=Member(ref="PA404", group_ref="PO9")), REFERENCE)
    assert grouped.author == Member(ref="PA404", group="Socialistes et apparentés", group_ref="PO9")


def test_what_the_source_says_itself_stays() -> None:
    """A table that knows less, or nothing, takes nothing away; of a ministry's name, the apostrophes alone are changed."""
    assert questions.named(whole(), REFERENCE) == shown(whole())
    assert questions.named(whole(), Reference()) == shown(whole())
    assert questions.named(bare(), REFERENCE) == bare()


def shown(question: Question) -> Question:
    """Return a question whose ministries are spelt as readers see them."""

    def spelt(ministry: Ministry | None) -> Ministry | None:
        return replace(ministry, label=ministry.label.replace("'", "’")) if ministry else None

    return replace(
        question,
        asked_ministry=spelt(question.asked_ministry),
        ministry=spelt(question.ministry),
        transfers=tuple(replace(one, to=spelt(one.to) or one.to) for one in question.transfers),
        answer=replace(question.answer, ministry=spelt(question.answer.ministry)) if question.answer else None,
    )


def test_a_ministry_has_one_form_whichever_chamber_names_it() -> None:
    """The Sénat writes capitals where the Assemblée does not: a table of ministries names each once."""
    labels = ("Ministère de l'Éducation nationale", "Ministère de l’éducation nationale")
    named = [questions.named(bare(ministry=Ministry(label=label)), REFERENCE).ministry for label in labels]
    assert {ministry.label for ministry in named if ministry} == {"Ministère de l’éducation nationale"}


def test_a_ministry_is_what_it_was_called_that_day() -> None:
    """The table is dated: the same words name another ministry after a reshuffle; unknown words name none."""
    label = "Ministère auprès de la ministre du travail, de la santé, chargé du travail, de l'emploi et du numérique"
    question = bare(
        asked_on=date(2025, 3, 4),
        asked_ministry=Ministry(label=label),
        transfers=(Transfer(to=Ministry(label="Culture")), Transfer(to=Ministry(label=label), on=date(2026, 1, 6))),
        answer=Answer(published_on=date(2026, 2, 3), ministry=Ministry(label=label)),
    )
    named = questions.named(question, REFERENCE)
    assert named.asked_ministry is not None
    assert named.answer is not None
    assert named.answer.ministry is not None
    assert named.asked_ministry.id == "travail"
    assert [transfer.to.id for transfer in named.transfers] == [None, "travail-solidarites"]
    assert named.answer.ministry.id == "travail-solidarites"
    earlier = questions.named(replace(question, asked_ministry=Ministry(label="Numérique"), asked_on=date(2019, 1, 1)), REFERENCE)
    assert earlier.asked_ministry == Ministry(label="Numérique")
