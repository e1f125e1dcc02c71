"""One writer for the whole run: what several sources want to store at the same time shares a commit."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from watcher.store import Store, Transaction

T = TypeVar("T")
MOST_AT_ONCE = 200
# A commit costs more than the rows in it, and a page more or less waits unnoticed: company is waited for, this long where the
# last commit had some, and for a moment where it had none.
COMPANY_SECONDS, ALONE_SECONDS = 0.1, 0.02


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What one caller wants written. With `shared`, those that name the same one are given to it together, as a list."""

    work: Callable[[Transaction], object] | None
    shared: Callable[[Transaction, Sequence[Any]], object] | None
    item: object
    done: asyncio.Future[object]


class Writer:
    """Runs writing transactions one after the other, off the event loop.

    SQLite has one writer anyway; what is waiting goes in together. When one piece of work fails, each of that batch is tried
    again alone: only the guilty one fails.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: asyncio.Queue[_Wanted | None] = asyncio.Queue()
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
        await self._queue.put(_Wanted(work, None, None, done))
        return await done  # type: ignore[return-value]

    async def add(self, shared: Callable[[Transaction, Sequence[T]], object], item: T) -> None:
        """Have `item` written by `shared`, together with the items of others for the same function. Raises StoreError.

        One statement with thirty rows costs a tenth of thirty statements.
        """
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        await self._queue.put(_Wanted(None, shared, item, done))
        await done

    async def _run(self) -> None:
        batch: list[_Wanted] = []
        while (first := await self._queue.get()) is not None:
            await asyncio.sleep(COMPANY_SECONDS if len(batch) > 1 else ALONE_SECONDS)
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

    async def _commit(self, batch: list[_Wanted]) -> None:
        try:
            results = await asyncio.to_thread(self._store.write, lambda tx: _performed(tx, batch))
        except Exception as error:  # noqa: BLE001 - whatever it was belongs to whoever waits for this piece of work
            if len(batch) > 1:
                for one in batch:
                    await self._commit([one])
            elif not batch[0].done.done():
                batch[0].done.set_exception(error)
            return
        for wanted, result in zip(batch, results, strict=True):
            if not wanted.done.done():  # cancelled: the work is committed all the same
                wanted.done.set_result(result)


def _performed(tx: Transaction, batch: Sequence[_Wanted]) -> list[object]:
    """Do each piece of work in the order it came, then what is shared."""
    results = [wanted.work(tx) if wanted.work else None for wanted in batch]
    together: dict[Callable[[Transaction, Sequence[Any]], object], list[object]] = {}
    for wanted in batch:
        if wanted.shared:
            together.setdefault(wanted.shared, []).append(wanted.item)
    for shared, items in together.items():
        shared(tx, items)
    return results
