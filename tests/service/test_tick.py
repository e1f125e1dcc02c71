"""Ticks on a clock that the test holds: what is due is begun, and nothing else (rows T03, T06, T09)."""

import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tests.service.conftest import MONDAY, Clock
from watcher import logs, schedule
from watcher.errors import StoreError
from watcher.model import FetchResult, Request, Source, SourceState
from watcher.pipeline import calendar
from watcher.pipeline.desk import Desk
from watcher.service.jobs import Jobs
from watcher.service.steps import Steps, Trust
from watcher.service.tick import AGAIN, HungError, Tick
from watcher.service.work import Stop
from watcher.store import service, sources
from watcher.web.metrics import Counters
from watcher.web.pulse import Pulse


@dataclass(frozen=True, kw_only=True)
class Begun(Jobs):
    """Jobs that note when they are begun, and do what a poll does to the store; `go` lets a slow one end."""

    polls: list[datetime] = field(default_factory=list[datetime])
    mails: list[str] = field(default_factory=list[str])
    go: threading.Event = field(default_factory=threading.Event)

    def read(self, desk: Desk, stop: Stop) -> None:  # noqa: ARG002 - the jobs of the service are asked to end
        """Poll what is due, as far as the store is concerned."""
        self.go.wait(10)
        now = desk.now()
        states = desk.store.read(sources.states)
        for source in schedule.due(desk.config.sources, states, now):
            self.polls.append(now)
            answer = FetchResult(request=Request(url=source.url), url=source.url, status=200, body=b"x", fetched_at=now)
            before = states.get(source.id, SourceState(source_id=source.id))
            after = schedule.after_success(before, source, answer, items=1, now=now, rng=desk.rng)
            desk.store.write(lambda tx, after=after: sources.save_states(tx, [after]))

    def mail(self, desk: Desk, stop: Stop) -> None:  # noqa: ARG002
        """Publish what is due."""
        self.mails.extend(one.edition.period.key for one in calendar.publish_due(desk).published if one.created)


@pytest.fixture
def tick(desk: Desk, clock: Clock) -> Iterator[Tick]:
    """Return the tick of a service on the test's clock, whose polls end at once."""
    handlers = logging.getLogger().handlers
    read, write = os.pipe()
    log, sink = logs.configure(write)
    pulse = Pulse(version="0", started_at=clock.now, period=30)
    jobs = Begun(log=log, counters=Counters(), pulse=pulse)
    jobs.go.set()
    made = Tick(desk=lambda: desk, jobs=jobs, steps=Steps(None), pulse=pulse, log=log, running=lambda: clock.running)
    yield made
    sink.flush(2)
    logging.getLogger().handlers = handlers
    os.close(write)
    os.close(read)


def begun(tick: Tick) -> Begun:
    """Return the jobs of a tick, as what they are."""
    assert isinstance(tick.jobs, Begun)
    return tick.jobs


async def turn(tick: Tick) -> Trust:
    """Do one tick and wait for what it began."""
    trust = await tick()
    await tick.reading.ended(10)
    await tick.mailing.ended(10)
    return trust


def one_source(desk: Desk, every: timedelta) -> Source:
    """Return the first source of a home, read every so often."""
    return replace(desk.config.sources[0], every=every)


async def test_a_source_is_read_as_often_as_it_says(tick: Tick, desk: Desk, clock: Clock) -> None:
    """Over a day of ticks, the time between two polls is never shorter than asked, and at most a tenth longer (row T09)."""
    source = one_source(desk, timedelta(hours=1))
    single = replace(desk, config=replace(desk.config, sources=(source,)), rng=Random(3))
    tick.desk = lambda: single
    for _ in range(24 * 120):
        ripe = schedule.due(single.config.sources, single.store.read(sources.states), clock.now)
        if ripe:
            await turn(tick)
        clock.pass_(seconds=30)
    polls = begun(tick).polls
    gaps = [b - a for a, b in pairwise(polls)]
    assert 20 <= len(gaps) <= 24
    assert min(gaps) >= source.every
    assert max(gaps) <= source.every * 1.1


async def test_a_poll_longer_than_the_tick_runs_once(tick: Tick, clock: Clock) -> None:
    """Ticks go on while a poll is under way and begin no second one; after it, what is due is read (row T06)."""
    jobs = begun(tick)
    jobs.go.clear()
    for _ in range(10):
        began = time.monotonic()
        await tick()
        assert time.monotonic() - began < 1
        clock.pass_(seconds=30)
    assert tick.reading.busy
    jobs.go.set()
    await tick.reading.ended(10)
    assert len(jobs.polls) == 10  # ten sources, once each


