"""One service a home, and who holds it (row P01)."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watcher.errors import StoreError
from watcher.service import lock

NOW = datetime(2026, 11, 16, 6, 30, tzinfo=UTC)
HOLD = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from watcher.service import lock
with lock.alone(Path(sys.argv[1]), datetime.now(UTC)):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_service_is_refused_at_once_and_told_who_runs(tmp_path: Path) -> None:
    """The second start fails within two seconds and names process, machine and hour (row P01)."""
    with lock.alone(tmp_path, NOW):
        began = time.monotonic()
        with (
            pytest.raises(StoreError, match=rf"process {os.getpid()} on .*, since 2026-11-16T06:30:00") as caught,
            lock.alone(tmp_path, NOW),
        ):
            pass
        assert time.monotonic() - began < 2
        assert "Stop that one first." in caught.value.message
        assert lock.holder(tmp_path) is not None
    assert lock.holder(tmp_path) is None
    with lock.alone(tmp_path, NOW):
        assert lock.holder(tmp_path) == lock.Holder(pid=os.getpid(), host=os.uname().nodename, since="2026-11-16T06:30:00+00:00")


def test_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    """After kill -9 the next one starts: the number left in the file locks nobody out, whoever has it now (row P01)."""
    held = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert held.stdout is not None
    assert held.stdout.readline() == "held\n"
    told = lock.holder(tmp_path)
    assert told is not None
    assert told.pid == held.pid
    held.kill()
    held.wait()
    held.stdout.close()
    assert lock.holder(tmp_path) is None
    with lock.alone(tmp_path, NOW):
        pass


def test_a_home_without_service_has_no_holder(tmp_path: Path) -> None:
    """Asking creates nothing."""
    assert lock.holder(tmp_path / "nowhere") is None
    assert list(tmp_path.iterdir()) == []
