"""What people edit: taken when it is whole and valid, kept, and replaced by the last good version when it is not."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.service.conftest import many, write
from watcher.config import Home
from watcher.errors import ConfigError, ConfigErrors
from watcher.service.reload import Keeper, Loaded
from watcher.store import Store, kept

Start = Callable[[], tuple[Keeper, Loaded]]


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    """Open the home's store."""
    opened = Store.open(Home(home).database_url)
    yield opened
    opened.close()


@pytest.fixture
def start(home: Path, store: Store) -> Start:
    """Return a way to start a keeper, as often as a story restarts the service."""

    def started() -> tuple[Keeper, Loaded]:
        keeper = Keeper(Home(home), {}, store, lambda: datetime.now(UTC))
        return keeper, keeper.first()

    return started


def ids(loaded: Loaded | None) -> list[str]:
    """Return the sources of a version, by their numbers."""
    return [source.id for source in loaded.config.sources] if loaded else []


def twice(keeper: Keeper) -> Loaded | None:
    """Look twice, as two looks two seconds apart."""
    return keeper.look() or keeper.look()


def test_a_whole_and_valid_edit_is_taken_at_the_second_look(home: Path, start: Start) -> None:
    """An edit is run on once two looks found the same, and not again afterwards (row Y01)."""
    keeper, first = start()
    assert len(ids(first)) == 10
    write(home, *many(11))
    assert keeper.look() is None
    taken = keeper.look()
    assert len(ids(taken)) == 11
    assert keeper.look() is None
    assert keeper.problem is None


