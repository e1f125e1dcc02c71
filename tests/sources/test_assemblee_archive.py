"""The nightly zip of the Assemblée: asked for once, listed with what tells a change, read in batches, never trusted."""

import json
import zipfile
import zlib
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from benchmarks import archive_maker
from tests.sources.assemblee_builders import CASES, NOW, URL, a_source, an_archive, real_tree
from watcher import sources
from watcher.errors import ParseError
from watcher.model import ArchiveMember, FetchResult, Parsed, Question, QuestionStatus, Request, SourceState
from watcher.sandbox import Sandbox
from watcher.sources import assemblee_json, assemblee_questions, assemblee_slices
from watcher.sources.assemblee_nodes import Node

REAL: dict[str, bytes | str] = {
    "json/QANR5L17QG1.json": (CASES / "QANR5L17QG1.json").read_bytes(),
    "json/QANR5L17QE9001.json": (CASES / "QANR5L17QE9001.json").read_bytes(),
    "xml/QANR5L15QE9002.xml": (CASES / "QANR5L15QE9002.xml").read_bytes(),
    "Questions_ecrites_XIV.xml": (CASES / "Questions_ecrites_XIV.xml").read_bytes(),
}


def read_all(path: str) -> Parsed:
    names = tuple(member.name for member in assemblee_questions.members(path, a_source()))
    return assemblee_questions.parse_members(path, names, a_source(), NOW)


def spooled(path: str) -> FetchResult:
    return FetchResult(request=Request(url=URL), url=URL, status=200, file=Path(path), fetched_at=NOW)


def test_the_zip_is_asked_for_conditionally_into_a_file_within_raised_limits() -> None:
    """An unchanged archive costs one conditional request; a changed one goes to disk, not to memory (row F15)."""
    state = SourceState(source_id="an", etag='W/"7"', last_modified="Fri, 20 Nov 2026 01:00:00 GMT")
    (request,) = sources.KINDS["assemblee_questions"].first(a_source(max_megabytes=80, max_minutes=5), state)
    assert (request.etag, request.last_modified) == (state.etag, state.last_modified)
    assert request.spool
    assert (request.max_bytes, request.max_seconds) == (80 * 1024 * 1024, 300)


def test_the_options_are_strict_and_described() -> None:
    """A key that is misspelt is refused; each has a description for the schema."""
    with pytest.raises(ValidationError):
        assemblee_questions.Options.model_validate({"max_megabyte": 3})
    assert all(field.description for field in assemblee_questions.Options.model_fields.values())


def test_members_are_listed_with_checksum_and_size_and_other_files_left_out(tmp_path: Path) -> None:
    """What tells a change is the CRC and the size, because the dates of members are those of the night (row F15)."""
    path = an_archive(tmp_path / "q.zip", {**REAL, "LISEZMOI.txt": "bonjour", "interne.zip": b"PK"})
    listed = assemblee_questions.members(path, a_source())
    written = ((name, bytes(data)) for name, data in REAL.items() if isinstance(data, bytes))
    assert listed == tuple(ArchiveMember(name=name, crc=zlib.crc32(data), size=len(data)) for name, data in written)
    assert len(listed) == len(REAL)


def test_an_archive_gives_what_its_members_give(tmp_path: Path) -> None:
    """JSON, XML, the file of a whole legislature: five questions, in the order they were asked for."""
    parsed = read_all(an_archive(tmp_path / "q.zip", REAL))
    assert [item.guid for item in parsed.items] == [
        "question:assemblee:17:QG:1",
        "question:assemblee:17:QE:9001",
        "question:assemblee:15:QE:9002",
        "question:assemblee:14:QE:1",
        "question:assemblee:14:QE:2",
    ]
    assert parsed.set_aside == ()
    assert parsed.rejected == {}


