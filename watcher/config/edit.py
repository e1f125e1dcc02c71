"""Add sources to `sources.yaml` without touching a byte of what stands in it.

Lines are inserted, the file is never written anew from what was read: comments, order and style stay as they are. The result
is loaded before it replaces the file, in one step (rename), with the same mode and owner.
"""

import os
import re
import stat
import tempfile
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import cast

from watcher.config.load import understand
from watcher.config.nodes import Node, resolve
from watcher.config.reading import read
from watcher.config.words import duration_words
from watcher.errors import ConfigError

# As the YAML parser counts them: str.splitlines() knows more ends of line.
_LINE = re.compile(r"[^\n\r\x85\u2028\u2029]*(?:\r\n|[\n\r\x85\u2028\u2029])|[^\n\r\x85\u2028\u2029]+")


def add_source(path: Path, entry: Mapping[str, object]) -> None:
    """Add one source at the end of `sources:` in the file at `path`.

    `entry` maps the keys of a source to plain values, tuples and timedeltas; None leaves a key out. Raises ConfigErrors when
    the file has mistakes, before or because of the entry; it is then untouched.
    """
    add_sources(path, [entry])


def add_sources(path: Path, entries: Iterable[Mapping[str, object]]) -> None:
    """Add several sources at once: all of them, or none."""
    target, added = path.resolve(), list(entries)
    try:
        before = target.read_bytes()
        sources = understand(before, path).sources
        after = insert(before, added, file=str(path))
        both = understand(after, path).sources
        if both[: len(sources)] != sources or len(both) != len(sources) + len(added):
            raise ConfigError("the new lines would be read as something else; nothing was written.", file=str(path))
        if target.read_bytes() != before:
            raise ConfigError("the file changed meanwhile; nothing was written.", file=str(path), remedy="Try again.")
        _replace(target, after)
    except OSError as error:
        remedy = "Check who owns it and its folder."
        raise ConfigError(f"the file cannot be changed: {error.strerror}.", file=str(path), remedy=remedy) from error


def insert(data: bytes, entries: Iterable[Mapping[str, object]], *, file: str) -> bytes:
    """Return `data` with the entries after the last source. Raises ConfigError where the list has no block style."""
    root, _ = read(data, file)
    sources = root.child("sources") if root else None
    if root is None or sources is None or sources.shape != "list":
        raise ConfigError("there is no list `sources:` to add to.", file=file, line=1)
    newline = "\r\n" if b"\r\n" in data else "\n"
    lines: list[str] = _LINE.findall(data.decode("utf-8"))
    if not sources.items:
        _open_empty(lines, sources, file)
        indent = root.entries["sources"][0].column + 1
    elif sources.flow:
        remedy = "Write each source on lines of its own, after a `- `."
        raise ConfigError("this list is written between brackets.", file=file, line=sources.line, remedy=remedy)
    else:
        indent = sources.column - 1
    block = "".join(f"{' ' * indent}{line}{newline}" for entry in entries for line in render(entry))
    if not lines[sources.end - 1].endswith("\n"):
        lines[sources.end - 1] += newline
    lines.insert(sources.end, block)
    return "".join(lines).encode("utf-8")


def render(entry: Mapping[str, object]) -> list[str]:
    """Return an entry as the lines of one list item in block style, not indented."""
    pairs = [f"{key}: {scalar(value)}" for key, value in entry.items() if value is not None]
    return [("- " if number == 0 else "  ") + pair for number, pair in enumerate(pairs)]


def scalar(value: object) -> str:
    """Return a value as YAML 1.2 on one line; a text gets quotes only where it would be read as something else."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, timedelta):
        return duration_words(value)
    if isinstance(value, str):
        return value if _is_plain(value) else _quoted(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return "{" + ", ".join(f"{_inner(str(key))}: {_inner(part)}" for key, part in pairs) + "}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return "[" + ", ".join(_inner(part) for part in cast("Iterable[object]", value)) + "]"
    return repr(value) if isinstance(value, (int, float)) else _quoted(str(value))


def _inner(value: object) -> str:
    """Return a value inside brackets, where commas and brackets end a plain text."""
    return _quoted(value) if isinstance(value, str) and any(c in ",[]{}" for c in value) else scalar(value)


def _is_plain(text: str) -> bool:
    """Say whether a text may stand without quotes: it reads back as itself (YAML 1.2, 7.3.3)."""
    starts_well = text[:1].isalnum() or text[:1] in "/(_."
    return (
        starts_well
        and text == text.strip()
        and text.isprintable()
        and resolve(text) == text
        and ": " not in text
        and (" #" not in text and not text.endswith(":") and text not in ("...", "---"))
    )


def _quoted(text: str) -> str:
    escaped = "".join(_escape(c) for c in text)
    return f'"{escaped}"'


def _escape(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return char if char.isprintable() or char in "\u00a0\u202f" else f"\\U{ord(char):08X}"


def _open_empty(lines: list[str], sources: Node, file: str) -> None:
    """Take the `[]` of an empty list away, so that a block can follow."""
    line = lines[sources.line - 1]
    start = sources.column - 1 + (1 if line.startswith("\ufeff") else 0)
    head, bracket, tail = line[:start], line[start : start + 2], line[start + 2 :]
    if bracket != "[]":
        raise ConfigError("this list cannot be added to.", file=file, line=sources.line, remedy="Write it as `sources: []`.")
    lines[sources.line - 1] = head.rstrip() + tail


def _replace(target: Path, data: bytes) -> None:
    """Write `data` beside `target`, then put it in its place; a reader sees the old file or the new one, whole."""
    status = target.stat()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".sources-", suffix=".yaml")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), stat.S_IMODE(status.st_mode))
            if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), status.st_uid, status.st_gid)
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
