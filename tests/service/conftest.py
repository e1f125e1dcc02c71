"""A home that reads one small outlet on loopback, and a clock that the test holds."""

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.homes import shipped
from tests.rehearsed import rehearse_once
from watcher import config
from watcher.cli.init import lay_out
from watcher.pipeline.desk import Desk
from watcher.store import Store

MONDAY = datetime(2026, 11, 16, 6, 30, tzinfo=UTC)  # 07:30 in Paris
FILE = """\
settings:
  contact: veille@example.org
  allow_private: [127.0.0.0/8]
  gap: 0 s
  admin: [soin@example.org]
  service: {{listen: "127.0.0.1:0"}}
sources:
{sources}
digests:
  - {{id: veille, title: Veille, day: monday, time: "07:30", recipients: [lecture@example.org]}}
# end of sources.yaml
"""


class Clock:
    """A clock that stands still until it is moved. `running` is the one that nobody sets: it only goes forward."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.running = 1000.0

    def __call__(self) -> datetime:
        """Return the time of day."""
        return self.now

    def pass_(self, **duration: float) -> None:
        """Let time pass."""
        self.now += timedelta(**duration)
        self.running += timedelta(**duration).total_seconds()

    def step(self, **duration: float) -> None:
        """Set the time of day forward or back; no time passes."""
        self.now += timedelta(**duration)


@pytest.fixture(autouse=True)
def _quick_reloads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not rehearse again what was in order."""
    monkeypatch.setattr("watcher.service.reload.rehearse", rehearse_once)


@pytest.fixture
def clock() -> Clock:
    """Return a clock that shows a Monday, 07:30 in Paris."""
    return Clock(MONDAY)


class Outlet:
    """A web server on loopback whose pages the test writes. `asked` are the paths, in order; those under /slow wait for `go`."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, bytes]] = {}
        self.asked: list[str] = []
        self.go = threading.Event()
        outlet = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outlet.asked.append(self.path)
                if self.path.startswith("/slow"):
                    outlet.go.wait(30)
                kind, body = outlet.pages.get(self.path, ("text/plain", b""))
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
                """Keep quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def feed(self, *pages: str) -> None:
        """Serve a feed of these pages at /feed.xml, dated now."""
        when = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
        items = "".join(
            f"<item><title>Titre {n}</title><link>{self.url}{page}</link><pubDate>{when}</pubDate></item>"
            for n, page in enumerate(pages)
        )
        text = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Fil</title>{items}</channel></rss>'
        self.pages["/feed.xml"] = ("application/rss+xml", text.encode())


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    """Run an outlet."""
    running = Outlet()
    yield running
    running.go.set()
    running.server.shutdown()
    running.server.server_close()


def write(home: Path, *sources: str) -> None:
    """Write a sources.yaml with these lines of sources into `home`."""
    lines = "\n".join(f"  - {line}" for line in sources) if sources else "  []"
    (home / "sources.yaml").write_text(FILE.format(sources=lines), "utf-8")


def many(number: int) -> list[str]:
    """Return the lines of `number` sources that nobody serves."""
    return [f"{{id: source-{n}, kind: feed, name: Source {n}, url: https://source-{n}.example/flux}}" for n in range(number)]


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path) -> Path:
    """Lay out a home of ten sources, never read."""
    folder = tmp_path / "home"
    lay_out(folder, skip=("sources.yaml",))
    shutil.copy(sqlite_template, folder / "var" / "watcher.db")
    write(folder, *many(10))
    return folder


@pytest.fixture
def desk(home: Path, clock: Clock) -> Iterator[Desk]:
    """Return that home, open, on the clock of the test."""
    place = config.Home(home)
    loaded = config.load(place, {}, themes=[theme.id for theme in shipped().themes])
    store = Store.open(place.database_url, now=clock)
    yield Desk(home=place, config=loaded, seeds=shipped(), store=store, now=clock)
    store.close()
