"""Jobs run beside the loop and end when asked."""

import asyncio
import threading
import time

from watcher.service.jobs import cancellable
from watcher.service.work import Stop, Work


def until(go: threading.Event) -> None:
    """Be busy until `go`, half a minute at most."""
    go.wait(30)


async def test_one_job_at_a_time() -> None:
    """A second job is not begun while the first runs, nor any once the end was asked for (row T06)."""
    work, go = Work("poll"), threading.Event()
    assert work.start(lambda _: until(go))
    assert not work.start(lambda _: None)
    assert work.busy
    go.set()
    assert await work.ended(5)
    assert work.start(lambda _: None)
    await work.ended(5)
    assert await work.stop(1)
    assert not work.start(lambda _: None)


async def test_what_a_job_raises_is_kept() -> None:
    """A job that breaks is not silent: its error waits for whoever looks."""
    work = Work("poll")

    def broken(_: Stop) -> None:
        raise ZeroDivisionError

    work.start(broken)
    await work.ended(5)
    assert isinstance(work.error, ZeroDivisionError)


async def test_a_coroutine_in_another_loop_is_cancelled_and_cleans_up() -> None:
    """Asked to end, a poll in its own loop is cancelled, and what it does on the way out is done (row P02)."""
    work, said, begun = Work("poll"), list[str](), threading.Event()

    async def long() -> None:
        try:
            begun.set()
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            said.append("stored")

    work.start(lambda stop: cancellable(long(), stop))
    assert await asyncio.to_thread(begun.wait, 5)
    began = time.monotonic()
    assert await work.stop(5)
    assert time.monotonic() - began < 2
    assert said == ["stored"]
    assert isinstance(work.error, asyncio.CancelledError)


async def test_a_job_that_does_not_end_is_left_behind() -> None:
    """The wait for a job has an end, whatever the job does (row P02)."""
    work, go = Work("mail"), threading.Event()
    work.start(lambda _: until(go))
    began = time.monotonic()
    assert not await work.stop(0.2)
    assert time.monotonic() - began < 2
    go.set()
    await work.ended(5)


def test_a_wish_made_before_the_job_listens_is_heard() -> None:
    """The order of asking and listening does not matter."""
    stop, heard = Stop(), list[int]()
    stop.wish()
    stop.call(lambda: heard.append(1))
    assert stop.wished
    assert heard == [1]
