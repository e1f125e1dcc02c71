"""The worker's side: put on the limits, do one task, say how it ended."""

import contextlib
import logging
import math
import os
import pickle
import resource
import signal
import sys

from watcher.errors import WatcherError
from watcher.sandbox import envelope
from watcher.sandbox.envelope import Limits

MIB = 1024 * 1024


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


def perform(payload: bytes, limits: Limits) -> bytes:
    """Do one task under its limits and return the envelope of how it ended.

    The processor limit counts from what the worker has used so far (setrlimit(2)); the kernel ends the worker by SIGXCPU,
    also inside C code.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the pool's own handler waits for C code to return
    _limit(resource.RLIMIT_AS, limits.memory)
    _limit(resource.RLIMIT_CPU, math.ceil(_cpu_used() + limits.cpu_seconds))
    try:
        return _done(payload, limits)
    except MemoryError:
        return envelope.failure("memory", f"It needed more than {limits.memory // MIB} MiB of memory.")
    except BaseException as error:  # noqa: BLE001  every way to end, even SystemExit, is an answer
        return envelope.failure("crashed", f"It ended with {type(error).__name__}: {str(error)[:300]}")
    finally:
        _limit(resource.RLIMIT_CPU, resource.RLIM_INFINITY)  # never be ended while the answer is on the pipe


def _done(payload: bytes, limits: Limits) -> bytes:
    task, args, kwargs = pickle.loads(payload)  # noqa: S301  made by our own parent
    try:
        value = task(*args, **kwargs)
    except WatcherError as error:
        return envelope.refusal(error)
    answer = envelope.answer(value)
    if len(answer) > limits.max_output:
        return envelope.failure("too_large", f"It answered {len(answer)} bytes, more than {limits.max_output}.")
    return answer


def _limit(what: int, soft: int) -> None:
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY and (soft == resource.RLIM_INFINITY or soft > hard):
        soft = hard
    resource.setrlimit(what, (soft, hard))


def _cpu_used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
