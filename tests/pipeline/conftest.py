"""A publisher on loopback and a home that reads it, with a clock that the test holds."""

import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from tests.homes import put_archive, shipped
from watcher import config
from watcher.cli.init import lay_out
from watcher.demo.publisher import Publisher
from watcher.pipeline.desk import Desk
from watcher.store import Store

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SMALL = """\
settings: {contact: veille@example.org}
sources: []
digests:
  - {id: veille, title: Veille, recipients: [lecture@example.org]}
# end of sources.yaml
"""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the instant it shows."""
        return self.now

    def pass_(self, **duration: float) -> None:
        """Move on by a `timedelta(**duration)`."""
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    """Return a clock at the publisher's anchor."""
    return Clock(START)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """Run the demo publisher as of a Friday in November."""
    with Publisher(now=START) as running:
        yield running


@pytest.fixture
def home(publisher: Publisher, tmp_path: Path, sqlite_template: Path) -> Path:
    """Lay out a home that reads the publisher, with an empty database: to migrate one takes longer than most tests."""
    folder = tmp_path / "home"
    lay_out(folder, skip=("sources.yaml",))
    shutil.copy(sqlite_template, folder / "var" / "watcher.db")
    (folder / "sources.yaml").write_text(publisher.sources_yaml(), "utf-8")
    return folder


@pytest.fixture
def small_home(tmp_path: Path) -> config.Home:
    """Lay out a home without sources, with one digest and one reader, and an empty archive."""
    home = config.Home(tmp_path / "home")
    lay_out(home.path, skip=("sources.yaml",))
    put_archive(home.var / "watcher.db")
    home.sources_yaml.write_text(SMALL, "utf-8")
    return home


Open = Callable[[], AbstractContextManager[Desk]]


@pytest.fixture
def open_desk(home: Path, clock: Clock) -> Open:
    """Return a way to open the home, as often as a story restarts the program."""

    @contextmanager
    def opened() -> Generator[Desk]:
        place = config.Home(home)
        loaded = config.load(place, {}, themes=[theme.id for theme in shipped().themes])
        store = Store.open(place.database_url)
        try:
            yield Desk(home=place, config=loaded, seeds=shipped(), store=store, now=clock, rng=Random(7))
        finally:
            store.close()

    return opened


@pytest.fixture
def desk(open_desk: Open) -> Iterator[Desk]:
    """Return the home, open."""
    with open_desk() as opened:
        yield opened


def only(desk: Desk, *ids: str) -> Desk:
    """Return `desk` with no other sources than `ids`."""
    kept = tuple(source for source in desk.config.sources if source.id in ids)
    return replace(desk, config=replace(desk.config, sources=kept))
