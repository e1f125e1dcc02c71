"""What the Assemblée of the demo answers: every oddity of the real data sets is there, one test each."""

import io
import json
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from watcher.demo.parliament import assemblee
from watcher.demo.publisher import PARLIAMENT, Publisher

Ask = Callable[..., Any]
Records = dict[str, Any]
ASSEMBLEE = assemblee.PLAN.id
SPACE = "{http://schemas.assemblee-nationale.fr/referentiel}"


@pytest.fixture
def chambers(anchor: datetime) -> Iterator[Publisher]:
    """The two chambers alone."""
    with Publisher(anchor, plans=PARLIAMENT) as running:
        yield running


@pytest.fixture
def records(chambers: Publisher, ask: Ask) -> Records:
    """The questions of the JSON archive by number, the broken member left out."""
    with zipfile.ZipFile(io.BytesIO(ask(chambers.url(ASSEMBLEE)).body)) as archive:
        names = [name for name in archive.namelist() if name != assemblee.BROKEN]
        read = [json.loads(archive.read(name))["question"] for name in names]
    return {record["identifiant"]["numero"]: record for record in read}


def test_the_archive_is_well_formed_and_dated_by_the_night(chambers: Publisher, ask: Ask) -> None:
    """One file per question under json/, all dated when the archive was made; tested by its checksums."""
    got = ask(chambers.url(ASSEMBLEE))
    assert got.headers["content-type"] == "application/zip"
    assert got.headers["last-modified"] == "Sat, 21 Nov 2026 01:12:00 GMT"
    with zipfile.ZipFile(io.BytesIO(got.body)) as archive:
        assert archive.testzip() is None
        assert {member.date_time for member in archive.infolist()} == {(2026, 11, 21, 1, 12, 0)}
        assert all(name.startswith("json/QANR5L17QE9") for name in archive.namelist())
        assert len(archive.namelist()) == len(chambers.chamber(ASSEMBLEE).entries) + 1 == 18


def test_one_member_is_broken_json(chambers: Publisher, ask: Ask) -> None:
    """It is cut in its text, and is in UTF-8 to the cut."""
    with zipfile.ZipFile(io.BytesIO(ask(chambers.url(ASSEMBLEE)).body)) as archive:
        text = archive.read(assemblee.BROKEN).decode()
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


def test_one_is_an_object_and_several_are_a_list(records: Records) -> None:
    """Ministries, texts and analyses, in both forms."""
    for path in (("minAttribs", "minAttrib"), ("textesQuestion", "texteQuestion")):
        assert {type(record[path[0]][path[1]]) for record in records.values()} == {dict, list}
    analyses = [
        record["indexationAN"]["analyses"]["analyse"] for record in records.values() if "analyses" in record["indexationAN"]
    ]
    assert {type(analyse) for analyse in analyses} == {str, list}


def test_nothing_is_null_or_nil(records: Records) -> None:
    """An open question has no answer: null; what one record lacks is an object that says so."""
    assert records["90201"]["textesReponse"] is None
    assert records["90105"]["signalement"] == {"@xsi:nil": "true"}


def test_an_answer_is_broken_html_with_a_table(records: Records) -> None:
    """It begins with a closing tag and ends on an opened one; attributes have no or one quote; the table is between comments."""
    text = records["90093"]["textesReponse"]["texteReponse"]["texte"]
    assert text.startswith('</p><p align="CENTER">')
    assert text.endswith("<br> <p>")
    assert "<a name=PG1>" in text
    assert '<th rowspan=2">' in text
    assert text.index("le tableau suivant.") < text.index("<!-- DEBTAB -->") < text.index("<!-- FINTAB -->")


def test_entities_remain(records: Records) -> None:
    """œ and the no-break space, in the question and the answer."""
    record = records["90093"]
    assert "man&#339;uvre" in record["textesQuestion"]["texteQuestion"]["texte"]
    assert "41&#160;200" in record["textesReponse"]["texteReponse"]["texte"]
    assert "œ" not in json.dumps(record, ensure_ascii=False)


def test_closing_codes_are_known_and_unknown(records: Records) -> None:
    """Answered, withdrawn, end of mandate, one that nobody has met, and none."""
    codes = {
        record["cloture"]["codeCloture"] if record["cloture"] else None for record in records.values() if "cloture" in record
    }
    assert codes == {"REP_PUB", "RET_AUT", "FIN_MANDAT", "XDIV_7", None}
    assert records["90126"]["cloture"]["libelleCloture"].startswith("Jointe à la question")


def test_days_are_iso_but_for_one_record(records: Records) -> None:
    """17/11/2026 there, 2026-11-17 elsewhere."""
    assert records["90105"]["textesQuestion"]["texteQuestion"]["infoJO"]["dateJO"] == "30/06/2026"
    assert records["90105"]["cloture"]["dateCloture"] == "20/10/2026"
    assert records["90288"]["minAttribs"]["minAttrib"]["infoJO"]["dateJO"] == "2026-11-17"


