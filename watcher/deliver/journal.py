"""What left this home, written down outside the database: one line before each final dot, one after its answer.

The database may be restored from a backup that knows nothing of last Monday; the journal does. A line is in the hands of the
system before the dot is sent, so that it outlives the process; after a power cut the last ones may be missing.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from watcher.errors import DeliveryError

KEEP_BYTES = 8 << 20
_encoded = json.JSONEncoder(ensure_ascii=False).encode


class Journal:
    """The file `path`, one JSON object per line, readable by its owner alone. Opened for one run: `with journal: ...`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            _end_line(self._file)
        except OSError as error:
            raise DeliveryError(f"Cannot write to {self._path}: {error.strerror}. Nothing was done.") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def note(self, line: Mapping[str, object]) -> None:
        """Append one line. Raises DeliveryError when it cannot be written: then nothing may leave."""
        data = f"{_encoded(line)}\n".encode()
        try:
            written = os.write(self._file if self._file is not None else -1, data)
        except OSError as error:
            raise DeliveryError(f"Cannot write to {self._path}: {error.strerror}.") from error
        if written != len(data):
            raise DeliveryError(f"Cannot write to {self._path}: the disk is full.")

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield what was noted, oldest first. A line that was cut short by a death is passed over."""
        try:
            with self._path.open("rb") as file:
                for raw in file:
                    try:
                        line = json.loads(raw.decode())
                    except ValueError:
                        continue
                    if isinstance(line, dict):
                        yield cast("dict[str, Any]", line)
        except FileNotFoundError:
            return

    def trim(self) -> None:
        """Forget the older half of a journal that has grown large: thousands of mails ago."""
        if self._path.exists() and self._path.stat().st_size > KEEP_BYTES:
            lines = list(self.lines())
            self.rewrite(iter(lines[len(lines) // 2 :]))

    def rewrite(self, lines: Iterator[dict[str, Any]]) -> None:
        """Put `lines` in the place of what was noted, all at once."""
        beside = self._path.with_name(f".{self._path.name}.part")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.writelines(f"{_encoded(line)}\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)

    def sync(self) -> None:
        """Bring what was noted to the disk."""
        if self._file is not None:
            os.fsync(self._file)


def _end_line(file: int) -> None:
    """End the last line, which a death may have cut short: the next one must not be lost with it."""
    size = os.lseek(file, 0, os.SEEK_END)
    if size and os.pread(file, 1, size - 1) != b"\n":
        os.write(file, b"\n")
