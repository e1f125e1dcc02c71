"""Which questions are one entry to a reader: under one answer, or put by many members."""

import csv
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.questions.builders import QUESTIONS, bare
from watcher import questions
from watcher.model import Answer, Member, Question
from watcher.questions import GroupKind

SHARED = Path(os.environ.get("WATCHER_SHARED", Path(__file__).parents[3] / "shared"))
ANSWER = (
    "Le Gouvernement a confié à une mission le soin d'évaluer la réforme du financement de l'apprentissage, et publiera ses "
    "conclusions avant la fin de l'année. Dans l'attente, les niveaux de prise en charge sont maintenus pour les centres situés "
    "en zone rurale, et une aide de transition est versée aux ateliers qui accueillent un premier apprenti."
)
SUBJECT = (
    "les difficultés des centres de formation d'apprentis situés loin des métropoles. La baisse des niveaux de prise en charge, "
    "décidée sans attendre l'évaluation promise, fragilise ces établissements, dont plusieurs ont déjà fermé une section. Les "
    "artisans qui recrutent des jeunes du canton ne trouvent plus de place pour eux à moins d'une heure de route, et les "
    "familles renoncent. {} demande si le Gouvernement entend maintenir ces niveaux pour les sections rurales de moins de dix."
)


def asked(number: int, text: str = "", *, name: str = "", day: date = date(2026, 3, 3), title: str = "") -> Question:
    return bare(number=str(number), text=text, asked_on=day, title=title, author=Member(name=name) if name else None)


def answered(number: int, text: str, *, day: date = date(2026, 5, 5), title: str = "") -> Question:
    return bare(number=str(number), title=title, answer=Answer(text=text, published_on=day))


def campaign(number: int, name: str, *, day: date = date(2026, 3, 3)) -> Question:
    woman = number % 2
    opener = f"{'Mme' if woman else 'M.'} {name} attire l'attention de M. le ministre du travail et des solidarités sur "
    return asked(number, opener + SUBJECT.format("Elle" if woman else "Il"), name=name, day=day)


def numbers(found: tuple[questions.Group, ...], kind: GroupKind) -> list[list[str]]:
    return [[key.rpartition(":")[2] for key in group.questions] for group in found if group.kind is kind]


def test_questions_under_one_answer_are_one_brief() -> None:
    """Quotes, case and blanks do not part them; another word or another day does."""
    same = ANSWER.replace("l'", "l’").replace("Gouvernement", "gouvernement") + " \n"
    found = questions.groups(
        [answered(1, ANSWER), answered(2, same), answered(3, ANSWER + " Enfin."), answered(4, ANSWER, day=date(2026, 5, 12))]
    )
    assert numbers(found, GroupKind.ANSWER) == [["1", "2"]]


def test_a_formula_given_to_everybody_joins_nobody() -> None:
    """A short answer joins only questions of the same title: it may say nothing of any of them."""
    short = "La question est en cours d'examen par les services du ministère."
    found = questions.groups(
        [answered(1, short, title="Apprentis"), answered(2, short, title="Chasse"), answered(3, short, title="apprentis")]
    )
    assert numbers(found, GroupKind.ANSWER) == [["1", "3"]]


def test_a_campaign_is_one_entry() -> None:
    """Five members put one question in their own names over some weeks; a sixth writes of something else."""
    names = ["Paul Roux", "Anne Petit", "Luc Ormeau", "Claire Vauquelin", "Marc Rival"]
    put = [campaign(number, name, day=date(2026, 3, 3 + 5 * number)) for number, name in enumerate(names)]
    other = asked(9, "M. Yves Bel interroge M. le ministre du travail sur la sécurité des échafaudages. " * 6, name="Yves Bel")
    found = questions.groups([other, *reversed(put)])
    assert numbers(found, GroupKind.CAMPAIGN) == [["0", "1", "2", "3", "4"]]


def test_a_campaign_needs_several_members_and_one_season() -> None:
    """The same member who asks twice is no campaign, nor are two questions a year apart."""
    assert questions.groups([campaign(2, "Paul Roux"), campaign(4, "Paul Roux")]) == ()
    assert questions.groups([campaign(2, "Paul Roux"), campaign(3, "Anne Petit", day=date(2027, 3, 3))]) == ()


def test_reminders_are_never_one_question() -> None:
    """Their words are the same whatever they remind of."""
    reminder = (
        "{} rappelle à M. le ministre du travail les termes de sa question n° {} sous le titre « {} », qui n'a pas obtenu de "
        "réponse à ce jour. Ce silence, que le délai réglementaire ne permet pas, prive les élus des territoires concernés des "
        "éléments dont ils ont besoin pour éclairer leurs administrés, et il souhaite en connaître les raisons au plus tôt."
    )
    put = [asked(n, reminder.format(name, 7000 + n, "x"), name=name) for n, name in enumerate(["M. Paul Roux", "Mme Anne Petit"])]
    assert all(map(questions.is_reminder, put))
    assert questions.groups(put) == ()


@given(st.lists(QUESTIONS, max_size=8), st.randoms())
def test_groups_do_not_depend_on_the_order_of_reading(drawn: list[Question], random: st.DataObject) -> None:
    """Whatever comes first, the same questions are together, each at most once a kind."""
    from dataclasses import replace

    put = [replace(question, number=str(number)) for number, question in enumerate(drawn)]
    shuffled = list(put)
    random.shuffle(shuffled)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    found = questions.groups(put)
    assert questions.groups(shuffled) == found
    for kind in GroupKind:
        keys = [key for group in found if group.kind is kind for key in group.questions]
        assert len(keys) == len(set(keys))


def test_bare_text_keeps_the_subject_and_nothing_else() -> None:
    """The minister's own title is gone: "intelligence artificielle" there never makes a question relevant."""
    question = asked(
        1,
        "Mme Anne Petit interroge Mme la secrétaire d'État auprès du ministre de l'enseignement supérieur et de la recherche, "
        "chargée de l'intelligence artificielle et du numérique sur le prix du blé. Aussi souhaite-t-elle savoir ce qui vient.",
    )
    assert questions.bare_text(question).startswith("le prix du blé.")
    assert "intelligence" not in questions.bare_text(question)
    assert "ce qui vient" in questions.bare_text(question)
    assert questions.bare_text(asked(2)) == ""


def test_real_oral_questions_are_not_campaigns() -> None:
    """Of 629 real questions, all on subjects of their own, none is near enough to another to be hidden behind it."""
    found = SHARED / "data" / "parliament" / "an" / "legislature15_qosd_with_text.csv"
    if not found.exists():
        pytest.skip(f"no parliamentary samples under {SHARED}: set WATCHER_SHARED")
    with found.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    put = [asked(n, row["question"], name=row["nom_depute"], day=date(2018, 1, 1)) for n, row in enumerate(rows)]
    assert len(put) == 629
    assert questions.groups(put) == ()
