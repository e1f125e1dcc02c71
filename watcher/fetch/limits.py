"""The bounds of one request, and the two small things that carry them through the fetch rooms."""

import re
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta

_INTERIM = re.compile(rb"HTTP/1\.[01] 1\d\d[^\n]*\n(?:[^\r\n][^\n]*\n)*\r?\n")
_BLANK_LINE = re.compile(rb"\n\r?\n")
_LAST_CHUNK = re.compile(rb"(?:\r\n)?0+\r\n\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bound everything a server could use against us. Sizes are in bytes, times in seconds unless they are timedeltas.

    `body` bounds both what travels and what comes out of gzip. `ratio` is output over input, looked at once the output
    passes `ratio_from`. `connect` bounds the name and the connection, then TLS once more; `attempt` one address that is not
    the last. `total` is the time that one fetch may spend on the wire, redirects included, politeness excluded.
    `retry_least`, `retry_most` and `retry_default` clamp what Retry-After asks for (RFC 9110, 10.2.3).
    """

    body: int = 10 * 1024 * 1024
    ratio: float = 100.0
    ratio_from: int = 1024 * 1024
    headers: int = 64 * 1024
    header_count: int = 200
    robots: int = 500 * 1024
    tdm_policy: int = 256 * 1024
    redirects: int = 5
    total: float = 60.0
    connect: float = 10.0
    attempt: float = 2.0
    read: float = 15.0
    pool: float = 10.0
    in_flight: int = 64
    pools: int = 64
    idle_per_pool: int = 10
    idle: float = 20.0
    crawl_delay: float = 60.0
    meta_fresh: timedelta = timedelta(hours=24)
    refusal_fresh: timedelta = timedelta(hours=1)
    retry_least: timedelta = timedelta(minutes=1)
    retry_default: timedelta = timedelta(minutes=5)
    retry_most: timedelta = timedelta(days=7)


class Failure(Exception):  # noqa: N818  it never leaves this package: client.py turns it into a FetchError
    """Say why an exchange ended without an answer: a reason code and a sentence, as `FetchError` takes them."""

    def __init__(self, reason: str, sentence: str, *, transient: bool = True) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
        self.transient = transient


@dataclass(slots=True, kw_only=True)
class Meter:
    """Count what one exchange takes from the wire, and hold it to its deadline (on the monotonic clock).

    `room` is the number of bytes that may still be read: that of the headers first, then that of the body with its framing.
    `last` is the latest piece read, after `before`: they tell whether a server sent more than it announced. `dialled` tells
    whether a connection was opened for it.
    """

    deadline: float
    room: int
    read: int = 0
    last: bytes = field(default=b"", repr=False)
    before: bytes = field(default=b"", repr=False)
    in_body: bool = False
    dialled: bool = False

    def left(self) -> float:
        """Return the seconds left; raise Failure `timeout` when there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Failure("timeout", "The whole answer did not come in the time given to it.")
        return left

    def take(self, piece: bytes) -> None:
        """Account for `piece`; raise Failure `headers` or `too_large` when it is one too many."""
        self.before = self.last[-3:]
        self.last = piece
        self.read += len(piece)
        self.room -= len(piece)
        if self.room < 0:
            if self.in_body:
                raise Failure("too_large", "The answer is larger than the limit for its source.", transient=False)
            raise Failure("headers", "The headers of the answer are larger than any honest server sends.")

    def ended_with(self, piece: bytes) -> bool:
        """Tell whether the wire ended with `piece`, the last of a body of known length: nothing follows, the headers precede."""
        if not self.last.endswith(piece):
            return False
        rest = self.last[: len(self.last) - len(piece)]
        if not rest:
            return True
        rest = self.before + rest
        while interim := _INTERIM.match(rest):
            rest = rest[interim.end() :]
        blank = _BLANK_LINE.search(rest)
        return blank is not None and blank.end() == len(rest)

    def ended_with_chunk(self, piece: bytes) -> bool:
        """Tell whether the wire ended with the closing chunk after `piece`; trailers count as more than that."""
        return _LAST_CHUNK.fullmatch(self.last.rpartition(piece)[2] if piece else self.last) is not None

    def expect_body(self, room: int) -> None:
        """Grant `room` bytes to the body; what was read ahead with the headers already counts."""
        self.in_body = True
        self.room = room


METER: ContextVar[Meter] = ContextVar("meter")
