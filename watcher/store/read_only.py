"""SQLite files that this user may read and not write: a read-only disk, somebody else's archive.

WAL needs two files beside the database, even to read. Where they cannot be made, the file is read as immutable, and whether
it changed meanwhile is looked at; a journal that was left behind is read from a copy.
"""

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

from sqlalchemy import Engine

from watcher.errors import StoreError
from watcher.store import sqlite

_Stamp = tuple[int, int]


def is_writable(path: Path) -> bool:
    """Tell whether this user may write to the database `path`, and create its journal beside it."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def outdated(where: str) -> StoreError:
    """Return the error for a schema that is behind and cannot be migrated by this user."""
    return StoreError(
        f"The database was written by an older version of this program and cannot be brought up to date here. ({where})",
        remedy="Run a command once as the user who owns it.",
    )


def refused(where: str) -> StoreError:
    """Return the error for writing to what may only be read."""
    return StoreError(f"The database cannot be written to. ({where})", remedy="Check who owns the file and its folder.")


class ReadOnly:
    """One database opened for reading, and how: through its owner's journal, as immutable, or from a copy."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._copy: Path | None = None
        self._stamp: _Stamp | None = None
        self.engine = self._open()

    def changed(self) -> bool:
        """Tell whether the file is another one than when it was opened as one that does not change."""
        return self._stamp is not None and self._stamp != _stamp(self._path)

    def again(self) -> Engine:
        """Open the file as it is now, and return the new engine."""
        self.engine.dispose()
        self.close()
        self.engine = self._open()
        return self.engine

    def close(self) -> None:
        """Remove the copy, if one was made."""
        if self._copy is not None:
            shutil.rmtree(self._copy, ignore_errors=True)
            self._copy = None

    def _open(self) -> Engine:
        journal = self._path.with_name(self._path.name + "-wal")
        self._stamp = None
        if not journal.exists() or not journal.stat().st_size:
            self._stamp = _stamp(self._path)
            return sqlite.open_reader(self._path, immutable=True)
        if _shared(self._path):
            return sqlite.open_reader(self._path, immutable=False)
        self._copy = Path(tempfile.mkdtemp(prefix="watcher-"))
        for file in (self._path, journal):
            shutil.copyfile(file, self._copy / file.name)
        return sqlite.open_engine(self._copy / self._path.name)


def _shared(path: Path) -> bool:
    """Tell whether the journal can be read where it is: its owner's index of it is there, and good."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return False
    return True


def _stamp(path: Path) -> _Stamp:
    status = path.stat()
    return status.st_mtime_ns, status.st_size
