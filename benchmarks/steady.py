"""Steady state: a thousand sources that have nothing new, all answering 304.

Workloads, each in a process of its own: `ours` (a poll of everything), `bare` (an asyncio loop of httpx making the same
requests), `loop` (requests, one after the other, with validators).
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.home import desk_of, lay_out_home
from benchmarks.measure import Figure, Sample, figure, in_turns, median, run, timed
from watcher.demo.farm import Farm

SOURCES, OUTLETS, ROUNDS = 1000, 100, 3
LATENCY = 0.05
AT_ONCE = 64
MOST_MB = 250.0


def measure() -> tuple[Figure, ...]:
    """Return CPU per thousand unchanged sources against both references, memory, and wall time with latency."""
    mine, bare, loop = _turns(ROUNDS, latency=0.0)
    slow_mine, _, slow_loop = _turns(1, latency=LATENCY)
    cpu = median(mine, _cpu)
    rss = max(sample.rss_mb for sample in mine)
    return (
        figure(
            "unchanged sources, CPU against a bare httpx loop", cpu, median(bare, _cpu), "s", required=1.5, at_most=True, rss=rss
        ),
        figure(
            "unchanged sources, CPU against requests with its start",
            cpu,
            median(loop, _started),
            "s",
            required=1.0,
            at_most=True,
            rss=rss,
        ),
        figure(
            "unchanged sources, CPU against requests alone", cpu, median(loop, _cpu), "s", required=None, at_most=True, rss=rss
        ),
        figure(
            "unchanged sources at 50 ms, speed", 1 / slow_mine[0].wall, 1 / slow_loop[0].wall, "polls/s", required=10.0, rss=rss
        ),
        figure("unchanged sources, memory of the main process", rss, MOST_MB, "MB", required=1.0, at_most=True, rss=rss),
        figure(
            "unchanged sources, whole process", median(mine, _whole), median(loop, _whole), "s CPU", required=None, at_most=True
        ),
    )


def _cpu(sample: Sample) -> float:
    return sample.cpu


def _started(sample: Sample) -> float:
    """Return what a script costs that is started for one round: our own start is paid once by a service."""
    return sample.cpu + sample.start_cpu


def _whole(sample: Sample) -> float:
    return sample.whole_cpu


def _turns(rounds: int, *, latency: float) -> tuple[tuple[Sample, ...], ...]:
    with Farm(300, OUTLETS, latency=latency, feeds=SOURCES) as farm, tempfile.TemporaryDirectory() as folder:
        home, validators = Path(folder) / "home", Path(folder) / "validators.json"
        lay_out_home(home, farm.feeds, pages="never")
        validators.write_text(json.dumps(list(farm.feeds)), "utf-8")
        run("benchmarks.steady", "ours", str(home))  # the first reading, which brings the validators
        return in_turns(
            rounds,
            lambda: run("benchmarks.steady", "ours", str(home)),
            lambda: run("benchmarks.steady", "bare", str(validators)),
            lambda: run("benchmarks.steady", "loop", str(validators)),
        )


def ours(home: str) -> None:
    """Poll everything once; nothing has changed."""
    from watcher.pipeline.poll import poll

    with desk_of(home) as desk:
        timed(lambda: float(len(asyncio.run(poll(desk, everything=True)))))


def bare(validators: str) -> None:
    """Ask for everything again with validators, with httpx and nothing else."""
    import httpx

    async def ask(urls: list[str], etags: dict[str, str]) -> float:
        places = asyncio.Semaphore(AT_ONCE)
        async with httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=AT_ONCE)) as client:

            async def one(url: str) -> None:
                async with places:
                    answer = await client.get(url, headers={"If-None-Match": etags[url]} if url in etags else {})
                    etags[url] = answer.headers["etag"]

            await asyncio.gather(*(one(url) for url in urls))
        return float(len(urls))

    urls: list[str] = json.loads(Path(validators).read_text("utf-8"))
    etags: dict[str, str] = {}
    asyncio.run(ask(urls, etags))
    timed(lambda: asyncio.run(ask(urls, etags)))


def loop(validators: str) -> None:
    """Ask for everything again with validators, one after the other."""
    import requests

    start = time.process_time()
    urls: list[str] = json.loads(Path(validators).read_text("utf-8"))
    with requests.Session() as session:
        session.trust_env = False
        etags = {url: session.get(url, timeout=30).headers["etag"] for url in urls}

        def work() -> float:
            return float(
                sum(session.get(url, timeout=30, headers={"If-None-Match": etags[url]}).status_code == 304 for url in urls)
            )

        timed(work, start_cpu=start)


if __name__ == "__main__":
    {"ours": ours, "bare": bare, "loop": loop}[sys.argv[1]](sys.argv[2])
