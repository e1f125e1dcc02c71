"""Locks die with their process, and are given to one at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from watcher import locks

HOLD = """
import sys, time
from pathlib import Path
from watcher import locks
with locks.held(Path(sys.argv[1])):
    print(flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("name", ["sub/poll.lock", "."])
def test_one_at_a_time(tmp_path: Path, name: str) -> None:
    """A lock on a file, made with its folder, or on a folder, is given to one, and given again when it was let go."""
    path = tmp_path / name
    with locks.held(path) as first, locks.held(path) as second:
        assert (first, second) == (True, False)
    with locks.held(path) as again:
        assert again
    assert path.is_dir() or path.stat().st_mode & 0o777 == 0o600


def test_a_killed_process_locks_nobody_out(tmp_path: Path) -> None:
    """What a process that is killed held is free at once."""
    path = tmp_path / "run.lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with locks.held(path) as ours:
            assert not ours
        other.kill()
        other.wait()
        with locks.held(path) as ours:
            assert ours
