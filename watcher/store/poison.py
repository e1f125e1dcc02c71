"""Rows that do not load: each is passed over and named, so that one of them stops neither the others nor the program.

What was found is kept for the life of the process, for the service to tell.
"""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from watcher.errors import StoreError

T = TypeVar("T")
MOST_NAMED = 20
_found: dict[str, None] = {}
_lock = Lock()


def passed_over(what: str, load: Callable[[], T]) -> T | None:
    """Return what `load` makes of a row, None when it cannot be read: `what` it is of is then noted."""
    try:
        return load()
    except (StoreError, ValueError, TypeError):
        with _lock:
            if len(_found) < MOST_NAMED:
                _found[what] = None
        return None


def found() -> tuple[str, ...]:
    """Return what could not be read so far, in the order in which it was met."""
    with _lock:
        return tuple(_found)


def sentence() -> str | None:
    """Return what could not be read as one sentence with its remedy, None when all could."""
    named = found()
    if not named:
        return None
    return f"Rows that cannot be read were passed over: {', '.join(named)}. Restore them from a backup (`watcher restore`)."
