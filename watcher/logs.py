"""The log of the service: one line an event, in logfmt or JSON, with a priority where the journal reads it.

What is logged comes from outside more often than not: control characters, line ends and what turns text around are escaped,
addresses of people are masked. Whoever logs never waits: lines are handed to a thread, and counted when nobody takes them.
"""

import json
import logging
import os
import re
import threading
import unicodedata
from collections import deque
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any, cast

LEVELS = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}  # priorities of syslog (RFC 5424, 6.2.1)
MOST_WAITING = 5000
LONGEST = 2000
_ADDRESS = re.compile(r"[^\s@<>\"'`(),;:]{1,64}@[^\s@<>\"'`(),;]{1,255}")
# Nobody's: the example in what is said to whoever has to write their own.
_EXAMPLE = "you@example.org"
_PLAIN = re.compile(r"[^\s\"=\\]+")


class Sink:
    """Writes lines to a file descriptor, from a thread: a reader that is gone or asleep stops nobody (row P09)."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: deque[bytes] = deque()
        self._lost = 0
        self._wake = threading.Condition()
        self._busy = False
        threading.Thread(target=self._write, name="log", daemon=True).start()

    def put(self, line: str) -> None:
        """Hand over one line; when too many wait, it is counted instead."""
        with self._wake:
            if len(self._lines) >= MOST_WAITING:
                self._lost += 1
                return
            if self._lost:
                self._lines.append(f"event=log_lines_lost count={self._lost}\n".encode())
                self._lost = 0
            self._lines.append(line.encode("utf-8", "backslashreplace") + b"\n")
            self._wake.notify()

    def flush(self, seconds: float) -> bool:
        """Wait until all is written, at most `seconds`; return whether it is."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._lines and not self._busy, seconds)

    def _write(self) -> None:
        while True:
            with self._wake:
                self._busy = False
                self._wake.notify_all()
                self._wake.wait_for(lambda: bool(self._lines))
                line = self._lines.popleft()
                self._busy = True
            try:
                while line:
                    line = line[os.write(self._descriptor, line) :]
            except OSError:
                # Nobody reads any more. The line is lost, as it would be had it waited for ever.
                continue


class Log:
    """Where events go. `bind` gives one that adds fields to each."""

    def __init__(self, bound: Any) -> None:
        self._bound = bound

    def info(self, event: str, **fields: object) -> None:
        """Note what normally happens."""
        self._bound.info(event, **fields)

    def warning(self, event: str, **fields: object) -> None:
        """Note what somebody may have to look at."""
        self._bound.warning(event, **fields)

    def error(self, event: str, **fields: object) -> None:
        """Note what failed."""
        self._bound.error(event, **fields)

    def bind(self, **fields: object) -> "Log":
        """Return a log that adds `fields` to each event."""
        return Log(self._bound.bind(**fields))


def configure(descriptor: int = 2, *, as_json: bool = False, journal: bool = False) -> tuple[Log, Sink]:
    """Return the log that writes to `descriptor`, and its sink; what libraries log from warnings up goes the same way.

    With `journal`, each line begins with its priority (`<6>`, sd-daemon(3)) and has no time: the journal notes its own.
    """
    import structlog

    sink = Sink(descriptor)

    def rendered(_: object, level: str, event: MutableMapping[str, Any]) -> str:
        return line(level, event, as_json=as_json, journal=journal)

    bound = structlog.wrap_logger(_Handed(sink), processors=[rendered], wrapper_class=structlog.make_filtering_bound_logger(20))
    handler = _Libraries(sink, as_json=as_json, journal=journal)
    logging.getLogger().handlers = [handler]
    logging.getLogger().setLevel(logging.WARNING)
    return Log(bound), sink


def line(level: str, event: Mapping[str, Any], *, as_json: bool = False, journal: bool = False) -> str:
    """Return `event`, a mapping with the key `event`, as one line that holds no address and no control character."""
    fields: dict[str, object] = {"event": event.get("event", ""), "level": level}
    if not journal:
        fields["at"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    fields |= {key: value for key, value in event.items() if key != "event" and value is not None}
    if as_json:
        text = json.dumps({key: _value(value) for key, value in fields.items()})
    else:
        text = " ".join(f"{key}={_quoted(_value(value))}" for key, value in fields.items())
    return f"<{LEVELS.get(level, 6)}>{text}" if journal else text


def _value(value: object) -> object:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return ",".join(f"{_value(key)}:{_value(one)}" for key, one in pairs)
    return _ADDRESS.sub(lambda found: _EXAMPLE if found.group() == _EXAMPLE else "[address]", str(value)[:LONGEST])


def _quoted(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = "".join(_escaped(letter) for letter in str(value))
    return text if _PLAIN.fullmatch(text) else '"' + text.replace('"', '\\"') + '"'


def _escaped(letter: str) -> str:
    """Return `letter`, unless a terminal or a reader of lines would act upon it: then its code."""
    if letter == "\\":
        return "\\\\"
    if letter in " \u202f\u00a0" or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        return letter
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return short.get(letter) or (f"\\x{ord(letter):02x}" if ord(letter) < 256 else f"\\u{ord(letter):04x}")


class _Handed:
    """What structlog writes to."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def msg(self, message: str) -> None:
        """Hand one line over."""
        self._sink.put(message)

    debug = info = warning = error = critical = msg


class _Libraries(logging.Handler):
    """Brings what libraries log into the same lines."""

    def __init__(self, sink: Sink, *, as_json: bool, journal: bool) -> None:
        super().__init__()
        self._sink = sink
        self._as_json = as_json
        self._journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, with the error that came with it."""
        event: dict[str, object] = {"event": "library", "library": record.name, "message": record.getMessage()}
        if record.exc_info and record.exc_info[1] is not None:
            event["error"] = repr(record.exc_info[1])
        self._sink.put(line(record.levelname.lower(), event, as_json=self._as_json, journal=self._journal))
