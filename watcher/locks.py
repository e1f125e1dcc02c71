"""Hold a lock that the kernel lets go of when its process ends, however it ends (flock(2))."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

# The service holds the lock on this file of var/ for as long as it runs.
SERVICE = "run.lock"


@contextmanager
def held(path: Path) -> Generator[bool]:
    """Give True while the lock on `path` is ours, False when another process holds it.

    A file that is not there is made, private, with its folders; a folder can be locked too. Raises OSError.
    """
    if path.is_dir():
        handle = os.open(path, os.O_RDONLY)
    else:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _taken(handle)
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
