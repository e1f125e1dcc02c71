"""Whoever waits for a piece of work hears what became of it."""

import asyncio

import pytest

from watcher.pipeline.writer import Writer
from watcher.store import Store, Transaction


async def test_a_failing_piece_of_work_fails_alone(sqlite_store: Store) -> None:
    """An error of any kind reaches the one who asked, the others are committed, and the writer goes on."""

    def fail(tx: Transaction) -> int:
        raise KeyError("a mistake")

    async with Writer(sqlite_store) as writer:
        good = [asyncio.create_task(writer.write(lambda tx, n=n: n)) for n in range(3)]
        bad = asyncio.create_task(writer.write(fail))
        results = await asyncio.gather(*good, bad, return_exceptions=True)
        assert results[:3] == [0, 1, 2]
        assert isinstance(results[3], KeyError)
        assert await asyncio.wait_for(writer.write(lambda tx: 7), 5) == 7


async def test_whoever_stops_waiting_breaks_nothing(sqlite_store: Store) -> None:
    """An interrupted wait leaves the writer alive and the work committed."""
    async with Writer(sqlite_store) as writer:
        task = asyncio.create_task(writer.write(lambda tx: 1))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.wait_for(writer.write(lambda tx: 2), 5) == 2
