"""A home that may be read and not written: what reads, works; what writes, says why it cannot."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli.conftest import SOURCES
from tests.store.strangers import as_nobody
from watcher.cli import group
from watcher.cli.init import lay_out

READING = (
    ("status",),
    ("status", "--json"),
    ("search", "mot"),
    ("sources", "list"),
    ("digest", "list"),
    ("review",),
    ("outbox",),
    ("themes",),
    ("check",),
)


@pytest.fixture
def home() -> Iterator[Path]:
    """Lay out a home that anybody may walk to."""
    folder = Path(tempfile.mkdtemp(prefix="watcher-home-"))
    folder.chmod(0o755)
    lay_out(folder, skip=("sources.yaml",))
    (folder / "sources.yaml").write_text(SOURCES, "utf-8")
    yield folder
    for one in (folder, *folder.rglob("*")):
        one.chmod(0o755)
    shutil.rmtree(folder)


def run(home: Path, *words: str) -> str:
    """Return the exit code of a command and the first line it says."""
    done = CliRunner().invoke(group, ["--home", str(home), *words])
    said = (done.output or str(done.exception)).splitlines()
    # How much of the disk is free changes while nobody looks.
    return re.sub(r'"disk_free": \d+', '"disk_free": 0', f"{done.exit_code} {said[0] if said else ''}")


def test_a_read_only_home_is_read(home: Path) -> None:
    """Every command that only reads works on a home whose files and folders are read-only, and leaves them as they are."""
    expected = [run(home, *words) for words in READING]
    assert all(one.startswith("0 ") for one in expected), expected
    refused = run(home, "review", "accept", "dares")
    assert refused == "0 Nothing of dares is held."
    for one in home.rglob("*"):
        one.chmod(0o555 if one.is_dir() else 0o444)
    home.chmod(0o555)
    before = sorted(home.rglob("*"))
    # The home belongs to somebody else, which `check` and `status` may note; what they find is the same.
    told = [as_nobody(lambda words=words: run(home, *words)) for words in READING]
    assert told == expected
    assert sorted(home.rglob("*")) == before
    written = as_nobody(lambda: run(home, "review", "accept", "dares"))
    assert written.startswith("1 The database cannot be written to.")
