"""The daemon: the parts of the service, put together in one process and one loop, from the first lock to the last line."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from watcher import __version__
from watcher.config import Home
from watcher.config.secrets import read_secrets
from watcher.logs import Log, Sink
from watcher.pipeline.desk import Desk, utc_now
from watcher.service import lock
from watcher.service.jobs import Jobs
from watcher.service.notify import Notifier, watchdog_seconds
from watcher.service.reload import Keeper, Loaded
from watcher.service.steps import Steps, Trust
from watcher.service.tick import Tick
from watcher.store import Store, service
from watcher.web.app import application
from watcher.web.metrics import Counters
from watcher.web.pulse import Pulse
from watcher.web.server import Listener

PERIOD = 30.0
LOOK_EVERY = 2.0
# Of the thirty seconds that a stop may take: for the jobs, then for what is left.
JOBS_END_WITHIN = 22.0


def run(home: Home, env: Mapping[str, str], log: Log, sink: Sink, *, trust_clock: bool = False) -> int:
    """Run the service of `home` until it is asked to stop; return its exit code.

    0 after SIGTERM or SIGINT, 1 when its ticks stopped. Raises StoreError when another one runs, ConfigErrors when what
    people edit cannot be used and never could.
    """
    with lock.deaf_to_hangups(), lock.alone(home.var, utc_now()):
        store = Store.open(read_secrets(env).database or home.database_url)
        try:
            if trust_clock:
                store.write(service.forget_beat)
            keeper = Keeper(home, env, store, utc_now)
            daemon = Daemon(Parts(store=store, keeper=keeper, log=log, notifier=Notifier(env.get("NOTIFY_SOCKET", ""))), env)
            code, orderly = asyncio.run(daemon.run())
        finally:
            store.close()
        if not orderly:
            # A thread that does not end would keep the interpreter: what it does is in a transaction, or in none.
            sink.flush(1)
            os._exit(code)
    sink.flush(1)
    return code


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a daemon is made of. `period` is how often it ticks, in seconds; the watchdog of systemd may shorten it."""

    store: Store
    keeper: Keeper
    log: Log
    notifier: Notifier
    period: float = PERIOD


