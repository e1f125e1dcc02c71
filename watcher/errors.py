"""The error tree.

    WatcherError
    ├─ ConfigError        file, line, column, remedy        stops at start; on reload the last good configuration stays
    ├─ SourceError        source_id, url, reason            this source fails, the others go on
    │  ├─ FetchError      status, retry_after, transient
    │  ├─ BlockedError    a robot wall, a login, a consent page instead of content
    │  ├─ ParseError      kind, where
    │  └─ SilentSource    nothing where there was always something
    ├─ ExtractError       url, reason                       the item stays, with its summary, flagged
    ├─ SandboxError       task, reason                      a worker died, hung or ran out; the input is at fault
    ├─ UnknownNameError   name                              wrong use: the command says what there is
    ├─ StoreError         remedy                            stops the run
    └─ DeliveryError      code, reply, transient            the others still receive theirs

Each is raised once, by the module that names the library underneath, with `raise ... from`. Errors carry fields and never
log themselves. `reason` is a short code (`too_large`, `blocked_address`, `not_a_feed`) that templates and counters use; the
message is a sentence for people, in English, with the remedy when there is one.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")


class WatcherError(Exception):
    """Any failure that `watcher` understands."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ConfigError(WatcherError):
    """A mistake in a file that people edit, at a place they can go to."""

    def __init__(self, message: str, *, file: str, line: int | None = None, column: int | None = None, remedy: str = "") -> None:
        where = ":".join(str(part) for part in (file, line, column) if part is not None)
        super().__init__(f"{where}: {message}" + (f" {remedy}" if remedy else ""))
        self.problem = message
        self.file = file
        self.line = line
        self.column = column
        self.remedy = remedy


class ConfigErrors(ConfigError):
    """Several mistakes found in one reading, in file order."""

    def __init__(self, errors: tuple[ConfigError, ...]) -> None:
        first = errors[0]
        super().__init__(first.problem, file=first.file, line=first.line, column=first.column, remedy=first.remedy)
        self.errors = errors
        self.message = "\n".join(error.message for error in errors)
        self.args = (self.message,)


def collected(work: Callable[[], T], mistakes: list[ConfigError]) -> T | None:
    """Return what `work` returns; None, with what is wrong added to `mistakes`, when it raises ConfigError."""
    try:
        return work()
    except ConfigErrors as error:
        mistakes += error.errors
    except ConfigError as error:
        mistakes.append(error)
    return None


class SourceError(WatcherError):
    """One source, or one page of it, could not be read."""

    def __init__(self, message: str, *, reason: str, url: str = "", source_id: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.url = url
        self.source_id = source_id


class FetchError(SourceError):
    """The network, the server or our own rules kept the answer from us.

    `retry_after` is an instant (UTC) before which the host asked not to be called again. `transient` is False for what only
    a person can mend (410, a blocked address, a certificate).
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str,
        url: str = "",
        status: int | None = None,
        retry_after: datetime | None = None,
        transient: bool = True,
    ) -> None:
        super().__init__(message, reason=reason, url=url)
        self.status = status
        self.retry_after = retry_after
        self.transient = transient


class BlockedError(SourceError):
    """A page came, but not the one asked for: robot check, login, consent wall, paywall stub, soft 404."""


class ParseError(SourceError):
    """The bytes are not what the source's kind reads."""

    def __init__(self, message: str, *, reason: str, kind: str = "", where: str = "", url: str = "") -> None:
        super().__init__(message, reason=reason, url=url)
        self.kind = kind
        self.where = where


class SilentSource(SourceError):
    """Nothing came where there was always something."""


class ExtractError(WatcherError):
    """A page was read but no text could be taken from it."""

    def __init__(self, message: str, *, reason: str, url: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.url = url


class SandboxError(WatcherError):
    """A worker process was killed, crashed or answered too much. `reason`: timeout, cpu, memory, crashed, too_large."""

    def __init__(self, message: str, *, reason: str, task: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.task = task


class UnknownNameError(WatcherError):
    """Somebody asked for what does not exist: a source, a digest, a week, a document. Wrong use, exit code 2."""

    def __init__(self, what: str, name: str, known: Iterable[str] = (), *, remedy: str = "") -> None:
        near = get_close_matches(name, list(known), n=1)
        meant = f"Did you mean {near[0]!r}?" if near else remedy
        super().__init__(f"There is no {what} {name!r}. {meant}".rstrip())
        self.name = name


class StoreError(WatcherError):
    """The database cannot be used as it is."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".rstrip())
        self.remedy = remedy


class DeliveryError(WatcherError):
    """A mail was not taken. `code` is the SMTP reply code (RFC 5321, 4.2), None when there was none."""

    def __init__(self, message: str, *, code: int | None = None, transient: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.transient = transient
