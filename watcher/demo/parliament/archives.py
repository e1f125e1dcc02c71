"""Build the zip archives of the Assemblée in memory, and those that a reader must refuse."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime

_CLOSED = b"PK\x05\x06"
_DEFLATE, _DAY = 8, 0x5C21

KERNEL_SIZE = 2 << 20
LAYERS = 250


def build(members: Mapping[str, bytes], made: datetime) -> bytes:
    """Return a zip of `members` (deflated), all dated `made` to the even second: the same bytes for the same content."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, made.astimezone(UTC).timetuple()[:6])
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, content)
    return packed.getvalue()


def truncated(packed: bytes) -> bytes:
    """Return an archive cut before its table of contents, as a download that broke off leaves it."""
    return packed[: packed.rindex(b"PK\x01\x02", 0, packed.rindex(_CLOSED)) - 10]


def wandering(content: bytes, made: datetime) -> bytes:
    """Return an archive whose names lead out of where it is unpacked: above, absolute, with a drive and backslashes."""
    names = ("../../../etc/cron.d/demo.json", "/var/tmp/demo.json", "json/../../demo.json", "C:\\demo\\demo.json")  # noqa: S108 - never written
    return build(dict.fromkeys(names, content), made)


def overlap_bomb(layers: int = LAYERS, kernel: int = KERNEL_SIZE) -> bytes:
    """Return a small archive (some 35 KiB) whose `layers` members overlap and open into `kernel` bytes each, and a little more.

    Each member is a stored block that quotes the local header of the next one, then what the next one holds (D. Fifield, "A
    better zip bomb", WOOT 2019): every name, size and checksum is right, and no single member is large.
    """
    zeros = bytes(kernel)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    data, quoted = deflate.compress(zeros) + deflate.flush(), b""
    body, listed = b"", list[tuple[bytes, bytes, int]]()
    for number in range(layers, 0, -1):
        name = f"json/QANR5L17QE{99_000 + number}.json".encode()
        sums = struct.pack("<III", zlib.crc32(zeros, zlib.crc32(quoted)), len(data), len(quoted) + kernel)
        header = struct.pack("<4sHHHHH12sHH", b"PK\x03\x04", 20, 0, _DEFLATE, 0, _DAY, sums, len(name), 0) + name
        body = header + data
        listed.append((name, sums, len(body)))
        data, quoted = struct.pack("<BHH", 0, len(header), len(header) ^ 0xFFFF) + body, header + quoted
    contents = b"".join(
        struct.pack(
            "<4sHHHHHH12sHHHHHII", b"PK\x01\x02", 20, 20, 0, _DEFLATE, 0, _DAY, sums, len(name), 0, 0, 0, 0, 0, len(body) - back
        )
        + name
        for name, sums, back in reversed(listed)
    )
    return body + contents + struct.pack("<4sHHHHIIH", _CLOSED, 0, 0, layers, layers, len(contents), len(body), 0)
