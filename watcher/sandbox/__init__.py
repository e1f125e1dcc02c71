"""Run the parsing of foreign bytes in worker processes that can be killed.

A parser that hangs, spins, swallows memory, answers without end or dies costs its own task and nothing else. Every task is
a module-level function; its arguments go to the worker as a pickle, its answer comes back as MessagePack that is read as the
type the task promised, so that nothing a parser produced is ever unpickled here.
"""

import asyncio
import pickle
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from watcher.errors import SandboxError
from watcher.sandbox.envelope import Limits, lacks_memory, rebuild
from watcher.sandbox.pool import Workers

__all__ = ["Sandbox"]

T = TypeVar("T")

MIB = 1024 * 1024
AHEAD = 2  # hand-overs for each worker: while this process is busy, none waits for its next one
TOGETHER, BYTES_TOGETHER = 8, 2 * MIB  # tasks of one hand-over, which costs as much as a small task
BIG_ANSWER = MIB  # above this an answer is rebuilt in a thread, not in the event loop


@dataclass(slots=True, eq=False)
class _Call:
    """One task that waits for a worker. It is handed over alone once those that it was with could not be performed together."""

    name: str
    task: tuple[Callable[..., Any], tuple[object, ...], dict[str, object]]
    answer: asyncio.Future[bytes]
    alone: bool = False


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
        self._limits = Limits(memory=memory, cpu_seconds=cpu_seconds, wall_seconds=wall_seconds, max_output=max_output)
        self._workers = Workers(workers, self._limits, preload=preload, make_kept=kept)
        self._places = self._free = AHEAD * workers
        self._waiting: deque[_Call] = deque()
        self._under_way: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the workers for good. Calls that were under way end with a SandboxError."""
        self._workers.close()

    async def run(self, task: Callable[..., T], *args: object, returns: type[T], **kwargs: object) -> T:
        """Call `task(*args, **kwargs)` in a worker and rebuild its answer as a `returns`.

        Raises the WatcherError that the task raised, or SandboxError whose `reason` is `timeout`, `cpu`, `memory`,
        `crashed` or `too_large`. Cancelling the call ends the worker that was busy with it. Arguments must not be changed, here
        or in the task: where many wait, tasks are handed over later and share what is one object. A Sandbox serves one event
        loop at a time; raises RuntimeError for a second one.
        """
        name = f"{task.__module__}.{task.__qualname__}"
        loop = asyncio.get_running_loop()
        self._begin(loop)
        call = _Call(name, (task, args, kwargs), loop.create_future())
        self._waiting.append(call)
        self._hand_over()
        raw = await call.answer
        if len(raw) > BIG_ANSWER:
            return await asyncio.to_thread(rebuild, raw, returns, name)
        return rebuild(raw, returns, name)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Forget what waited in an event loop that has ended."""
        if self._loop is not loop:
            if self._loop and self._loop.is_running():
                raise RuntimeError("This Sandbox is used in another event loop.")
            self._loop, self._free = loop, self._places
            self._waiting.clear()
            self._under_way.clear()
            self._workers.begin()

    def _hand_over(self) -> None:
        """Give what waits to the workers, as long as there are places for it: memory stays bounded."""
        while self._free and (calls := self._next()):
            self._free -= 1
            group = asyncio.create_task(self._performed(calls))
            self._under_way.add(group)
            group.add_done_callback(partial(self._ended, calls))
            for call in calls:
                call.answer.add_done_callback(partial(_cancel_with, group))

    def _next(self) -> list[_Call]:
        """Take the calls of the next hand-over: one, or a few where more wait than there are places."""
        calls: list[_Call] = []
        most = min(TOGETHER, len(self._waiting) // self._places)
        while self._waiting:
            call = self._waiting[0]
            if calls and (len(calls) >= most or call.alone or calls[0].alone):
                break
            self._waiting.popleft()
            if not call.answer.done():  # cancelled while it waited
                calls.append(call)
        return calls

    async def _performed(self, calls: Sequence[_Call]) -> None:
        patience = AHEAD * TOGETHER * self._limits.wall_seconds
        answers = await self._workers.perform(self._payload(calls), len(calls), name=calls[0].name, patience=patience)
        if len(answers) < len(calls):  # one of them cannot even be read
            self._again(calls, alone=True)
            return
        for call, answer in zip(calls, answers, strict=True):
            if len(calls) > 1 and lacks_memory(answer):  # which the answers before it may have taken
                self._again([call], alone=True)
            elif not call.answer.done():
                call.answer.set_result(answer)

    def _payload(self, calls: Sequence[_Call]) -> bytes:
        """Return what a worker is given. Raises SandboxError when that is more than it can read, or than several should share."""
        # In one go: what tasks have in common, the source that their pages are of, is written once.
        payload = pickle.dumps([call.task for call in calls], protocol=pickle.HIGHEST_PROTOCOL)
        if len(payload) > (self._limits.memory // 4 if len(calls) == 1 else BYTES_TOGETHER):
            name, size = calls[0].name, f"{len(payload)} bytes"
            raise SandboxError(f"The input of {name} weighs {size}, too much to read.", reason="too_large", task=name)
        return payload

    def _again(self, calls: Sequence[_Call], *, alone: bool) -> None:
        """Let calls wait once more, before the others."""
        left = [call for call in calls if not call.answer.done()]
        for call in left:
            call.alone = call.alone or alone
        self._waiting.extendleft(reversed(left))

    def _ended(self, calls: Sequence[_Call], group: "asyncio.Task[None]") -> None:
        """Give the place to others, and leave nobody waiting for an answer that cannot come any more."""
        error = None if group.cancelled() else group.exception()
        if error and len(calls) == 1:
            if not calls[0].answer.done():
                calls[0].answer.set_exception(error)
        elif error or group.cancelled():
            # Which of them is at fault shows when each is tried by itself.
            self._again(calls, alone=error is not None)
        if group in self._under_way:
            self._under_way.discard(group)
            self._free += 1
            self._hand_over()


def _cancel_with(group: "asyncio.Task[None]", answer: "asyncio.Future[bytes]") -> None:
    """End the worker that may be busy with a call that was cancelled; those beside it are handed over again."""
    if answer.cancelled():
        group.cancel()
