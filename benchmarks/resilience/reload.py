"""The phase of reloading: sources.yaml was edited, the service looks twice, lays the version out, keeps it and changes to it."""

import shutil
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from benchmarks.resilience import archive, points, trials
from benchmarks.resilience.place import NOW, Place, laid_out
from benchmarks.resilience.trials import Broken, Phase, Row
from watcher.service.reload import Keeper, read_files
from watcher.store import Store, kept

OLD = "name: Feed 0"
NEW = "name: Feed Zero"


def rows(most: int | None = None) -> tuple[Row, ...]:
    """Try the points of one reload."""
    with tempfile.TemporaryDirectory() as folder:
        place = laid_out(Path(folder), ("https://feed.example/rss",))
        old = kept.hash_of(read_files(place.home))
        place.in_child(lambda: _start(place, hours=0))
        place.keep()
        _edit(place)
        new = kept.hash_of(read_files(place.home))

        def left() -> tuple[str, Sequence[Broken]]:
            version, broken = _version(place)
            if version not in (old, new):
                broken.append(Broken("lost", f"the version kept last is {version[:8]}"))
            return trials.DONE if version == new else trials.BEFORE, [*broken, *_folders(place)]

        def ended() -> Sequence[Broken]:
            version, broken = _version(place)
            if version != new:
                broken.append(Broken("stuck", "the edited version is not the one that runs"))
            present = {path.name for path in place.home.running.iterdir()}
            if present != {new}:
                broken.append(Broken("left behind", f"{sorted(present - {new})} in running/"))
            return [*broken, *_folders(place)]

        phase = Phase(
            name="reload",
            work=lambda: _reload(place),
            again=lambda: _again(place),
            left=left,
            ended=ended,
        )
        return (trials.tried(phase, place, most),)


def _start(place: Place, *, hours: int) -> None:
    store = Store.open(place.home.database_url)
    Keeper(place.home, {}, store, lambda: NOW + timedelta(hours=hours)).first()
    store.close()


def _again(place: Place) -> None:
    points.ready()
    _start(place, hours=2)


def _reload(place: Place) -> None:
    store = Store.open(place.home.database_url)
    keeper = Keeper(place.home, {}, store, lambda: NOW + timedelta(hours=1))
    keeper.first()
    _edit(place)
    points.ready()
    keeper.look()
    if keeper.look() is None:
        raise RuntimeError("the edit was not taken")
    store.close()


def _edit(place: Place) -> None:
    path = place.home.sources_yaml
    path.write_text(path.read_text("utf-8").replace(OLD, NEW), "utf-8")


def _version(place: Place) -> tuple[str, list[Broken]]:
    """Return the version that was kept last, and what is wrong with it or with its database."""
    broken = archive.damage(place.database)
    # A copy is opened: what opening mends must not be mended for the run that follows.
    aside = place.folder / "aside"
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(place.home.var, aside)
    store = Store.open(f"sqlite:///{aside / 'watcher.db'}")
    try:
        last = store.read(kept.last)
    finally:
        store.close()
    if last is None:
        return "", [*broken, Broken("lost", "no version is kept")]
    if kept.hash_of(last.files) != last.sha256:
        broken.append(Broken("half", "the version kept last is not what its name says"))
    return last.sha256, broken


def _folders(place: Place) -> list[Broken]:
    """Return the versions laid out in running/ whose files are not those of their name."""
    broken: list[Broken] = []
    for folder in place.home.running.iterdir():
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        if not folder.name.startswith(".") and kept.hash_of(files) != folder.name:
            broken.append(Broken("half", f"running/{folder.name[:8]}"))
    return broken
