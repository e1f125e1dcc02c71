"""What a status line means for us, and how long a host asked to be left alone."""

import email.utils
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from watcher.fetch.limits import Failure, Limits

Headers = tuple[tuple[str, str], ...]

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SECONDS = re.compile(r"([+-]?)(\d+)(?:\.\d*)?", re.ASCII)
_WORDS = {
    401: "asks for a login",
    403: "forbids it",
    404: "does not have it any more",
    410: "says that it is gone for good",
    429: "asks to be called less often",
    451: "may not show it for legal reasons",
    500: "failed",
    502: "failed behind its front",
    503: "is not available at the moment",
    504: "failed behind its front",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer read to its end: status, lower-case headers in order of arrival (latin-1), decoded body."""

    status: int
    headers: Headers
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the values of header `name` (lower case) joined by commas, or None (RFC 9110, 5.3)."""
        values = [value for key, value in self.headers if key == name]
        return ", ".join(values) if values else None


class Refusal(Failure):
    """A status that brings no document. `retry_after` is set when the host asked for a pause."""

    def __init__(
        self, reason: str, sentence: str, *, status: int, transient: bool = True, retry_after: datetime | None = None
    ) -> None:
        super().__init__(reason, sentence, transient=transient)
        self.status = status
        self.retry_after = retry_after


def refusal(answer: Answer, *, conditional: bool, now: datetime, limits: Limits) -> Refusal | None:
    """Return why `answer` is no document, None when it is one (200, 203) or a 304 that was asked for."""
    status = answer.status
    if status in (200, 203) or (status == 304 and conditional):
        return None
    if status == 304:
        return Refusal("odd_304", "The server answered 'not modified' although nothing was asked to compare.", status=304)
    words = _WORDS.get(status, "gave an answer that is no document" if status < 400 else "failed" if status >= 500 else "refused")
    sentence = f"The server {words} (HTTP {status})."
    if status == 410:
        return Refusal("gone", sentence, status=status, transient=False)
    if status in (429, 503):
        until = retry_after(answer.header("retry-after"), now=now, limits=limits)
        return Refusal(f"http_{status}", sentence, status=status, retry_after=until)
    return Refusal(f"http_{status}", sentence, status=status)


def retry_after(value: str | None, *, now: datetime, limits: Limits) -> datetime:
    """Read Retry-After, seconds or an HTTP-date (RFC 9110, 10.2.3), clamped to the limits; unreadable gives the default."""
    return now + min(max(_pause(value, now, limits), limits.retry_least), limits.retry_most)


def _pause(value: str | None, now: datetime, limits: Limits) -> timedelta:
    text = (value or "").strip()
    if seconds := _SECONDS.fullmatch(text):
        if seconds[1] == "-":
            return limits.retry_least
        # More digits than any real pause has would overflow a timedelta.
        return limits.retry_most if len(seconds[2]) > 9 else timedelta(seconds=int(seconds[2]))
    try:
        until = email.utils.parsedate_to_datetime(text)
        return (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError, TypeError, IndexError):
        return limits.retry_default
