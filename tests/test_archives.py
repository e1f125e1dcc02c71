"""Zip archives that nobody vouches for: what is refused before anything is unpacked, and what costs one member only."""

import io
import random
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.archives import MIB, Archive, Limits, MemberError
from watcher.errors import ParseError

Maker = Callable[..., Path]


@pytest.fixture
def archive(tmp_path: Path) -> Maker:
    """Write the bytes of a zip to a file."""

    def make(data: bytes) -> Path:
        path = tmp_path / "essai.zip"
        path.write_bytes(data)
        return path

    return make


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return packed.getvalue()


def entry(name: bytes, content: bytes, **changed: int) -> tuple[bytes, dict[str, int]]:
    """Return a local header with its data, and the fields of its directory entry; `changed` are fields that lie."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(content) + packer.flush()
    fields = {
        "flags": 0,
        "method": 8,
        "crc": zlib.crc32(content),
        "packed": len(data),
        "size": len(content),
        "mode": 0,
        "made_by": 20,
    }
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, fields["crc"], len(data), len(content), len(name), 0)
    return local + name + data, {**fields, **changed}


def assembled(*parts: tuple[bytes, bytes, dict[str, int]], offsets: list[int] | None = None, count: int | None = None) -> bytes:
    """Return a zip of hand-made entries (name, local part, fields), its directory pointing to `offsets` when given."""
    body, places = b"", list[int]()
    for _, local, _ in parts:
        places.append(len(body))
        body += local
    directory = b""
    for (name, _, f), place in zip(parts, offsets or places, strict=True):
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", f["made_by"], 20, f["flags"], f["method"], 0, 0, f["crc"], f["packed"], f["size"],
            len(name), 0, 0, 0, 0, f["mode"], place,
        ) + name  # fmt: skip
    number = len(parts) if count is None else count
    return body + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, number, number, len(directory), len(body), 0)


def one(name: bytes = b"a.json", changed: dict[str, int] | None = None) -> bytes:
    local, fields = entry(name, b"{}", **(changed or {}))
    return assembled((name, local, fields))


def reason(path: Path, limits: Limits | None = None) -> str:
    """Return why an archive is refused, reading every member of it."""
    with pytest.raises(ParseError) as caught:
        read_all(path, limits or Limits())
    return caught.value.reason


def read_all(path: Path, limits: Limits) -> list[bytes]:
    with Archive(path, limits) as opened:
        return [opened.read(member.name) for member in opened.members]


def test_what_is_honest_is_read_as_it_was_written(archive: Maker) -> None:
    """Members come in order with their checksum and size; folders are left out; stored and deflated members are read."""
    files = {"json/a.json": b"{}", "json/é.json": "été".encode() * 100_000, "vide.json": b""}
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        with Archive(archive(zipped({"json/": b"", **files}, method)), Limits()) as opened:
            listed = opened.members
            assert [(m.name, m.crc, m.size) for m in listed] == [(n, zlib.crc32(c), len(c)) for n, c in files.items()]
            assert {name: opened.read(name) for name in files} == files
            assert max(len(piece) for piece in opened.chunks("json/é.json")) <= 256 * 1024


def test_an_archive_made_as_a_stream_is_read(tmp_path: Path) -> None:
    """Sizes that follow the data (bit 3 of the flags) are taken from the directory, as writers of nightly dumps leave them."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            piece = bytes(data)  # type: ignore[call-overload]
            self.data += piece
            return len(piece)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as made:  # type: ignore[arg-type]
        made.writestr("a.json", b"{}" * 50)
        made.writestr("b.json", b"[]" * 50)
    (tmp_path / "flux.zip").write_bytes(pipe.data)
    with Archive(tmp_path / "flux.zip", Limits()) as opened:
        assert [opened.read(m.name) for m in opened.members] == [b"{}" * 50, b"[]" * 50]


def test_a_zip64_archive_is_read_and_its_lies_are_refused(tmp_path: Path) -> None:
    """More than 65,535 entries need zip64: its counts are believed as far as the limits go (row F14)."""
    path = tmp_path / "grand.zip"
    with zipfile.ZipFile(path, "w") as made:
        for number in range(65_600):
            made.writestr(zipfile.ZipInfo(f"{number}.json"), b"")
    with Archive(path, Limits()) as opened:
        assert len(opened.members) == 65_600
    whole = path.read_bytes()
    at = whole.rfind(b"PK\6\6") + 24
    path.write_bytes(whole[:at] + struct.pack("<2Q", 10**15, 10**15) + whole[at + 16 :])
    assert reason(path) == "archive_too_many"
    path.write_bytes(whole.replace(b"PK\6\6", b"PK\6\x00"))
    assert reason(path) == "archive_broken"


