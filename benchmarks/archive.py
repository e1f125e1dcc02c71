"""The Assemblée's archive: its first load, a night's changes, and a night without any.

Each is a poll of one source whose zip is served on loopback, in a process of its own.
"""

import asyncio
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks import archive_maker
from benchmarks.home import HEAD, TAIL, desk_of
from benchmarks.measure import Figure, Sample, figure, median, run, timed
from watcher.cli.init import lay_out
from watcher.sandbox import Sandbox

QUESTIONS, CHANGED, NIGHTS = 18_000, 200, 3
MOST_SECONDS, MOST_MB = 20.0, 300.0
PATH = "repository/17/questions/Questions_ecrites.json.zip"


def measure() -> tuple[Figure, ...]:
    """Return the seconds and memory of a first load, and how much faster a delta and an unchanged archive are."""
    with tempfile.TemporaryDirectory() as folder, _serving(Path(folder) / "site") as (address, archive):
        home = Path(folder) / "home"
        lay_out(home, skip=("sources.yaml",))
        source = f"  - {{id: an, kind: assemblee_questions, name: AN, url: '{address}/{PATH}'}}\n"
        (home / "sources.yaml").write_text(HEAD + source + TAIL, "utf-8")
        archive_maker.write(archive, QUESTIONS)
        first = run("benchmarks.archive", "ours", str(home))
        same = run("benchmarks.archive", "ours", str(home))
        nights = tuple(_night(number, archive, home) for number in range(1, NIGHTS + 1))
    delta = median(nights, lambda night: night.wall)
    rss = max(sample.rss_mb for sample in (first, *nights))
    return (
        figure("archive of 18,000 questions, first load", first.wall, MOST_SECONDS, "s", required=1.0, at_most=True, rss=rss),
        figure("archive of 18,000 questions, memory", rss, MOST_MB, "MB", required=1.0, at_most=True, rss=rss),
        figure("archive, 200 changed: against the first load", 1 / delta, 1 / first.wall, "1/s", required=20.0, rss=rss),
        figure("archive, unchanged: against the first load", 1 / same.wall, 1 / first.wall, "1/s", required=None, rss=rss),
    )


def _night(number: int, archive: Path, home: Path) -> Sample:
    """Change 200 questions more, and poll."""
    revised = (start for night in range(number) for start in range(1 + night, QUESTIONS, QUESTIONS // CHANGED))
    archive_maker.write(archive, QUESTIONS, revised=frozenset(revised))
    return run("benchmarks.archive", "ours", str(home))


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files with Last-Modified, says nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name http.server calls with
        """Say nothing."""


@contextmanager
def _serving(site: Path) -> Generator[tuple[str, Path]]:
    archive = site / PATH
    archive.parent.mkdir(parents=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", archive
        finally:
            server.shutdown()


def ours(home: str) -> None:
    """Poll once."""
    from watcher.pipeline.poll import poll

    def work() -> float:
        (report,) = asyncio.run(poll(desk, everything=True))
        if report.reason or report.error:
            raise SystemExit(f"{report.reason}: {report.error}")
        return float(report.fetched)

    with desk_of(home) as desk:
        asyncio.run(_warm())
        _ = desk.reference
        timed(work)


async def _warm() -> None:
    """Start what a service that polls every hour has running, beside the names in memory: the process that forks workers."""
    with Sandbox(preload=("watcher.pipeline.warm",)) as sandbox:
        await sandbox.run(len, b"", returns=int)


if __name__ == "__main__":
    ours(sys.argv[2])
