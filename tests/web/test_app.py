"""What is answered about health, over a real socket."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.homes import put_archive, shipped
from watcher import config
from watcher.cli.init import lay_out
from watcher.errors import ConfigError
from watcher.pipeline.desk import Desk
from watcher.store import Store
from watcher.web.app import application
from watcher.web.metrics import Counters
from watcher.web.pulse import Pulse
from watcher.web.server import Listener

NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return a home, open."""
    home = config.Home(tmp_path / "home")
    lay_out(home.path)
    put_archive(home.var / "watcher.db")
    store = Store.open(home.database_url)
    yield Desk(home=home, config=config.load(home, {}), seeds=shipped(), store=store)
    store.close()


@pytest.fixture
def pulse() -> Pulse:
    """Return the pulse of a service that has just ticked."""
    return Pulse(version="1.2", started_at=NOW, period=30, ticked=time.monotonic(), last_poll_at=NOW)


async def asked(port: int, path: str) -> tuple[int, bytes]:
    """Ask for a path and return the status and the body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


async def ask(pulse: Pulse, desk: Desk, path: str) -> tuple[int, bytes]:
    """Ask a listener of its own."""
    listener = Listener(application(pulse, lambda: desk, Counters()), "127.0.0.1:0")
    listener.start()
    try:
        return await asked(listener.port, path)
    finally:
        await listener.stop()


async def test_well(pulse: Pulse, desk: Desk) -> None:
    """A service that ticks, on a database that answers, is well: 200, and how old its tick is."""
    status, body = await ask(pulse, desk, "/healthz")
    told = json.loads(body)
    assert status == 200
    assert told["ok"] is True
    assert 0 <= told["tick_age"] < 5
    assert told["last_poll_at"] == "2026-11-16T06:00:00+00:00"
    assert (told["database"], told["version"]) == ("ok", "1.2")


@pytest.mark.parametrize("what", ["old tick", "no tick", "clock", "database"])
async def test_unwell(pulse: Pulse, desk: Desk, what: str) -> None:
    """Without ticks, with a clock that is not believed, or without database it is not: 503, and why (promise P14)."""
    if what == "old tick":
        pulse.ticked = time.monotonic() - 120
    elif what == "no tick":
        pulse.ticked = None
    elif what == "clock":
        pulse.problems["clock"] = "The clock shows 1970."
    else:
        (desk.home.var / "watcher.db").write_bytes(b"no database" * 1000)
        desk.store.close()
    status, body = await ask(pulse, desk, "/healthz")
    told = json.loads(body)
    assert status == 503
    assert told["ok"] is False
    assert (told["database"] != "ok") == (what == "database")


async def test_a_refused_edit_is_told_and_is_no_illness(pulse: Pulse, desk: Desk) -> None:
    """The last good version runs: nothing is to be restarted for it (promise P9)."""
    pulse.problems["configuration"] = "sources.yaml:3:1: unknown key."
    status, body = await ask(pulse, desk, "/healthz")
    assert status == 200
    assert json.loads(body)["problems"] == {"configuration": "sources.yaml:3:1: unknown key."}


async def test_a_database_that_hangs_does_not_hang_the_answer(pulse: Pulse, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer comes within a second whatever the database does (row P07)."""

    def hang(_: object) -> None:
        time.sleep(2)

    monkeypatch.setattr(desk.store, "read", hang)
    began = time.monotonic()
    status, body = await ask(pulse, desk, "/healthz")
    assert time.monotonic() - began < 1.5
    assert status == 503
    assert "no answer within" in json.loads(body)["database"]


async def test_only_what_there_is(pulse: Pulse, desk: Desk) -> None:
    """Figures are answered, other paths are not."""
    assert (await ask(pulse, desk, "/metrics"))[0] == 200
    assert (await ask(pulse, desk, "/etc/passwd"))[0] == 404


def test_an_address_that_is_taken_is_told_with_its_remedy(pulse: Pulse, desk: Desk) -> None:
    """Two services on one port: the second says so before anything else."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"nothing can listen at 127.0.0.1:{port}: .*listen"):
            Listener(application(pulse, lambda: desk, Counters()), f"127.0.0.1:{port}")
