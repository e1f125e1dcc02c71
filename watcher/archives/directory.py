"""The directory of a zip archive (APPNOTE.TXT 4.3), read within limits before anything is unpacked.

It is read here rather than by `zipfile`: up to Python 3.11.7 that accepts members which share their bytes (CVE-2024-0450),
and it makes an object of every entry before anybody could count them. What no honest archive needs is refused: encrypted
members, links, absolute names and `..`, names given twice, several disks, a directory that contradicts itself.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from watcher.errors import ParseError

MIB = 1024 * 1024
LOCAL = struct.Struct("<4s5H3L2H")  # local file header, 4.3.7
_ENTRY = struct.Struct("<4s6H3L5H2L")  # central directory file header, 4.3.12
_END64 = struct.Struct("<4sQ2H2L4Q")  # zip64 end of central directory record, 4.3.14
_LOCATOR = struct.Struct("<4sLQL")  # zip64 end of central directory locator, 4.3.15
_END = struct.Struct("<4s4H2LH")  # end of central directory record, 4.3.16
_LONGEST_COMMENT = 65_535
_USUAL_ENTRY = 512  # bytes of the directory for one entry, its name and extra field included
_LONG = 0xFFFFFFFF  # stands for a number that is in the zip64 extra field
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_UTF8 = 0x0800
_LONGEST_NAME = 1_000
_USUAL_NAME = re.compile(rb"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
_BAD_NAME = re.compile(r"\A/|\\|\A[A-Za-z]:|(?:\A|/)\.\.?(?:/|\Z)|//|[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much an archive may hold: entries, bytes unpacked of one member and of all, bytes unpacked for one packed byte."""

    entries: int = 100_000
    member: int = 64 * MIB
    total: int = 2_048 * MIB
    ratio: int = 100


class Entry(NamedTuple):
    """One entry of the directory. Its data lie between `offset`, where its local header begins, and `end`."""

    name: str
    raw: bytes
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    end: int


def directory(file: BinaryIO, where: str, limits: Limits) -> dict[str, Entry]:
    """Return the files of an archive by name, in the order of its directory.

    Raises ParseError with `reason` `archive_not_a_zip`, `archive_truncated`, `archive_broken`, `archive_split`,
    `archive_too_many`, `archive_too_large`, `archive_member_too_large`, `archive_ratio`, `archive_overlap`, `archive_name`,
    `archive_duplicate`, `archive_symlink` or `archive_encrypted`.
    """
    count, size, offset = _end(file, where)
    if count > limits.entries or size > limits.entries * _USUAL_ENTRY:
        why = f"it lists {count} entries in {size} bytes, and at most {limits.entries} entries are read"
        raise refused(where, "too_many", why)
    file.seek(offset)
    found = list(_entries(file.read(size), count, where))
    _check_sizes(found, where, limits)
    return _files(found, offset, where)


def refused(where: str, reason: str, why: str) -> ParseError:
    """Return the error that refuses a whole archive, called `where`."""
    return ParseError(f"{where} is not read: {why}.", reason=f"archive_{reason}", where=where)


def _end(file: BinaryIO, where: str) -> tuple[int, int, int]:
    """Return how many entries the directory has, its size and where it begins."""
    length = file.seek(0, 2)
    tail_at = max(0, length - _LONGEST_COMMENT - _END.size)
    file.seek(tail_at)
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or at + _END.size > len(tail):
        file.seek(0)
        if file.read(4) == b"PK\3\4":
            raise refused(where, "truncated", "it ends before its directory")
        raise refused(where, "not_a_zip", "it is no zip archive")
    _, disk, first_disk, here, count, size, offset, comment = _END.unpack_from(tail, at)
    end = tail_at + at
    if end + _END.size + comment != length:
        raise refused(where, "broken", "something follows its end")
    if _LONG in (size, offset) or 0xFFFF in (here, count):
        disk, first_disk, here, count, size, offset, end = _end64(file, end, where)
    if disk or first_disk or here != count:
        raise refused(where, "split", "it is one of several disks")
    if offset + size != end:
        raise refused(where, "broken", "its directory is not where it says")
    return count, size, offset


def _end64(file: BinaryIO, end: int, where: str) -> tuple[int, int, int, int, int, int, int]:
    """Return what the zip64 record says: disks, counts, size and offset of the directory; and where the record begins."""
    file.seek(max(0, end - _LOCATOR.size))
    locator = file.read(_LOCATOR.size)
    if end >= _LOCATOR.size and locator.startswith(b"PK\6\7"):
        at = _LOCATOR.unpack(locator)[2]
        if at + _END64.size <= end:
            file.seek(at)
            record = file.read(_END64.size)
            if record.startswith(b"PK\6\6"):
                *_, disk, first_disk, here, count, size, offset = _END64.unpack(record)
                return disk, first_disk, here, count, size, offset, at
    raise refused(where, "broken", "it lacks its zip64 record")


