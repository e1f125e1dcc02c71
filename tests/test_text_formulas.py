"""The formulas of questions: whom one is put to, what says nothing of its subject."""

import re

import pytest

from watcher.reference import names
from watcher.text import formulas


@pytest.mark.parametrize(
    ("text", "office"),
    [
        (
            "Mme Anne Petit interroge Mme la secrétaire d'État auprès du ministre de la recherche, chargée de l'intelligence"
            " artificielle et du numérique sur les métiers.",
            "secrétaire d'État auprès du ministre de la recherche, chargée de l'intelligence artificielle et du numérique",
        ),
        (
            "M. Paul Roux attire l'attention de M. le ministre délégué auprès de la Première ministre, chargé des relations avec"
            " le Parlement, sur un délai.",
            "ministre délégué auprès de la Première ministre, chargé des relations avec le Parlement",
        ),
        ("M. Paul Roux interroge Mme Claire Bel, ministre de la culture, au sujet des musées.", "ministre de la culture"),
        ("M. Paul Roux demande à M. le ministre des finances s'il est exact, concernant une rente, que", "ministre des finances"),
        ("M. Paul Roux appelle l'attention de Mme la garde des sceaux sur les greffes.", "garde des sceaux"),
        ("La formation recule partout.", None),
        ("", None),
    ],
)
def test_the_office_is_read_in_the_opening(text: str, office: str | None) -> None:
    """The office without a name, whole, commas inside; None when the opening names none."""
    assert formulas.addressee(text) == office


def test_overlapping_ranges_are_left_out_once() -> None:
    """What two rules set aside is gone, what none does stays, in order."""
    assert "".join(formulas.without("abcdefgh", [(4, 6), (1, 3), (2, 5)]).split()) == "agh"
    assert formulas.without("abc", []) == "abc"


@pytest.mark.parametrize(
    "turn", ["Elle lui demande", "Aussi souhaite-t-elle savoir", "Il souhaiterait donc connaître", "Que compte-t-il faire"]
)
def test_closing_turns_are_found(turn: str) -> None:
    """The turn is found and the point behind it is not part of it."""
    text = f"La filière recule. {turn} quelles mesures sont prévues."
    ranges = formulas.closing(text)
    assert any(text[start:end].strip().lower().endswith(turn.split()[-1].lower()) for start, end in ranges), ranges
    assert "mesures" not in "".join(text[start:end] for start, end in ranges)


# Misprints of the data set, one made up of two, and one title for an epidemic.
_NOT_READ_WHOLE = re.compile(r"Minsitère|Minstère|auprès de M\.le|après de|libéérales|Porte- parole|covid-19")


def test_the_titles_of_all_governments_are_read_whole() -> None:
    """Of every ministry since 2007 nothing is left once titles are set aside: no word of it passes for a subject."""
    bodies = [label for label in names.shipped_bodies().values() if re.match(r"(?:Minist|Secrétariat|Haut-comm)", label)]
    titles = [re.split(r"\s[-–]\s", label)[0] for label in bodies if not _NOT_READ_WHOLE.search(label)]
    assert len(titles) > 400
    left = {title: formulas.without(title, formulas.titles(title)).strip(" ,") for title in titles}
    assert set(left.values()) <= {"", "et"}, {title: rest for title, rest in left.items() if len(rest) > 2}


@pytest.mark.parametrize(
    "sentence",
    [
        "Le ministre de l'industrie et de l'énergie|, sur les métiers de la robotique",
        "La ministre chargée de l’intelligence artificielle et du numérique| avec les branches",
        "Le ministre du travail| politique de formation des salariés",
        "Le ministère de l'économie, des finances et de la souveraineté industrielle, énergétique et numérique| prépare un plan",
        "La ministre déléguée chargée de l'enseignement et de la formation professionnels et de l'apprentissage| répond",
        "Selon la ministre du travail|, l'apprentissage recule",
        "Le ministre de l'économie|, les services numériques et la formation",
        "Ministère du travail|\nApprentissage : les chiffres de l'année",
        "MINISTÈRE DU TRAVAIL ET DE L'EMPLOI| : COMMUNIQUÉ",
        "Ministre auprès du Premier ministre, chargée de l'industrie|, en visite",
    ],
)
def test_a_title_ends_where_the_subject_begins(sentence: str) -> None:
    """What follows a title is read, though titles hold the same words elsewhere."""
    title, subject = sentence.split("|")
    (found,) = formulas.titles(title + subject)
    assert (title + subject)[found[1] :] == subject


@pytest.mark.parametrize(
    "sentence",
    ["Pour le ministre, l'intelligence artificielle et l'emploi", "La branche administre la formation", "Ministre"],
)
def test_what_only_looks_like_a_title_is_read(sentence: str) -> None:
    """A minister without an office, and a verb that ends like one, take nothing of what follows with them."""
    assert formulas.titles(sentence) == []
