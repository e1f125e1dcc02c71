"""One service a home: a lock that dies with its process, and names who holds it."""

import fcntl
import json
import os
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from watcher import locks
from watcher.errors import StoreError


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
    with locks.held(var / locks.SERVICE) as ours:
        if not ours:
            told = _read(var / locks.SERVICE)
            who = f"process {told.pid} on {told.host}, since {told.since}" if told else "another process"
            raise StoreError(f"The service of this home runs already: {who}.", remedy="Stop that one first.")
        me = Holder(pid=os.getpid(), host=socket.gethostname(), since=now.isoformat(timespec="seconds"))
        (var / locks.SERVICE).write_text(json.dumps(asdict(me)), "utf-8")
        yield
        (var / locks.SERVICE).write_text("")


@contextmanager
def deaf_to_hangups() -> Generator[None]:
    """Ignore SIGHUP until somebody listens to it.

    Whoever reads in the lock who runs may send it at once, when it would still end the process; and what it asks for, a look
    at the files, is what a start does by itself.
    """
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def holder(var: Path) -> Holder | None:
    """Return the service that runs in this home, None when there is none."""
    try:
        with (var / locks.SERVICE).open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return _read(var / locks.SERVICE)


def _read(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
