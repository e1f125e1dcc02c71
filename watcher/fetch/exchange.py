"""One request and its answer, read to its end and within its bounds."""

import asyncio
import time
from typing import BinaryIO

import httpx

from watcher.fetch.answers import Answer, Headers
from watcher.fetch.decode import Decoder
from watcher.fetch.limits import Failure, Limits, Meter
from watcher.fetch.transport import Body, Transport

_READ_AHEAD = 64 * 1024
_DRAIN = 64 * 1024
_DRAIN_SECONDS = 2.0


async def exchange(
    transport: Transport,
    request: httpx.Request,
    *,
    most: int,
    limits: Limits,
    cut: bool = False,
    sink: BinaryIO | None = None,
) -> Answer:
    """Send `request`, whose meter is in `extensions["meter"]`, and return the whole answer.

    Only the body of a 200 or 203 is kept: at most `most` bytes, cut there without an error when `cut` is set, in `sink` when
    there is one. Raises Failure.
    """
    meter: Meter = request.extensions["meter"]
    meter.room = limits.headers + _READ_AHEAD
    response = await transport.handle_async_request(request)
    body = response.stream
    if not isinstance(body, Body):
        raise TypeError("The transport of this package answers with its own bodies.")
    try:
        headers = _headers(response.headers.raw, limits)
        if response.status_code in (200, 203):
            decoder = Decoder(_coding(headers), most=most, limits=limits, cut=cut, sink=sink)
            content = await _read(body, headers, meter, most, decoder, cut=cut)
        else:
            content = b""
            chunked = response.status_code not in (204, 304) and any(name == "transfer-encoding" for name, _ in headers)
            await _drain(body, meter, chunked=chunked)
    finally:
        await body.aclose()
    return Answer(status=response.status_code, headers=headers, body=content)


def _coding(headers: Headers) -> str:
    return ", ".join(value for name, value in headers if name == "content-encoding")


async def _read(body: Body, headers: Headers, meter: Meter, most: int, decoder: Decoder, *, cut: bool) -> bytes:
    announced = _announced(headers)
    if announced is not None and announced > most and not cut:
        raise Failure("too_large", f"The answer announces {announced} bytes, more than the limit of {most}.", transient=False)
    # Framing of a chunked body counts too: a server that sends one byte a chunk may double the traffic, not more.
    meter.expect_body(2 * most + 2 * _READ_AHEAD)
    piece = b""
    async for piece in body:
        decoder.feed(piece)
        if decoder.full:
            return decoder.finish()
    if announced is not None:
        await asyncio.sleep(0)  # one look at what else has arrived
        if body.waiting or not meter.ended_with(piece):
            body.drop()
            # One line end too many is an old habit of some servers, and no part of the document.
            if body.waiting or not meter.last.endswith((piece + b"\r\n", piece + b"\n")):
                raise Failure("truncated", "The server sent more than the length it announced: a part would be missing.")
    elif not meter.ended_with_chunk(piece):
        body.drop()
    return decoder.finish()


async def _drain(body: Body, meter: Meter, *, chunked: bool) -> None:
    """Read what little comes with a redirect or an error, so that the connection can be used again; else drop it."""
    meter.expect_body(_DRAIN + _READ_AHEAD)
    meter.deadline = min(meter.deadline, time.monotonic() + _DRAIN_SECONDS)
    piece = b""
    try:
        async for piece in body:  # noqa: B007  the last one is looked at below
            pass
    except Failure:
        # The status is all that is wanted of such an answer: how its body ends does not matter, save for the connection.
        body.drop()
        return
    if not (meter.ended_with_chunk(piece) if chunked else meter.ended_with(piece)):
        body.drop()


def _headers(raw: list[tuple[bytes, bytes]], limits: Limits) -> Headers:
    if len(raw) > limits.header_count:
        raise Failure("headers", f"The answer has {len(raw)} headers, more than any honest server sends.")
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw)


def _announced(headers: Headers) -> int | None:
    """Return the Content-Length that frames the body, None when chunks or the end of the connection do."""
    length = None
    for name, value in headers:
        if name == "transfer-encoding":
            return None
        if name == "content-length" and value.isascii() and value.isdigit():
            length = int(value[:18])
    return length
