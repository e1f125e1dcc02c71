"""The phase of backing up: the database and all that people edit become one file, which is read back before it bears its name."""

import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from benchmarks.resilience import archive, points, trials
from benchmarks.resilience.place import NOW, Place, laid_out
from benchmarks.resilience.trials import Broken, Phase, Row
from watcher.demo.farm import Farm
from watcher.errors import StoreError
from watcher.pipeline import backup

PAGES = 12


def rows(most: int | None = None) -> tuple[Row, ...]:
    """Try the points of one backup into a folder that holds one already."""
    with tempfile.TemporaryDirectory() as folder:
        with Farm(PAGES, 1, now=NOW) as farm:
            place = laid_out(Path(folder), farm.feeds)
            place.in_child(place.poll)
        place.in_child(lambda: _backup(place, hours=0))
        place.keep()
        held = archive.documents(place.database)

        def left() -> tuple[str, Sequence[Broken]]:
            broken = archive.damage(place.database) or archive.lost(held, archive.documents(place.database))
            files, bad = _backups(place)
            if not files:
                bad.append(Broken("lost", "the backup of before is gone"))
            return trials.DONE if len(files) > 1 else trials.BEFORE, [*broken, *bad]

        def ended() -> Sequence[Broken]:
            files, bad = _backups(place)
            if len(files) < 2:
                bad.append(Broken("stuck", "there is no new backup"))
            remains = sorted(path.name for path in _folder(place).iterdir() if path not in files)
            return [*bad, *(Broken("left behind", name) for name in remains)]

        phase = Phase(
            name="backup",
            work=lambda: _backup(place, hours=1, wait=True),
            again=lambda: _backup(place, hours=25, wait=True),
            left=left,
            ended=ended,
        )
        return (trials.tried(phase, place, most),)


def _backup(place: Place, *, hours: int, wait: bool = False) -> None:
    if wait:
        points.ready()
    backup.backup_to(place.home, None, _folder(place), keep=3, now=NOW + timedelta(hours=hours))


def _folder(place: Place) -> Path:
    return place.home.path / "backups"


def _backups(place: Place) -> tuple[list[Path], list[Broken]]:
    """Return the files that bear the name of a backup, and which of them are not good for a restore."""
    files = sorted(path for path in _folder(place).iterdir() if backup.NAME.fullmatch(path.name))
    broken: list[Broken] = []
    for path in files:
        try:
            backup.verify(path)
        except StoreError as error:
            broken.append(Broken("half", f"{path.name}: {error.message}"))
    return files, broken
