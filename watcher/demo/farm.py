"""A farm of generated outlets in a process of its own, for measuring: many origins, thousands of articles, little CPU.

`python -m watcher.demo.farm --pages 3000 --outlets 8` prints its ports as one line of JSON and serves until its standard
input is closed.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from watcher.demo import field
from watcher.errors import WatcherError

_STOP_SECONDS = 10


class Farm:
    """A context manager that runs the farm.

    Serves `outlets` origins on 127.0.0.1, each on a port of its own, with `pages` articles dated in the week before `now`
    (the clock by default) and `feeds` RSS feeds of 30 entries, by default as many as list each article once. With more
    feeds than that, articles are listed several times. Every answer waits `latency` seconds. All honour ETag and
    Last-Modified. Raises WatcherError on entry when the process does not start.
    """

    def __init__(
        self, pages: int, outlets: int, latency: float = 0.0, feeds: int | None = None, now: datetime | None = None
    ) -> None:
        if pages < 1 or outlets < 1:
            raise ValueError("A farm has at least one page and one outlet.")
        self.page_count, self.outlet_count, self.latency = pages, outlets, latency
        self.feed_count = feeds if feeds is not None else -(-pages // field.ENTRIES)
        self.now = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
        self.ports: tuple[int, ...] = ()
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        options = {
            "--pages": self.page_count,
            "--outlets": self.outlet_count,
            "--feeds": self.feed_count,
            "--latency": self.latency,
            "--now": self.now.isoformat(),
        }
        command = [sys.executable, "-m", "watcher.demo.farm", *(str(part) for pair in options.items() for part in pair)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            self._stop()
            raise WatcherError("The farm did not start; its own message is on standard error.")
        self.ports = tuple(json.loads(line)["ports"])
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    @property
    def pid(self) -> int:
        """The id of the process, to read its CPU time apart from the client's. Raises ValueError when it does not run."""
        if self._process is None:
            raise ValueError("The farm is not running.")
        return self._process.pid

    @property
    def bases(self) -> tuple[str, ...]:
        """The origins."""
        return tuple(f"http://127.0.0.1:{port}" for port in self.ports)

    @property
    def feeds(self) -> tuple[str, ...]:
        """The addresses of all feeds, spread evenly over the origins."""
        return tuple(self.bases[number % len(self.ports)] + field.feed_path(number) for number in range(self.feed_count))

    @property
    def pages(self) -> tuple[str, ...]:
        """The addresses of all articles, as the feeds give them."""
        bases = self.bases
        return tuple(bases[number // field.ENTRIES % len(bases)] + field.page_path(number) for number in range(self.page_count))

    def counts(self) -> dict[int, int]:
        """Return how many answers of each status were sent so far."""
        with urllib.request.urlopen(f"{self.bases[0]}/counts", timeout=10) as answer:  # noqa: S310 - our own loopback address
            return {int(status): count for status, count in json.load(answer).items()}

    def _stop(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        try:
            process.communicate(timeout=_STOP_SECONDS)  # closes its standard input, which ends it
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def main(arguments: list[str] | None = None) -> None:
    """Serve until standard input is closed, so that a farm never outlives who started it."""
    parser = argparse.ArgumentParser(prog="python -m watcher.demo.farm", description=__doc__)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--outlets", type=int, default=4)
    parser.add_argument("--feeds", type=int)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--now", type=datetime.fromisoformat, default=datetime.now(UTC).replace(microsecond=0))
    options = parser.parse_args(arguments)
    feeds = options.feeds if options.feeds is not None else -(-options.pages // field.ENTRIES)
    asyncio.run(_serve(options.pages, options.outlets, feeds, options.latency, options.now))


async def _serve(pages: int, outlets: int, feeds: int, latency: float, now: datetime) -> None:
    _raise_open_files()
    loop = asyncio.get_running_loop()
    ground = field.Field(latency=latency)
    servers = [await loop.create_server(lambda: field.Connection(ground), "127.0.0.1", 0, backlog=256) for _ in range(outlets)]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    ground.leaves.update(field.sow([f"http://127.0.0.1:{port}" for port in ports], pages, feeds, now))
    sys.stdout.write(json.dumps({"ports": ports}) + "\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    for server in servers:
        server.close()


def _raise_open_files() -> None:
    """Allow as many sockets as the system lets us: a thousand origins want two thousand."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
