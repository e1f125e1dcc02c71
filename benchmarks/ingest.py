"""Ingest: new articles from a loopback publisher to stored verdicts, on two cores.

Workloads, each in a process of its own: `ours` (the pipeline), `bare` (trafilatura alone on the same pages, two processes),
`loop` (httpx, feedparser, trafilatura and sqlite3 one after the other, as everybody writes it).
"""

import asyncio
import io
import sqlite3
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import cast

from benchmarks.home import desk_of, lay_out_home
from benchmarks.measure import Figure, Sample, figure, in_turns, median, run, timed
from watcher.demo.farm import Farm

PAGES, LOOP_PAGES, OUTLETS, ROUNDS = 1500, 300, 10, 5
MOST_MB = 250.0


def measure() -> tuple[Figure, ...]:
    """Return pages per second against both references, and the peak memory of the main process."""
    with Farm(PAGES, OUTLETS) as farm, tempfile.TemporaryDirectory() as folder:
        every, few = Path(folder) / "pages.txt", Path(folder) / "feeds.txt"
        every.write_text("\n".join(farm.pages), "utf-8")
        few.write_text("\n".join(farm.feeds[: LOOP_PAGES // 30]), "utf-8")
        turn = iter(range(ROUNDS))

        def ours() -> Sample:
            home = Path(folder) / f"home-{next(turn)}"
            lay_out_home(home, farm.feeds)
            return run("benchmarks.ingest", "ours", str(home))

        mine, bare, loop = in_turns(
            ROUNDS, ours, lambda: run("benchmarks.ingest", "bare", str(every)), lambda: run("benchmarks.ingest", "loop", str(few))
        )
    rate = median(mine, _rate)
    rss = max(sample.rss_mb for sample in mine)
    return (
        figure("ingest, against bare extraction in two processes", rate, median(bare, _rate), "pages/s", required=0.5, rss=rss),
        figure("ingest, against the plain loop", rate, median(loop, _rate), "pages/s", required=2.0, rss=rss),
        figure("ingest, memory of the main process", rss, MOST_MB, "MB", required=1.0, at_most=True, rss=rss),
    )


def _rate(sample: Sample) -> float:
    return sample.amount / sample.wall


def ours(home: str) -> None:
    """Poll one source, so that parsers and dictionaries are in memory as in a service that runs, then everything."""
    from watcher.pipeline.poll import poll

    with desk_of(home) as desk:
        asyncio.run(poll(desk, only=("feed-0",)))
        timed(lambda: float(sum(report.new for report in asyncio.run(poll(desk, everything=True)))))


def bare(pages: str) -> None:
    """Extract pages that are in memory already, in two warm processes."""
    import httpx

    with httpx.Client(trust_env=False) as client:
        bodies = [client.get(url).content for url in Path(pages).read_text("utf-8").split()]
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_extract, bodies[:40]))
        timed(lambda: float(sum(pool.map(_extract, bodies, chunksize=20))))


def _extract(body: bytes) -> int:
    from trafilatura import bare_extraction

    document = bare_extraction(body, fast=True)  # pyright: ignore[reportArgumentType] - bytes are taken, its types say elements
    return 1 if document else 0


def loop(feeds: str) -> None:
    """Fetch, parse, extract and insert, one page at a time."""
    import feedparser
    import httpx
    from trafilatura import bare_extraction

    addresses = Path(feeds).read_text("utf-8").split()
    with tempfile.TemporaryDirectory() as folder, httpx.Client(trust_env=False) as client:
        database = sqlite3.connect(Path(folder) / "loop.db")
        database.execute("create table articles (url text primary key, title text, body text)")

        def work() -> float:
            done = 0
            for address in addresses:
                entries = cast("list[dict[str, str]]", feedparser.parse(io.BytesIO(client.get(address).content))["entries"])
                for entry in entries:
                    link, title = entry["link"], entry["title"]
                    page = client.get(link).content
                    read = bare_extraction(page, url=link)  # pyright: ignore[reportArgumentType] - bytes are taken, its types say elements
                    database.execute(
                        "insert or ignore into articles values (?, ?, ?)", (link, title, read.text if read else None)
                    )
                    database.commit()
                    done += 1
            return float(done)

        timed(work)


if __name__ == "__main__":
    {"ours": ours, "bare": bare, "loop": loop}[sys.argv[1]](sys.argv[2])
