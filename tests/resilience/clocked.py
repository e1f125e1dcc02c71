"""A service whose clock is a file: what `watcher run` does in a tick, again and again, until it is killed.

This is the only way to another clock; the package has none. Whoever moves the clock reads in `marks` that a tick is done.
"""

import json
import os
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.resilience.place import Place
from watcher import logs, schedule
from watcher.pipeline import calendar
from watcher.pipeline.desk import Desk
from watcher.service.jobs import Jobs
from watcher.service.work import Stop
from watcher.store import sources
from watcher.web.metrics import Counters
from watcher.web.pulse import Pulse

LOOK_SECONDS = 0.005


def clock(path: Path) -> Callable[[], datetime]:
    """Return a clock that shows what the file says."""
    return lambda: datetime.fromisoformat(path.read_text("ascii")).astimezone(UTC)


def set_clock(path: Path, when: datetime) -> None:
    """Have the clock show `when`: the whole of it, or what it showed before."""
    beside = path.with_name(f".{path.name}")
    beside.write_text(when.isoformat(), "ascii")
    beside.replace(path)


def live(place: Place, clock_file: Path, marks: Path) -> None:
    """Do what the service does in a tick each time the clock has moved, and append a mark (JSON, one line) after each.

    Never returns. What the jobs could not do is in the mark, as problems by subject.
    """
    now = clock(clock_file)
    log, _ = logs.configure(os.open(os.devnull, os.O_WRONLY))
    notes = os.open(marks, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with place.desk(now) as desk:
        calendar.join(desk)
        jobs = Jobs(log=log, counters=Counters(), pulse=Pulse(version="soak", started_at=now(), period=30.0))
        done = 0
        while True:
            at = now()
            _tick(desk, jobs, at)
            done += 1
            said = {"at": at.isoformat(), "ticks": done, "rss_mb": _rss(), "problems": jobs.pulse.problems}
            os.write(notes, f"{json.dumps(said)}\n".encode())
            while now() == at:
                time.sleep(LOOK_SECONDS)


def _tick(desk: Desk, jobs: Jobs, at: datetime) -> None:
    if desk.store.read(lambda tx: schedule.due(desk.config.sources, sources.states(tx), at)):
        jobs.read(desk, Stop())
    jobs.mail(desk, Stop())


def _rss() -> float:
    """Return the memory of this process in MB: what it holds, with the pages it shares with whom it was forked from."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6
