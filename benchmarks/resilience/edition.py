"""The phase of the edition: composed, rendered for three people, frozen and queued."""

import os
import secrets
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from benchmarks.resilience import archive, points, trials
from benchmarks.resilience.place import NOW, Place, laid_out
from benchmarks.resilience.trials import Broken, Phase, Row
from watcher.demo.farm import Farm
from watcher.pipeline.publish import publish

PAGES = 30
NOTHING = ((), (), ())


def rows(most: int | None = None) -> tuple[Row, ...]:
    """Try the points of one edition."""
    with tempfile.TemporaryDirectory() as folder:
        with Farm(PAGES, 1, now=NOW) as farm:
            place = laid_out(Path(folder), farm.feeds)
            place.in_child(place.poll)
        place.keep()
        before = archive.documents(place.database)
        place.in_child(lambda: _publish(place))
        whole = archive.editions(place.database)
        if [len(part) > 0 for part in whole] != [True] * 3:
            raise RuntimeError("the edition is empty: nothing would be tried")

        def left() -> tuple[str, Sequence[Broken]]:
            now = archive.editions(place.database)
            came = {NOTHING: trials.BEFORE, whole: trials.DONE}.get(now, trials.BETWEEN)
            broken = [*archive.damage(place.database), *archive.halves(place.database)]
            broken += archive.lost(before, archive.documents(place.database))
            return came, [*broken, *([Broken("half", "an edition in part")] if came == trials.BETWEEN else [])]

        def ended() -> Sequence[Broken]:
            now = archive.editions(place.database)
            kind = "twice" if len(now[2]) > len(whole[2]) else "half"
            return [*archive.damage(place.database), *([] if now == whole else [Broken(kind, "another edition")])]

        phase = Phase(
            name="edition",
            work=lambda: _publish(place, wait=True),
            again=lambda: _publish(place, wait=True),
            left=left,
            ended=ended,
        )
        return (trials.tried(phase, place, most),)


def _publish(place: Place, *, wait: bool = False) -> None:
    # The key of the home is made on the way: the same one each time, so that the same edition has the same bytes.
    setattr(secrets, "token_hex", _same_key)  # noqa: B010
    with place.desk(lambda: NOW + timedelta(hours=1)) as desk:
        if wait:
            points.ready()
        publish(desk, "veille")


def _same_key(size: int) -> str:
    """Return the same long key each time, and a name for a file that no other has."""
    return "5" * 64 if size == 32 else os.urandom(size).hex()
