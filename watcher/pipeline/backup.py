"""Back up an installation: what people edit, the keys, and the database, checked before the copy bears its name."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watcher import __version__, locks
from watcher.config import Home
from watcher.errors import StoreError
from watcher.pipeline import parcel
from watcher.store import backup as stored
from watcher.store import look, schema

EDITED = ("sources.yaml", "sources.schema.json", "seeds", "templates", "reference")
# Beside the database, in var/: small files that cannot be made anew. Locks, spool, downloads and logs can.
KEPT = ("*.key", "keys/*", "*.jsonl")
LAST = "last-backup.json"
# They are made every night; a machine may be off for a weekend.
OLD = timedelta(days=3)
_WORKSHOP = ".watcher-backup-"
NAME = re.compile(r"watcher-\d{8}T\d{6}Z\.tar\.gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was made, or checked: its file, its bytes, what it says of itself, and how many old ones were removed."""

    file: Path
    size: int
    manifest: parcel.Manifest
    removed: int = 0


def backup(home: Home, database: str | None, target: Path, *, now: datetime) -> Backup:
    """Write a backup of `home` to the new file `target`, and return it once it was read back and found good.

    `database` is the address of the settings, None for the embedded one. Nothing is asked of sources.yaml: a broken one is
    backed up too. A database of a newer version of this program is not: this one could not restore it. Raises StoreError; then
    there is no file `target` (row D13).
    """
    url = database or home.database_url
    target = target.expanduser().absolute()
    if target.exists():
        raise StoreError(f"There is a file {target} already.", remedy="Name another one: a backup never replaces another.")
    with _workshop(target.parent) as folder:
        files = {f"home/{path.relative_to(home.path).as_posix()}": path for path in _edited(home)}
        files |= {f"var/{path.relative_to(home.var).as_posix()}": path for path in _kept(home)}
        sqlite = stored.backend_of(url) == "sqlite"
        name = parcel.SQLITE if sqlite else parcel.DUMP
        copy = Path(folder, name)
        stored.copy(url, copy)
        contents = _checked(stored.inspect(copy)) if sqlite else None
        if contents is None:
            stored.list_dump(copy)
        version = contents.schema if contents else look.glance(url).schema or ""
        _refuse_newer(version)
        files[name] = copy
        manifest = parcel.Manifest(
            program=__version__,
            schema=version,
            instance_id=contents.instance_id if contents else "",
            backend="sqlite" if sqlite else "postgresql",
            at=now.astimezone(UTC).replace(microsecond=0),
            counts=contents.counts if contents else {},
            files={inside: parcel.content_of(path) for inside, path in files.items()},
        )
        parcel.write(target, manifest, files, aside=Path(folder))
    try:
        made = verify(target)
    except StoreError:
        target.unlink(missing_ok=True)
        raise
    _remember(home, made)
    return made


def backup_to(home: Home, database: str | None, folder: Path, *, keep: int, now: datetime) -> Backup:
    """Write a backup named after the instant into `folder`, and remove the oldest of them beyond `keep`. Raises StoreError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be made: {error.strerror}.", remedy="Name another folder.") from error
    made = backup(home, database, folder / now.astimezone(UTC).strftime("watcher-%Y%m%dT%H%M%SZ.tar.gz"), now=now)
    old = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))[:-keep]
    for path in old:
        path.unlink()
    return Backup(file=made.file, size=made.size, manifest=made.manifest, removed=len(old))


def last(home: Home) -> datetime | None:
    """Return when the last good backup of `home` was made, None when none ever was, or when nothing is known of it."""
    try:
        at = datetime.fromisoformat(json.loads((home.var / LAST).read_text("utf-8"))["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def verify(file: Path) -> Backup:
    """Read a backup whole, check every page of the database in it and count its rows again. Raises StoreError."""
    with _workshop(file.absolute().parent, fallback=True) as folder:
        manifest = parcel.read(file, Path(folder))
        check_database(Path(folder), manifest)
    return Backup(file=file, size=file.stat().st_size, manifest=manifest)


def check_database(folder: Path, manifest: parcel.Manifest) -> None:
    """Check the database of an unpacked backup against its manifest. Raises StoreError."""
    if parcel.DUMP in manifest.files:
        stored.list_dump(folder / parcel.DUMP)
        return
    contents = _checked(stored.inspect(folder / parcel.SQLITE))
    if contents.counts != dict(manifest.counts) or contents.instance_id != manifest.instance_id:
        raise StoreError("The database in this backup is not the one it was made of.", remedy="Use another one.")


def _checked(contents: stored.Contents) -> stored.Contents:
    if contents.problems:
        remedy = "Restore the last good backup; `watcher doctor` says more."
        raise StoreError(f"The database is damaged: {contents.problems[0]}.", remedy=remedy)
    return contents


def _refuse_newer(version: str) -> None:
    # A copy that this program could not restore is none, and may take the place of one that it could.
    if look.is_newer(version):
        raise StoreError(
            f"The database was written by a newer version of this program (schema {version}, here {schema.VERSION}).",
            remedy="Back it up with that version; this one can restore a backup that was made before the upgrade.",
        )


def _remember(home: Home, made: Backup) -> None:
    """Leave word of the last backup for `doctor` and `status`. A home that may only be read is backed up without."""
    if not os.access(home.var, os.W_OK):
        return
    path = home.var / LAST
    beside = path.with_name(f".{LAST}.part")
    said = {"at": made.manifest.at.isoformat(), "file": str(made.file), "size": made.size}
    beside.write_text(json.dumps(said), "utf-8")
    beside.chmod(0o600)
    beside.replace(path)


def _edited(home: Home) -> list[Path]:
    found = [path for name in EDITED for path in _files(home.path / name)]
    return [path for path in found if not path.is_symlink() and "__pycache__" not in path.parts]


def _kept(home: Home) -> list[Path]:
    return sorted(path for pattern in KEPT for path in home.var.glob(pattern) if path.is_file() and not path.is_symlink())


def _files(path: Path) -> list[Path]:
    return sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path] * path.is_file()


@contextmanager
def _workshop(folder: Path, *, fallback: bool = False) -> Generator[str]:
    """Give a private folder on the disk of the backup: what does not fit there must not fill another disk.

    What a backup that was killed left in `folder`, a copy of the whole database, is removed first: the kernel let go of the
    lock that a living one holds on its own.
    """
    try:
        for left in folder.glob(f"{_WORKSHOP}*"):
            _remove_dead(left)
        made = tempfile.TemporaryDirectory(prefix=_WORKSHOP, dir=folder)
    except OSError as error:
        if not fallback:
            raise StoreError(
                f"{folder} cannot be written to: {error.strerror}.", remedy="Name another folder, or its owner."
            ) from error
        made = tempfile.TemporaryDirectory(prefix=_WORKSHOP.removeprefix("."))
    with made as name, locks.held(Path(name)):
        yield name


def _remove_dead(workshop: Path) -> None:
    # One that cannot be opened is gone already, or somebody else's.
    with suppress(OSError), locks.held(workshop) as dead:
        if dead:
            shutil.rmtree(workshop, ignore_errors=True)


def counted(counts: Mapping[str, int]) -> str:
    """Return the rows of the tables a person knows, in words."""
    # What is mailed to the administrator is filed as editions are.
    known = {"documents": "documents", "questions": "questions", "editions": "editions and notices", "deliveries": "mails"}
    return ", ".join(f"{counts[name]} {words}" for name, words in known.items() if name in counts) or "a dump of PostgreSQL"