class Daemon:
    """One life of the service."""

    def __init__(self, parts: Parts, env: Mapping[str, str]) -> None:
        watchdog = watchdog_seconds(env, os.getpid())
        self._period = min(parts.period, watchdog / 2) if watchdog else parts.period
        self._parts = parts
        self._log = parts.log
        self._pulse = Pulse(version=__version__, started_at=utc_now(), period=self._period)
        self._counters = Counters()
        self._stop = asyncio.Event()
        self._code = 0
        self._reloads: asyncio.Event = asyncio.Event()
        self._listen = ""
        self._desk = self._opened(parts.keeper.first())
        beat = parts.store.read(service.last_beat)
        self._tick = Tick(
            desk=lambda: self._desk,
            jobs=Jobs(log=self._log, counters=self._counters, pulse=self._pulse),
            steps=Steps(beat.beat_at if beat else None),
            pulse=self._pulse,
            log=self._log,
        )
        if beat is not None:
            self._pulse.last_poll_at = beat.last_poll_at

    @property
    def pulse(self) -> Pulse:
        """What it notes of itself."""
        return self._pulse

    async def run(self) -> tuple[int, bool]:
        """Live until the end is asked for; return the exit code, and whether every job ended in time."""
        self._on_signals()
        self._listen = self._desk.config.settings.listen
        listener = Listener(application(self._pulse, lambda: self._desk, self._counters), self._listen)
        listener.start()
        self._log.info("started", version=__version__, pid=os.getpid(), port=listener.port)
        await self._ticked()
        scheduler = self._scheduler()
        scheduler.start()
        self._parts.notifier.ready(self._status())
        watches = [asyncio.create_task(self._watch_files()), asyncio.create_task(self._watch_ticks(scheduler))]
        await self._stop.wait()
        return self._code, await self._end(scheduler, listener, watches)

    # ------------------------------------------------------------------------------------------------------------ ticks

    def _scheduler(self) -> AsyncIOScheduler:
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        scheduler = AsyncIOScheduler(timezone="UTC", job_defaults=defaults)
        scheduler.add_job(self._ticked, "interval", seconds=self._period, id="tick")
        scheduler.add_listener(self._failed, EVENT_JOB_ERROR)
        self._wake: Callable[[], None] = scheduler.wakeup
        return scheduler

    async def _ticked(self) -> None:
        """Do one tick, and say so: nothing else feeds the watchdog."""
        trust = await self._tick()
        if trust is Trust.STEPPED:
            self._wake()  # timers were set by a clock that was wrong
        self._parts.notifier.alive(self._status())

    def _failed(self, event: JobExecutionEvent) -> None:
        self._counters.error("tick")
        self._log.error("tick_failed", error=repr(event.exception))

    async def _watch_ticks(self, scheduler: AsyncIOScheduler) -> None:
        """Stop the process when ticks no longer come: a service that sleeps for ever looks alive (row T10)."""
        while True:
            await asyncio.sleep(min(self._period, 1.0))
            if not self._pulse.beating or not scheduler.running:
                self._log.error("ticks_stopped", tick_age=self._pulse.tick_age)
                self._code = 1
                self._stop.set()
                return

    def _status(self) -> str:
        config, problems = self._desk.config, self._pulse.problems
        what = f"{len(config.sources)} sources, {len(config.digests)} digests"
        return what + (f"; {len(problems)} problems: {', '.join(sorted(problems))}" if problems else "; all well")

    # ---------------------------------------------------------------------------------------------------- what people edit

    def _opened(self, loaded: Loaded) -> Desk:
        self._pulse.configuration = loaded.sha256
        self._pulse.configured_at = utc_now()
        self._note_configuration()
        for note in loaded.config.notes:
            self._log.warning("configuration_note", note=note)
        return Desk(home=loaded.home, config=loaded.config, seeds=loaded.seeds, store=self._parts.store)

    async def _watch_files(self) -> None:
        """Look at the files every two seconds, and run on what is new, whole and valid.

        A signal has those that were refused judged once more, and the log say what became of it, whatever that is.
        """
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._reloads.wait(), LOOK_EVERY)
            asked = self._reloads.is_set()
            self._reloads.clear()
            if asked:
                self._parts.notifier.reloading()
                self._parts.keeper.again()
                await self._look()
                await asyncio.sleep(LOOK_EVERY)
            await self._look(asked=asked)
            if asked:
                self._parts.notifier.ready(self._status())

    async def _look(self, *, asked: bool = False) -> None:
        keeper = self._parts.keeper
        try:
            loaded = await asyncio.to_thread(keeper.look)
        except Exception as error:  # noqa: BLE001 - whatever it is, the service goes on with what it has, and says so
            self._log.error("reload_failed", error=repr(error))
            return
        if loaded is not None:
            self._desk = self._opened(loaded)
            self._log.info("reloaded", configuration=loaded.sha256[:12], sources=len(loaded.config.sources))
            self._note_restart(loaded.config.settings.listen)
        elif keeper.problem is None and ("configuration" in self._pulse.problems or (asked and not keeper.in_doubt)):
            self._log.info("configuration_unchanged", configuration=self._pulse.configuration[:12])
        self._note_configuration(asked=asked)

    def _note_configuration(self, *, asked: bool = False) -> None:
        problem = self._parts.keeper.problem
        if problem is None:
            self._pulse.over("configuration")
            return
        fresh = self._pulse.note("configuration", problem.message)
        if fresh:
            self._counters.error("configuration")
        if fresh or asked:
            self._log.error("configuration_refused", problem=problem.message)

    def _note_restart(self, listen: str) -> None:
        if listen != self._listen:
            self._log.warning("restart_needed", setting="service.listen", runs_with=self._listen, edited_to=listen)

    # -------------------------------------------------------------------------------------------------------------- the end

    def _on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, self._asked_to_end)
        loop.add_signal_handler(signal.SIGHUP, self._reloads.set)

    def _asked_to_end(self) -> None:
        """Begin to end; the same signal once more then ends the process at once."""
        loop = asyncio.get_running_loop()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(one)
        self._stop.set()

    async def _end(self, scheduler: AsyncIOScheduler, listener: Listener, watches: list["asyncio.Task[None]"]) -> bool:
        began = time.monotonic()
        self._parts.notifier.stopping()
        self._log.info("stopping")
        if scheduler.running:
            scheduler.shutdown(wait=False)
        for task in watches:
            task.cancel()
        await asyncio.gather(*watches, return_exceptions=True)
        jobs = (self._tick.reading, self._tick.mailing)
        ended = all(await asyncio.gather(*(job.stop(JOBS_END_WITHIN) for job in jobs)))
        await listener.stop()
        took = timedelta(seconds=time.monotonic() - began)
        self._log.info("stopped", orderly=ended, seconds=round(took.total_seconds(), 2))
        return ended
