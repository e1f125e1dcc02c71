"""Files that hold a whole legislature (the 14th: one XML of hundreds of MiB), read as slices of whole questions.

A slice is a member of its own, called after its place: `Questions_ecrites_XIV.xml#1048001+1050333` begins at that byte and has
that many. Its checksum is that of its bytes, so that a change in one question means one slice to read again.
"""

import re
import zlib
from collections.abc import Iterator

from watcher.archives import MIB, Archive
from watcher.errors import ParseError
from watcher.model import ArchiveMember

SLICED = 4 * MIB  # a file above this is read in slices
SLICE = MIB
LONGEST = 16 * MIB  # without a question in it
_BEGINS = re.compile(rb"<(?:\w{1,20}:)?(?:question|QUESTION)[\s>]")
_ENDS = re.compile(rb"</(?:\w{1,20}:)?(?:question|QUESTION)\s*>")
_PLACE = re.compile(r"(.+)#([0-9]{1,12})\+[0-9]{1,12}")
_ENCODING = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,100}?encoding=[\"']([A-Za-z0-9_-]{1,20})[\"']")
_ROOT = b'<?xml version="1.0" encoding="%s"?><questions xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">%s</questions>'


def listed(archive: Archive, name: str) -> list[ArchiveMember]:
    """Return the slices of a file, each about one MiB. Raises as `Archive.chunks` does, and ParseError (`no_question`)."""
    return [
        ArchiveMember(name=f"{name}#{begin}+{len(part)}", crc=zlib.crc32(part), size=len(part))
        for begin, part in _slices(archive, name)
    ]


def file_of(name: str) -> str | None:
    """Return the file that a slice is part of, None when `name` is no slice."""
    match = _PLACE.fullmatch(name)
    return match[1] if match else None


def read(archive: Archive, file: str, wanted: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    """Give the wanted slices of a file as XML of their own, in one pass over it. What is not there any more is not given."""
    encoding = b"UTF-8"
    for begin, part in _slices(archive, file):
        if begin == 0 and (declared := _ENCODING.match(part)):
            encoding = declared[1]
        name = f"{file}#{begin}+{len(part)}"
        if name in wanted:
            first, last = _BEGINS.search(part), 0
            for match in _ENDS.finditer(part):
                last = match.end()
            yield name, _ROOT % (encoding, part[first.start() : last] if first else b"")


def _slices(archive: Archive, name: str) -> Iterator[tuple[int, bytes]]:
    """Give the file in parts that begin where a question does (the first one where the file does), with their place."""
    held = b""
    position = 0
    for piece in archive.chunks(name):
        held += piece
        while cut := _BEGINS.search(held, SLICE):
            yield position, held[: cut.start()]
            position, held = position + cut.start(), held[cut.start() :]
        if len(held) > LONGEST:
            message = f"{name!r} holds {len(held)} bytes without the beginning of a question."
            raise ParseError(message, reason="no_question", kind="assemblee_questions", where=name)
    yield position, held