def test_an_item_is_dated_by_the_later_of_question_and_answer_in_paris(tmp_path: Path) -> None:
    """A late answer comes back to the reader: its day begins at midnight in Paris, in winter and in summer."""
    items = {item.guid: item for item in read_all(an_archive(tmp_path / "q.zip", REAL)).items}
    assert items["question:assemblee:17:QE:9001"].published_at == datetime(2025, 11, 24, 23, tzinfo=UTC)
    assert items["question:assemblee:14:QE:1"].published_at == datetime(2012, 10, 15, 22, tzinfo=UTC)
    for item in items.values():
        assert item.question is not None
        assert item.guid == item.question.key
        assert item.question.text in item.content


def test_a_bad_member_is_set_aside_with_its_path_and_reason(tmp_path: Path) -> None:
    """Broken JSON, no number, an empty file, a member that is gone: named and counted, the rest is kept (row F13)."""
    files = {**REAL, "json/a.json": b'{"question": {', "json/b.json": b'{"question": {"texte": "x"}}', "json/c.xml": b""}
    path = an_archive(tmp_path / "q.zip", files)
    names = (*files, "json/disparu.json")
    parsed = assemblee_questions.parse_members(path, names, a_source(), NOW)
    assert len(parsed.items) == 5
    assert parsed.set_aside == (
        ("json/a.json", "broken_json"),
        ("json/b.json", "no_identity"),
        ("json/c.xml", "empty"),
        ("json/disparu.json", "member_missing"),
    )
    assert parsed.rejected == {"broken_json": 1, "no_identity": 1, "empty": 1, "member_missing": 1}


def test_a_damaged_member_is_set_aside(tmp_path: Path) -> None:
    """A wrong checksum is not read as a question that changed (row F14)."""
    path = tmp_path / "q.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name, data in REAL.items():
            made.writestr(name, data)
    path.write_bytes(path.read_bytes().replace(b'QANR5L17QE9001"', b'QANR5L17QE9999"', 1))
    parsed = read_all(str(path))
    assert parsed.set_aside == (("json/QANR5L17QE9001.json", "member_crc"),)
    assert len(parsed.items) == 4


def test_one_bad_record_of_a_file_of_many_is_set_aside_by_its_rank(tmp_path: Path) -> None:
    """In a file that holds several questions, the others are kept (row F13)."""
    tree = {"questions": {"question": [real_tree(), {"uid": None}, real_tree("QANR5L17QG1.json")]}}
    parsed = read_all(an_archive(tmp_path / "q.zip", {"tout.json": json.dumps(tree)}))
    assert len(parsed.items) == 2
    assert parsed.set_aside == (("tout.json[1]", "no_identity"),)


