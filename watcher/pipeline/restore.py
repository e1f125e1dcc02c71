"""Restore a backup: into an empty place, checked before and after, with all mail held until somebody has looked.

What left since the backup was made is not known to it: until `watcher outbox reconcile`, nothing is handed over (promise P10).
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from watcher import locks
from watcher.config import Home
from watcher.config.secrets import read_secrets
from watcher.errors import StoreError
from watcher.pipeline import backup, epoch, gone, keys, parcel
from watcher.store import Store, look, schema
from watcher.store import backup as stored

_WORKSHOP = ".restoring-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored: from what, how many files, what was put aside, and how many were taken out again."""

    manifest: parcel.Manifest
    files: int
    aside: tuple[Path, ...]
    reapplied: int


def restore(
    file: Path,
    home: Home,
    database: str | None,
    *,
    now: datetime,
    aside: bool = False,
    placed: Callable[[Restored], None] = lambda _: None,
) -> Restored:
    """Restore the backup `file` into `home`, and into `database` when it is a dump of PostgreSQL.

    What is in its place already is an error; with `aside` it is renamed `NAME.before-INSTANT`, never removed. The database
    appears last, after the mark that holds all mail; then `placed` is told, whatever comes after, and whoever asked to be gone
    since the backup goes again. Nothing of it depends on what sources.yaml says. Raises StoreError.
    """
    with _folder(home.var), _service_out(home), _workshop(home) as folder:
        manifest = parcel.read(file, folder)
        if look.is_newer(manifest.schema):
            raise StoreError(
                f"{file} holds a database of a newer version of this program (schema {manifest.schema}, here {schema.VERSION}).",
                remedy="Upgrade the program first, or restore an older backup.",
            )
        backup.check_database(folder, manifest)
        moved = _make_room(home, manifest, folder, now.astimezone(UTC) if aside else None)
        _mark(home, file, manifest, now)
        _merge_gone(folder, home)
        for inside in manifest.files:
            if inside.startswith(("home/", "var/")):
                _place(folder / inside, _target(home, inside), home)
        url = home.database_url
        if parcel.DUMP in manifest.files:
            url = _postgresql(database)
            stored.fill(url, folder / parcel.DUMP)
        else:
            _place(folder / parcel.SQLITE, home.var / "watcher.db", home)
        done = Restored(manifest=manifest, files=len(manifest.files), aside=tuple(moved), reapplied=0)
        placed(done)
        return replace(done, reapplied=_open_and_reapply(home, url, now))


@contextmanager
def _folder(var: Path) -> Generator[None]:
    """Make `var` when it is missing; when nothing comes into it, what was made goes again, with the lock."""
    made = [path for path in (var, *var.parents) if not path.exists()]
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        if made and {path.name for path in var.iterdir()} <= {locks.SERVICE}:
            (var / locks.SERVICE).unlink(missing_ok=True)
            with suppress(OSError):  # somebody else's file came into one of them
                for path in made:
                    path.rmdir()
        raise


@contextmanager
def _workshop(home: Home) -> Generator[Path]:
    """Give a folder to unpack in. What a restore that was killed left there goes first: the lock is ours alone."""
    for left in home.var.glob(f"{_WORKSHOP}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_WORKSHOP, dir=home.var) as name:
        yield Path(name)


@contextmanager
def _service_out(home: Home) -> Generator[None]:
    """Hold the lock of the service, so that it neither runs nor starts meanwhile. Raises StoreError."""
    with locks.held(home.var / locks.SERVICE) as ours:
        if not ours:
            raise StoreError("The service of this home runs.", remedy="Stop it first: `systemctl stop watcher`.")
        yield


def _make_room(home: Home, manifest: parcel.Manifest, folder: Path, aside: datetime | None) -> list[Path]:
    """Return what was renamed to make room. Raises StoreError when there is something and nothing may be renamed."""
    tops = [home.path / name for name in backup.EDITED if (folder / "home" / name).exists()]
    tops += [home.var / name for name in ("watcher.db", "watcher.db-wal", "watcher.db-shm") if parcel.SQLITE in manifest.files]
    there = [path for path in tops if path.exists()] + _keys(home, manifest)
    if there and aside is None:
        raise StoreError(
            f"{there[0]} is there already, and a restore replaces nothing.",
            remedy="Stop the service, then `--aside` renames what is there, or `--home DIR` names an empty folder.",
        )
    moved: list[Path] = []
    for path in there:
        beside = path.with_name(f"{path.name}.before-{aside:%Y%m%dT%H%M%SZ}")
        path.rename(beside)
        moved.append(beside)
    return moved


def _mark(home: Home, file: Path, manifest: parcel.Manifest, now: datetime) -> None:
    """Say, durably and before there is a database, that mail is held: {"at": when restored, "from": file, "made": when made}."""
    said = {"at": now.astimezone(UTC).isoformat(), "from": str(file.absolute()), "made": manifest.at.isoformat()}
    path = home.var / epoch.RESTORED
    with path.open("w", encoding="utf-8") as out:
        path.chmod(0o600)
        json.dump(said, out)
        out.flush()
        os.fsync(out.fileno())


def _merge_gone(folder: Path, home: Home) -> None:
    """Keep what the place knows better than the backup: who asked to be gone since, joined with those of the backup, and the
    journal of what left."""
    for here in sorted(home.var.glob("*.jsonl")):
        saved = folder / "var" / here.name
        if not saved.exists():
            continue
        lines = here.read_text("utf-8").splitlines()
        if here.name in gone.TRACES:
            lines = [*saved.read_text("utf-8").splitlines(), *lines]
        saved.write_text("".join(f"{line}\n" for line in dict.fromkeys(lines)), "utf-8")


def _keys(home: Home, manifest: parcel.Manifest) -> list[Path]:
    """Return the files of var/ that are there and are not those of the backup: another key makes other addresses and hashes."""
    inside = {home.var / name.partition("/")[2]: content for name, content in manifest.files.items() if name.startswith("var/")}
    others = [path for path in inside if path.exists() and path.suffix != ".jsonl"]
    return [path for path in others if parcel.content_of(path) != inside[path]]


def _place(source: Path, target: Path, home: Home) -> None:
    """Move one unpacked file to its place, whole, with the mode of what stands around it."""
    target.parent.mkdir(mode=0o700 if target.is_relative_to(home.var) else 0o777, parents=True, exist_ok=True)
    source.chmod(0o600 if target.is_relative_to(home.var) else 0o666 & ~_umask())
    beside = target.with_name(f".{target.name}.restoring")
    shutil.copy2(source, beside)
    with beside.open("rb") as file:
        os.fsync(file.fileno())
    beside.replace(target)


def _target(home: Home, inside: str) -> Path:
    top, _, rest = inside.partition("/")
    return (home.path if top == "home" else home.var) / rest


def _postgresql(database: str | None) -> str:
    if database is None or stored.backend_of(database) != "postgresql":
        raise StoreError("This backup is of a PostgreSQL database.", remedy="Name an empty one in WATCHER_DATABASE.")
    return database


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _open_and_reapply(home: Home, url: str, now: datetime) -> int:
    """Open what was restored, migrated when it is older, check it, and take out again what was asked to be gone."""
    store = Store.open(url)
    try:
        problems = store.problems()
        if problems:
            raise StoreError(f"The restored database is damaged: {problems[0]}.", remedy="Restore another backup.")
        return gone.reapply(home, store, keys.beside(home, read_secrets(os.environ).mail_key), now)
    finally:
        store.close()
