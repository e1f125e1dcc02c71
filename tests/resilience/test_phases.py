"""Killed in the middle of its work: a few points of each phase here, all of them in `make resilience`."""

from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.resilience import phases, points, trials
from benchmarks.resilience.place import Place, laid_out
from benchmarks.resilience.points import Point
from benchmarks.resilience.trials import Broken, Phase

traced = pytest.mark.skipif(points.available() is not None, reason=f"{points.available()}")


@traced
@pytest.mark.parametrize("name", ["edition", "migrate", "poll"])
def test_a_kill_leaves_nothing_half(name: str) -> None:
    """Whatever instant a process dies at: nothing stored is lost, no edition is half, it ends well when run again (row D01)."""
    (row,) = import_module(f"benchmarks.resilience.{name}").rows(4)
    assert row.points >= 2
    assert row.details == ()
    assert row.kept


@traced
def test_the_harness_sees_what_is_broken(tmp_path: Path) -> None:
    """Work that writes a file in two steps is found out: half of it after a kill, and stuck when it is run again (row D01)."""
    place = laid_out(tmp_path, ("https://feed.example/rss",))
    place.keep()
    file = place.home.var / "two"

    def work() -> None:
        points.ready()
        if file.exists():
            raise RuntimeError("half of it is there already")
        for line in ("one", "two"):
            with file.open("a") as out:
                out.write(line)

    def left() -> tuple[str, Sequence[Broken]]:
        there = file.read_text() if file.exists() else ""
        return trials.BETWEEN, [Broken("half", there)] if there not in ("", "onetwo") else []

    phase = Phase(name="x", work=work, again=work, left=left, ended=list)
    row = trials.tried(phase, place, 9)
    assert row.points == row.of == 2
    assert row.broken == Counter(half=1, stuck=2)
    assert not row.kept
    assert "| x | 2 of 2 | 0 | 2 | 0 | 0 | 0 | 0 | 1 | 0 | 2 |" in trials.table([row])


def test_a_sample_has_the_ends_of_each_call() -> None:
    """The first and the last call of each name are always tried, the same others each time."""
    every = [Point(name, number) for name in ("write", "fsync") for number in range(1, 100)]
    chosen = trials.sampled(every, 20)
    assert {Point("write", 1), Point("write", 99), Point("fsync", 1), Point("fsync", 99)} <= set(chosen)
    assert len(chosen) == len(set(chosen)) == 20
    assert chosen == trials.sampled(every, 20)
    assert set(phases.NAMES) == {"poll", "edition", "reload", "migrate", "backup", "hand_over"}


def test_a_place_is_put_back(tmp_path: Path) -> None:
    """Each trial begins with the home as it was kept."""
    place: Place = laid_out(tmp_path, ("https://feed.example/rss",))
    place.keep()
    (place.home.var / "more").write_text("x")
    place.home.sources_yaml.unlink()
    place.fresh()
    assert place.home.sources_yaml.exists()
    assert not (place.home.var / "more").exists()
