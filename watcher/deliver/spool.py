"""A folder where each mail becomes one .eml file: the way out that needs no server."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from watcher.deliver import UnansweredError
from watcher.errors import DeliveryError
from watcher.model import Delivery

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9@._+-]+")


class Spool:
    """Writes mails to `path`, one `<message-id>.eml` each, readable by their owner alone.

    A file appears whole or not at all, and the same mail twice is one file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None

    def file_of(self, message_id: str) -> Path:
        """Return where the mail called `message_id` is, or will be."""
        name = _NOT_IN_NAMES.sub("_", message_id.strip("<> ")).lstrip(".")[:200]
        return self._path / f"{name}.eml"

    def send(self, delivery: Delivery, before_final_dot: Callable[[], None]) -> str:
        """Write `delivery.raw` and return the name of its file.

        Raises DeliveryError when the folder cannot be written to (worth another try), or when another mail with the same
        Message-ID is there already (it is kept).
        """
        target = self.file_of(delivery.message_id)
        try:
            written = self._write_beside(target, delivery.raw)
        except OSError as error:
            raise DeliveryError(f"Cannot write to the spool {self._path}: {error.strerror}.") from error
        if written is None:
            return f"already in the spool as {target.name}"
        try:
            before_final_dot()
            self._publish(written, target)
        finally:
            written.unlink(missing_ok=True)
        return f"written to {target.name}"

    def _write_beside(self, target: Path, raw: bytes) -> Path | None:
        """Write `raw` to a temporary file in the spool; return None when `target` holds these very bytes already."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if target.exists():
            if target.read_bytes() == raw:
                return None
            message = f"Another mail with the same Message-ID is in the spool as {target.name}; move it away to write this one."
            raise DeliveryError(message, transient=False)
        # The same name at every try: what a killed process left behind is overwritten, not collected.
        part = target.with_name(f".{target.stem}.part")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            part.unlink(missing_ok=True)
            raise
        return part

    def _publish(self, written: Path, target: Path) -> None:
        try:
            written.rename(target)
        except OSError as error:
            raise DeliveryError(f"Cannot write to the spool {self._path}: {error.strerror}.") from error
        try:
            folder = os.open(self._path, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            message = f"{target.name} may be lost if the machine stops now: {error.strerror}."
            raise UnansweredError(message) from error
