"""French sentences are cut where they end, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import text

ONE = [
    "M. Durand et Mme. Petit ont répondu à l'art. 12 du projet.",
    "Le décret n° 2026-12 vise l'art. L. 6113-1 et l'al. 3 du code.",
    "Elle cite J.-P. Martin, Dr. Roux et E. Faure dans son rapport.",
    "« C'est un tournant. Il faut former. » selon la ministre.",
    "La part passe de 3.5 à 4,2 points (cf. p. 12) en un an.",
    "Il a dit : « Formons ! » et il est parti.",
    "Faut-il s'inquiéter ? se demande le rapport.",
    "Les offres (CDI, CDD, etc.) progressent.",
    "1. Des métiers qui changent",
    "Le salon a lieu en oct. 2026 à Lyon.",
    "Elle ajoute “Oui. Vraiment.” avant de sortir.",
    "Un titre sans point",
    "Le site exemple.fr publie v2.0 du référentiel.",
]
SEVERAL = [
    ["Un point.", "Deux points !", "Trois ?", "Quatre…", "Cinq"],
    ["L’IA progresse.", "Les métiers changent."],
    ["En 2024, tout change.", "30 % des cadres l'utilisent."],
    ["Il dit : « Formons. »", "Puis il part."],
    ["Un titre", "Un paragraphe.", "Un autre."],
    ["« Première citation. »", "« Seconde citation. »"],
    ["Est-ce utile ?", "– Oui.", "– Non."],
    ["Guillemet « jamais fermé.", "La suite tient."],
    ["Le BTS est créé.", "À la rentrée, il ouvre."],
    ["Il l'a dit (c'est rare).", "On l'a cru."],
]


@pytest.mark.parametrize("sentence", ONE)
def test_a_sentence_is_not_cut_inside(sentence: str) -> None:
    """Abbreviations, initials, numbers and quotations do not end a sentence."""
    assert [span.text for span in text.sentences(sentence)] == [sentence]


@pytest.mark.parametrize("expected", SEVERAL, ids=lambda sentences: sentences[0])
def test_sentences_are_told_apart(expected: list[str]) -> None:
    """A full stop, a question or exclamation mark, an ellipsis and a line end separate, with or without quotes."""
    joiner = "\n" if expected[0] == "Un titre" else " "
    assert [span.text for span in text.sentences(joiner.join(expected))] == expected


def test_blanks_between_sentences_belong_to_none() -> None:
    """A span starts and ends with ink, and is found at its place in the original."""
    passage = "  Un.  \n\n\t Deux. Trois \n"
    assert text.sentences(passage) == [text.Span("Un.", 2, 5), text.Span("Deux.", 11, 16), text.Span("Trois", 17, 22)]
    assert text.sentences(" \n ") == []


@given(st.text(max_size=300) | st.text(alphabet="aA.!? \n«»“”(M1…é", max_size=60))
def test_nothing_is_lost_between_sentences(anything: str) -> None:
    """Spans follow each other and hold every letter of the text."""
    spans = text.sentences(anything)
    position, between = 0, ""
    for span in spans:
        assert anything[span.start : span.end] == span.text == span.text.strip() != ""
        between += anything[position : span.start]
        position = span.end
    assert not (between + anything[position:]).strip()
