"""The service as a process: it starts, answers, reloads, and ends in good order (rows P01, P02, P07, P09, T10)."""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

from tests.service.conftest import Outlet, many, write
from watcher import logs
from watcher.config import Home
from watcher.pipeline.desk import utc_now
from watcher.service import lock
from watcher.service.daemon import Daemon, Parts
from watcher.service.notify import Notifier
from watcher.service.reload import Keeper
from watcher.store import Store, documents, service, sources


def lines_of(log: Path, event: str) -> list[str]:
    """Return the lines of an event in a log."""
    return [line for line in log.read_text("utf-8").splitlines() if line.startswith(f"event={event} ")]


@dataclass(frozen=True, kw_only=True)
class Service:
    """A running `watcher run`: its process, and the lines of its log so far."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def lines(self, event: str) -> list[str]:
        """Return the lines of an event."""
        return lines_of(self.log, event)

    def wait(self, event: str, seconds: float = 90) -> str:
        """Wait for an event and return its line."""
        ends = time.monotonic() + seconds
        while not (found := self.lines(event)):
            assert time.monotonic() < ends, self.log.read_text("utf-8")
            assert self.process.poll() is None or self.lines(event), self.log.read_text("utf-8")
            time.sleep(0.05)
        return found[-1]

    def get(self, path: str) -> tuple[int, bytes]:
        """Ask it for a page."""
        port = self.wait("started").partition("port=")[2]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def health(self) -> dict[str, object]:
        """Return what it says of its health."""
        return json.loads(self.get("/healthz")[1])

    def end(self, seconds: float = 30) -> int:
        """Ask it to end and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


class Ear:
    """Listens where systemd would. `heard` are the datagrams, in order."""

    def __init__(self, address: Path) -> None:
        self.heard: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(address))
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def _listen(self) -> None:
        while (said := self._socket.recv(4096)) != b"enough":
            self.heard.append(said.decode())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
            way.sendto(b"enough", self._socket.getsockname())
        self._thread.join(5)
        self._socket.close()


Run = Callable[..., Service]