def _entries(raw: bytes, count: int, where: str) -> Iterator[Entry]:
    """Give the entries of the directory, folders included; each may be refused for what it says of itself."""
    at = 0
    for _ in range(count):
        if at + _ENTRY.size > len(raw) or not raw.startswith(b"PK\1\2", at):
            raise refused(where, "broken", "its directory ends before its last entry")
        fields = _ENTRY.unpack_from(raw, at)
        _, made_by, _, flags, method, _, _, crc, packed, size, names, extras, comments, disk, _, mode, offset = fields
        name_at = at + _ENTRY.size
        extra_at = name_at + names
        at = extra_at + extras + comments
        if at > len(raw):
            raise refused(where, "broken", "its directory ends inside an entry")
        name = _name(raw[name_at:extra_at], flags, where)
        if _LONG in (size, packed, offset):
            size, packed, offset = _long(raw[extra_at : extra_at + extras], size, packed, offset, where)
        if flags & _ENCRYPTED:
            raise refused(where, "encrypted", f"{name!r} is encrypted")
        if made_by >> 8 == 3 and (mode >> 16) & 0o170000 == 0o120000:
            raise refused(where, "symlink", f"{name!r} is a link")
        if disk not in (0, 0xFFFF):
            raise refused(where, "split", f"{name!r} is on another disk")
        yield Entry(name, raw[name_at:extra_at], method, crc, packed, size, offset, 0)
    if at != len(raw):
        raise refused(where, "broken", "its directory holds more than its entries")


def _name(raw: bytes, flags: int, where: str) -> str:
    if len(raw) <= _LONGEST_NAME and _USUAL_NAME.fullmatch(raw):
        return raw.decode("ascii")
    try:
        name = raw.decode("utf-8" if flags & _UTF8 else "cp437")
    except UnicodeDecodeError:
        name = ""
    if not name or len(raw) > _LONGEST_NAME or _BAD_NAME.search(name):
        raise refused(where, "name", f"a member is called {raw[:80]!r}")
    return name


def _long(extra: bytes, size: int, packed: int, offset: int, where: str) -> tuple[int, int, int]:
    """Return the sizes and the offset, those that did not fit taken from the zip64 extra field (4.5.3)."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1 and at + 4 + length <= len(extra):
            values = iter(struct.unpack_from(f"<{length // 8}Q", extra, at + 4))
            size, packed, offset = (next(values, _LONG) if number == _LONG else number for number in (size, packed, offset))
            return size, packed, offset
        at += 4 + length
    raise refused(where, "broken", "an entry lacks its zip64 sizes")


def _check_sizes(found: list[Entry], where: str, limits: Limits) -> None:
    total = sum(entry.size for entry in found)
    packed = sum(entry.packed for entry in found)
    for entry in found:
        if entry.size > limits.member:
            why = f"{entry.name!r} unpacks to {entry.size} bytes, and at most {limits.member} are read"
            raise refused(where, "member_too_large", why)
        if entry.size > MIB and entry.size > limits.ratio * entry.packed:
            raise refused(where, "ratio", f"{entry.name!r} unpacks to {entry.size} bytes from {entry.packed}")
    if total > limits.total:
        raise refused(where, "too_large", f"it unpacks to {total} bytes, and at most {limits.total} are read")
    if total > 10 * MIB and total > limits.ratio * packed:
        raise refused(where, "ratio", f"it unpacks to {total} bytes from {packed}")


def _files(found: list[Entry], directory_at: int, where: str) -> dict[str, Entry]:
    """Return the files by name, each with its end. Refuses entries that share bytes, and names given twice."""
    following = directory_at
    ends: dict[int, int] = {}
    for entry in sorted(found, key=lambda one: one.offset, reverse=True):
        if entry.offset + LOCAL.size + len(entry.raw) + entry.packed > following:
            raise refused(where, "overlap", f"{entry.name!r} reaches into what follows it")
        ends[entry.offset] = following
        following = entry.offset
    files: dict[str, Entry] = {}
    for entry in found:
        if entry.name in files:
            raise refused(where, "duplicate", f"{entry.name!r} is listed twice")
        if not entry.name.endswith("/"):
            files[entry.name] = Entry(*entry[:-1], ends[entry.offset])
    return files
