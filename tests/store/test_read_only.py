"""A database that may be read and not written: read it, and leave nothing beside it."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.builders import document
from tests.store.strangers import as_nobody
from watcher.errors import StoreError
from watcher.store import Store, documents, read_only, schema, search


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that every user may walk to, with a database of one document, closed."""
    place = Path(tempfile.mkdtemp(prefix="watcher-read-only-"))
    place.chmod(0o755)
    store = Store.open(f"sqlite:///{place}/watcher.db")
    store.write(lambda tx: documents.save(tx, [document("https://e.org/a", title="Les soudeurs")], {}))
    store.close()
    yield place
    place.chmod(0o755)
    shutil.rmtree(place)


def look(path: Path) -> str:
    """Say what is found in the database at `path`, what writing to it answers, and which files are beside it afterwards."""
    store = Store.open(f"sqlite:///{path}")
    try:
        found = store.read(lambda tx: search.find(tx, "soudeur")).total
        counted = store.read(documents.counts)["total"]
        try:
            store.write(lambda tx: documents.save(tx, [document("https://e.org/b")], {}))
            written = "written"
        except StoreError as error:
            written = error.message
        beside = sorted(one.name for one in path.parent.iterdir())
    finally:
        store.close()
    return f"{found} {counted} {beside} {written}"


def locked(folder: Path, *, files: bool) -> Path:
    """Make the folder, and its files too for `files`, read-only, and return the database's path."""
    for one in folder.iterdir():
        one.chmod(0o444 if files else 0o644)
    folder.chmod(0o555)
    return folder / "watcher.db"


def never(_: Path) -> bool:
    """Say that a file cannot be written to, whoever asks."""
    return False


REFUSED = "The database cannot be written to."


@pytest.mark.parametrize("files", [True, False])
def test_a_read_only_folder_is_read(folder: Path, *, files: bool) -> None:
    """An archive on a read-only disk is searched; nothing is created beside it, and writing is refused in words."""
    path = locked(folder, files=files)
    look(path)  # imports what it needs, before there is nothing to import from
    folder.chmod(0o755)
    for one in folder.iterdir():
        one.chmod(0o644)
    path = locked(folder, files=files)
    before = path.read_bytes()
    told = as_nobody(lambda: look(path))
    assert told.startswith(("1 1 ['watcher.db'] ", "1 2 ['watcher.db'] ")), told
    assert REFUSED in told
    assert path.read_bytes() == before


def test_a_read_only_file_in_a_writable_folder_is_read(folder: Path) -> None:
    """No journal is created beside a file that cannot be written to anyway."""
    path = folder / "watcher.db"
    look(path)
    path.chmod(0o444)
    folder.chmod(0o777)
    told = as_nobody(lambda: look(path))
    assert "['watcher.db']" in told, told
    assert REFUSED in told


def test_what_its_owner_writes_meanwhile_is_read(folder: Path) -> None:
    """A reader who may not write sees what the service has committed, through the service's own journal."""
    path = folder / "watcher.db"
    look(path)
    owner = Store.open(f"sqlite:///{path}")
    try:
        owner.write(lambda tx: documents.save(tx, [document("https://e.org/c", title="Un soudeur")], {}))
        locked(folder, files=False)
        told = as_nobody(lambda: look(path))
    finally:
        folder.chmod(0o755)
        owner.close()
    assert told.startswith("2 3 ['watcher.db', 'watcher.db-shm', 'watcher.db-wal'] "), told


def test_a_journal_that_was_left_behind_is_read(folder: Path) -> None:
    """A copy of a database and its journal, without what shares them: what was committed is there."""
    path = folder / "watcher.db"
    look(path)
    live = folder / "live.db"
    path.rename(live)
    owner = sqlite3.connect(live)
    owner.execute("PRAGMA wal_autocheckpoint = 0")
    owner.execute("UPDATE documents SET title = 'Corrigé'")
    owner.commit()
    shutil.copy(live, path)
    shutil.copy(f"{live}-wal", f"{path}-wal")
    owner.close()
    live.unlink()
    locked(folder, files=True)

    def title() -> str:
        store = Store.open(f"sqlite:///{path}")
        try:
            found = store.read(lambda tx: documents.get(tx, "https://e.org/a"))
            return f"{found.document.title if found else None} {sorted(p.name for p in folder.iterdir())}"
        finally:
            store.close()

    assert as_nobody(title) == "Corrigé ['watcher.db', 'watcher.db-wal']"


def test_a_checkpoint_under_a_reader_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as if it never changed, and changed all the same: the work is done again on what there is now."""
    path = folder / "watcher.db"
    monkeypatch.setattr(read_only, "is_writable", never)
    reader = Store.open(f"sqlite:///{path}")
    seen: list[int] = []

    def counting(tx: object) -> int:
        seen.append(documents.counts(tx)["total"])  # type: ignore[arg-type]
        if len(seen) == 1:
            other = sqlite3.connect(path)
            other.execute("DELETE FROM documents")
            other.commit()
            other.close()
        return seen[-1]

    try:
        assert reader.read(counting) == 0
    finally:
        reader.close()
    assert seen == [1, 0]


def test_an_old_schema_that_cannot_be_brought_up_to_date_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may only read is told who has to run the new version first."""
    monkeypatch.setattr(schema, "VERSION", "9999")
    monkeypatch.setattr(read_only, "is_writable", never)
    with pytest.raises(StoreError, match=r"older version of this program.*Run a command once as the user who owns it"):
        Store.open(f"sqlite:///{folder}/watcher.db")
    assert [one.name for one in folder.iterdir()] == ["watcher.db"]
