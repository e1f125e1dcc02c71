"""PDF documents: text, title, date and page count; everything odd is named."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from watcher import extract
from watcher.errors import ExtractError
from watcher.extract import pdf
from watcher.model import FetchResult, TextStatus

Answer = Callable[..., FetchResult]
Pdf = Callable[..., bytes]

LINES = [
    "Rapport sur les métiers de l'eau",
    " ",
    "Les agents des réseaux d'assainissement ont changé de métier en dix ans, et la forma-",
    "tion n'a pas suivi. Le rapport propose trois mesures, dont un tronc commun aux deux",
    "filières (eau et déchets), pour un coût de 2 M€.",
]
INFO = "/Title (Les m\xe9tiers de l'eau) /Author (Service des \xe9tudes) /CreationDate (D:20261102093000+01'00')"
LOCK = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O ({'a' * 32}) /U ({'b' * 32}) /P -4 >> /ID [(a)(a)]"


def test_a_pdf_gives_text_title_date_and_pages(answer: Answer, make_pdf: Pdf) -> None:
    """Lines become paragraphs, a word cut at the end of a line is whole again, the bearings come from the document."""
    body = make_pdf([LINES, ["La mise en œuvre commence au printemps."]], info=INFO)
    found = extract.read(answer(body, media_type="text/html"), language="fr")
    assert (found.title, found.author, found.pages) == ("Les métiers de l'eau", "Service des études", 2)
    assert found.published_at == datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
    assert (found.media_type, found.status) == ("application/pdf", TextStatus.FULL)
    assert "et la formation n'a pas suivi. Le rapport propose" in found.text
    assert found.text.endswith("La mise en œuvre commence au printemps.")


@pytest.mark.parametrize("info", ["", "/Title (Microsoft Word - note_v3.docx)", "/Title (note.pdf)", "/Title ()"])
def test_a_file_name_is_no_title(info: str, answer: Answer, make_pdf: Pdf) -> None:
    """Where the title is missing or the name of a file, the first line of the text stands for it."""
    found = extract.read(answer(make_pdf([LINES], info=info)), language="fr")
    assert found.title == "Rapport sur les métiers de l'eau"


@pytest.mark.parametrize("info", ["/CreationDate (D:99991231)", "/CreationDate (hier)", "/CreationDate (D:20261399)", ""])
def test_an_absurd_date_is_no_date(info: str, answer: Answer, make_pdf: Pdf) -> None:
    """A date that cannot be is left out, without a crash (row F07)."""
    assert extract.read(answer(make_pdf([LINES], info=info)), language="fr").published_at is None


def test_running_heads_and_page_numbers_are_left_out(answer: Answer, make_pdf: Pdf) -> None:
    """What every page repeats at its head or foot is not text."""
    sheets = [
        ["Observatoire de l'eau - Rapport annuel", f"Chapitre {n} : il y est question de vannes et de filtres.", f"{n}/6"]
        for n in range(6)
    ]
    found = extract.read(answer(make_pdf(sheets)), language="fr")
    assert "Rapport annuel" not in found.text
    assert "3/6" not in found.text
    assert found.text.count("vannes") == 6


@pytest.mark.parametrize("fault", ["encrypted", "no_text", "junk", "truncated", "xref loop"])
def test_what_cannot_be_read_is_named(fault: str, answer: Answer, make_pdf: Pdf) -> None:
    """Encrypted, scanned and broken documents each have their reason; nothing else escapes (row H07)."""
    body = {
        "encrypted": make_pdf([LINES], trailer=LOCK),
        "no_text": make_pdf([[" "], [" "]]),
        "junk": b"%PDF-1.4\n" + b"\x00garbage" * 40,
        "truncated": make_pdf([LINES])[:300],
        "xref loop": b"%PDF-1.4\ntrailer << /Root 1 0 R /Prev 0 >>\nstartxref\n9\n%%EOF",
    }[fault]
    with pytest.raises(ExtractError) as caught:
        extract.read(answer(body, media_type="application/pdf"), language="fr")
    assert caught.value.reason == (fault if fault in ("encrypted", "no_text") else "broken")


def test_a_pdf_of_two_thousand_pages_is_read_in_part(answer: Answer, make_pdf: Pdf) -> None:
    """Of two thousand pages three hundred are read, and the document says it is partial (row H07)."""
    sheets = [[f"Page {n} : une phrase assez longue pour compter comme du texte."] for n in range(2_000)]
    found = extract.read(answer(make_pdf(sheets)), language="fr")
    assert (found.pages, found.status) == (2_000, TextStatus.PARTIAL)
    assert found.kept_ratio == pdf.MOST_PAGES / 2_000
    assert found.text.count("une phrase") == pdf.MOST_PAGES
