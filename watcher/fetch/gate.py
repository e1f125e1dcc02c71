"""Politeness towards one origin (scheme, host, port): one request at a time, and a pause after each."""

import asyncio
import time
from types import TracebackType


class Gate:
    """Let one request through at a time, in the order they came, `gap` seconds after the previous one ended.

    `gap` may be raised at any time (Crawl-delay). Seconds are those of the monotonic clock: a step of the wall clock neither
    opens nor shuts the gate.
    """

    __slots__ = ("_free_at", "_lock", "gap")

    def __init__(self, gap: float) -> None:
        self.gap = gap
        self._lock = asyncio.Lock()
        self._free_at = 0.0

    async def __aenter__(self) -> None:
        await self._lock.acquire()
        wait = self._free_at - time.monotonic()
        if wait > 0:
            try:
                await asyncio.sleep(wait)
            except BaseException:
                self._lock.release()
                raise

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._free_at = time.monotonic() + self.gap
        self._lock.release()
