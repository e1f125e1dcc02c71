"""Questions for the tests of their life: one whole life, and strategies that make any question at all."""

from dataclasses import fields, replace
from datetime import date

from hypothesis import strategies as st

from watcher.model import Answer, Chamber, Member, Ministry, Question, QuestionStatus, Transfer

TODAY = date(2026, 11, 20)
DAYS = st.dates(min_value=date(2012, 1, 1), max_value=TODAY)
WORDS = st.sampled_from(["", "un", "deux", "Les apprentis attendent.", "Une réponse est en cours."])
MINISTRIES = st.builds(
    Ministry,
    label=st.sampled_from(["", "Travail", "Culture", "Ministère auprès du ministre, chargé de l'emploi"]),
    ref=st.sampled_from([None, "PO1", "PO2"]),
    id=st.sampled_from([None, "travail", "culture"]),
)
ANSWERS = st.builds(
    Answer,
    text=WORDS,
    published_on=st.none() | DAYS,
    page=st.sampled_from([None, "12"]),
    ministry=st.none() | MINISTRIES,
)
LINKS = st.sampled_from([None, "question:senat:17:QOSD:12", "https://www.senat.fr/x"])


def _questions(chamber: Chamber, holders: st.SearchStrategy[Ministry]) -> st.SearchStrategy[Question]:
    return st.builds(
        Question,
        chamber=st.just(chamber),
        legislature=st.just(17),
        kind=st.just("QE"),
        number=st.just("1"),
        title=WORDS,
        text=WORDS,
        author=st.none() | st.builds(Member, name=WORDS, group=WORDS),
        asked_on=st.none() | DAYS,
        sitting_on=st.none() | DAYS,
        page=st.sampled_from([None, "3506"]),
        asked_ministry=st.none() | MINISTRIES,
        ministry=st.none() | MINISTRIES,
        status=st.sampled_from(QuestionStatus),
        status_label=WORDS,
        signalled_on=st.none() | DAYS,
        renewed_on=st.lists(DAYS, max_size=2).map(tuple),
        transfers=st.lists(st.builds(Transfer, to=holders, on=st.none() | DAYS), max_size=3).map(tuple),
        errata=st.lists(DAYS, max_size=2).map(tuple),
        answer=st.none() | ANSWERS,
        closed_on=st.none() | DAYS,
        converted_to=LINKS,
        recalls=LINKS,
        addresses=st.lists(st.sampled_from(["https://a.example/1", "https://a.example/2"]), max_size=2, unique=True).map(tuple),
    )


# A ministry that takes a question over has a name at the Sénat, a reference at the Assemblée.
SENAT = _questions(Chamber.SENAT, st.builds(Ministry, label=st.sampled_from(["Travail", "Culture", "Emploi"])))
BODIES = [Ministry(label=label, ref=ref) for label, ref in (("Travail", "PO1"), ("Travail", "PO2"), ("Culture", "PO3"))]
ASSEMBLEE = _questions(Chamber.ASSEMBLEE, st.sampled_from(BODIES))
QUESTIONS = SENAT | ASSEMBLEE
READINGS = st.tuples(SENAT, SENAT) | st.tuples(ASSEMBLEE, ASSEMBLEE)


def stages(question: Question) -> list[Question]:
    """Return what a source shows of `question` day after day: each reading says what the one before did, and more."""
    asked = Question(
        chamber=question.chamber,
        legislature=question.legislature,
        kind=question.kind,
        number=question.number,
        title=question.title,
        asked_on=question.asked_on,
        asked_ministry=question.asked_ministry,
        ministry=question.asked_ministry,
        status=QuestionStatus.OPEN,
    )
    shown = [asked, replace(asked, text=question.text, page=question.page, author=question.author, recalls=question.recalls)]
    for count in range(1, len(question.errata) + 1):
        shown.append(replace(shown[-1], errata=question.errata[:count]))
    for count in range(1, len(question.transfers) + 1):
        given = question.transfers[:count]
        shown.append(replace(shown[-1], transfers=given, ministry=given[-1].to))
    for count in range(1, len(question.renewed_on) + 1):
        shown.append(replace(shown[-1], renewed_on=question.renewed_on[:count]))
    shown.append(replace(shown[-1], signalled_on=question.signalled_on))
    shown.append(replace(shown[-1], answer=question.answer, status=question.status, closed_on=question.closed_on))
    return shown


def bare(**known: object) -> Question:
    """Return question 1 of the Sénat's 17th, with what is `known` of it."""
    question = Question(chamber=Chamber.SENAT, legislature=17, kind="QE", number="1")
    return replace(question, **known)  # pyright: ignore[reportArgumentType]


def whole() -> Question:
    """Return a question with something in every field: each can then be taken away in turn."""
    ministry = Ministry(label="Ministère auprès de la ministre du travail, chargé de l'emploi", ref="PO2", id="travail")
    question = Question(
        chamber=Chamber.SENAT,
        legislature=17,
        kind="QE",
        number="719",
        title="Métiers du numérique",
        text="Mme Kristina Pluchet interroge Mme la secrétaire d'État chargée du numérique sur les métiers. Elle demande tout.",
        author=Member(name="Kristina Pluchet", civility="Mme", group="LR", constituency="Eure", ref="PA1", group_ref="PO9"),
        asked_on=date(2024, 10, 3),
        sitting_on=date(2024, 10, 2),
        page="3506",
        asked_ministry=Ministry(label="Secrétariat d'État chargé du numérique", ref="PO1", id="numerique"),
        ministry=ministry,
        rubric="numérique",
        subjects=("Travail",),
        status=QuestionStatus.ANSWERED,
        status_label="Réponse reçue",
        signalled_on=date(2025, 1, 7),
        renewed_on=(date(2025, 2, 4),),
        transfers=(Transfer(to=ministry, on=date(2025, 1, 9)),),
        errata=(date(2024, 10, 10),),
        answer=Answer(text="Les branches ont étudié ces effets.", published_on=date(2025, 7, 17), page="4196", ministry=ministry),
        closed_on=date(2025, 7, 17),
        converted_to="question:senat:17:QOSD:12",
        recalls="question:senat:16:QE:8911",
        addresses=("https://www.senat.fr/questions/base/2024/qSEQ241000719.html",),
    )
    assert all(getattr(question, field.name) for field in fields(question))
    return question
