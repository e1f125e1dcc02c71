"""Which ministry a label names: through renamings, beside whom it stands, and never split on its commas."""

from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import reference
from watcher.ministries import display, ministry_id, own
from watcher.model import MinistryName

TABLE = reference.load(Path("nulle-part")).ministries
BODIES = reference.load(Path("nulle-part")).bodies

LABELS = [
    (label, expected)
    for line in (Path(__file__).parent / "ministries.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
    for expected, label in [line.split("\t")]
]


@pytest.mark.parametrize(("label", "expected"), LABELS, ids=lambda value: value[-50:])
def test_a_label_names_its_ministry(label: str, expected: str) -> None:
    """Labels with commas, misprints, neighbours, asides: 56 real ones, and all those of the oral questions."""
    assert ministry_id(label, None, TABLE) == expected


def test_every_ministry_of_the_reference_data_is_known() -> None:
    """None of the labels of ministries since 2007 is left without an identity."""
    ministries = [label for label in BODIES.values() if label.casefold().startswith(("min", "secr", "premi", "haut-com"))]
    assert len(ministries) == 758
    assert [label for label in ministries if ministry_id(label, None, TABLE) is None] == []


def test_a_label_that_names_no_ministry_has_no_identity() -> None:
    """Nothing is guessed for a group, a committee or an empty label."""
    for label in (
        "",
        "Rassemblement National",
        "Les Républicains",
        "Ministère",
        "Secrétariat d'État auprès du ministre d'État",
        "?",
    ):
        assert ministry_id(label, None, TABLE) is None


def test_a_name_counts_within_its_dates_only() -> None:
    """A word that changed hands names one ministry before a day and another one from it on."""
    names = (
        MinistryName(id="ancien", label="Ancien", words=("energie",), until=date(2024, 1, 10)),
        MinistryName(id="nouveau", label="Nouveau", words=("energie",), since=date(2024, 1, 11)),
    )
    assert ministry_id("Ministère de l'énergie", date(2024, 1, 10), names) == "ancien"
    assert ministry_id("Ministère de l'énergie", date(2024, 1, 11), names) == "nouveau"
    assert ministry_id("Ministère de l'énergie", None, names) == "ancien"


def test_each_day_has_the_names_of_its_day() -> None:
    """The last day of a name is its own, the next one is its successor's; a name without end has the last day of all."""
    former = MinistryName(id="avant", label="Avant", words=("travail",), until=date(2024, 12, 22))
    latter = MinistryName(id="après", label="Après", words=("travail",), since=date(2024, 12, 23), until=date.max)
    days = (date.min, date(2024, 12, 22), date(2024, 12, 23), date.max)
    assert [ministry_id("Travail", day, (former, latter)) for day in days] == ["avant", "avant", "après", "après"]


def test_the_first_thing_a_ministry_is_called_is_what_it_is() -> None:
    """Between names that fit, the earliest in the label, then the longest, then the first of the table."""
    names = (
        MinistryName(id="sante", label="S", words=("sante",)),
        MinistryName(id="travail", label="T", words=("travail",)),
        MinistryName(id="deux", label="D", words=("sante", "travail")),
        MinistryName(id="jamais", label="J", words=("sante",)),
        MinistryName(id="sans", label="X", words=("travail",), without=("emploi",)),
    )
    assert ministry_id("Ministère du travail et de la santé", None, names) == "travail"
    assert ministry_id("Ministère de la santé", None, names) == "sante"
    assert ministry_id("Ministère de la santé et du travail", None, names) == "deux"
    assert ministry_id("Ministère du travail, de l'emploi", None, names) == "travail"


def test_what_a_ministry_does_itself_is_told_from_whom_it_stands_beside() -> None:
    """The charge, the part before the neighbour, or the neighbour's portfolio where there is nothing else."""
    assert (
        own("Ministère auprès de la ministre du travail, de la santé, chargé du travail et de l'emploi")
        == "travail et de l'emploi"
    )
    assert own("Secrétariat d'État à l'outre-mer, auprès de la ministre de l'intérieur") == "secretariat d'etat a l'outre-mer"
    assert own("Secrétariat d'État auprès du ministre de l'intérieur") == "du ministre de l'interieur"


CUT = st.sampled_from([label[start:] for label, _ in LABELS for start in range(0, 80, 3)])


@given(label=st.text(max_size=80) | CUT)
def test_any_label_has_an_identity_of_the_table_or_none(label: str) -> None:
    """Whatever a source writes, nothing is raised and nothing invented."""
    assert ministry_id(label, date(2025, 1, 1), TABLE) in {None, *(name.id for name in TABLE)}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Ministère de l'Éducation nationale", "Ministère de l’éducation nationale"),
        ("Ministère de l’éducation  nationale ", "Ministère de l’éducation nationale"),
        ("MINISTÈRE DE L'ÉDUCATION NATIONALE", "Ministère de l’éducation nationale"),
        ("Travail et Solidarités", "Travail et solidarités"),
        ("Secrétariat d'Etat chargé de l' Intelligence artificielle", "Secrétariat d’État chargé de l’intelligence artificielle"),
        ("premier ministre", "Premier ministre"),
        ("Ministère auprès de la Première Ministre", "Ministère auprès de la Première ministre"),
        ("PME, commerce et artisanat", "PME, commerce et artisanat"),
        ("Garde des Sceaux, Ministère de la Justice", "Garde des sceaux, ministère de la justice"),
        ("Ministère de l'europe et des Affaires étrangères", "Ministère de l’Europe et des affaires étrangères"),
        ("Ministère des sports et des jeux Olympiques", "Ministère des sports et des jeux Olympiques"),
        ("Français de l'étranger", "Français de l’étranger"),
        ("ARMÉES", "Armées"),
        ("", ""),
    ],
)
def test_a_ministry_is_shown_in_one_form(written: str, shown: str) -> None:
    """The chambers mix capitals and apostrophes: readers see the name as the decrees write it."""
    assert display(written) == shown


@given(label=st.text("abcdelmnopÉÀÇéèçABDELMPÉ'’ ,.-–()", max_size=60) | CUT)
def test_a_form_that_is_shown_stays(label: str) -> None:
    """What is shown is shown again as it is, and names the same ministry as what was written."""
    shown = display(label)
    assert display(shown) == shown
    assert ministry_id(shown, None, TABLE) == ministry_id(label, None, TABLE)


def test_the_table_is_commented_and_in_the_notice() -> None:
    """The shipped data says where it comes from, of what day, and under which licence."""
    notice = (files("watcher") / "data" / "NOTICE.md").read_text("utf-8")
    assert "Licence Ouverte" in notice
    assert "17 May 2026" in notice
    for name in ("assemblee.json.gz", "ministries.yaml"):
        assert name in notice
        assert (files("watcher") / "data" / name).is_file()
