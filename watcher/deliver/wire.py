"""The form of a mail on the wire (RFC 5321, 4.5.2): CRLF lines, leading dots doubled."""

import re

_LINE_END = re.compile(rb"\r\n|\r|\n")


def stuffed(raw: bytes) -> bytes:
    """Return `raw` as the body of DATA, without the final dot: CRLF line ends only, dot-stuffed, ending with CRLF.

    A bare CR or LF becomes CRLF: relays that read them differently can be made to see a second mail (SMTP smuggling).
    """
    lines = _LINE_END.sub(b"\r\n", raw)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines)
