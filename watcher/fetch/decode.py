"""Bytes from the wire to bytes of the document, bounded at every step, before anything is allocated."""

import zlib
from typing import BinaryIO

from watcher.fetch.limits import Failure, Limits

_STEP = 64 * 1024
_MOST_MEMBERS = 1000
_WINDOW_GZIP = 16 + zlib.MAX_WBITS


class Decoder:
    """Take the pieces of one body and undo at most one layer of gzip (RFC 9110, 8.4).

    `encoding` is the value of Content-Encoding, "" when there was none. `most` bounds what comes in and what goes out, in
    bytes; with `cut` the body ends there silently (robots.txt), else Failure `too_large`. Raises Failure `encoding` for any
    other coding or for several, even when they were sent unasked; `ratio` for a bomb; `truncated` for a cut or broken stream.
    With a `sink` the body is written there piece by piece, and `finish` returns nothing.
    """

    def __init__(self, encoding: str, *, most: int, limits: Limits, cut: bool = False, sink: BinaryIO | None = None) -> None:
        self._stream = zlib.decompressobj(_WINDOW_GZIP) if _is_gzip(encoding) else None
        self._most = most
        self._limits = limits
        self._cut = cut
        self._sink = sink
        self._members = 1
        self._padding = False
        self._wire = 0
        self._size = 0
        self._pieces: list[bytes] = []
        self.full = False

    def feed(self, piece: bytes) -> None:
        """Take one piece of the body; raise Failure as soon as a bound is passed."""
        self._wire += len(piece)
        if self._wire > self._most:
            if not self._cut:
                raise _too_large(self._most)
            piece = piece[: len(piece) - (self._wire - self._most)]
            self.full = True
        if self._stream is None:
            self._keep(piece)
        else:
            self._inflate(piece)

    def finish(self) -> bytes:
        """Return the whole body, nothing when it went to a sink.

        Raises Failure `truncated` when the gzip stream did not reach its end.
        """
        # An empty body with a Content-Encoding is what some servers send: it is empty, not cut.
        unfinished = self._stream is not None and not self._stream.eof and self._wire > 0
        if unfinished and not self.full:
            raise Failure("truncated", "The compressed answer was cut before its end.")
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)

    def _inflate(self, data: bytes) -> None:
        while data and self._stream is not None and not self.full:
            if self._stream.eof:
                data = self._next_member(data)
                continue
            try:
                out = self._stream.decompress(data, _STEP)
            except zlib.error as error:
                raise Failure("truncated", "The compressed answer is broken.") from error
            self._keep(out)
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail

    def _next_member(self, data: bytes) -> bytes:
        """Open the next gzip member (RFC 1952, 2.2); what follows that is none, padding mostly, is ignored."""
        if self._padding or not data.startswith(b"\x1f"):
            self._padding = self._padding or bool(data)
            return b""
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise Failure("ratio", "The compressed answer is made of more parts than any honest file.", transient=False)
        self._stream = zlib.decompressobj(_WINDOW_GZIP)
        return data

    def _keep(self, out: bytes) -> None:
        if not out:
            return
        self._size += len(out)
        if self._stream is not None and self._size > self._limits.ratio_from and self._size > self._limits.ratio * self._wire:
            raise Failure(
                "ratio",
                f"The compressed answer unfolds more than {self._limits.ratio:.0f} times: it is not read.",
                transient=False,
            )
        if self._size > self._most:
            if not self._cut:
                raise _too_large(self._most)
            out = out[: len(out) - (self._size - self._most)]
            self.full = True
        if self._sink is None:
            self._pieces.append(out)
        else:
            self._sink.write(out)


def _is_gzip(encoding: str) -> bool:
    """Tell whether `encoding` is gzip (else it is nothing at all); raise Failure `encoding` for all others."""
    codings = [coding for coding in (part.strip().lower() for part in encoding.split(",")) if coding != "identity" and coding]
    if not codings:
        return False
    if codings in (["gzip"], ["x-gzip"]):
        return True
    shown = ", ".join(codings[:4])[:60]
    raise Failure("encoding", f"The answer is encoded as {shown!r}; only one layer of gzip is read.", transient=False)


def _too_large(most: int) -> Failure:
    return Failure("too_large", f"The answer is larger than the limit of {most / 1048576:.3g} MiB.", transient=False)