def test_a_thousand_sources_due_at_once_are_read_oldest_first_and_spread(clock: Clock) -> None:
    """After an outage all are due: the longest overdue first, each once, and their next times are spread (row T06)."""
    every = timedelta(hours=6)
    many = tuple(Source(id=f"s{n}", kind="feed", name="S", url=f"https://s{n}.example/", every=every) for n in range(1000))
    late = {s.id: SourceState(source_id=s.id, next_poll_at=clock.now - timedelta(minutes=n)) for n, s in enumerate(many)}
    ripe = schedule.due(many, late, clock.now)
    assert [source.id for source in ripe] == [source.id for source in reversed(many)]
    rng, answer = Random(5), FetchResult(request=Request(url="https://s.example/"), url="", status=200, fetched_at=clock.now)
    after = [schedule.after_success(late[s.id], s, answer, items=1, now=clock.now, rng=rng).next_poll_at for s in many]
    times = sorted(when for when in after if when)
    assert times[-1] - times[0] > timedelta(minutes=25)
    per_tick = max(sum(a <= t < a + timedelta(seconds=30) for t in times) for a in times[::50])
    assert per_tick < 60


async def test_restarts_ask_nobody_early(tick: Tick, clock: Clock, desk: Desk) -> None:
    """Fifty restarts within an hour: each source is asked once, its time comes from the store (row N24)."""
    for _ in range(50):
        again = replace(tick, steps=Steps(clock.now), reading=type(tick.reading)("poll"), mailing=type(tick.mailing)("mail"))
        await turn(again)
        clock.pass_(seconds=70)
    assert len(begun(tick).polls) == len(desk.config.sources)


@pytest.mark.parametrize(
    "step",
    [timedelta(hours=-1), datetime(1970, 1, 1, tzinfo=MONDAY.tzinfo) - MONDAY, timedelta(days=3650)],
    ids=["-1 h", "1970", "+10 y"],
)
async def test_a_clock_that_steps_sends_and_asks_nothing(tick: Tick, desk: Desk, clock: Clock, step: timedelta) -> None:
    """A clock that jumps back, to 1970, or ten years ahead starts no poll and no edition; put right, work goes on (row T03)."""
    calendar.join(replace(desk, now=lambda: MONDAY - timedelta(days=30)))
    await turn(tick)
    jobs = begun(tick)
    before = (len(jobs.polls), list(jobs.mails))
    assert before == (10, ["2026-W46"])
    clock.step(seconds=step.total_seconds())
    for _ in range(10):
        clock.pass_(seconds=30)
        assert await turn(tick) in (Trust.BEHIND, Trust.DOUBTED)
        assert "clock" in tick.pulse.problems
    assert (len(jobs.polls), jobs.mails) == before
    clock.step(seconds=-step.total_seconds())
    assert await turn(tick) is Trust.RIGHT
    assert "clock" not in tick.pulse.problems
    assert (len(jobs.polls), jobs.mails) == before
    beat = desk.store.read(service.last_beat)
    assert beat is not None
    assert beat.beat_at == clock.now


@pytest.mark.parametrize("days", [-3, 3], ids=["behind", "ahead"])
async def test_a_clock_that_is_not_believed_is_in_the_sign_of_life(tick: Tick, desk: Desk, clock: Clock, days: int) -> None:
    """Whoever looks at the store sees why nothing is done, and by which process; the stamp is not moved by it (row T03)."""
    before = service.Heartbeat(beat_at=clock.now, started_at=clock.now, pid=1, host="h", program="0")
    desk.store.write(lambda tx: service.beat(tx, before))
    waking = replace(tick, steps=Steps(clock.now))
    if days > 0:
        await turn(waking)
    believed = clock.now
    clock.step(days=days)
    await turn(waking)
    beat = desk.store.read(service.last_beat)
    assert beat is not None
    assert (beat.beat_at, beat.pid, beat.problems) == (believed, os.getpid(), {"clock": waking.pulse.problems["clock"]})


async def test_an_hour_ahead_sends_nothing_twice(tick: Tick, desk: Desk, clock: Clock) -> None:
    """One hour ahead and an hour back: the edition of the week leaves once, and no source is asked in a storm (row T03)."""
    calendar.join(replace(desk, now=lambda: MONDAY - timedelta(days=30)))
    jobs = begun(tick)
    await turn(tick)
    clock.pass_(seconds=30)
    clock.step(hours=1)
    assert await turn(tick) is Trust.STEPPED
    clock.step(hours=-1)
    for _ in range(130):
        clock.pass_(seconds=30)
        await turn(tick)
    assert jobs.mails == ["2026-W46"]
    assert len(jobs.polls) == 10


