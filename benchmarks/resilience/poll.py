"""The phase of polling: one feed is known, another is new; its listing is stored, then its ten pages, one after the other."""

import asyncio
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from benchmarks.resilience import archive, points, trials
from benchmarks.resilience.place import NOW, Place, laid_out
from benchmarks.resilience.trials import Broken, Phase, Row
from watcher.demo.farm import Farm
from watcher.model import PollStatus
from watcher.pipeline.poll import poll

PAGES, FEED = 40, 30


def rows(most: int | None = None) -> tuple[Row, ...]:
    """Try the points of one poll."""
    with Farm(PAGES, 2, now=NOW) as farm, tempfile.TemporaryDirectory() as folder:
        place = laid_out(Path(folder), farm.feeds)
        place.in_child(lambda: _poll(place, hours=0, only=("feed-0",)))
        place.keep()
        before = archive.documents(place.database)
        place.in_child(lambda: _poll(place, hours=1))
        whole = archive.documents(place.database)
        if len(before) != FEED or len(whole) != PAGES:
            raise RuntimeError(f"{len(before)} and {len(whole)} documents were read, instead of {FEED} and {PAGES}")

        def left() -> tuple[str, Sequence[Broken]]:
            now = archive.documents(place.database)
            came = trials.BEFORE if now == before else trials.DONE if now == whole else trials.BETWEEN
            broken = [*archive.damage(place.database), *archive.halves(place.database), *archive.lost(before, now)]
            read = {key: what for key, what in now.items() if what[0] != "pending"}
            return came, [*broken, *(Broken("half", key) for key, what in read.items() if whole.get(key) != what)]

        def ended() -> Sequence[Broken]:
            now = archive.documents(place.database)
            more = [Broken("twice", key) for key in now if key not in whole]
            return [*archive.damage(place.database), *archive.halves(place.database), *archive.lost(whole, now), *more]

        phase = Phase(
            name="poll",
            work=lambda: _poll(place, hours=1, wait=True),
            again=lambda: _again(place),
            left=left,
            ended=ended,
        )
        return (trials.tried(phase, place, most),)


def _again(place: Place) -> None:
    points.ready()
    _poll(place, hours=2)


def _poll(place: Place, *, hours: int, only: tuple[str, ...] = (), wait: bool = False) -> None:
    async def work() -> None:
        # One thread for the database, there before the mark: whoever traces then sees all that is written.
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        await asyncio.to_thread(lambda: None)
        with place.desk(lambda: NOW + timedelta(hours=hours)) as desk:
            if wait:
                points.ready()
            for report in await poll(desk, only=only, everything=not only):
                if report.status is PollStatus.FAILED or report.failed:
                    raise RuntimeError(f"{report}")

    asyncio.run(work())
