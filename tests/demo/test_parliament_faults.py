"""What goes wrong with the chambers' data, on purpose."""

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from watcher.demo.parliament import archives, assemblee, faults, questions, senat
from watcher.demo.publisher import PLANS, Publisher
from watcher.model import Chamber

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def faulty(anchor: datetime) -> Iterator[Publisher]:
    """Every outlet that fails."""
    with Publisher(anchor, plans=faults.PLANS) as running:
        yield running


@pytest.fixture
def table(anchor: datetime) -> bytes:
    """The Sénat's list as it should be."""
    return senat.table(questions.entries(Chamber.SENAT, "http://127.0.0.1", anchor, 0))


def _zip(faulty: Publisher, ask: Ask, outlet: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(ask(faulty.url(outlet)).body))


def test_no_fault_is_in_the_demos_sources() -> None:
    """`make demo` shows the chambers at work, not their accidents."""
    assert not {plan.id for plan in faults.PLANS} & {plan.id for plan in PLANS}


def test_a_column_has_another_name(faulty: Publisher, ask: Ask, table: bytes) -> None:
    """Everything else is as it should be."""
    got = ask(faulty.url("senat-renamed-column")).body.decode("cp1252")
    assert "N° de la question" in got.splitlines()[0]
    assert "Numéro" not in got.splitlines()[0]
    assert len(got.splitlines()) == len(table.splitlines())


def test_the_list_stops_inside_a_row(faulty: Publisher, ask: Ask) -> None:
    """The last row has too few cells, and the rows before it have them all."""
    got = ask(faulty.url("senat-cut")).body.decode("cp1252")
    rows = list(csv.reader(io.StringIO(got), delimiter=";"))
    assert len(rows[-1]) < len(senat.COLUMNS)
    assert {len(row) for row in rows[:-1]} == {len(senat.COLUMNS)}
    assert 3 < len(rows) < 15
    assert not got.endswith("\n")


def test_comment_lines_come_before_the_header(faulty: Publisher, ask: Ask, table: bytes) -> None:
    """As in other lists of the Sénat."""
    lines = ask(faulty.url("senat-commented")).body.decode("cp1252").splitlines()
    assert [line[0] for line in lines[:2]] == ["%", "%"]
    assert len(lines) == len(table.splitlines()) + 2


def test_pages_lose_their_headings(faulty: Publisher, ask: Ask) -> None:
    """The list still leads to them, and they are pages still."""
    (first, *_) = csv.DictReader(io.StringIO(ask(faulty.url("senat-no-headings")).body.decode("cp1252")), delimiter=";")
    text = ask(first["URL Question"]).text
    assert first["Titre"] in text
    for words in ("Question de", "publiée le", "Réponse du", "- page"):
        assert words not in text


def test_the_archive_was_cut(faulty: Publisher, ask: Ask) -> None:
    """It begins like a zip and has no table of contents."""
    body = ask(faulty.url("assemblee-truncated")).body
    assert body.startswith(b"PK\x03\x04")
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(body))


def test_the_bomb_is_small_and_its_members_overlap(faulty: Publisher, ask: Ask) -> None:
    """Each member claims 2 MiB, all begin before the one before has ended; the innermost opens and is what it says."""
    with _zip(faulty, ask, "assemblee-bomb") as archive:
        members = archive.infolist()
        assert len(members) == archives.LAYERS
        assert sum(member.file_size for member in members) > 500 << 20
        assert all(
            one.header_offset < other.header_offset < one.header_offset + one.compress_size for one, other in pairwise(members)
        )
        assert archive.read(members[-1]) == bytes(archives.KERNEL_SIZE)
    assert len(ask(faulty.url("assemblee-bomb")).body) < 64 << 10


def test_each_layer_of_the_bomb_is_what_it_claims() -> None:
    """It is no broken archive: names, sizes and checksums are right, and a reader that trusts them unpacks it all."""
    packed = archives.overlap_bomb(layers=5, kernel=1000)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        for member in archive.infolist():
            start = member.header_offset + 30 + len(member.filename)
            assert packed[start - len(member.filename) : start].decode() == member.filename
            content = zlib.decompress(packed[start : start + member.compress_size], -15)
            assert (len(content), zlib.crc32(content)) == (member.file_size, member.CRC)
            assert content.endswith(bytes(1000))


def test_names_lead_out_of_the_folder(faulty: Publisher, ask: Ask) -> None:
    """Above, absolute, and in the manner of another system."""
    with _zip(faulty, ask, "assemblee-wandering") as archive:
        names = [member.orig_filename for member in archive.infolist()]
    assert "../../../etc/cron.d/demo.json" in names
    assert any(name.startswith("/") for name in names)
    assert any("\\" in name for name in names)


def test_the_only_member_is_no_json(faulty: Publisher, ask: Ask) -> None:
    """The archive itself is in order."""
    with _zip(faulty, ask, "assemblee-broken-only") as archive:
        assert archive.namelist() == [assemblee.BROKEN]
        assert archive.testzip() is None
        with pytest.raises(json.JSONDecodeError):
            json.loads(archive.read(assemblee.BROKEN))
