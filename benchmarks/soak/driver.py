"""Move the clock of a service on, week after week, and kill it at random real intervals."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

from benchmarks.handover import sink
from benchmarks.resilience import archive
from benchmarks.resilience.place import Place, laid_out
from benchmarks.resilience.trials import Broken
from benchmarks.soak import ledger, publisher
from benchmarks.soak.ledger import Account
from tests.resilience import clocked
from watcher.model import MailSettings

# A kill comes so many real seconds after the clock has reached its instant.
SHORTEST, LONGEST = 0.05, 2.0
KILLS_A_WEEK = 4
STEP_HOURS = (6, 12)
# A service that is down over the hour of an edition sends it late, and still by itself (promise P4).
OUTAGE_HOURS = (6, 34)
OUTAGES = 0.1
BEGIN = publisher.START + timedelta(hours=36)
STUCK_SECONDS = 120.0
LOOKED_AT = 10
LOOK_SECONDS = 0.002
# What a life would load by itself: a process that is forked from this one begins with it.
LOADED = (
    "anyio",
    "css_inline",
    "encodings.idna",
    "rapidfuzz.fuzz",
    "rensa",
    "watcher.deliver.smtp",
    "watcher.pipeline.paces",
    "watcher.pipeline.publish",
)


@dataclass(kw_only=True)
class Course:
    """What happened on the way: kills, outages, ticks, what the jobs complained of, memory by week in MB."""

    kills: int = 0
    outages: int = 0
    ticks: int = 0
    seconds: float = 0.0
    problems: Counter[str] = field(default_factory=Counter[str])
    memory: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    broken: list[Broken] = field(default_factory=list[Broken])


def run(weeks: int, *, seed: int = 1) -> tuple[Course, Account]:
    """Let `weeks` pass with kills all the time, then two quiet days; return what happened and what became of all.

    Raises RuntimeError when the service gets nowhere for two minutes.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clock, log, mails = folder / "clock", folder / "taken", folder / "mails"
        mails.mkdir()
        log.touch()
        clocked.set_clock(clock, BEGIN)
        with _publisher(clock) as base, sink(log, mails) as port:
            place = _place(folder, base, port)
            # Made first: alembic takes longer to load than most lives last.
            place.in_child(lambda: _made(place))
            course = Course()
            started = time.monotonic()
            chance = random.Random(seed)
            drive = _Drive(place, clock, folder / "marks", course, chance)
            end = BEGIN + timedelta(weeks=weeks)
            drive.until(end, _instants(weeks, chance))
            drive.until(end + timedelta(days=2), [])
            drive.stop()
            course.seconds = time.monotonic() - started
            return course, ledger.account(place.database, base, log, mails, begin=BEGIN, end=end)


def _place(folder: Path, base: str, port: int) -> Place:
    for name in LOADED:
        import_module(name)
    place = laid_out(folder, tuple(f"{base}/feeds/{number}.xml" for number in range(publisher.FEEDS)))
    smtp = MailSettings(mode="smtp", sender="v@soak.example", host="127.0.0.1", port=port, security="none", key="k" * 64)
    return replace(place, config=replace(place.config, settings=replace(place.config.settings, mail=smtp)))


def _made(place: Place) -> None:
    with place.desk(lambda: BEGIN):
        pass


def _instants(weeks: int, chance: random.Random) -> list[datetime]:
    """Return when to kill, latest first: once a week around the hour of the edition, otherwise by chance."""
    found: list[datetime] = []
    for number in range(weeks):
        week = BEGIN + timedelta(weeks=number)
        found.append(publisher.START + timedelta(weeks=number + 1) + ledger.MONDAY)
        found += [week + chance.random() * timedelta(weeks=1) for _ in range(KILLS_A_WEEK - 1)]
    return sorted(found, reverse=True)


