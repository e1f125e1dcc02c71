"""The jobs of the service: what they note, and how they end when asked to (row P02)."""

import asyncio
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.service.conftest import Clock, Outlet, write
from watcher import config, logs
from watcher.model import DeliveryState
from watcher.pipeline import telling
from watcher.pipeline.desk import Desk
from watcher.service.jobs import Jobs
from watcher.service.work import Stop, Work
from watcher.store import outbox, service, sources
from watcher.web.metrics import Counters
from watcher.web.pulse import Pulse


@pytest.fixture
def jobs(clock: Clock, tmp_path: Path) -> Iterator[Jobs]:
    """Return jobs whose log is a file."""
    handlers = logging.getLogger().handlers
    into = os.open(tmp_path / "log", os.O_CREAT | os.O_WRONLY)
    log, sink = logs.configure(into)
    yield Jobs(log=log, counters=Counters(), pulse=Pulse(version="0", started_at=clock.now, period=30))
    sink.flush(2)
    logging.getLogger().handlers = handlers
    os.close(into)


def lines(tmp_path: Path, event: str) -> list[str]:
    """Return the lines of an event in the log, once it is written."""
    time.sleep(0.2)
    return [one for one in (tmp_path / "log").read_text("utf-8").splitlines() if one.startswith(f"event={event} ")]


def reading(desk: Desk, home: Path, *lines_of_sources: str) -> Desk:
    """Return `desk` with other sources."""
    write(home, *lines_of_sources)
    return replace(desk, config=config.load(config.Home(home), {}))


async def test_a_poll_that_is_stopped_keeps_what_it_learned(jobs: Jobs, desk: Desk, home: Path, outlet: Outlet) -> None:
    """Stopped in the middle of a source, a poll stores how the others ended: who failed is not asked early (rows P02, N24)."""
    outlet.feed()
    gone = f"{{id: gone, kind: feed, name: Gone, url: {outlet.url}/nothing.xml}}"
    slow = f"{{id: slow, kind: feed, name: Slow, url: {outlet.url.replace('127.0.0.1', 'localhost')}/slow.xml}}"
    two = reading(desk, home, gone, slow)
    two = replace(
        two, config=replace(two.config, settings=replace(two.config.settings, allow_private=("127.0.0.0/8", "::1/128")))
    )
    work = Work("poll")
    work.start(lambda stop: jobs.read(two, stop))
    for _ in range(600):
        await asyncio.sleep(0.05)
        if {"/slow.xml", "/nothing.xml"} <= set(outlet.asked):
            break
    await asyncio.sleep(0.5)
    began = time.monotonic()
    assert await work.stop(20)
    assert time.monotonic() - began < 10
    assert work.error is None
    states = desk.store.read(sources.states)
    assert states["gone"].last_error == "http_404"
    assert states["gone"].next_poll_at is not None
    assert "slow" not in states
    assert "poll" not in jobs.pulse.problems


def test_mails_that_are_not_handed_over_stay_queued(jobs: Jobs, desk: Desk, clock: Clock) -> None:
    """Asked to end, the job hands over no further mail; those wait as they were, and leave the next time (row P02)."""
    desk = replace(desk, config=replace(desk.config, digests=()))
    telling.tell(desk, {"mail": "The relay refuses the password."})
    clock.pass_(minutes=1)
    asked = Stop()
    asked.wish()
    jobs.mail(desk, asked)
    assert desk.store.read(outbox.counts) == {DeliveryState.QUEUED: 2}  # the alarm, and its end
    (first, *_) = desk.store.read(lambda tx: outbox.due(tx, desk.now(), 10))
    assert (first.attempts, first.hand_overs) == (0, 0)
    jobs.mail(desk, Stop())
    assert desk.store.read(outbox.counts) == {DeliveryState.SENT: 2}
    assert len(list(desk.home.spool.rglob("*.eml"))) == 2


def test_a_failing_job_is_told_once(jobs: Jobs, desk: Desk, home: Path, tmp_path: Path) -> None:
    """What stops a whole poll is logged once, and stays a problem until a poll succeeds (row P09)."""
    nobody = replace(desk, config=replace(desk.config, settings=replace(desk.config.settings, contact="", allow_private=())))
    for _ in range(5):
        jobs.read(nobody, Stop())
    assert "settings.contact is empty" in jobs.pulse.problems["poll"]
    assert len(lines(tmp_path, "problem")) == 1
    jobs.read(reading(desk, home), Stop())
    assert "poll" not in jobs.pulse.problems
    assert jobs.pulse.last_poll_at == desk.now()


def test_a_source_is_one_line_without_addresses(jobs: Jobs, desk: Desk, home: Path, outlet: Outlet, tmp_path: Path) -> None:
    """Each source of a poll is one line with its counts; alarms are lines too; nothing names a person (promise P12)."""
    outlet.feed()
    gone = f"{{id: gone, kind: feed, name: Gone, url: {outlet.url}/nothing.xml}}"
    for _ in range(3):
        one = reading(desk, home, gone)
        desk.store.write(lambda tx: sources.save_states(tx, [replace(s, next_poll_at=None) for s in sources.states(tx).values()]))
        jobs.read(one, Stop())
    told = lines(tmp_path, "source")
    assert len(told) == 3
    assert "source=gone status=failed reason=http_404" in told[0]
    assert [line.partition("kind=")[2].split()[0] for line in lines(tmp_path, "alarm")] == ["failing"]
    assert [one.kind for one in desk.store.read(service.alarms)] == ["failing"]
    assert "@" not in (tmp_path / "log").read_text("utf-8")


def test_a_mistake_in_a_notice_keeps_nobody_from_reading(jobs: Jobs, desk: Desk, home: Path, clock: Clock) -> None:
    """A broken template of the administrator's mails is a problem of its own; once mended, the alarm is told after all."""
    template = home / "templates" / "admin" / "alarm.txt.j2"
    good = template.read_text("utf-8")
    template.write_text("{{ nothing.of.that.name }}", "utf-8")
    quiet = replace(reading(desk, home), config=replace(reading(desk, home).config, digests=()))
    jobs.pulse.problems["configuration"] = "sources.yaml:3:1: unknown key."
    jobs.read(quiet, Stop())
    assert "alarm.txt.j2:1" in jobs.pulse.problems["telling"]
    assert "poll" not in jobs.pulse.problems
    assert desk.store.read(service.alarms) == ()
    template.write_text(good, "utf-8")
    clock.pass_(minutes=1)
    jobs.read(quiet, Stop())
    assert "telling" not in jobs.pulse.problems
    assert [one.kind for one in desk.store.read(service.alarms)] == ["configuration"]


def test_mail_that_is_held_is_a_problem_of_the_service(jobs: Jobs, desk: Desk) -> None:
    """After a restore the service says that nothing leaves, even while no mail waits; until it is reconciled (promise P10)."""
    mark = desk.home.var / "restored"
    mark.write_text("{}", "utf-8")
    quiet = replace(desk, config=replace(desk.config, digests=()))
    jobs.mail(quiet, Stop())
    assert "`watcher outbox reconcile`" in jobs.pulse.problems["outbox"]
    assert [one.kind for one in desk.store.read(service.alarms)] == ["outbox"]
    mark.unlink()
    # The mail that tells it was made, and waits.
    jobs.mail(quiet, Stop())
    assert "outbox" not in jobs.pulse.problems
