"""Work that takes long, beside the loop: one job at a time, in a thread of its own, that can be asked to end."""

import asyncio
import threading
import time
from collections.abc import Callable


class Stop:
    """The wish that a job ends. A job looks at `wished` between two steps, or has itself called with `call`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wished = False
        self._calls: list[Callable[[], None]] = []

    @property
    def wished(self) -> bool:
        """Whether the job should end."""
        return self._wished

    def call(self, function: Callable[[], None]) -> None:
        """Have `function` called, from any thread, once the wish is made; at once when it has been."""
        with self._lock:
            if not self._wished:
                self._calls.append(function)
                return
        function()

    def wish(self) -> None:
        """Ask the job to end."""
        with self._lock:
            calls, self._calls, self._wished = self._calls, [], True
        for function in calls:
            function()


class Work:
    """Runs one job at a time. The loop never waits for it: health is answered whatever a job is busy with (row P07)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.error: BaseException | None = None
        self._stop = Stop()
        self._thread: threading.Thread | None = None
        self._since: float | None = None

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def seconds(self) -> float:
        """How long the job under way has taken, 0 when there is none."""
        return time.monotonic() - self._since if self.busy and self._since is not None else 0.0

    def start(self, job: Callable[[Stop], None]) -> bool:
        """Begin `job` unless one is under way or the end was asked for; return whether it was begun.

        What the job raises is kept in `error` until the next one begins.
        """
        if self.busy or self._stop.wished:
            return False
        self.error = None
        self._since = time.monotonic()

        def perform() -> None:
            try:
                job(self._stop)
            except BaseException as error:  # noqa: BLE001 - a thread has nobody to raise to: whoever looks at `error` does
                self.error = error

        self._thread = threading.Thread(target=perform, name=self.name, daemon=True)
        self._thread.start()
        return True

    async def stop(self, seconds: float) -> bool:
        """Ask the job to end and wait for it, at most `seconds`; return whether it did. None begins afterwards."""
        self._stop.wish()
        return await self.ended(seconds)

    async def ended(self, seconds: float) -> bool:
        """Wait until no job is under way, at most `seconds`; return whether none is."""
        thread = self._thread
        if thread is not None:
            await asyncio.to_thread(thread.join, seconds)
        return not self.busy