class _Drive:
    """One year: the service that runs, the clock it reads, and the chance that kills it."""

    def __init__(self, place: Place, clock: Path, marks: Path, course: Course, chance: random.Random) -> None:
        self._place, self._clock, self._marks, self._course, self._chance = place, clock, marks, course, chance
        self._now = BEGIN
        self._read = 0
        self._done: datetime | None = None
        self._child: int | None = None

    def until(self, end: datetime, instants: list[datetime]) -> None:
        """Move the clock on, some hours whenever a tick is done, until the tick at `end` is; kill after each of `instants`."""
        moved = time.monotonic()
        deadline = float("inf")
        while True:
            self._start()
            if self._done_with(self._now):
                if self._now >= end and not instants:
                    return
                if self._now < end:
                    self._to(min(end, self._now + timedelta(hours=self._chance.uniform(*STEP_HOURS))))
                    moved = time.monotonic()
            self._check_alive()
            if time.monotonic() - moved > STUCK_SECONDS:
                raise RuntimeError(f"nothing has been done for {STUCK_SECONDS:.0f} s at {self._now}")
            if deadline == float("inf") and instants and instants[-1] <= self._now:
                instants.pop()
                deadline = time.monotonic() + self._chance.uniform(SHORTEST, LONGEST)
            if time.monotonic() >= deadline:
                deadline = float("inf")
                self._kill(end)
            time.sleep(LOOK_SECONDS)

    def _kill(self, end: datetime) -> None:
        self.stop()
        self._course.kills += 1
        if self._course.kills % LOOKED_AT == 0:
            self._course.broken += archive.damage(self._place.database) + archive.halves(self._place.database)
        # No outage follows another before something was done: two of them would be longer than an edition may wait.
        if (
            self._now < end
            and self._now - (self._done or BEGIN) <= timedelta(hours=STEP_HOURS[1])
            and self._chance.random() < OUTAGES
        ):
            self._course.outages += 1
            self._to(min(end, self._now + timedelta(hours=self._chance.uniform(*OUTAGE_HOURS))))

    def stop(self) -> None:
        """Kill the service."""
        if self._child is not None:
            os.kill(self._child, signal.SIGKILL)
            os.waitpid(self._child, 0)
            self._child = None

    def _start(self) -> None:
        """Start the service unless it runs."""
        if self._child is None:
            self._child = os.fork()
            if self._child == 0:
                _serve(self._place, self._clock, self._marks)

    def _check_alive(self) -> None:
        """Raise RuntimeError when the service ended without being killed: it said why on standard error."""
        if self._child is not None and os.waitpid(self._child, os.WNOHANG) != (0, 0):
            self._child = None
            raise RuntimeError(f"the service ended by itself at {self._now}")

    def _to(self, when: datetime) -> None:
        self._now = when.replace(microsecond=0)
        clocked.set_clock(self._clock, self._now)

    def _done_with(self, when: datetime) -> bool:
        """Read the new marks; say whether there is one for `when`."""
        if self._marks.exists():
            with self._marks.open("rb") as file:
                file.seek(self._read)
                *lines, _ = file.read().split(b"\n")
            self._read += sum(len(line) + 1 for line in lines)
            for line in lines:
                self._note(json.loads(line))
        return self._done == when

    def _note(self, said: dict[str, object]) -> None:
        self._done = datetime.fromisoformat(str(said["at"]))
        self._course.ticks += 1
        problems = said["problems"]
        if isinstance(problems, dict):
            self._course.problems.update(f"{subject}: {sentence}" for subject, sentence in problems.items())  # pyright: ignore[reportUnknownVariableType]
        # The first ticks of a life load what is loaded once.
        if int(str(said["ticks"])) == 3:
            self._course.memory.append(((self._done - BEGIN) / timedelta(weeks=1), float(str(said["rss_mb"]))))


def _serve(place: Place, clock: Path, marks: Path) -> None:
    """Be the service. Never returns: a child may not come back into its parent's code."""
    try:
        clocked.live(place, clock, marks)
    except BaseException as error:  # noqa: BLE001
        print(f"the service ended: {error!r}", file=sys.stderr, flush=True)
    os._exit(1)


@contextmanager
def _publisher(clock: Path) -> Generator[str]:
    """Run the publisher in a process of its own and give its address."""
    command = [sys.executable, "-m", "benchmarks.soak.publisher", str(clock)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=10)
