"""The log: one line an event, nothing in it that acts, no address of anybody, and nobody waits for it (row P09)."""

import json
import logging
import os
import time
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import logs


@pytest.fixture(autouse=True)
def libraries() -> Iterator[None]:
    """Give the handlers of libraries back after the test."""
    handlers = logging.getLogger().handlers
    yield
    logging.getLogger().handlers = handlers


def read(descriptor: int) -> str:
    """Return what was written to a pipe so far."""
    os.set_blocking(descriptor, False)
    said = b""
    while True:
        try:
            part = os.read(descriptor, 65536)
        except BlockingIOError:
            return said.decode()
        if not part:
            return said.decode()
        said += part


def acts(letter: str) -> bool:
    """Say whether a terminal or a reader of lines may act upon a letter."""
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text() | st.integers() | st.none(), max_size=5),
    st.booleans(),
)
def test_whatever_is_logged_is_one_line_that_does_nothing(fields: dict[str, object], as_json: bool) -> None:
    """Line ends, escape sequences and marks that turn text around are written as their codes, in both forms (row P09)."""
    line = logs.line("info", {**fields, "event": "source"}, as_json=as_json)
    assert not any(acts(letter) for letter in line)
    line.encode()
    if as_json:
        assert json.loads(line)["event"] == "source"
    else:
        assert line.startswith("event=source level=info at=")


def test_an_injected_line_is_no_line() -> None:
    """A title that plays a second event, in red, stays inside its quotes (row P09)."""
    title = 'x" event=mail sent=9\r\n<0>event=forged \x1b[31mrouge \u202egnp.exe'
    line = logs.line("warning", {"event": "source", "error": title}, journal=True)
    assert line == (
        '<4>event=source level=warning error="x\\" event=mail sent=9\\r\\n<0>event=forged \\x1b[31mrouge \\u202egnp.exe"'
    )


@pytest.mark.parametrize("as_json", [False, True])
def test_no_address_is_logged(as_json: bool) -> None:
    """Addresses of people are masked wherever they stand (promise P12)."""
    event = {
        "event": "mail_problem",
        "problem": "550 <lecture@example.org>: `Autre.Personne+x@sub.example.org` is unknown",
        "to": "a@b.fr",
    }
    line = logs.line("info", event, as_json=as_json)
    assert "@" not in line
    assert line.count("[address]") == 3


def test_the_journal_gets_priorities_and_no_time() -> None:
    """Each line begins with its priority (sd-daemon(3)); the journal notes the time itself."""
    lines = [logs.line(level, {"event": "x"}, journal=True) for level in ("debug", "info", "warning", "error", "critical")]
    assert [line[:3] for line in lines] == ["<7>", "<6>", "<4>", "<3>", "<2>"]
    assert all("at=" not in line for line in lines)


def test_a_log_that_nobody_reads_stops_nobody() -> None:
    """Thirty thousand lines into a pipe that nobody empties cost no wait; those lost are counted once it flows (row P09)."""
    out, into = os.pipe()
    log, sink = logs.configure(into)
    began = time.monotonic()
    for number in range(30_000):
        log.info("source", number=number, filler="x" * 50)
    assert time.monotonic() - began < 20
    assert not sink.flush(0.1)
    said = ""
    ends = time.monotonic() + 10
    while not sink.flush(0.01) and time.monotonic() < ends:
        said += read(out)
    log.info("after")
    assert sink.flush(5)
    said += read(out)
    lost = [line for line in said.splitlines() if "log_lines_lost" in line]
    assert len(lost) == 1
    written = sum(line.startswith("event=source ") for line in said.splitlines())
    assert written + int(lost[0].partition("count=")[2]) == 30_000
    assert said.splitlines()[-1].startswith("event=after ")
    os.close(out)
    log.info("nobody")  # a pipe whose reader is gone
    assert sink.flush(5)
    os.close(into)


def test_libraries_log_in_the_same_lines() -> None:
    """What a library warns of, with its error, is one line too."""
    out, into = os.pipe()
    _, sink = logs.configure(into)
    try:
        int("line\nend")
    except ValueError:
        logging.getLogger("apscheduler").exception("job of lecture@example.org\nraised")
    logging.getLogger("uvicorn").info("quiet")
    assert sink.flush(5)
    said = read(out)
    assert said.count("\n") == 1
    assert 'library=apscheduler message="job of [address]\\nraised"' in said
    assert "ValueError" in said
    os.close(out)
    os.close(into)


def test_fields_are_added_to_each_event() -> None:
    """A bound log repeats its fields; a field that is None is not written."""
    out, into = os.pipe()
    log, sink = logs.configure(into, as_json=True)
    log.bind(source="dares").warning("source", new=2, reason=None, counts={"dns": 1})
    assert sink.flush(5)
    said = json.loads(read(out))
    assert {key: said[key] for key in ("event", "level", "source", "new", "counts")} == {
        "event": "source",
        "level": "warning",
        "source": "dares",
        "new": 2,
        "counts": "dns:1",
    }
    assert "reason" not in said
    os.close(out)
    os.close(into)


def test_the_example_of_a_remedy_is_shown() -> None:
    """`contact: you@example.org` is what to write, and nobody's address; any other is masked."""
    said = logs.line("error", {"event": "problem", "problem": "Write `contact: you@example.org`, lecture@example.org."})
    assert "Write `contact: you@example.org`, [address]" in said
