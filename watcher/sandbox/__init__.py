"""Run the parsing of foreign bytes in worker processes that can be killed.

A parser that hangs, spins, swallows memory, answers without end or dies costs its own task and nothing else. Every task is
a module-level function; its arguments go to the worker as a pickle, its answer comes back as MessagePack that is read as the
type the task promised, so that nothing a parser produced is ever unpickled here.
"""

import asyncio
import pickle
import signal
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar, cast

from watcher.errors import SandboxError
from watcher.sandbox.envelope import Limits, rebuild
from watcher.sandbox.inside import perform, prepare

if TYPE_CHECKING:
    from pebble import ProcessPool

__all__ = ["Sandbox"]

T = TypeVar("T")

MIB = 1024 * 1024
AHEAD = 4  # tasks handed over for each worker: while this process is busy, none waits for its next one
TASKS_PER_WORKER = 2000  # caches of the parsers grow slowly
PRELOADED = ("watcher.sandbox.inside",)
BIG_ANSWER = MIB  # above this an answer is rebuilt in a thread, not in the event loop


class Sandbox:
    """Hold a few worker processes, each task under limits of its own. A context manager.

    `memory` is the address space of a worker in bytes, `cpu_seconds` and `wall_seconds` are counted per task,
    `max_output` is the size in bytes of an answer. Workers start with the first task, forked from a small server
    process that has imported the modules named in `preload` (the first Sandbox of a process decides). `kept` makes what each
    worker is given when it starts, for tasks to take with `inside.kept()`; it is called once, with the first task.
    """

    def __init__(
        self,
        *,
        workers: int = 2,
        memory: int = 512 * MIB,
        cpu_seconds: float = 10.0,
        wall_seconds: float = 20.0,
        max_output: int = 32 * MIB,
        preload: tuple[str, ...] = (),
        kept: Callable[[], object] = lambda: None,
    ) -> None:
        self._workers = workers
        self._limits = Limits(memory=memory, cpu_seconds=cpu_seconds, max_output=max_output)
        self._wall = wall_seconds
        self._preload = preload
        self._make_kept = kept
        self._pool: ProcessPool | None = None
        self._under_way: set[Future[bytes]] = set()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._slots = asyncio.Semaphore(AHEAD * workers)
        self._starting = asyncio.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the workers for good. Calls that were under way end with a SandboxError."""
        self._closed = True
        if self._pool is not None:
            self._put_aside(self._pool)

    async def run(self, task: Callable[..., T], *args: object, returns: type[T], **kwargs: object) -> T:
        """Call `task(*args, **kwargs)` in a worker and rebuild its answer as a `returns`.

        Raises the WatcherError that the task raised, or SandboxError whose `reason` is `timeout`, `cpu`, `memory`,
        `crashed` or `too_large`. Cancelling the call ends the worker that was busy with it.
        """
        name = f"{task.__module__}.{task.__qualname__}"
        payload = pickle.dumps((task, args, kwargs), protocol=pickle.HIGHEST_PROTOCOL)
        if len(payload) > self._limits.memory // 4:
            size = f"{len(payload)} bytes"
            raise SandboxError(f"The input of {name} weighs {size}, too much to read.", reason="too_large", task=name)
        async with self._slots_of_this_loop():
            raw = await self._answer(name, payload)
        if len(raw) > BIG_ANSWER:
            return await asyncio.to_thread(rebuild, raw, returns, name)
        return rebuild(raw, returns, name)

    async def _answer(self, name: str, payload: bytes) -> bytes:
        """Have the payload performed, on a new pool when the old one turns out to be broken.

        The pool refuses all work once an idle worker was killed from outside: hence one second try.
        """
        for _ in range(2):
            if self._closed:
                break
            pool = await self._running_pool()
            try:
                return await self._performed(pool, payload)
            except BrokenProcessPool:
                self._put_aside(pool)
            except TimeoutError as error:
                message = f"{name} took more than {self._wall:g} s and was ended."
                raise SandboxError(message, reason="timeout", task=name) from error
            except OSError as error:
                raise _death(error, name) from error
        why = "the sandbox was closed" if self._closed else "the worker processes could not be kept alive"
        raise SandboxError(f"{name} was not done: {why}.", reason="crashed", task=name)

    async def _performed(self, pool: "ProcessPool", payload: bytes) -> bytes:
        try:
            future = cast("Future[bytes]", pool.schedule(perform, args=(payload, self._limits), timeout=self._wall))
        except RuntimeError as error:
            raise BrokenProcessPool(str(error)) from error
        self._under_way.add(future)
        try:
            # A deadline above the pool's own, which waits for ever when a worker was killed while it held the pool's lock.
            return await asyncio.wait_for(asyncio.wrap_future(future), AHEAD * self._wall + 10)
        except TimeoutError:
            if future.cancelled():
                self._put_aside(pool)
            raise
        finally:
            self._under_way.discard(future)

    async def _running_pool(self) -> "ProcessPool":
        async with self._starting:
            if self._pool is None:
                # In a thread: what the workers need takes seconds to load, and there is enough to fetch meanwhile.
                self._pool = await asyncio.to_thread(self._started)
        return self._pool

    def _started(self) -> "ProcessPool":
        from multiprocessing import forkserver

        from pebble import ProcessPool

        from watcher.sandbox.context import Context

        # Never forked from this process, whose threads would be missing in the worker while their locks are held.
        context = Context()
        context.set_forkserver_preload([*self._preload, *PRELOADED])
        forkserver.ensure_running()  # it loads what is preloaded while this process makes what is kept
        pool = ProcessPool(
            self._workers, max_tasks=TASKS_PER_WORKER, initializer=prepare, initargs=(self._kept,), context=context
        )
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

    def _slots_of_this_loop(self) -> asyncio.Semaphore:
        """Return the semaphore that lets each worker have one task and a few more waiting: memory stays bounded."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._slots, self._starting = loop, asyncio.Semaphore(AHEAD * self._workers), asyncio.Lock()
        return self._slots


def _death(error: OSError, name: str) -> SandboxError:
    """Word the end of a worker by its exit code: -signal, or what it passed to exit()."""
    code = getattr(error, "exitcode", None)
    if code == -signal.SIGXCPU:
        return SandboxError(f"{name} used up its processor time and was ended.", reason="cpu", task=name)
    if code == -signal.SIGKILL:
        return SandboxError(f"{name} was killed, most likely for lack of memory.", reason="memory", task=name)
    return SandboxError(f"The worker of {name} died with exit code {code}.", reason="crashed", task=name)