async def test_the_stamp_outlives_a_restart(tick: Tick, desk: Desk, clock: Clock) -> None:
    """A service that starts on a clock behind the stored stamp does nothing, and says what to do (row T03)."""
    await turn(tick)
    beat = desk.store.read(service.last_beat)
    assert beat is not None
    clock.step(days=-20)
    again = replace(tick, steps=Steps(beat.beat_at))
    assert await turn(again) is Trust.BEHIND
    assert "--trust-clock" in again.pulse.problems["clock"]


async def test_a_database_that_fails_is_told_and_recovers(
    tick: Tick, desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing can be written the service ticks and says why; when it can be again, work goes on without a restart."""
    with monkeypatch.context() as full:

        def refuse(_: object) -> None:
            raise StoreError("The disk is full.")

        full.setattr(desk.store, "write", refuse)
        await turn(tick)
        assert tick.pulse.problems["database"] == "The disk is full."
        assert tick.pulse.beating
    clock.pass_(seconds=30)
    await turn(tick)
    assert "database" not in tick.pulse.problems
    assert len(begun(tick).polls) == 10


async def test_what_fails_for_a_person_to_mend_is_not_tried_at_each_tick(tick: Tick, clock: Clock) -> None:
    """A poll that failed as a whole is tried again ten minutes later, not thirty seconds."""
    tick.pulse.problems["poll"] = "settings.contact is empty."
    tick._tried["poll"] = clock.running  # pyright: ignore[reportPrivateUsage]
    await turn(tick)
    assert begun(tick).polls == []
    clock.pass_(seconds=AGAIN)
    await turn(tick)
    assert len(begun(tick).polls) == 10


async def test_an_edit_has_what_failed_tried_again_at_once(tick: Tick, desk: Desk, clock: Clock) -> None:
    """Whoever mended sources.yaml does not wait ten minutes to see it work."""
    await turn(tick)
    clock.pass_(days=1)
    tick.pulse.note("poll", "settings.contact is empty.")
    tick._tried["poll"] = clock.running  # pyright: ignore[reportPrivateUsage]
    await turn(tick)
    assert len(begun(tick).polls) == 10
    mended = replace(desk, config=replace(desk.config))
    tick.desk = lambda: mended
    await turn(tick)
    assert len(begun(tick).polls) == 20


async def test_a_long_trouble_that_kept_mails_from_being_made_is_told_afterwards(
    tick: Tick, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that was wrong for a quarter of an hour is told once it is right; one of a minute, to nobody (promise P14)."""
    monkeypatch.setattr("watcher.web.pulse._running", lambda: clock.running)
    pulse = tick.pulse
    await turn(tick)
    for minutes, told in ((1, False), (16, True)):
        clock.step(hours=-2)
        await turn(tick)
        assert "clock" in pulse.problems
        clock.pass_(minutes=minutes)
        clock.step(hours=2)
        await turn(tick)
        assert pulse.problems == {}
        assert ("clock" in pulse.to_tell()) is told
    pulse.told(pulse.to_tell())
    assert pulse.to_tell() == {}


async def test_a_job_that_hangs_for_hours_fails_the_tick(tick: Tick, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no limit holds is ended by a new start: the tick fails, and the watchdog is not fed (row T10)."""
    begun(tick).go.clear()
    await tick()
    ticked = tick.pulse.ticked
    monkeypatch.setattr("watcher.service.tick.LONGEST_JOB", -1.0)
    with pytest.raises(HungError, match="poll has run for"):
        await tick()
    assert tick.pulse.ticked == ticked
    begun(tick).go.set()
    await tick.reading.ended(10)


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Cayenne"])
def test_the_zone_is_the_file_s_not_the_machine_s(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """TZ in the environment changes nothing: hours are those of the configured zone (row T07)."""
    from watcher.model import Digest

    digest = Digest(id="veille", title="Veille")
    expected = schedule.next_edition(digest, ZoneInfo(zone), MONDAY)
    for other in ("UTC", "Asia/Tokyo", "Nowhere/AtAll"):
        monkeypatch.setenv("TZ", other)
        time.tzset()
        assert schedule.next_edition(digest, ZoneInfo(zone), MONDAY) == expected
    monkeypatch.undo()
    time.tzset()
    local = expected.astimezone(ZoneInfo(zone))
    assert (local.weekday(), local.hour, local.minute) == (0, 7, 30)
