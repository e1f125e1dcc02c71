"""What is set aside before a text is read."""

import pytest

from watcher.classify.boilerplate import set_aside


@pytest.mark.parametrize(
    ("text", "aside", "kept"),
    [
        (
            "M. Paul Durand attire l'attention de M. le ministre du travail sur les contrats d'apprentissage.",
            "ministre du travail",
            "contrats d'apprentissage",
        ),
        (
            "Mme Claire Petit interroge Mme la ministre auprès du ministre de l’économie, des finances et de la souveraineté "
            "industrielle et numérique, chargée de l’intelligence artificielle et du numérique, sur le prix du blé.",
            "intelligence artificielle",
            "prix du blé",
        ),
        ("Elle rappelle que l'apprentissage recule partout, sur tous les diplômes.", None, "apprentissage"),
    ],
)
def test_the_opening_of_a_question_is_set_aside(text: str, aside: str | None, kept: str) -> None:
    """The opening formula goes with the title of the minister; the subject stays, and so does a sentence without a minister."""
    ranges = set_aside(text, "question")

    def covered(phrase: str) -> bool:
        start = text.index(phrase)
        return any(a <= start and start + len(phrase) <= b for a, b in ranges)

    assert aside is None or covered(aside)
    assert not covered(kept)


def test_an_article_keeps_its_sentences() -> None:
    """In an article only titles of ministers are set aside."""
    text = "La ministre du travail interroge Mme Petit sur les apprentis."
    assert [text[a:b] for a, b in set_aside(text, "article")] == ["ministre du travail"]
