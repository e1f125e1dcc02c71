"""Zip archives that nobody vouches for: listed within limits, read member by member in memory, never extracted."""

import os
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from watcher.archives.directory import LOCAL, MIB, Entry, Limits, directory, refused
from watcher.errors import ParseError
from watcher.model import ArchiveMember

__all__ = ["MIB", "Archive", "Limits", "MemberError"]

_CHUNK = 256 * 1024
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x0001 | 0x0040


class MemberError(ParseError):
    """One member cannot be read; the others can."""


class Archive:
    """A zip archive opened for reading, its directory read and checked. A context manager.

    `where` is what errors call it: the address it came from, say, where the file has a name of its own for a minute only.
    Raises ParseError whose `reason` begins with `archive_` (see `directory`), or OSError when there is no such file.
    """

    def __init__(self, path: str | Path, limits: Limits, *, where: str = "") -> None:
        self.where = where or Path(path).name
        self._file = Path(path).open("rb")  # noqa: SIM115  closed by __exit__
        try:
            status = os.fstat(self._file.fileno())
            identity = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
            self._entries = _directory(str(path), identity, limits, self.where)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    @property
    def members(self) -> tuple[ArchiveMember, ...]:
        """The files of the archive in the order of its directory; folders are left out."""
        return tuple(ArchiveMember(name=entry.name, crc=entry.crc, size=entry.size) for entry in self._entries.values())

    def read(self, name: str) -> bytes:
        """Return the bytes of one member. Raises as `chunks` does."""
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """Give the bytes of one member in pieces of at most 256 KiB, never more than the directory says.

        Raises MemberError with `reason` `member_missing`, `member_method`, `member_header`, `member_broken` or `member_crc`
        (the last two after pieces were given), and ParseError `archive_overlap`.
        """
        entry = self._entries.get(name)
        if entry is None:
            raise MemberError(f"{self.where} holds no {name!r}.", reason="member_missing", where=name)
        if entry.method not in (_STORED, _DEFLATED):
            raise _wrong(entry, "member_method", f"is packed by method {entry.method}; stored and deflated members are read")
        self._file.seek(self._start(entry))
        crc = given = 0
        for piece in _inflated(self._file, entry) if entry.method == _DEFLATED else _packed(self._file, entry):
            given += len(piece)
            if given > entry.size:
                raise _wrong(entry, "member_broken", f"gives more than the {entry.size} bytes that the directory says")
            crc = zlib.crc32(piece, crc)
            yield piece
        if given != entry.size:
            raise _wrong(entry, "member_broken", f"gives {given} bytes instead of {entry.size}")
        if crc != entry.crc:
            raise _wrong(entry, "member_crc", "does not have the checksum that the directory gives")

    def _start(self, entry: Entry) -> int:
        """Return where the data of `entry` begins, after its local header, which must agree with the directory."""
        self._file.seek(entry.offset)
        header = self._file.read(LOCAL.size + len(entry.raw))
        if len(header) < LOCAL.size + len(entry.raw) or not header.startswith(b"PK\3\4"):
            raise _wrong(entry, "member_header", "has no local header")
        _, _, flags, method, *_, name_length, extra_length = LOCAL.unpack_from(header)
        if flags & _ENCRYPTED or method != entry.method or name_length != len(entry.raw) or not header.endswith(entry.raw):
            raise _wrong(entry, "member_header", "has a local header that differs from the directory")
        start = entry.offset + LOCAL.size + name_length + extra_length
        if start + entry.packed > entry.end:
            raise refused(self.where, "overlap", f"{entry.name!r} reaches into what follows it")
        return start


@lru_cache(maxsize=1)
def _directory(path: str, identity: tuple[int, ...], limits: Limits, where: str) -> Mapping[str, Entry]:  # noqa: ARG001  part of the key
    """Return the directory of an archive; kept, because one with 18,000 members is opened for each batch of them."""
    with Path(path).open("rb") as file:
        return directory(file, where, limits)


def _packed(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    left = entry.packed
    while left and (piece := file.read(min(left, _CHUNK))):
        left -= len(piece)
        yield piece


def _inflated(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for packed in _packed(file, entry):
            yield inflate.decompress(packed, _CHUNK)
            while inflate.unconsumed_tail and not inflate.eof:
                yield inflate.decompress(inflate.unconsumed_tail, _CHUNK)
        while not inflate.eof and (piece := inflate.decompress(b"", _CHUNK)):
            yield piece
    except zlib.error as error:
        raise _wrong(entry, "member_broken", f"cannot be unpacked ({error})") from error
    if not inflate.eof:
        raise _wrong(entry, "member_broken", "ends in the middle of its data")


def _wrong(entry: Entry, reason: str, why: str) -> MemberError:
    return MemberError(f"{entry.name!r} {why}.", reason=reason, where=entry.name)
