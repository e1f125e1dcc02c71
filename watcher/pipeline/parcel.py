"""A backup as one file: a gzipped tar whose first member, `manifest.json`, says what each of the others must be.

    manifest.json       format, program, schema, instance, instant, rows of each table; size and SHA-256 of each file
    home/...            what people edit: sources.yaml, seeds/, templates/, reference files
    var/...             what the program keeps beside the database: keys, and the traces of those who asked to be forgotten
    database.sqlite     the database, or `database.dump` in the format of pg_dump

It is written aside and appears whole under its name; it is never taken for granted when read.
"""

import gzip
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

from pydantic import TypeAdapter, ValidationError

from watcher.errors import StoreError

FORMAT = 1
MANIFEST = "manifest.json"
SQLITE, DUMP = "database.sqlite", "database.dump"
_MAX_MANIFEST = 16 << 20
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one file of a backup must be: `size` in bytes, `sha256` in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself. `counts` are the rows of each table, empty for a dump; `at` is UTC."""

    format: int = FORMAT
    program: str
    schema: str
    instance_id: str
    backend: str
    at: datetime
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    files: Mapping[str, Content] = field(default_factory=dict[str, Content])


_ADAPTER = TypeAdapter(Manifest)


def content_of(path: Path) -> Content:
    """Return what the file `path` is."""
    with path.open("rb") as file:
        return Content(size=path.stat().st_size, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def write(target: Path, manifest: Manifest, files: Mapping[str, Path], *, aside: Path | None = None) -> None:
    """Write the parcel `target`, mode 0600, from `files` (name inside: file outside): the whole of it, or none.

    It grows in the folder `aside`, on the same disk, beside `target` by default. An existing `target` is never replaced.
    Raises StoreError, also when the disk is full, and nothing is left then.
    """
    part = (aside or target.parent) / f".{target.name}.part"
    described = json.dumps(asdict(manifest) | {"at": manifest.at.isoformat()}, ensure_ascii=False, indent=1).encode()
    try:
        with _private(part) as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6, format=tarfile.PAX_FORMAT) as tar:
                _add(tar, MANIFEST, len(described), manifest.at, io.BytesIO(described))
                for name, path in files.items():
                    with path.open("rb") as source:
                        _add(tar, name, manifest.files[name].size, manifest.at, source)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, target)
        _sync_folder(target.parent)
    except FileExistsError as error:
        raise StoreError(
            f"There is a file {target} already.", remedy="Name another one: a backup never replaces another."
        ) from error
    except OSError as error:
        raise StoreError(
            f"The backup {target} could not be written: {error.strerror or error}.", remedy="Look at its disk and its owner."
        ) from error
    finally:
        part.unlink(missing_ok=True)


def read(source: Path, into: Path) -> Manifest:
    """Unpack the parcel `source` below the empty folder `into`, each file as the manifest says, and return the manifest.

    Raises StoreError when it is empty, cut short, changed, or from a program that writes them otherwise.
    """
    try:
        with tarfile.open(source, "r:gz") as tar:
            manifest = _manifest(tar, source)
            missing = dict(manifest.files)
            while (member := tar.next()) is not None:
                if member.name not in missing:
                    raise _unfit(source, f"it holds {member.name!r}, which it does not mention")
                _extract(tar, member, into, missing.pop(member.name), source)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _unfit(source, str(error) or type(error).__name__) from error
    except OSError as error:
        raise StoreError(
            f"{source} could not be unpacked: {error.strerror or error}.", remedy="Look at its owner, and at the disk."
        ) from error
    if missing:
        raise _unfit(source, f"{min(missing)!r} is missing")
    return manifest


def _manifest(tar: tarfile.TarFile, source: Path) -> Manifest:
    first = tar.next()
    file = tar.extractfile(first) if first is not None and first.name == MANIFEST and first.size <= _MAX_MANIFEST else None
    if file is None:
        raise _unfit(source, "it does not begin as one")
    data = file.read()
    try:
        stated = json.loads(data)["format"]
        if stated != FORMAT:
            raise _unfit(source, f"its format is {stated!r}, and this program reads {FORMAT}")
        manifest = _ADAPTER.validate_json(data)
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise _unfit(source, "its manifest cannot be read") from error
    if manifest.at.tzinfo is None or sum(name in manifest.files for name in (SQLITE, DUMP)) != 1:
        raise _unfit(source, "its manifest names no database, or no instant")
    return manifest


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, into: Path, wanted: Content, source: Path) -> None:
    parts = PurePosixPath(member.name).parts
    if not member.isreg() or ".." in parts or member.name.startswith("/"):
        raise _unfit(source, f"{member.name!r} is no plain file inside it")
    file = tar.extractfile(member)
    if file is None or member.size != wanted.size:
        raise _unfit(source, f"{member.name!r} is not as long as it was")
    target = into / member.name
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with _private(target) as out:
        while block := file.read(_BLOCK):
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != wanted.sha256:
        raise _unfit(source, f"{member.name!r} is not what it was")


def _add(tar: tarfile.TarFile, name: str, size: int, at: datetime, source: IO[bytes]) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, int(at.timestamp()), 0o600
    tar.addfile(entry, source)


@contextmanager
def _private(path: Path) -> Generator[IO[bytes]]:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        yield file


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unfit(source: Path, why: str) -> StoreError:
    return StoreError(f"{source} is not a backup that can be used: {why}.", remedy="Use another one; nothing was changed.")
