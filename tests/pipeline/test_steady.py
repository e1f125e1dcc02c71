"""A process that reads day after day holds no more at the end than after its first days."""

import threading
import time
from pathlib import Path

from tests.pipeline.conftest import Clock, only
from watcher.pipeline.desk import Desk
from watcher.pipeline.poll import poll

# Feeds that are read, one that says 429, one too large, one that is none, and a refused address: errors must leave nothing too.
SOURCES = (
    "fil-des-metiers",
    "formateurs",
    "journal-presse",
    "archives-gonflees",
    "portail-competences",
    "passerelle-interne",
)
DAYS = 8


def held() -> tuple[int, int]:
    """Return how many files and sockets, and how many threads, this process has."""
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


def settled(most: tuple[int, int]) -> tuple[int, int]:
    """Return what is held once it is no more than `most`, or after two seconds: the publisher closes its side later."""
    until = time.monotonic() + 2
    while any(now > limit for now, limit in zip(held(), most, strict=True)) and time.monotonic() < until:
        time.sleep(0.02)
    return held()


async def test_days_of_polls_leave_no_file_and_no_thread_behind(desk: Desk, clock: Clock) -> None:
    """After eight days of polls, failing ones among them, as many files and threads are open as after two (row P04).

    Memory over a year of kills and restarts is a figure of `make soak`.
    """
    few = only(desk, *SOURCES)
    assert len(few.config.sources) == len(SOURCES)
    counted: list[tuple[int, int]] = []
    for day in range(DAYS):
        reports = await poll(few, everything=True)
        assert len(reports) == len(SOURCES)
        counted.append(settled(counted[1]) if day > 1 else held())
        clock.pass_(days=1)
    files, threads = counted[-1]
    assert files <= counted[1][0], counted
    assert threads <= counted[1][1], counted