def test_a_record_nobody_foresaw_costs_itself_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a reader raises on one record, its batch goes on; running out of memory does not."""
    path = an_archive(tmp_path / "q.zip", REAL)
    honest = assemblee_json.question

    def failing(node: Node, *, legislature: int | None, latest: date, site: str) -> Question:
        if isinstance(node, dict) and node.get("uid") == "QANR5L17QE9001":
            raise ZeroDivisionError
        return honest(node, legislature=legislature, latest=latest, site=site)

    monkeypatch.setattr(assemblee_json, "question", failing)
    assert read_all(path).set_aside == (("json/QANR5L17QE9001.json", "parser_failed"),)

    def exhausted(node: Node, *, legislature: int | None, latest: date, site: str) -> Question:
        raise MemoryError

    monkeypatch.setattr(assemblee_json, "question", exhausted)
    with pytest.raises(MemoryError):
        read_all(path)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"LISEZMOI.txt": "bonjour"}, "archive_no_question"),
        ({}, "archive_no_question"),
        ({"../x.json": "{}"}, "archive_name"),
        ({"x.json": "[" + " " * (17 * 1024 * 1024) + "]"}, "archive_ratio"),
    ],
)
def test_an_archive_that_cannot_be_trusted_is_refused_whole(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    """Nothing is listed from it, so nothing can look as if it had gone (rows F14, F16)."""
    path = an_archive(tmp_path / "q.zip", dict(files))
    with pytest.raises(ParseError) as caught:
        assemblee_questions.members(path, a_source())
    assert caught.value.reason == expected


def test_the_limits_are_those_of_the_source(tmp_path: Path) -> None:
    """An administrator can lower and raise how much an archive may hold (row F14)."""
    path = an_archive(tmp_path / "q.zip", {**REAL, "json/grand.json": " " * 3_000_000})
    limited = (a_source(max_members=3), "archive_too_many"), (a_source(max_unpacked_megabytes=2), "archive_member_too_large")
    for source, expected in limited:
        with pytest.raises(ParseError) as caught:
            assemblee_questions.members(path, source)
        assert caught.value.reason == expected


def test_a_json_of_a_whole_legislature_points_to_its_xml(tmp_path: Path) -> None:
    """It would not fit in a worker; the XML of the same data is read in slices."""
    content = json.dumps({"questions": [f"{n:064d}{zlib.crc32(bytes([n % 251]))}" for n in range(260_000)]})
    path = an_archive(tmp_path / "q.zip", {"Questions_ecrites_XIV.json": content})
    with pytest.raises(ParseError, match=r"\.xml\.zip") as caught:
        assemblee_questions.members(path, a_source())
    assert caught.value.reason == "archive_member_too_large"


@pytest.fixture(scope="module")
def legislature(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One XML file of 1,500 questions, some 8 MiB, without namespace."""
    records = [archive_maker.xml(archive_maker.record(number, legislature=14)) for number in range(1, 1_501)]
    plain = [record.partition("?>\n")[2].replace(f' xmlns="{archive_maker.NAMESPACE}"', "") for record in records]
    body = '<?xml version="1.0" encoding="UTF-8"?>\n<questionsEcrites>\n' + "\n".join(plain) + "\n</questionsEcrites>\n"
    return an_archive(tmp_path_factory.mktemp("xiv") / "Questions_ecrites_XIV.xml.zip", {"Questions_ecrites_XIV.xml": body})


def test_a_file_of_a_whole_legislature_is_read_in_slices(legislature: str) -> None:
    """Each slice is a member with a checksum of its own; together they give every question once."""
    listed = assemblee_questions.members(legislature, a_source())
    assert len(listed) >= 4
    assert all(member.size < 2 * assemblee_slices.SLICE for member in listed)
    parsed = read_all(legislature)
    assert parsed.set_aside == ()
    assert [item.guid for item in parsed.items] == [f"question:assemblee:14:QE:{n}" for n in range(1, 1_501)]
    second = assemblee_questions.parse_members(legislature, (listed[1].name,), a_source(), NOW)
    assert {item.guid for item in second.items} < {item.guid for item in parsed.items}


def test_a_change_in_one_question_changes_one_slice(legislature: str, tmp_path: Path) -> None:
    """The slices before and after keep their place and checksum, as long as the length is the same."""
    with zipfile.ZipFile(legislature) as archive:
        body = archive.read("Questions_ecrites_XIV.xml")
    place = body.index(b"<uid>QANR5L14QE700</uid>")
    changed = body[:place] + body[place:].replace(b"<rubrique>", b"<rubrique>", 1).replace(b"Camille", b"Camilla", 1)
    path = an_archive(tmp_path / "neuf.zip", {"Questions_ecrites_XIV.xml": changed})
    before, after = assemblee_questions.members(legislature, a_source()), assemblee_questions.members(path, a_source())
    fresh = set(after) - set(before)
    assert len(after) == len(before)
    assert len(fresh) == 1
    gone = assemblee_questions.parse_members(path, ("Questions_ecrites_XIV.xml#7+12",), a_source(), NOW)
    assert gone.set_aside == (("Questions_ecrites_XIV.xml#7+12", "member_missing"),)


