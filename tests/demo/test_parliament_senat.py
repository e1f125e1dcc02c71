"""What the Sénat of the demo answers, asked with the plainest of clients."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from watcher.demo.parliament import senat
from watcher.demo.parliament.questions import Entry
from watcher.demo.publisher import PARLIAMENT, Publisher

Ask = Callable[..., Any]
SENAT = senat.PLAN.id


@pytest.fixture
def chambers(anchor: datetime) -> Iterator[Publisher]:
    """The two chambers alone."""
    with Publisher(anchor, plans=PARLIAMENT) as running:
        yield running


def _entry(chambers: Publisher, slug: str) -> Entry:
    return next(entry for entry in chambers.chamber(SENAT).entries if entry.slug == slug)


def _page(chambers: Publisher, ask: Ask, slug: str) -> str:
    return ask(_entry(chambers, slug).question.addresses[0]).text


def test_the_list_is_a_csv_in_windows_1252(chambers: Publisher, ask: Ask) -> None:
    """Semicolons, one heading, ISO dates, kinds mixed; the bytes are no UTF-8, and hold what ISO-8859-1 has not."""
    got = ask(chambers.url(SENAT))
    assert got.headers["content-type"] == "text/csv"
    with pytest.raises(UnicodeDecodeError):
        got.body.decode("utf-8")
    assert b"\x92" in got.body
    rows = list(csv.DictReader(io.StringIO(got.body.decode("cp1252")), delimiter=";"))
    assert tuple(rows[0]) == senat.COLUMNS
    assert len(rows) == len(chambers.chamber(SENAT).entries) == 15
    assert {row["Nature"] for row in rows} == {"QE", "QOSD", "QG"}
    assert {row["Sort"] for row in rows} == {"En cours", "Réponse reçue", "Retirée", "Transformée en QOSD"}
    assert all(datetime.fromisoformat(row["Date de publication JO"]) for row in rows)
    assert any(";" in row["Titre"] for row in rows)


def test_each_row_leads_to_a_page_and_each_page_says_its_charset(chambers: Publisher, ask: Ask) -> None:
    """All but two are in UTF-8; two say iso-8859-1 and are windows-1252."""
    rows = csv.DictReader(io.StringIO(ask(chambers.url(SENAT)).body.decode("cp1252")), delimiter=";")
    pages = [ask(row["URL Question"]) for row in rows]
    assert all(page.status == 200 for page in pages)
    older = [page for page in pages if page.headers["content-type"] == "text/html; charset=iso-8859-1"]
    assert len(older) == 2
    for page in pages:
        assert page in older or page.text.startswith("<!DOCTYPE html>")
    assert any("œ" in page.body.decode("cp1252") for page in older)


def test_todays_page_has_its_visible_order(chambers: Publisher, ask: Ask) -> None:
    """The name in capitals first, the text, its page, the ministry that answers, the answer, its page, no date at the end."""
    text = _page(chambers, ask, "senat-apprentissage-artisanat")
    marks = (
        "Question de M. NOROÎT-BORÉE Gaspard (Manche - Les Républicains) publiée le 10/09/2026",
        "M. Gaspard Noroît-Borée alerte",
        "- page 4650",
        "Réponse du Ministère délégué auprès du ministre du travail et des solidarités et du ministre de l&#x27;éducation",
        " publiée le 12/11/2026",
        "L’apprentissage demeure une priorité",
        "- page 5533",
        "Page mise à jour le<",
    )
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)


def test_a_transfer_stands_between_the_question_and_what_follows(chambers: Publisher, ask: Ask) -> None:
    """On the page without a date; in the list as a ministry of answer that is not the one asked."""
    assert "<h2>Transmise au Ministère du travail et des solidarités</h2>" in _page(
        chambers, ask, "senat-assistance-ia-generative"
    )
    rows = csv.DictReader(io.StringIO(ask(chambers.url(SENAT)).body.decode("cp1252")), delimiter=";")
    moved = [row for row in rows if row["Ministère de réponse"] not in ("", row["Ministère de dépôt"])]
    assert [(row["Numéro"], row["Sort"]) for row in moved] == [("90447", "En cours")]


def test_a_withdrawal_gives_its_reason(chambers: Publisher, ask: Ask) -> None:
    """In the words of the older pages."""
    assert "La question a été retirée (pour cause de cessation de mandat)" in _page(chambers, ask, "senat-loup-estives")


def test_a_reminder_links_the_older_question(chambers: Publisher, ask: Ask) -> None:
    """The link answers."""
    text = _page(chambers, ask, "senat-rappel-sous-traitance")
    old = _entry(chambers, "senat-sous-traitance-reconversion").question
    assert f'Rappelle la question n°<a href="{old.addresses[0]}">90174</a>' in text
    assert ask(old.addresses[0]).status == 200


def test_a_question_put_in_the_chamber_says_when(chambers: Publisher, ask: Ask) -> None:
    """The day before its publication, on the line under the heading; its number ends with G."""
    entry = _entry(chambers, "senat-jeunes-diplomes-seance")
    text = _page(chambers, ask, entry.slug)
    assert text.index("publiée le 12/11/2026") < text.index("Question posée en séance publique le 11/11/2026")
    assert entry.question.addresses[0].endswith("/questions/base/2026/qSEQ26119204G.html")


def test_the_older_page_has_its_headings_between_its_comments(chambers: Publisher, ask: Ask) -> None:
    """Legislature, number and member, issue and page, erratum, theme, answer."""
    entry = _entry(chambers, "senat-ragondins-marais")
    text = ask(entry.question.addresses[0]).body.decode("cp1252")
    marks = (
        "<!-- START : primary -->",
        "<h1>Prolifération des ragondins dans les marais</h1>",
        "<h2>17<sup>e</sup> législature</h2>",
        "<h2>Question écrite n° 90231 de <b>M. Balthazar SUROÎT</b> (Charente-Maritime - ",
        "<h3>publiée dans le JO Sénat du 09/07/2026 - page 3561</h3>",
        "<i>Erratum : JO du 16/07/2026, p. 3640</i>",
        "<h3>Concerne le thème : Environnement</h3>",
        "<h2>Réponse du Ministère de la transition écologique",
        "<h3>publiée dans le JO Sénat du 05/11/2026 - page 5418</h3>",
        "<!-- END : primary -->",
    )
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)


def test_a_conversion_links_the_oral_question(chambers: Publisher, ask: Ask) -> None:
    """On an older page; the oral question has a page of its own."""
    entry, oral = _entry(chambers, "senat-plateaux-techniques-cfa"), _entry(chambers, "senat-plateaux-techniques-oral")
    text = ask(entry.question.addresses[0]).body.decode("cp1252")
    assert f'Transformée en QOSD : <a href="{oral.question.addresses[0]}">9061S</a>' in text
    assert ask(oral.question.addresses[0]).status == 200


def test_the_list_and_the_page_of_the_answered_question_change_at_the_next_issue(chambers: Publisher, ask: Ask) -> None:
    """Before, it is open everywhere; after, its old validators no longer hold."""
    url = _entry(chambers, "senat-plasturgie-certification-ia").question.addresses[0]
    lists, pages = [ask(chambers.url(SENAT))], [ask(url)]
    chambers.chamber(SENAT).next_issue()
    lists.append(ask(chambers.url(SENAT), If_None_Match=lists[0].headers["etag"]))
    pages.append(ask(url, If_None_Match=pages[0].headers["etag"]))
    assert "Réponse du" not in pages[0].text
    assert "publiée le 19/11/2026" in pages[1].text
    row = next(line for line in lists[1].body.decode("cp1252").splitlines() if ";90412;" in line)
    assert row.startswith("Réponse reçue;")
    assert ";2026-11-19;" in row
    for before, after in (lists, pages):
        assert after.status == 200
        assert before.headers["etag"] != after.headers["etag"]
        assert before.headers["last-modified"] != after.headers["last-modified"]