def test_a_question_of_this_week_has_a_heading_alone(records: Records) -> None:
    """Neither analyses nor teteAnalyse, not even empty."""
    assert records["90288"]["indexationAN"] == {"rubrique": "formation professionnelle et apprentissage"}


def test_tete_analyse_is_null_but_for_one_record(records: Records) -> None:
    """As in the real files, where it is rare."""
    heads = [number for number, record in records.items() if record["indexationAN"].get("teteAnalyse")]
    assert heads == ["90189"]


def test_a_report_is_an_object_with_a_day(records: Records) -> None:
    """One question was signalled by its group this week; the others say null."""
    signalled = {number: record["signalement"] for number, record in records.items() if record["signalement"]}
    assert signalled["90189"]["infoJO"]["dateJO"] == "2026-11-17"
    assert set(signalled) == {"90189", "90105"}


def test_a_reattribution_keeps_the_label_and_changes_the_reference(records: Records) -> None:
    """By decree, without a number of the Journal officiel."""
    asked, current = records["90131"]["minAttribs"]["minAttrib"]
    assert asked["denomination"]["developpe"] == current["denomination"]["developpe"] == "Ministère de la culture"
    assert (asked["denomination"]["organeRef"], current["denomination"]["organeRef"]) == ("PO873669", "PO879406")
    assert (current["infoJO"]["typeJO"], current["infoJO"]["numJO"]) == ("JO_LOI_DECRET", None)


def test_a_text_may_be_a_node_and_a_ministry_misspelt(records: Records) -> None:
    """`{"#text": ...}`, and "Minsitère"."""
    record = records["90145"]
    assert set(record["textesQuestion"]["texteQuestion"]["texte"]) == {"#text"}
    assert record["minInt"]["developpe"].startswith("Minsitère")


def test_an_answer_is_half_damaged(records: Records) -> None:
    """UTF-8 read as windows-1252, from its middle on."""
    text = records["90105"]["textesReponse"]["texteReponse"]["texte"]
    assert "éle" in text[: len(text) // 2]
    assert "Ã©" in text[len(text) // 2 :]


def test_members_are_references_without_a_name(records: Records) -> None:
    """The record tells PA..., PM... and the group; the name stands in the text only."""
    author = records["90201"]["auteur"]
    assert author["identite"] == {"acteurRef": "PA900001", "mandatRef": "PM900001"}
    assert author["groupe"]["organeRef"] == "PO845407"


def test_the_xml_archive_holds_a_few_questions_with_french_days(chambers: Publisher, ask: Ask) -> None:
    """The same tree in the namespace of the reference data; an absent element says that it is nil."""
    got = ask(chambers.base(ASSEMBLEE) + assemblee.XML_PATH)
    with zipfile.ZipFile(io.BytesIO(got.body)) as archive:
        assert archive.testzip() is None
        roots = {name: ET.fromstring(archive.read(name)) for name in archive.namelist()}
    assert len(roots) == assemblee.IN_XML
    root = roots["xml/QANR5L17QE90093.xml"]
    assert root.findtext(f"{SPACE}textesReponse/{SPACE}texteReponse/{SPACE}infoJO/{SPACE}dateJO") == "27/10/2026"
    assert len(root.findall(f"{SPACE}indexationAN/{SPACE}analyses/{SPACE}analyse")) == 3
    nil = root.find(f"{SPACE}signalement")
    assert nil is not None
    assert nil.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true"


def test_each_question_has_a_page_in_words(chambers: Publisher, ask: Ask) -> None:
    """At the address that the site gives it; days are written out."""
    for entry in chambers.chamber(ASSEMBLEE).entries:
        assert ask(entry.question.addresses[0]).status == 200
    text = ask(f"{chambers.base(ASSEMBLEE)}/dyn/17/questions/QANR5L17QE90112").text
    marks = (
        "Délais de la validation",
        "Question de :",
        "Mme Philomène Ventôse",
        "Gironde (22e circonscription) - ",
        "Réponse publiée",
    )
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)
    assert "Réponse publiée le 3 novembre 2026" in text


def test_at_the_next_issue_one_member_of_the_archive_changes(chambers: Publisher, ask: Ask) -> None:
    """All other checksums stay, though every date in the archive moves."""

    def sums() -> dict[str, int]:
        with zipfile.ZipFile(io.BytesIO(ask(chambers.url(ASSEMBLEE)).body)) as archive:
            return {member.filename: member.CRC for member in archive.infolist()}

    before = sums()
    chambers.chamber(ASSEMBLEE).next_issue()
    after = sums()
    assert [name for name in before if before[name] != after[name]] == ["json/QANR5L17QE90178.json"]
