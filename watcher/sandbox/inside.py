"""The worker's side: put on the limits, do one task, say how it ended."""

import contextlib
import logging
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from watcher.errors import WatcherError
from watcher.sandbox import envelope
from watcher.sandbox.envelope import Limits

MIB = 1024 * 1024

_Task = tuple[Callable[..., object], tuple[object, ...], dict[str, Any]]

_KEPT: list[object] = [None]


def kept() -> object:
    """Return what the Sandbox gave its workers to keep."""
    return _KEPT[0]


def prepare(given: object = None) -> None:
    """Set a new worker up: one thread for numpy, no core files, nothing on the terminal or in the journal."""
    _KEPT[0] = given
    one_thread()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # a service may start us without a terminal
            os.dup2(null, stream.fileno())
    os.close(null)


def one_thread() -> None:
    """Keep numpy, once it is imported, to one thread: others do not survive a fork, and would crowd two cores."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = "1"


def perform(payload: bytes, limits: Limits) -> list[bytes]:
    """Do the tasks in `payload` one after the other, each under `limits`, and return the envelopes of how they ended.

    One envelope stands for all when they cannot be read. The kernel ends the worker when a task has used up its processor time,
    by SIGPROF, or its time by the clock, by SIGALRM (setitimer(2)), also inside C code.
    """
    for name in (signal.SIGTERM, signal.SIGPROF, signal.SIGALRM):
        signal.signal(name, signal.SIG_DFL)  # the pool's own handler waits for C code to return
    _limit_memory(limits.memory)
    tasks: list[_Task] = []
    unread = _within(limits, lambda: tasks.extend(pickle.loads(payload)))  # noqa: S301  made by our own parent
    return [unread] if unread else [_within(limits, partial(_done, task, limits)) for task in tasks]


def _within(limits: Limits, work: Callable[[], bytes | None]) -> bytes:
    """Return what `work` returns, or the envelope of how it failed; empty for nothing."""
    _end_after(limits.cpu_seconds, limits.wall_seconds)
    try:
        return work() or b""
    except MemoryError:
        return envelope.failure("memory", f"It needed more than {limits.memory // MIB} MiB of memory.")
    except BaseException as error:  # noqa: BLE001  every way to end, even SystemExit, is an answer
        return envelope.failure("crashed", f"It ended with {type(error).__name__}: {_said(error)}")
    finally:
        _end_after(0, 0)  # never be ended while the answer is on the pipe


def _said(error: BaseException) -> str:
    try:
        return str(error)[:300]
    except Exception:  # noqa: BLE001  what an error says of itself may fail too
        return "it does not say why"


def _done(task: _Task, limits: Limits) -> bytes:
    work, args, kwargs = task
    try:
        value = work(*args, **kwargs)
    except WatcherError as error:
        return envelope.refusal(error)
    answer = envelope.answer(value)
    if len(answer) > limits.max_output:
        return envelope.failure("too_large", f"It answered {len(answer)} bytes, more than {limits.max_output}.")
    return answer


def _end_after(cpu_seconds: float, wall_seconds: float) -> None:
    # Not RLIMIT_CPU: it counts ticks since the process began, which drift by seconds from what getrusage(2) says it has used.
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    signal.setitimer(signal.ITIMER_REAL, wall_seconds)


def _limit_memory(most: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
