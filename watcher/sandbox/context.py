"""How workers are started: forked from a server process, and without the main module of this one."""

import sys
from multiprocessing.context import ForkServerContext, ForkServerProcess
from threading import Lock
from types import ModuleType

_STARTING = Lock()


class Worker(ForkServerProcess):
    """A process that does not import what this one was started with.

    multiprocessing would run the main module again in each worker, for functions that are defined there. Ours are in modules
    of their own; a program's own imports would cost each worker their time and memory, and stand open to what it reads.
    """

    def start(self) -> None:
        """Start the process while this one shows a main module without a name or a file."""
        with _STARTING:
            main = sys.modules["__main__"]
            sys.modules["__main__"] = ModuleType("__main__")
            try:
                super().start()
            finally:
                sys.modules["__main__"] = main


class Context(ForkServerContext):
    """What a pool makes its workers and their queues with."""

    Process = Worker
