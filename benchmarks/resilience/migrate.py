"""The phase of migrating: an archive of the first schema is brought to the last, having been copied aside."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.resilience import archive, points, trials
from benchmarks.resilience.place import Place, laid_out
from benchmarks.resilience.trials import Broken, Phase, Row
from tests.store.test_migrations import fill
from watcher.store import Store, schema

FIRST = "0001"
COUNTED = ("documents", "document_versions", "sightings", "source_states", "editions", "deliveries")
VERSION = f"SELECT version_num FROM {schema.VERSION_TABLE}"


def rows(most: int | None = None) -> tuple[Row, ...]:
    """Try the points of one migration, from the first schema to the last."""
    with tempfile.TemporaryDirectory() as folder:
        place = laid_out(Path(folder), ("https://feed.example/rss",))
        place.in_child(lambda: _first(place))
        place.keep()
        held = _counts(place.database)

        def left() -> tuple[str, Sequence[Broken]]:
            broken = archive.damage(place.database) or _held(place.database, held)
            version = archive.scalar(place.database, VERSION)
            if version not in (FIRST, schema.VERSION):
                broken.append(Broken("half", f"it is of schema {version}"))
            if version != FIRST:
                broken += _copy(place, held)
            return trials.BEFORE if version == FIRST else trials.DONE, broken

        def ended() -> Sequence[Broken]:
            version = archive.scalar(place.database, VERSION)
            broken = archive.damage(place.database) or _held(place.database, held)
            if version != schema.VERSION:
                broken.append(Broken("stuck", f"it stays at schema {version}"))
            return [*broken, *_copy(place, held)]

        phase = Phase(
            name=f"migrate, {FIRST} to {schema.VERSION}",
            work=lambda: _open(place),
            again=lambda: _open(place),
            left=left,
            ended=ended,
        )
        return (trials.tried(phase, place, most),)


def _first(place: Place) -> None:
    """Make the archive as the program of the first schema did. This runs in a child: nobody else sees that version."""
    today, schema.VERSION = schema.VERSION, FIRST
    store = Store.open(place.home.database_url)
    fill(store)
    store.close()
    schema.VERSION = today


def _open(place: Place) -> None:
    points.ready()
    store = Store.open(place.home.database_url)
    if problems := store.problems():
        raise RuntimeError(problems[0])
    store.close()


def _counts(path: Path) -> dict[str, int]:
    return {name: archive.scalar(path, f"SELECT count(*) FROM {name}") for name in COUNTED}


def _held(path: Path, held: dict[str, int]) -> list[Broken]:
    now = _counts(path)
    return [Broken("lost", f"{name}: {now[name]} rows instead of {count}") for name, count in held.items() if now[name] != count]


def _copy(place: Place, held: dict[str, int]) -> list[Broken]:
    """Return what is wrong with the copy that a migration leaves beside: the way back."""
    copy = place.database.with_name(f"{place.database.name}.before-{schema.VERSION}")
    broken = archive.damage(copy) or _held(copy, held)
    if not broken and archive.scalar(copy, VERSION) != FIRST:
        broken.append(Broken("half", f"{copy.name} is of another schema"))
    return broken
