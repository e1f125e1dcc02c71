"""What the chambers publish is what the source kinds find: the oddities are those of the sites, not slips of the demo."""

import io
import zipfile
from datetime import datetime
from pathlib import Path

from watcher.demo.parliament import archives, assemblee, questions, records, senat, senat_pages
from watcher.demo.parliament.questions import Entry
from watcher.model import Chamber, FetchResult, Question, QuestionStatus, Request, Source, SourceState
from watcher.sources import assemblee_questions, senat_questions

BASE = "http://127.0.0.1:8471"


def _entries(chamber: Chamber, now: datetime) -> dict[str, Entry]:
    return {entry.question.key: entry for entry in questions.entries(chamber, BASE, now, 1)}


def _source(kind: str, path: str) -> Source:
    return Source(id=kind, kind=kind, name=kind, url=BASE + path)


def _answer(url: str, body: bytes, media_type: str, now: datetime) -> FetchResult:
    headers = (("content-type", media_type),)
    return FetchResult(request=Request(url=url), url=url, status=200, headers=headers, body=body, fetched_at=now)


def _life(question: Question) -> tuple[object, ...]:
    """Return what both forms of a page, or a record, tell of the life of a question."""
    answer = question.answer
    return (
        question.key,
        question.asked_on,
        question.sitting_on,
        question.page,
        question.errata,
        question.recalls,
        question.converted_to,
        question.signalled_on,
        question.closed_on,
        [(transfer.to.label, transfer.to.ref, transfer.on) for transfer in question.transfers],
        _straight(question.text),
        answer and (_straight(answer.text), answer.published_on, answer.page),
    )


def _straight(text: str) -> str:
    return text.replace("’", "'")


def test_the_senats_list_is_read_whole(anchor: datetime) -> None:
    """Every question with its day, its state and the address of its page; nothing is set aside."""
    meant = _entries(Chamber.SENAT, anchor)
    body = senat.table(list(meant.values()))
    source = _source("senat_questions", senat.PATH)
    parsed = senat_questions.parse(source, _answer(source.url, body, "text/csv", anchor), SourceState(source_id=source.id))
    read = {item.question.key: item.question for item in parsed.items if item.question}
    assert (read.keys(), parsed.set_aside) == (meant.keys(), ())
    for key, question in read.items():
        wanted = meant[key].question
        assert (question.asked_on, question.status, question.addresses) == (wanted.asked_on, wanted.status, wanted.addresses)
        assert question.author
        assert wanted.author
        assert question.author.name == wanted.author.name
        assert question.author.group == wanted.author.group


def test_the_senats_pages_tell_each_life(anchor: datetime) -> None:
    """Both forms, texts included."""
    source = _source("senat_questions", senat.PATH)
    for entry in _entries(Chamber.SENAT, anchor).values():
        body = senat_pages.older(entry) if entry.older else senat_pages.today(entry)
        charset = "iso-8859-1" if entry.older else "utf-8"
        result = _answer(entry.question.addresses[0], body, f"text/html; charset={charset}", anchor)
        read = senat_questions.read_page(source, result).question
        assert read
        assert _life(read) == _life(entry.question)
        if entry.question.status is not QuestionStatus.OPEN:
            assert read.status == entry.question.status


def test_the_assemblees_archives_tell_each_life(anchor: datetime, tmp_path: Path) -> None:
    """JSON and XML alike; the broken member is set aside by name, and a table and a title come with one answer."""
    meant = _entries(Chamber.ASSEMBLEE, anchor)
    made = {
        assemblee.PATH: assemblee.json_members(list(meant.values())),
        assemblee.XML_PATH: {f"xml/{key.rpartition(':')[2]}.xml": records.as_xml(entry) for key, entry in meant.items()},
    }
    for path, members in made.items():
        packed = tmp_path / Path(path).name
        with zipfile.ZipFile(packed, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        parsed = assemblee_questions.parse_members(str(packed), tuple(members), _source("assemblee_questions", path), anchor)
        assert [name for name, _ in parsed.set_aside] == [name for name in members if name == assemblee.BROKEN]
        assert {item.guid for item in parsed.items} == meant.keys()
        for item in parsed.items:
            assert item.question
            wanted = meant[item.question.key]
            assert item.question.status == wanted.question.status
            if "broken-html" not in wanted.quirks:
                assert _life(item.question) == _life(wanted.question)
                continue
            assert item.question.answer
            assert "41\u00a0200" in item.question.answer.text
            assert "main-d’œuvre" in item.question.answer.text


def test_the_archive_that_is_served_can_be_listed(anchor: datetime, tmp_path: Path) -> None:
    """Its table of contents names every question and the broken member."""
    entries = list(_entries(Chamber.ASSEMBLEE, anchor).values())
    packed = tmp_path / "packed.zip"
    packed.write_bytes(archives.build(assemblee.json_members(entries), anchor))
    listed = assemblee_questions.members(str(packed), _source("assemblee_questions", assemblee.PATH))
    with zipfile.ZipFile(io.BytesIO(packed.read_bytes())) as archive:
        assert [(member.name, member.crc) for member in listed] == [(one.filename, one.CRC) for one in archive.infolist()]