@pytest.fixture
def run(home: Path, tmp_path: Path) -> Iterator[Run]:
    """Return a way to start the service of the home; what still runs at the end is killed."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*options: str, **env: str) -> Service:
        log = tmp_path / f"log-{len(running)}"
        command = [sys.executable, "-m", "watcher", "--home", str(home), "run", *options]
        with log.open("wb") as out:
            process = subprocess.Popen(command, stderr=out, stdout=subprocess.DEVNULL, env={**os.environ, **env})
        running.append(process)
        return Service(process=process, log=log)

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
            process.wait()


def reading(home: Path, outlet: Outlet) -> None:
    """Have the home read the outlet alone."""
    write(home, f"{{id: fil, kind: feed, name: Fil, url: {outlet.url}/feed.xml}}")


PAGE = "<html><body><article><h1>Titre</h1>" + "<p>La formation des salariés à l’intelligence artificielle.</p>" * 20
# Not well-formed, two megabytes: some ten seconds of a parser that mends as it goes.
_ITEM = "<item><title>A & B <b>x</title><link>https://a.example/</link><description>&nbsp;é & <p>texte</description></item>"
HANG = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Fil</title>{_ITEM * 20_000}</channel></rss>'


def test_a_life(run: Run, home: Path, outlet: Outlet) -> None:
    """Started, it reads what is due, says how it is, takes an edit, tells systemd, refuses a second, and ends (rows P01, P02)."""
    outlet.feed("/un.html", "/deux.html")
    outlet.pages["/un.html"] = outlet.pages["/deux.html"] = ("text/html", PAGE.encode())
    reading(home, outlet)
    with Ear(home / "notify") as ear:
        first = run(NOTIFY_SOCKET=str(home / "notify"), WATCHDOG_USEC="2000000")
        assert "source=fil status=read new=2" in first.wait("source")
        health = first.health()
        assert health["ok"] is True
        assert health["database"] == "ok"
        assert first.get("/nothing")[0] == 404

        second = run()
        assert second.process.wait(60) == 1
        assert f"runs already: process {first.process.pid} on " in second.log.read_text("utf-8")

        write(home, f"{{id: fil, kind: feed, name: Fil, url: {outlet.url}/feed.xml}}", *many(1))
        first.process.send_signal(signal.SIGHUP)
        assert "sources=2" in first.wait("reloaded")
        (home / "sources.yaml").write_text("sources: [", "utf-8")
        assert "sources.yaml:1" in first.wait("configuration_refused")
        assert "configuration" in str(first.health()["problems"])

        began = time.monotonic()
        assert first.end() == 0
        assert time.monotonic() - began < 30
        heard = ear.heard
    assert heard[0].startswith("WATCHDOG=1\nSTATUS=1 sources, 1 digests")
    assert heard[1].startswith("READY=1\n")
    kinds = [one.partition("\n")[0] for one in heard]
    assert kinds.count("READY=1") == 2  # at start, and after the reload
    assert kinds.index("RELOADING=1") < len(kinds) - kinds[::-1].index("READY=1")
    assert kinds.count("WATCHDOG=1") >= 3
    assert kinds[-1] == "STOPPING=1"
    assert "orderly=true" in first.lines("stopped")[0]
    store = Store.open(Home(home).database_url)
    assert store.read(documents.counts)["total"] == 2
    assert store.read(sources.states)["fil"].next_poll_at is not None
    assert {one.kind for one in store.read(service.alarms)} <= {"configuration"}
    store.close()


def test_health_answers_while_a_feed_hangs_its_parser(run: Run, home: Path, outlet: Outlet) -> None:
    """While a feed hangs its parser, health answers within a second; asked to end then, it does within thirty (rows P07, P02)."""
    outlet.pages["/feed.xml"] = ("application/rss+xml", HANG.encode())
    reading(home, outlet)
    hanging = run()
    hanging.wait("started")
    ends = time.monotonic() + 90
    while "/feed.xml" not in outlet.asked:
        assert time.monotonic() < ends
        time.sleep(0.05)
    slowest = 0.0
    for _ in range(20):
        began = time.monotonic()
        assert hanging.health()["ok"] is True
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.1)
    assert slowest < 1
    assert not hanging.lines("source"), "the feed is still being read"
    began = time.monotonic()
    assert hanging.end() == 0
    assert time.monotonic() - began < 30
    assert "orderly=true" in hanging.lines("stopped")[0]


def test_the_same_signal_once_more_ends_it_at_once(run: Run, home: Path, outlet: Outlet) -> None:
    """A second SIGTERM does not wait for what is under way; the next start finds everything whole (row P02)."""
    outlet.pages["/feed.xml"] = ("application/rss+xml", HANG.encode())
    reading(home, outlet)
    first = run()
    first.wait("started")
    first.process.send_signal(signal.SIGTERM)
    first.process.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    first.process.send_signal(signal.SIGTERM)
    assert first.process.wait(10) in (0, -signal.SIGTERM)
    store = Store.open(Home(home).database_url)
    assert store.problems() == ()
    store.close()
    again = run()
    again.wait("started")
    assert again.end() == 0


def test_a_reload_just_after_the_start_ends_nothing(run: Run, home: Path) -> None:
    """SIGHUP to the process that the lock names, long before it listens to it, does not end the service (promise P9)."""
    first = run()
    ends = time.monotonic() + 60
    while (holder := lock.holder(home / "var")) is None:
        assert time.monotonic() < ends
        time.sleep(0.005)
    os.kill(holder.pid, signal.SIGHUP)
    assert not first.lines("started")
    first.wait("started")
    assert first.end() == 0


@dataclass(kw_only=True)
class Inside:
    """A service in the process of the test, which looks at its files twenty times a second; and the lines of its log."""

    home: Path
    log: Path
    daemon: Daemon

    def lines(self, event: str) -> list[str]:
        """Return the lines of an event."""
        return lines_of(self.log, event)

    async def wait(self, event: str, count: int = 1) -> str:
        """Wait until an event is in the log so many times, and return its last line."""
        for _ in range(1500):
            if len(found := self.lines(event)) >= count:
                return found[-1]
            await asyncio.sleep(0.02)
        raise AssertionError(self.log.read_text("utf-8"))


@contextmanager
def logging_to(path: Path) -> Generator[logs.Log]:
    """Have what this process logs written to a file, and give the log."""
    handlers = logging.getLogger().handlers
    into = os.open(path, os.O_CREAT | os.O_WRONLY)
    log, sink = logs.configure(into)
    try:
        yield log
    finally:
        sink.flush(2)
        logging.getLogger().handlers = handlers
        os.close(into)


@pytest.fixture
async def inside(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Inside]:
    """Run the service of the home in this process, and end it."""
    monkeypatch.setattr("watcher.service.daemon.LOOK_EVERY", 0.05)
    store = Store.open(Home(home).database_url)
    with logging_to(tmp_path / "log") as log:
        daemon = Daemon(Parts(store=store, keeper=Keeper(Home(home), {}, store, utc_now), log=log, notifier=Notifier()), {})
        living = asyncio.create_task(daemon.run())
        made = Inside(home=home, log=tmp_path / "log", daemon=daemon)
        await made.wait("started")
        yield made
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(living, 30)
    store.close()


async def test_whoever_asks_for_a_look_is_answered(inside: Inside) -> None:
    """SIGHUP always leaves a line: refused, as long as it is; unchanged, when the version that runs is there (promise P9)."""
    file = inside.home / "sources.yaml"
    good = file.read_bytes()
    file.write_text("sources: [", "utf-8")
    await inside.wait("configuration_refused")
    os.kill(os.getpid(), signal.SIGHUP)
    assert "sources.yaml:1" in await inside.wait("configuration_refused", 2)
    file.write_bytes(good)
    await inside.wait("configuration_unchanged")
    assert inside.daemon.pulse.problems == {}
    os.kill(os.getpid(), signal.SIGHUP)
    await inside.wait("configuration_unchanged", 2)
    await asyncio.sleep(0.3)
    assert len(inside.lines("configuration_unchanged")) == len(inside.lines("configuration_refused")) == 2
    assert inside.lines("reloaded") == []


async def test_an_address_that_takes_a_restart_is_told(inside: Inside) -> None:
    """An edit of `service.listen` is taken, and the log says that the address is the old one until a restart."""
    file = inside.home / "sources.yaml"
    file.write_text(file.read_text("utf-8").replace("127.0.0.1:0", "127.0.0.1:8485"), "utf-8")
    line = await inside.wait("restart_needed")
    assert "setting=service.listen runs_with=127.0.0.1:0 edited_to=127.0.0.1:8485" in line
    await inside.wait("reloaded")


def test_nobody_reads_the_log(home: Path) -> None:
    """With standard error closed, or a pipe that nobody empties, the service works and ends (row P09)."""
    command = [sys.executable, "-m", "watcher", "--home", str(home), "run", "--log", "json"]
    shut = subprocess.Popen(["/bin/sh", "-c", '"$@" >&- 2>&-', "sh", *command])
    beat = _beat_of(home)
    assert beat is not None
    os.kill(beat.pid, signal.SIGTERM)
    assert shut.wait(60) == 0


def _beat_of(home: Path) -> service.Heartbeat | None:
    """Wait for the first sign of life of the service of a home."""
    ends = time.monotonic() + 90
    while time.monotonic() < ends:
        if (home / "var" / "watcher.db").exists():
            store = Store.open(Home(home).database_url)
            try:
                beat = store.read(service.last_beat)
            finally:
                store.close()
            if beat is not None:
                return beat
        time.sleep(0.2)
    return None


async def test_ticks_that_stop_end_the_process(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that dies without a word ends the service with an error within three ticks, for a new start (row T10)."""
    store = Store.open(Home(home).database_url)
    keeper = Keeper(Home(home), {}, store, utc_now)

    async def dead(_: object) -> None:
        raise SystemError("the scheduler's listener raised")

    with logging_to(tmp_path / "log") as log:
        daemon = Daemon(Parts(store=store, keeper=keeper, log=log, notifier=Notifier(), period=0.5), {})
        living = asyncio.create_task(daemon.run())
        for _ in range(500):
            await asyncio.sleep(0.02)
            if daemon.pulse.beating:
                break
        monkeypatch.setattr("watcher.service.tick.Tick.__call__", dead)
        began = time.monotonic()
        assert await asyncio.wait_for(living, 30) == (1, True)
        assert time.monotonic() - began < 10
    store.close()
    assert lines_of(tmp_path / "log", "tick_failed")
    assert lines_of(tmp_path / "log", "ticks_stopped")
