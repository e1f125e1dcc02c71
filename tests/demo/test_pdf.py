"""The PDF that is written by hand can be read by a reader of PDF."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from watcher.demo.publisher import Publisher


def test_the_pdf_has_two_pages_of_french_text_a_title_and_a_date(publisher: Publisher, ask: Callable[..., Any]) -> None:
    """Accents, typographic apostrophes and ligatures come back; the information dictionary is in Unicode."""
    got = ask(publisher.address("rapport-competences-ia-usine"))
    assert got.headers["content-type"] == "application/pdf"
    document: Any = import_module("pypdfium2").PdfDocument(got.body)
    pages = [document[index].get_textpage().get_text_range() for index in range(len(document))]
    about = document.get_metadata_dict()
    document.close()
    assert len(pages) == 2
    assert about["Title"].startswith("Compétences et intelligence artificielle dans l’industrie")
    assert about["CreationDate"] == "D:20261112090000+01'00'"
    assert "l’arrivée de l’intelligence artificielle" in pages[0]
    assert "Contenu fictif de démonstration" in pages[1]
