"""What homes begin with, made once for a process: to migrate a database and to read the corpus takes longer than most tests."""

import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import uuid4

from watcher import seeds
from watcher.cli.init import origin
from watcher.seeds import Seeds
from watcher.store import Store


@cache
def _migrated() -> tuple[bytes, int]:
    """Return a SQLite database with today's schema and nothing in it, and the mode of its file."""
    with tempfile.TemporaryDirectory(prefix="watcher-template-") as folder:
        path = Path(folder) / "watcher.db"
        Store.open(f"sqlite:///{path}").close()
        return path.read_bytes(), path.stat().st_mode


def put_archive(path: Path, now: datetime | None = None) -> None:
    """Write an empty archive to `path`, as `Store.open` makes it at the instant `now`: its identity is its own."""
    content, mode = _migrated()
    path.touch(mode)
    path.chmod(mode)
    path.write_bytes(content)
    made = (now or datetime.now(UTC)).astimezone(UTC).isoformat(" ", "microseconds")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET instance_id = ?, created_at = ?", (str(uuid4()), made))


@cache
def shipped() -> Seeds:
    """Return the corpus that `lay_out` copies, for homes whose copy nobody edits."""
    return seeds.load(origin() / "seeds")