def test_a_member_written_as_zip64_is_read(tmp_path: Path) -> None:
    """Sizes in the zip64 extra field are read (4.5.3)."""
    path = tmp_path / "long.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made, made.open("a.json", "w", force_zip64=True) as member:
        member.write(b"{}" * 10)
    with Archive(path, Limits()) as opened:
        assert opened.read("a.json") == b"{}" * 10


ELSEWHERE = [
    b"../a.json", b"/etc/a.json", b"a/../../b.json", b"..", b"C:/a.json", b"a\\b.json", b"a\x00.json", b"", b"a//b.json",
    b"./a.json", b"a" * 2_000, b"a\n.json",
]  # fmt: skip


@pytest.mark.parametrize("name", ELSEWHERE, ids=lambda name: repr(name[:20]))
def test_names_that_lead_elsewhere_are_refused(archive: Maker, name: bytes) -> None:
    """`..`, absolute names, drives, backslashes, NUL, controls: the whole archive is refused (row F14)."""
    assert reason(archive(one(name))) == "archive_name"


def test_names_that_are_no_utf8_are_refused_and_old_ones_are_not(archive: Maker) -> None:
    """With the UTF-8 flag bad bytes are refused; without it a name is in code page 437."""
    assert reason(archive(one(b"\xff\xfe.json", {"flags": 0x800}))) == "archive_name"
    with Archive(archive(one(b"\x82t\x82.json")), Limits()) as opened:
        assert opened.members[0].name == "été.json"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [({"flags": 1}, "archive_encrypted"), ({"flags": 0x2000}, "archive_encrypted"),
     ({"made_by": 3 << 8, "mode": 0o120777 << 16}, "archive_symlink"), ({"size": 100 * MIB}, "archive_member_too_large"),
     ({"size": 40 * MIB}, "archive_ratio"), ({"packed": 50}, "archive_overlap"), ({"method": 9}, "member_method"),
     ({"crc": 1}, "member_crc"), ({"size": 1}, "member_broken"), ({"size": 3}, "member_broken")],
)  # fmt: skip
def test_what_an_entry_says_of_itself_is_held_against_it(archive: Maker, changed: dict[str, int], expected: str) -> None:
    """Encryption, links, sizes too large or lying, another method: each has its reason (row F14)."""
    assert reason(archive(one(changed=changed))) == expected


def test_an_overlap_bomb_is_refused(archive: Maker) -> None:
    """Entries that share one kernel of data, as in CVE-2024-0450: refused before a byte is unpacked (row F14)."""
    local, fields = entry(b"0.json", bytes(8 * MIB))
    names = [f"{n}.json".encode() for n in range(300)]
    parts = [(name, local if n == 0 else b"", fields) for n, name in enumerate(names)]
    path = archive(assembled(*parts, offsets=[0] * 300))
    assert zipfile.ZipFile(path).infolist()[299].file_size == 8 * MIB  # what the standard library makes of it
    assert reason(path, Limits(ratio=10_000, total=10**12)) == "archive_overlap"


def test_an_overlap_that_only_local_headers_show_is_refused(archive: Maker) -> None:
    """A local extra field that makes a member reach into the next one is found when it is read (row F14)."""
    (first, one_fields), (second, two_fields) = entry(b"a.json", b"{}"), entry(b"b.json", b"[]")
    lying = first[:28] + struct.pack("<H", 40) + first[30:]
    path = archive(assembled((b"a.json", lying, one_fields), (b"b.json", second, two_fields)))
    assert reason(path) == "archive_overlap"


