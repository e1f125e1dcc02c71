"""The worker processes themselves: started with the first task, ended with the last, replaced when they break."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, cast

from watcher.errors import SandboxError
from watcher.sandbox.envelope import Limits
from watcher.sandbox.inside import perform, prepare

if TYPE_CHECKING:
    from pebble import ProcessPool

TASKS_PER_WORKER = 2000  # hand-overs: caches of the parsers grow slowly
PRELOADED = ("watcher.sandbox.inside", "watcher.sandbox.context", "pebble")


class Workers:
    """Hold the worker processes of one Sandbox, and give them what it hands over."""

    def __init__(self, count: int, limits: Limits, *, preload: Sequence[str], make_kept: Callable[[], object]) -> None:
        self._count = count
        self._limits = limits
        self._preload = preload
        self._make_kept = make_kept
        self._pool: ProcessPool | None = None
        self._under_way: set[Future[list[bytes]]] = set()
        self._starting, self._one_start = asyncio.Lock(), Lock()
        self._closed = False

    def begin(self) -> None:
        """Take another event loop into use."""
        self._starting = asyncio.Lock()

    def close(self) -> None:
        """End the workers for good. What was under way ends with a SandboxError."""
        self._closed = True
        if self._pool is not None:
            self._put_aside(self._pool)

    async def perform(self, payload: bytes, count: int, *, name: str, patience: float) -> list[bytes]:
        """Have the `count` tasks in `payload` performed in their order; return the envelopes of how each ended, or one for all.

        `patience` is how many seconds they may wait for a worker. When the worker does not live to the end, raises a SandboxError
        about `name`. The pool refuses all work once an idle worker was killed from outside: hence one second try.
        """
        for _ in range(2):
            if self._closed:
                break
            pool = await self._running()
            try:
                return await self._performed(pool, payload, count, patience)
            except BrokenProcessPool:
                self._put_aside(pool)
            except TimeoutError as error:
                raise _too_slow(name, self._limits) from error
            except OSError as error:
                raise _death(error, name, self._limits) from error
        why = "the sandbox was closed" if self._closed else "the worker processes could not be kept alive"
        raise SandboxError(f"{name} was not done: {why}.", reason="crashed", task=name)

    async def _performed(self, pool: "ProcessPool", payload: bytes, count: int, patience: float) -> list[bytes]:
        # A worker ends itself when a task takes too long; the pool ends one that a page has taken over.
        wall = self._limits.wall_seconds * count + 1
        try:
            future = cast("Future[list[bytes]]", pool.schedule(perform, args=(payload, self._limits), timeout=wall))
        except RuntimeError as error:
            raise BrokenProcessPool(str(error)) from error
        self._under_way.add(future)
        try:
            # A deadline above the pool's own, which waits for ever when a worker was killed while it held the pool's lock.
            return await asyncio.wait_for(asyncio.wrap_future(future), wall + patience + 10)
        except TimeoutError:
            if future.cancelled():
                self._put_aside(pool)
            raise
        finally:
            self._under_way.discard(future)

    async def _running(self) -> "ProcessPool":
        async with self._starting:
            if self._pool is not None:
                return self._pool
            # In a thread: what the workers need takes seconds to load, and there is enough to fetch meanwhile.
            return await asyncio.to_thread(self._start)

    def _start(self) -> "ProcessPool":
        """Start a pool and keep it, also for others, should who asked for it have been cancelled."""
        with self._one_start:
            if self._pool is None:
                self._pool = self._started()
            pool = self._pool
        if self._closed:
            self._put_aside(pool)
        return pool

    def _started(self) -> "ProcessPool":
        from multiprocessing import forkserver

        from pebble import ProcessPool

        from watcher.sandbox.context import Context

        # Never forked from this process, whose threads would be missing in the worker while their locks are held.
        context = Context()
        context.set_forkserver_preload([*self._preload, *PRELOADED])
        forkserver.ensure_running()  # it loads what is preloaded while this process makes what is kept
        pool = ProcessPool(self._count, max_tasks=TASKS_PER_WORKER, initializer=prepare, initargs=(self._kept,), context=context)
        if not pool.active:  # asking starts it
            raise BrokenProcessPool
        return pool

    @cached_property
    def _kept(self) -> object:
        return self._make_kept()

    def _put_aside(self, pool: "ProcessPool") -> None:
        """End the pool, unless another call already did; the next call starts a fresh one."""
        if self._pool is not pool:
            return
        self._pool = None
        pool.stop()
        pool.join()
        for future in tuple(self._under_way):  # the pool forgets what it had not finished
            if not future.done():
                future.set_exception(BrokenProcessPool())


def _too_slow(name: str, limits: Limits) -> SandboxError:
    message = f"{name} took more than {limits.wall_seconds:g} s and was ended."
    return SandboxError(message, reason="timeout", task=name)


def _death(error: OSError, name: str, limits: Limits) -> SandboxError:
    """Word the end of a worker by its exit code: -signal, or what it passed to exit()."""
    code = getattr(error, "exitcode", None)
    if code == -signal.SIGALRM:
        return _too_slow(name, limits)
    if code in (-signal.SIGPROF, -signal.SIGXCPU):  # our own timer, or a limit set by whoever started us
        return SandboxError(f"{name} used up its processor time and was ended.", reason="cpu", task=name)
    if code == -signal.SIGKILL:
        return SandboxError(f"{name} was killed, most likely for lack of memory.", reason="memory", task=name)
    return SandboxError(f"The worker of {name} died with exit code {code}.", reason="crashed", task=name)
