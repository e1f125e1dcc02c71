"""One service a home: a lock that dies with its process, and names who holds it."""

import fcntl
import json
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from watcher.errors import StoreError

NAME = "run.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The service that runs: its process, its machine, and since when (ISO 8601)."""

    pid: int
    host: str
    since: str


@contextmanager
def alone(var: Path, now: datetime) -> Generator[None]:
    """Hold the home's lock on running. Raises StoreError, at once, naming the service that holds it (row P01).

    It is the kernel that lets go of the lock when its process ends, however it ends: a number in a file that is left behind
    locks nobody out.
    """
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (var / NAME).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            told = _read(var / NAME)
            who = f"process {told.pid} on {told.host}, since {told.since}" if told else "another process"
            raise StoreError(f"The service of this home runs already: {who}.", remedy="Stop that one first.") from error
        me = Holder(pid=os.getpid(), host=socket.gethostname(), since=now.isoformat(timespec="seconds"))
        file.truncate(0)
        file.write(json.dumps(asdict(me)))
        file.flush()
        yield
        file.truncate(0)


def holder(var: Path) -> Holder | None:
    """Return the service that runs in this home, None when there is none."""
    try:
        with (var / NAME).open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return _read(var / NAME)


def _read(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
