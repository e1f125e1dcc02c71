"""What a killed process leaves on the disk is gone after the next one: copies of the archive, half downloads."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watcher.cli.init import lay_out
from watcher.config import Home
from watcher.pipeline import backup, restore, room
from watcher.store import Store

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a database, nothing in it."""
    place = Home(tmp_path / "home")
    lay_out(place.path)
    Store.open(place.database_url).close()
    return place


@contextmanager
def held(folder: Path) -> Generator[None]:
    """Hold the lock on a folder, as a backup under way does."""
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def test_a_killed_backup_leaves_nothing_for_good(home: Home, tmp_path: Path) -> None:
    """The copy of the database that a killed backup left goes with the next backup; one that is being made stays (row D01)."""
    folder = tmp_path / "backups"
    dead, alive = folder / ".watcher-backup-dead", folder / ".watcher-backup-alive"
    for left in (dead, alive):
        left.mkdir(parents=True)
        (left / "database.sqlite").write_bytes(b"a whole archive")
    with held(alive):
        made = backup.backup_to(home, None, folder, keep=3, now=NOW)
    assert sorted(path.name for path in folder.iterdir()) == [alive.name, made.file.name]
    assert (alive / "database.sqlite").exists()
    assert backup.verify(made.file).manifest == made.manifest


def test_a_killed_restore_leaves_nothing_for_good(home: Home, tmp_path: Path) -> None:
    """What a killed restore had unpacked goes with the next one (row D01)."""
    made = backup.backup(home, None, tmp_path / "one.tar.gz", now=NOW)
    other = Home(tmp_path / "other")
    (other.var / ".restoring-dead").mkdir(parents=True)
    (other.var / ".restoring-dead" / "database.sqlite").write_bytes(b"a whole archive")
    restore.restore(made.file, other, None, now=NOW)
    assert not list(other.var.glob(".restoring-*"))


def test_downloads_of_the_dead_are_swept(tmp_path: Path) -> None:
    """A download that a killed poll left is removed after a day; one that may be under way stays (row D01)."""
    old, fresh, other = (tmp_path / name for name in ("download-old", "download-fresh", "watcher.db"))
    for path, age in ((old, 25), (fresh, 23), (other, 100)):
        path.write_bytes(b"x")
        moment = (NOW - timedelta(hours=age)).timestamp()
        os.utime(path, (moment, moment))
    room.sweep(tmp_path, NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["download-fresh", "watcher.db"]
