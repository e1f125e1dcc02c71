"""What the pipeline works with: configuration, themes, store, clock."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Protocol, TypeVar
from zoneinfo import ZoneInfo

from watcher import classify, reference
from watcher.config import Config, Home
from watcher.model import PollReport, Reference
from watcher.seeds import Seeds
from watcher.store import Store, Transaction

if TYPE_CHECKING:
    from watcher.classify import Classifier

T = TypeVar("T")


def utc_now() -> datetime:
    """Return the present instant, aware and in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Everything a run needs, opened once by whoever starts it. `now` is injected: nothing below asks a clock itself."""

    home: Home
    config: Config
    seeds: Seeds
    store: Store
    now: Callable[[], datetime] = utc_now
    rng: Random = field(default_factory=Random)

    @cached_property
    def classifier(self) -> "Classifier":
        """The classifier of the home's seeds, loaded at first use."""
        return classify.load(self.seeds.themes, self.seeds.seeds, self.seeds.model, rule=self.seeds.rule)

    @cached_property
    def reference(self) -> Reference:
        """Names of members, groups and ministries, read at first use. Raises ConfigErrors."""
        return reference.load(self.home.path)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The configured time zone."""
        return ZoneInfo(self.config.settings.timezone)

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run a reading transaction off the event loop."""
        return await asyncio.to_thread(self.store.read, work)


class Progress(Protocol):
    """Whoever shows how a poll is going."""

    def begin(self, sources: int) -> None:
        """Say how many sources will be read."""
        ...

    def waiting(self, pages: int) -> None:
        """Say that `pages` more pages are to be read."""
        ...

    def page(self) -> None:
        """Say that one page was read, or failed."""
        ...

    def source(self, report: PollReport) -> None:
        """Say that one source is done."""
        ...


class Quiet:
    """Progress that nobody watches."""

    def begin(self, sources: int) -> None:
        """Show nothing."""

    def waiting(self, pages: int) -> None:
        """Show nothing."""

    def page(self) -> None:
        """Show nothing."""

    def source(self, report: PollReport) -> None:
        """Show nothing."""
