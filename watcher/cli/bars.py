"""Progress bars, on a terminal only."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from watcher.model import PollReport


class Bars:
    """Two bars, sources and pages, with the line of each source printed above them as it ends."""

    def __init__(self, line: Callable[[PollReport], str]) -> None:
        self._line = line
        self._progress = Progress(
            TextColumn("{task.description:8}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )
        self._sources = self._progress.add_task("sources", total=None)
        self._pages = self._progress.add_task("pages", total=0)
        self._expected = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.stop()

    def begin(self, sources: int) -> None:
        """Set how many sources there are."""
        self._progress.update(self._sources, total=sources)

    def waiting(self, pages: int) -> None:
        """Make the second bar longer."""
        self._expected += pages
        self._progress.update(self._pages, total=self._expected)

    def page(self) -> None:
        """Advance the second bar."""
        self._progress.advance(self._pages)

    def source(self, report: PollReport) -> None:
        """Print the line of `report` and advance the first bar."""
        self._progress.console.print(escape(self._line(report)), highlight=False)
        self._progress.advance(self._sources)


class Stages:
    """One bar after the other, for work in stages."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.stop()

    def begin(self, what: str, steps: int) -> None:
        """Begin the bar of `what`."""
        self._task = self._progress.add_task(what, total=steps)

    def step(self) -> None:
        """Advance the present bar."""
        if self._task is not None:
            self._progress.advance(self._task)