def test_a_generated_archive_shows_the_shapes_and_only_what_moved_has_another_checksum(tmp_path: Path) -> None:
    """400 questions, 20 of them revised: twenty members differ, and those are answered now (row F15)."""
    revised = frozenset(range(30, 50))
    first = archive_maker.write(tmp_path / "lundi.zip", 400)
    second = archive_maker.write(tmp_path / "mardi.zip", 400, revised=revised)
    assert archive_maker.write(tmp_path / "encore.zip", 400).read_bytes() == first.read_bytes()
    before = set(assemblee_questions.members(str(first), a_source()))
    moved = [member.name for member in assemblee_questions.members(str(second), a_source()) if member not in before]
    assert {int(name.rpartition("QE")[2].removesuffix(".json")) for name in moved} <= revised
    assert len(moved) >= 15
    late = assemblee_questions.parse_members(str(second), tuple(moved), a_source(), NOW)
    assert {item.question.status for item in late.items if item.question} == {QuestionStatus.ANSWERED}
    whole = read_all(str(first))
    statuses = Counter(item.question.status for item in whole.items if item.question)
    assert len(whole.items) == 400
    assert set(statuses) >= {QuestionStatus.ANSWERED, QuestionStatus.OPEN, QuestionStatus.WITHDRAWN}


def test_the_same_questions_in_json_and_in_xml_are_the_same(tmp_path: Path) -> None:
    """Two forms of one data set, one reading."""
    from_json = read_all(str(archive_maker.write(tmp_path / "j.zip", 150)))
    from_xml = read_all(str(archive_maker.write(tmp_path / "x.zip", 150, as_xml=True)))
    assert from_json.items == from_xml.items


def test_a_preview_reads_the_newest_and_says_how_many_it_left(tmp_path: Path) -> None:
    """`parse` on a spooled archive reads 500 members; the others are counted, not forgotten."""
    path = str(archive_maker.write(tmp_path / "q.zip", 520))
    parsed = sources.parse(a_source(), spooled(path), SourceState(source_id="an"))
    assert len(parsed.items) == 500
    assert parsed.rejected == {"not_read": 20}
    assert parsed.items[0].guid == "question:assemblee:17:QE:520"


async def test_listing_and_reading_cross_the_sandbox_unchanged(tmp_path: Path) -> None:
    """Both run in a worker, in its memory and within its limits, and come back as they were."""
    path = an_archive(tmp_path / "q.zip", {**REAL, "json/a.json": b"{"})
    source = a_source()
    with Sandbox(workers=1) as box:
        listed = await box.run(assemblee_questions.members, path, source, returns=tuple[ArchiveMember, ...])
        assert listed == assemblee_questions.members(path, source)
        names = tuple(member.name for member in listed)
        there = await box.run(assemblee_questions.parse_members, path, names, source, NOW, returns=Parsed)
        assert there == assemblee_questions.parse_members(path, names, source, NOW)
        bad = an_archive(tmp_path / "mauvais.zip", {"../x.json": "{}"})
        with pytest.raises(ParseError) as caught:
            await box.run(assemblee_questions.members, bad, source, returns=tuple[ArchiveMember, ...])
        assert caught.value.reason == "archive_name"


def test_a_question_dated_far_ahead_has_no_date(tmp_path: Path) -> None:
    """A number of the Journal officiel is announced some days ahead, never a month (row F07)."""
    for ahead, kept in ((10, True), (40, False)):
        tree = real_tree()
        tree["textesReponse"] = None
        tree["cloture"] = None
        tree["minAttribs"] = None
        on = (NOW + timedelta(days=ahead)).date()
        tree["textesQuestion"] = {"texteQuestion": {"infoJO": {"dateJO": str(on)}, "texte": "Une question."}}
        (item,) = read_all(an_archive(tmp_path / "q.zip", {"json/a.json": json.dumps({"question": tree})})).items
        assert item.question is not None
        assert item.question.asked_on == (on if kept else None)
        assert (item.published_at is not None) == kept