def test_a_save_in_ten_steps_is_never_run_on_half(home: Path, start: Start) -> None:
    """Whatever is looked at while a file is being written, the last good version stays, until the whole is there (row Y01)."""
    keeper, _ = start()
    write(home, *many(12))
    whole = (home / "sources.yaml").read_bytes()
    for part in range(10):
        (home / "sources.yaml").write_bytes(whole[: len(whole) * part // 10])
        assert twice(keeper) is None
        assert keeper.problem is not None
    (home / "sources.yaml").write_bytes(whole)
    assert len(ids(twice(keeper))) == 12
    assert keeper.problem is None


@pytest.mark.parametrize("how", ["deleted", "empty", "renamed into place", "a link that is switched"])
def test_ways_of_saving(home: Path, start: Start, tmp_path: Path, how: str) -> None:
    """Deleted or emptied, the last good version stays; swapped in whole, by rename or by link, it is taken (row Y01)."""
    keeper, _ = start()
    file, beside = home / "sources.yaml", home / ".sources.yaml.swp"
    before = file.read_bytes()
    write(home, *many(11))
    beside.write_bytes(file.read_bytes())
    file.write_bytes(before)
    if how == "deleted":
        file.unlink()
    elif how == "empty":
        file.write_bytes(b"")
    elif how == "renamed into place":
        beside.rename(file)
    else:
        link = tmp_path / "link"
        link.symlink_to(beside)
        link.rename(file)
    taken = twice(keeper)
    if how in ("deleted", "empty"):
        assert taken is None
        assert keeper.problem is not None
        assert str(file) in keeper.problem.message
    else:
        assert len(ids(taken)) == 11


def test_a_mistake_is_told_with_its_place_and_remedy(home: Path, start: Start) -> None:
    """The edit that was refused is named by file, line and column, with what to do; the good version runs on (promise P9)."""
    keeper, _ = start()
    text = (home / "sources.yaml").read_text("utf-8").replace("kind: feed, name: Source 3", "kind: feeed, name: Source 3")
    (home / "sources.yaml").write_text(text, "utf-8")
    assert twice(keeper) is None
    assert isinstance(keeper.problem, ConfigErrors)
    line = next(n for n, one in enumerate(text.splitlines(), 1) if "feeed" in one)
    assert f"sources.yaml:{line}:" in keeper.problem.message
    assert "feed" in keeper.problem.message


def test_a_fifth_of_the_sources_does_not_vanish_unasked(home: Path, start: Start, store: Store) -> None:
    """Three sources of ten fewer are refused until confirmed; two are an ordinary edit; a new name is no loss (row Y02)."""
    keeper, _ = start()
    write(home, *many(10)[:7])
    assert twice(keeper) is None
    assert keeper.problem is not None
    assert "3 of 10 sources would vanish: source-7, source-8, source-9." in keeper.problem.message
    assert "--confirm" in keeper.problem.message
    files = {p.relative_to(home).as_posix(): p.read_bytes() for p in home.rglob("*") if p.is_file() and "var" not in p.parts}
    wanted = {name: data for name, data in files.items() if name.split("/")[0] in ("sources.yaml", "seeds", "templates")}
    store.write(lambda tx: kept.keep(tx, wanted, datetime.now(UTC)))  # what `watcher reload --confirm` does
    assert len(ids(twice(keeper))) == 7
    renamed = [
        line.replace("{id: source-0", "{id: new-0, was: source-0").replace("{id: source-1", "{id: new-1, was: source-1")
        for line in many(7)
    ]
    write(home, *renamed)
    assert ids(twice(keeper))[:2] == ["new-0", "new-1"]


def test_a_bad_file_at_start_leaves_the_last_good_version_running(home: Path, start: Start) -> None:
    """After a restart on a broken file, the last good version comes from the store, and the mistake is told (promise P9)."""
    _, before = start()
    template = home / "templates" / "email" / "subject.txt.j2"
    good = template.read_text("utf-8")
    write(home, *many(11))
    (home / "sources.yaml").write_text("sources: [", "utf-8")
    template.write_text("{{ broken", "utf-8")
    shutil.rmtree(home / "var" / "running")
    keeper, restored = start()
    assert restored.sha256 == before.sha256
    assert len(ids(restored)) == 10
    assert keeper.problem is not None
    assert (restored.home.templates / "email" / "subject.txt.j2").read_text("utf-8") == good
    write(home, *many(11))
    template.write_text(good, "utf-8")
    assert len(ids(twice(keeper))) == 11
    assert keeper.problem is None


def test_a_copy_that_was_taken_away_is_laid_out_again(home: Path, start: Start) -> None:
    """`watcher forget` deletes copies of sources.yaml that name a person: the version can still be gone back to (row Y09)."""
    _, before = start()
    (home / "var" / "running" / before.sha256 / "sources.yaml").unlink()
    start()
    (home / "sources.yaml").write_text("sources: [", "utf-8")
    assert start()[1].sha256 == before.sha256


def test_a_first_start_on_a_bad_file_fails_with_all_mistakes(home: Path, start: Start) -> None:
    """With nothing good to fall back on, the service says what is wrong instead of running on nothing."""
    (home / "sources.yaml").write_text("sources: [", "utf-8")
    with pytest.raises(ConfigErrors, match=r"sources\.yaml:1:"):
        start()


def test_a_storm_of_saves_is_one_change(home: Path, start: Start) -> None:
    """A hundred saves between looks, the same content under new times, old times on new content: content decides (row Y07)."""
    keeper, _ = start()
    file = home / "sources.yaml"
    taken = 0
    for number in range(100):
        write(home, *many(10 + number % 3))
        taken += keeper.look() is not None if number % 25 == 0 else 0
    write(home, *many(12))
    os.utime(file, (0, 0))
    taken += sum(keeper.look() is not None for _ in range(5))
    assert taken == 1
    os.utime(file, (2e9, 2e9))
    file.write_bytes(file.read_bytes())
    assert [keeper.look() for _ in range(3)] == [None] * 3


def test_templates_are_those_of_the_version(home: Path, start: Start) -> None:
    """A template in the middle of an edit is rendered by nobody: the version has its own copy, until the edit is taken."""
    keeper, first = start()
    template = home / "templates" / "email" / "subject.txt.j2"
    good = template.read_text("utf-8")
    template.write_text("{{ nothing.of.that.name", "utf-8")
    assert twice(keeper) is None
    assert (first.home.templates / "email" / "subject.txt.j2").read_text("utf-8") == good
    assert keeper.problem is not None
    assert "subject.txt.j2:1" in keeper.problem.message
    template.write_text("Autre : {{ title }}\n", "utf-8")
    taken = twice(keeper)
    assert taken is not None
    assert (taken.home.templates / "email" / "subject.txt.j2").read_text("utf-8") == "Autre : {{ title }}\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_told_as_unprivileged(home: Path, start: Start) -> None:
    """A file whose mode was lost is named with its remedy; the good version runs on (row Y09)."""
    keeper, _ = start()
    (home / "sources.yaml").chmod(0)
    assert twice(keeper) is None
    assert keeper.problem is not None
    assert "mode" in keeper.problem.message


def test_an_unreadable_file_is_told(home: Path, start: Start) -> None:
    """A file that cannot be opened, here a folder in its place, is named with its remedy; the good version runs on (row Y09)."""
    keeper, _ = start()
    (home / "sources.yaml").unlink()
    (home / "sources.yaml").mkdir()
    assert twice(keeper) is None
    assert isinstance(keeper.problem, ConfigError)
    assert "Check that it is there, its owner and its mode." in keeper.problem.message


def test_no_rule_that_people_write_is_a_pattern(home: Path, start: Start) -> None:
    """A rule such as (a+)+$ in a file is refused as unknown: nothing that people write is matched as a pattern (row Y08)."""
    keeper, _ = start()
    rule = "{id: source-0, kind: feed, name: Source 0, url: https://source-0.example/flux, keywords: '(a+)+$'}"
    write(home, rule, *many(10)[1:])
    assert twice(keeper) is None
    assert keeper.problem is not None
    assert "keywords" in keeper.problem.message
