"""What a disk, a kill or a neighbour does to a database: migrations, failing fsync, a full disk, a journal that is pinned."""

import multiprocessing
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.store.builders import document
from watcher.store import Store, documents, meta, schema, sqlite

CHILD = """
import sys
from watcher.store import Store, documents, meta
from tests.store.builders import document
store = Store.open(sys.argv[1])
for number in range(int(sys.argv[2])):
    store.write(lambda tx: documents.save(tx, [document(f"d{number}", text="mot " * 400)], {}))
    print(number, flush=True)
store.close()
"""


def first_schema(url: str, monkeypatch: pytest.MonkeyPatch, count: int = 3) -> None:
    """Make a database as the program of the first schema did, with some documents."""
    with monkeypatch.context() as then:
        then.setattr(schema, "VERSION", "0001")
        store = Store.open(url)
        store.write(lambda tx: documents.save(tx, [document(f"d{n}") for n in range(count)], {}))
        store.close()


def open_at(url: str, start: float, answers: "multiprocessing.Queue[str]") -> None:
    """Open the database at the instant `start` of the monotonic clock and say which schema it has then."""
    time.sleep(max(0.0, start - time.monotonic()))
    store = Store.open(url)
    answers.put(store.read(meta.read).schema_version)
    store.close()


def test_two_migrate_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four processes open a database of the first schema at one instant: one migrates, none fails, nothing is lost (row D08)."""
    url = f"sqlite:///{tmp_path}/watcher.db"
    first_schema(url, monkeypatch)
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[str] = context.Queue()
    start = time.monotonic() + 2.5
    everyone = [context.Process(target=open_at, args=(url, start, answers)) for _ in range(4)]
    for one in everyone:
        one.start()
    told = [answers.get(timeout=60) for _ in everyone]
    for one in everyone:
        one.join(30)
    assert told == [schema.VERSION] * 4
    assert [one.exitcode for one in everyone] == [0] * 4
    store = Store.open(url)
    assert store.read(documents.counts)
    assert store.problems() == ()
    store.close()
    aside = sqlite3.connect(tmp_path / f"watcher.db.before-{schema.VERSION}")
    assert aside.execute("SELECT version_num FROM schema_version").fetchone() == ("0001",)
    aside.close()


needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not there")


def _strace(url: str, inject: str, trace: Path, count: int = 0) -> subprocess.CompletedProcess[str]:
    top = Path(__file__).parents[2]
    return subprocess.run(
        ["strace", "-f", "-qq", "-o", trace, "-e", f"trace={inject.split(':')[0]}", "-e", f"inject={inject}",
         sys.executable, "-c", CHILD, url, str(count)],
        cwd=top, env=os.environ | {"PYTHONPATH": str(top)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@needs_strace
@pytest.mark.parametrize("nth", [1, 8, 40, 90])
def test_killed_while_migrating(nth: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """kill -9 at the Nth write of a migration leaves the first schema or today's, whole, and the next start ends it (row D08)."""
    url = f"sqlite:///{tmp_path}/watcher.db"
    first_schema(url, monkeypatch, count=40)
    killed = _strace(url, f"pwrite64:signal=KILL:when={nth}", tmp_path / "trace")
    assert killed.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL, 0)
    if nth <= 40:
        assert killed.returncode != 0, "the kill was to come in the middle"
    connection = sqlite3.connect(tmp_path / "watcher.db")
    assert connection.execute("SELECT version_num FROM schema_version").fetchone()[0] in ("0001", schema.VERSION)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    store = Store.open(url)
    assert store.read(meta.read).schema_version == schema.VERSION
    assert store.read(lambda tx: sum(documents.get(tx, f"d{n}") is not None for n in range(40))) == 40
    assert store.problems() == ()
    store.close()


@needs_strace
@pytest.mark.parametrize(
    "inject", ["fdatasync:error=EIO:when=1", "fdatasync:error=EIO:when=2+", "pwrite64:error=ENOSPC:when=30+"]
)
def test_a_disk_that_fails(inject: str, tmp_path: Path) -> None:
    """fsync failing once or for good, and a disk that fills up: what was said to be stored is there, nothing is half there
    (rows D02, D04)."""
    url = f"sqlite:///{tmp_path}/watcher.db"
    Store.open(url).close()
    trace = tmp_path / "trace"
    done = _strace(url, inject, trace, count=30)
    assert "(INJECTED)" in trace.read_text("utf-8", "replace")
    promised = [int(line) for line in done.stdout.split()]
    if "ENOSPC" in inject:
        assert done.returncode != 0
        assert "disk" in done.stderr
    assert "Traceback" not in done.stderr or "StoreError" in done.stderr
    store = Store.open(url)
    assert store.problems() == ()
    assert all(store.read(lambda tx: [documents.get(tx, f"d{n}") for n in promised]))
    store.close()


def test_a_reader_pins_the_journal(tmp_path: Path) -> None:
    """While somebody reads for long the journal grows; once that ends it is written back, and its file cut (row D06)."""
    url = f"sqlite:///{tmp_path}/watcher.db"
    store = Store.open(url)
    journal = tmp_path / "watcher.db-wal"
    store.write(lambda tx: documents.save(tx, [document("first")], {}))
    reader = sqlite3.connect(tmp_path / "watcher.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM documents").fetchone()
    text = "mot " * 60_000
    for number in range(60):
        store.write(lambda tx, n=number: documents.save(tx, [document(f"d{n}", text=f"{n} {text}")], {}))
    pinned = journal.stat().st_size
    assert pinned > 12 << 20
    assert reader.execute("SELECT count(*) FROM documents").fetchone() == (1,)
    reader.execute("COMMIT")
    reader.close()
    for number in range(3):
        store.write(lambda tx, n=number: documents.save(tx, [document(f"after{n}")], {}))
    after = journal.stat().st_size
    connection = sqlite3.connect(tmp_path / "watcher.db")
    busy, left, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    connection.close()
    assert (busy, left) == (0, moved)
    assert after <= max(pinned, sqlite._WAL_LIMIT)  # pyright: ignore[reportPrivateUsage]
    store.close()


def in_a_small_disk(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script in a name space of mounts of its own."""
    return subprocess.run(
        ["unshare", "-m", "--propagation", "private", "sh", "-euc", script, "sh", *arguments],
        capture_output=True, text=True, timeout=120, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip


FILL = """
mount -t tmpfs -o size=3m tmpfs "$1"
export PYTHONPATH=.
"$2" -c "$3" "sqlite:///$1/watcher.db" 4000 >"$4" 2>"$5" && echo UNEXPECTED
"$2" -c "
import sys
from watcher.store import Store, documents
store = Store.open(sys.argv[1])
assert store.problems() == ()
said = [int(line) for line in open(sys.argv[2])]
assert said and all(store.read(lambda tx: [documents.get(tx, f'd{n}') for n in said]))
print('kept', len(said))
" "sqlite:///$1/watcher.db" "$4"
"""


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """On a disk of three megabytes writing stops with an error that names the disk, and all that was said to be stored can
    be read there still (row D03)."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode:
        pytest.skip("a small disk of its own needs root and mount name spaces")
    small = tmp_path / "small"
    small.mkdir()
    said, errors = tmp_path / "said", tmp_path / "errors"
    done = in_a_small_disk(FILL, str(small), sys.executable, CHILD, str(said), str(errors))
    assert done.returncode == 0, done.stderr
    assert "UNEXPECTED" not in done.stdout
    assert done.stdout.startswith("kept ")
    assert "disk" in errors.read_text("utf-8").splitlines()[-1]
