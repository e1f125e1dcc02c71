"""Serve the fictitious outlets on loopback, each on a port of its own, and log what is asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from watcher.demo.catalogue import sources_yaml
from watcher.demo.faults import FAULTS
from watcher.demo.kiosk import PRESS, located
from watcher.demo.newsroom import Newsroom
from watcher.demo.outlet import Plan
from watcher.demo.parliament import assemblee, senat
from watcher.demo.parliament.chamber import Chamber
from watcher.demo.server import Hit, Log, Porch
from watcher.errors import WatcherError

PARLIAMENT: tuple[Plan, ...] = (senat.PLAN, assemblee.PLAN)
"""The two chambers."""

PLANS: tuple[Plan, ...] = PRESS + FAULTS + PARLIAMENT
"""Every outlet of the demo, in the order of their ports."""


@dataclass(frozen=True, slots=True)
class _Stall:
    plan: Plan
    porch: Porch


class Publisher:
    """A context manager that serves `plans` as they stand at the anchor `now` (aware).

    Two publishers with the same anchor and ports serve the same bytes. `ports` gives the ports in the order of `plans`;
    those that are not given are chosen by the system, and so are those that are taken when `elsewhere` is True.
    `newsroom` changes what is out while it serves. Raises WatcherError on entry when a port is taken.
    """

    def __init__(
        self,
        now: datetime,
        ports: Sequence[int] | None = None,
        host: str = "127.0.0.1",
        plans: Sequence[Plan] = PLANS,
        *,
        elsewhere: bool = False,
    ) -> None:
        if now.tzinfo is None:
            raise ValueError("The anchor of a publisher needs a time zone.")
        self.now = now.astimezone(UTC)
        self.host = host
        self.newsroom = Newsroom(self.now)
        self._elsewhere = elsewhere
        self._plans = tuple(plans)
        self._wanted = (*(ports or ()), *([0] * len(self._plans)))[: len(self._plans)]
        self._log = Log()
        self._stalls: dict[str, _Stall] = {}
        self._closed = False

    def __enter__(self) -> Self:
        for plan, port in zip(self._plans, self._wanted, strict=True):
            porch = self._porch(plan.id, port)
            self._stalls[plan.id] = _Stall(plan, porch)
            porch.open(plan.build(plan, self.base(plan.id), self.newsroom))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
        if error is None and self._log.crashes:
            raise self._log.crashes[0]

    def _porch(self, outlet: str, port: int) -> Porch:
        try:
            return Porch(self.host, port, outlet, self._log)
        except OSError as error:
            if self._elsewhere and port:
                return self._porch(outlet, 0)
            self.close()
            remedy = "Stop what listens there, or give other ports."
            raise WatcherError(f"Port {port} of {self.host} cannot be opened: {error.strerror}. {remedy}") from error

    def close(self) -> None:
        """Stop serving; the addresses can still be asked for. Closing twice is closing once."""
        if not self._closed:
            self._closed = True
            for stall in self._stalls.values():
                stall.porch.close()

    # ------------------------------------------------------------------------------------------- addresses

    @property
    def outlets(self) -> tuple[str, ...]:
        """The ids of the outlets, which are those of their sources."""
        return tuple(plan.id for plan in self._plans)

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports in the order of `outlets`; give them back to serve the same addresses again."""
        return tuple(self._stalls[plan.id].porch.port for plan in self._plans)

    def base(self, outlet: str) -> str:
        """Return the origin of `outlet`: `http://127.0.0.1:8471`. Raises KeyError for an unknown one."""
        return f"http://{self.host}:{self._stalls[outlet].porch.port}"

    def url(self, outlet: str) -> str:
        """Return the address of the listing of `outlet`: its feed, sitemap or page."""
        return self.base(outlet) + self._stalls[outlet].plan.path

    def address(self, slug: str) -> str:
        """Return the address of the page of an article that is out. Raises KeyError when there is none."""
        article = self.newsroom.article(slug)
        return located(self._stalls[article.outlet].plan, self.base(article.outlet)).url(article)

    def sources_yaml(self) -> str:
        """Return a complete sources.yaml for a home that reads every outlet."""
        return sources_yaml([(plan, self.url(plan.id)) for plan in self._plans])

    # ------------------------------------------------------------------------------------------- what was asked

    @property
    def requests(self) -> tuple[Hit, ...]:
        """Every request so far, in order of arrival."""
        return self._log.hits()

    def hits(self, outlet: str) -> tuple[Hit, ...]:
        """Return the requests made to one outlet."""
        return tuple(hit for hit in self.requests if hit.outlet == outlet)

    def forget_requests(self) -> None:
        """Empty the log, so that the next chapter of a story counts from nothing."""
        self._log.clear()

    # ------------------------------------------------------------------------------------------- changes

    def chamber(self, outlet: str) -> Chamber:
        """Return the chamber that answers at `outlet`, to turn to its next issue. Raises KeyError when none does."""
        found = self._stalls[outlet].porch.outlet
        if not isinstance(found, Chamber):
            raise KeyError(outlet)
        return found

    def publish(self, slug: str, at: datetime | None = None) -> str:
        """Bring out a held or withdrawn article and return its address (see `Newsroom.publish`)."""
        self.newsroom.publish(slug, at)
        return self.address(slug)

    def edit(self, slug: str, *, title: str | None = None, body: str | None = None, at: datetime | None = None) -> None:
        """Change an article that is out (see `Newsroom.edit`)."""
        self.newsroom.edit(slug, title=title, body=body, at=at)

    def withdraw(self, slug: str) -> None:
        """Take an article off (see `Newsroom.withdraw`)."""
        self.newsroom.withdraw(slug)

    def empty(self, outlet: str) -> None:
        """Make a listing show nothing, with status 200."""
        self.newsroom.empty(outlet)

    def fail(self, outlet: str, status: int, *, retry_after: str | None = None) -> None:
        """Make an outlet of the press answer `status` everywhere but at robots.txt."""
        self.newsroom.fail(outlet, status, retry_after=retry_after)

    def mend(self, outlet: str) -> None:
        """Undo `empty` and `fail`."""
        self.newsroom.mend(outlet)