def test_a_bomb_is_refused_by_its_ratio_and_costs_no_memory(archive: Maker) -> None:
    """A quarter of a gigabyte of zeros is refused from the directory alone (row F14)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"".join(packer.compress(bytes(MIB)) for _ in range(256)) + packer.flush()
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(data), 256 * MIB, 6, 0) + b"a.json" + data
    fields = {"flags": 0, "method": 8, "crc": 0, "packed": len(data), "size": 256 * MIB, "mode": 0, "made_by": 20}
    path = archive(assembled((b"a.json", local, fields)))
    tracemalloc.start()
    assert reason(path, Limits(member=4_096 * MIB)) == "archive_ratio"
    small = {**fields, "size": 1_000}
    path = archive(assembled((b"a.json", local, small)))
    assert reason(path) == "member_broken"  # it says a thousand bytes: not one more piece is unpacked
    assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    tracemalloc.stop()


def test_a_million_entries_are_refused_before_they_are_listed(archive: Maker) -> None:
    """The count is looked at first, and a count that lies does not help (row F14)."""
    data = one()
    for number in (0xFFFE, 2, 0):
        lying = data[:-14] + struct.pack("<2H", number, number) + data[-10:]
        assert reason(archive(lying), Limits(entries=1_000)) == ("archive_too_many" if number == 0xFFFE else "archive_broken")
    many = zipped({f"{n}.json": b"" for n in range(3_000)})
    started = time.process_time()
    assert reason(archive(many), Limits(entries=1_000)) == "archive_too_many"
    assert time.process_time() - started < 0.5


def test_the_whole_is_limited_too(archive: Maker) -> None:
    """Many members that are each small enough: their sum and their ratio are looked at (row F14)."""
    noise = random.Random(1)
    path = archive(zipped({f"{n}.json": noise.randbytes(1_000) for n in range(100)}))
    assert reason(path, Limits(total=50_000)) == "archive_too_large"
    flat = archive(zipped({f"{n}.json": bytes(MIB - 1) for n in range(12)}))
    assert reason(flat) == "archive_ratio"


def test_the_same_name_twice_is_refused(archive: Maker) -> None:
    """Nobody could say which of the two was read last time."""
    (first, one_fields), (second, two_fields) = entry(b"a.json", b"{}"), entry(b"a.json", b"[]")
    assert reason(archive(assembled((b"a.json", first, one_fields), (b"a.json", second, two_fields)))) == "archive_duplicate"


def test_every_truncation_is_told(archive: Maker) -> None:
    """A download that ended early is truncated, never an archive with fewer members (rows N06, F14)."""
    whole = zipped({f"{n}.json": b'{"a": 1}' for n in range(20)})
    for length in [*range(4, len(whole), 97), len(whole) - 1]:
        assert reason(archive(whole[:length])) in ("archive_truncated", "archive_broken")
    assert reason(archive(b"<html>Maintenance</html>")) == "archive_not_a_zip"
    assert reason(archive(b"")) == "archive_not_a_zip"
    assert reason(archive(whole + b"garbage")) == "archive_broken"


def test_a_damaged_member_costs_itself_only(archive: Maker) -> None:
    """A flipped bit in one member leaves the others readable."""
    parts = [entry(f"{n}.json".encode(), b'{"numero": "%d"}' % n * 50) for n in range(3)]
    damaged = bytearray(assembled(*((f"{n}.json".encode(), local, fields) for n, (local, fields) in enumerate(parts))))
    damaged[len(parts[0][0]) + 45] ^= 0xFF
    with Archive(archive(bytes(damaged)), Limits()) as opened:
        assert opened.read("0.json") == b'{"numero": "0"}' * 50
        assert opened.read("2.json") == b'{"numero": "2"}' * 50
        with pytest.raises(MemberError) as caught:
            opened.read("1.json")
        assert caught.value.reason in ("member_broken", "member_crc")
        with pytest.raises(MemberError, match="holds no"):
            opened.read("3.json")


def test_a_member_that_is_an_archive_stays_packed(archive: Maker) -> None:
    """An archive inside is bytes like others: nothing opens it (row F14, 42.zip)."""
    inner = zipped({"b.json": bytes(100_000)})
    with Archive(archive(zipped({"a.zip": inner})), Limits()) as opened:
        assert opened.read("a.zip") == inner


def test_a_file_that_was_replaced_is_listed_anew(archive: Maker) -> None:
    """The directory is kept between two openings of the same file, and not of another one of the same name."""
    with Archive(archive(zipped({"a.json": b"{}"})), Limits()) as opened:
        assert [m.name for m in opened.members] == ["a.json"]
    with Archive(archive(zipped({"b.json": b"{}", "c.json": b""})), Limits()) as opened:
        assert [m.name for m in opened.members] == ["b.json", "c.json"]
    with pytest.raises(FileNotFoundError):
        Archive("nulle-part.zip", Limits())


WHOLE = zipped({"a.json": b'{"a": 1}' * 30, "b/c.json": b"[]"})


@settings(max_examples=400)
@given(place=st.integers(0, len(WHOLE) - 1), noise=st.binary(min_size=1, max_size=8), drop=st.integers(0, 8))
def test_any_damage_is_refused_or_changes_nothing_that_is_read(
    tmp_path_factory: pytest.TempPathFactory, place: int, noise: bytes, drop: int
) -> None:
    """Bytes changed anywhere: a ParseError, or members whose checksums are right; never another exception (row F14)."""
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(WHOLE[:place] + noise + WHOLE[place + drop :])
    with suppress(ParseError), Archive(path, Limits()) as opened:
        for member in opened.members:
            content = opened.read(member.name)
            assert (zlib.crc32(content), len(content)) == (member.crc, member.size)
