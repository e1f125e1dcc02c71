"""The tick: what the service does each time it wakes. The store says what is due; what takes long is begun, never waited for."""

import asyncio
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from watcher import schedule
from watcher.config import Config
from watcher.errors import StoreError
from watcher.logs import Log
from watcher.pipeline import calendar
from watcher.pipeline.desk import Desk
from watcher.schedule import Leaving
from watcher.service.jobs import Jobs
from watcher.service.steps import Reading, Steps, Trust
from watcher.service.work import Work
from watcher.store import Transaction, outbox, service, sources
from watcher.store.service import Heartbeat
from watcher.web.pulse import Pulse

# Longer than any reading takes within its limits: beyond, something hangs that no limit holds, and a new start is the cure.
LONGEST_JOB = timedelta(hours=6).total_seconds()
# What failed for a reason that people mend is tried again after this, not at each tick.
AGAIN = timedelta(minutes=10).total_seconds()
# The outbox and the alarms are looked at this often even when no edition is due.
MAIL_EVERY = timedelta(minutes=1).total_seconds()
CLOCK = {
    Trust.BEHIND: "The clock shows {now}, earlier than {stamp}, when this service last worked: nothing is done until it is set."
    " If it is right, start once with `watcher run --trust-clock`.",
    Trust.DOUBTED: "The clock leapt ahead to {now}: nothing is done for ten minutes, in case it is mistaken.",
}


class HungError(Exception):
    """That a job has run for longer than any may: the tick did not do its work, and the watchdog is not fed."""


@dataclass(kw_only=True)
class Tick:
    """Wakes, looks, begins. `desk` gives what to work with at present; `running` reads a clock that nobody sets, in seconds."""

    desk: Callable[[], Desk]
    jobs: Jobs
    steps: Steps
    pulse: Pulse
    log: Log
    running: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME)
    reading: Work = field(default_factory=lambda: Work("poll"))
    mailing: Work = field(default_factory=lambda: Work("mail"))
    _tried: dict[str, float] = field(default_factory=dict[str, float])
    _joined: tuple[str, ...] = ()
    _config: Config | None = None

    async def __call__(self) -> Trust:
        """Do one tick and return how far the clock is trusted. Raises HungError, and what is a mistake of ours."""
        self._look_after_jobs()
        desk = self.desk()
        if desk.config is not self._config:
            if self._config is not None:
                self._tried.clear()  # what failed may have been mended by this very edit
            self._config = desk.config
        trust = self._clock(desk)
        try:
            if trust in (Trust.RIGHT, Trust.STEPPED):
                due = await asyncio.to_thread(self._due, desk)
            else:
                due = await asyncio.to_thread(self._idle, desk)
        except StoreError as error:
            self._problem("database", error.message)
        else:
            self.pulse.over("database")
            if due is not None:
                self._begin(desk, *due)
        self.pulse.ticked = time.monotonic()
        return trust

    def _clock(self, desk: Desk) -> Trust:
        now = Reading(wall=desk.now(), running=self.running())
        trust = self.steps.look(now)
        if trust in CLOCK:
            stamp = self.steps.stamp.isoformat(timespec="seconds") if self.steps.stamp else ""
            self._problem("clock", CLOCK[trust].format(now=now.wall.isoformat(timespec="minutes"), stamp=stamp))
            return trust
        self.pulse.over("clock")
        if trust is Trust.STEPPED:
            self.log.warning("clock_stepped", now=now.wall)
        return trust

    def _idle(self, desk: Desk) -> None:
        """Leave a sign of life that says why nothing is done. A clock that is not believed does not date it."""
        self._sign(desk, self.steps.stamp or self.pulse.started_at)

    def _due(self, desk: Desk) -> tuple[bool, bool]:
        """Leave a sign of life; return whether a source is due and whether a mail, or an edition, is."""
        now = desk.now()
        digests = tuple(digest.id for digest in desk.config.digests)
        if digests != self._joined:
            calendar.join(desk)
            self._joined = digests
        self._sign(desk, max(now, self.steps.stamp or now))

        def look(tx: Transaction) -> tuple[bool, bool]:
            ripe = schedule.due(desk.config.sources, sources.states(tx), now)
            leaving = any(one.leaving is Leaving.LEAVES for one in calendar.coming(desk, tx))
            return bool(ripe), leaving or bool(outbox.due(tx, now, 1)) or bool(outbox.interrupted(tx))

        return desk.store.read(look)

    def _sign(self, desk: Desk, at: datetime) -> None:
        sign = Heartbeat(
            beat_at=at,
            started_at=self.pulse.started_at,
            last_poll_at=self.pulse.last_poll_at,
            pid=os.getpid(),
            host=socket.gethostname(),
            program=self.pulse.version,
            problems=self.pulse.problems,
        )
        desk.store.write(lambda tx: service.beat(tx, sign))

    def _begin(self, desk: Desk, sources_due: bool, mail_due: bool) -> None:
        if sources_due and self._may("poll") and self.reading.start(lambda stop: self.jobs.read(desk, stop)):
            self._tried["poll"] = self.running()
        idle = self.running() - self._tried.get("mail", float("-inf")) >= MAIL_EVERY
        if (mail_due or idle) and self._may("mail") and self.mailing.start(lambda stop: self.jobs.mail(desk, stop)):
            self._tried["mail"] = self.running()

    def _may(self, subject: str) -> bool:
        """Say whether a job may begin: not again at once when it failed the last time."""
        if subject not in self.pulse.problems:
            return True
        return self.running() - self._tried.get(subject, float("-inf")) >= AGAIN

    def _look_after_jobs(self) -> None:
        for work in (self.reading, self.mailing):
            if work.seconds > LONGEST_JOB:
                raise HungError(f"{work.name} has run for {work.seconds:.0f} s")
            if not work.busy and work.error is not None:
                self._problem(work.name, f"{type(work.error).__name__}: {work.error}")
                work.error = None

    def _problem(self, subject: str, sentence: str) -> None:
        if self.pulse.note(subject, sentence):
            self.jobs.counters.error(subject)
            self.log.error("problem", subject=subject, problem=sentence)
