"""One writer for the whole run: what several sources want to store at the same time shares a commit."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from watcher.store import Store, Transaction

T = TypeVar("T")
Work = Callable[[Transaction], object]
MOST_AT_ONCE = 200


class Writer:
    """Runs writing transactions one after the other, off the event loop.

    SQLite has one writer anyway; a commit costs more than the rows in it, so that what is waiting goes in together. When one
    piece of work fails, each of that batch is tried again alone: only the guilty one fails.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: asyncio.Queue[tuple[Work, asyncio.Future[object]] | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._queue.put(None)
        if self._task is not None:
            await self._task

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Return what `work` returns, once it is committed. Raises StoreError, or what `work` raised."""
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        await self._queue.put((work, done))
        return await done  # type: ignore[return-value]

    async def _run(self) -> None:
        while (first := await self._queue.get()) is not None:
            batch = [first]
            last = False
            while len(batch) < MOST_AT_ONCE and not self._queue.empty():
                following = self._queue.get_nowait()
                if following is None:
                    last = True
                    break
                batch.append(following)
            await self._commit(batch)
            if last:
                return

    async def _commit(self, batch: list[tuple[Work, asyncio.Future[object]]]) -> None:
        try:
            results = await asyncio.to_thread(self._store.write, lambda tx: [work(tx) for work, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever it was belongs to whoever waits for this piece of work
            if len(batch) > 1:
                for one in batch:
                    await self._commit([one])
            elif not batch[0][1].done():
                batch[0][1].set_exception(error)
            return
        for (_, done), result in zip(batch, results, strict=True):
            if not done.done():  # cancelled: the work is committed all the same
                done.set_result(result)
