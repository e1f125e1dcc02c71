"""Long CDATA sections, kept away from the XML parser: it reads them one character at a time, and feeds keep articles there."""

import re

_OPEN, _CLOSE = b"<![CDATA[", b"]]>"
_MARK = "\ue000"  # a private-use character: documents that hold it are left alone
_PLACE = re.compile("\ue000([0-9]{1,6})\ue000")
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 13))
_LONG = 256


def lifted(data: bytes) -> tuple[bytes, list[str]]:
    """Return `data` with each long section replaced by its number between marks, and the texts of the sections.

    What the parser would refuse (bytes that are not UTF-8, characters that XML 1.0 forbids) and documents with comments,
    where what looks like a section may be none, come back as they are.
    """
    mark = _MARK.encode()
    if _OPEN not in data or mark in data or b"<!--" in data:
        return data, []
    pieces: list[bytes] = []
    texts: list[str] = []
    position = 0
    while (start := data.find(_OPEN, position)) >= 0 and (end := data.find(_CLOSE, start)) >= 0:
        if end - start < _LONG:
            pieces.append(data[position : end + len(_CLOSE)])
        else:
            text = _text(data[start + len(_OPEN) : end])
            if text is None:
                return data, []
            pieces += (data[position:start], mark, str(len(texts)).encode(), mark)
            texts.append(text)
        position = end + len(_CLOSE)
    pieces.append(data[position:])
    return b"".join(pieces), texts


def _text(section: bytes) -> str | None:
    if len(section.translate(None, _CONTROLS)) != len(section) or b"\xef\xbf\xbe" in section or b"\xef\xbf\xbf" in section:
        return None
    try:
        text = section.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text  # XML 1.0, 2.11


def restored(words: str, texts: list[str]) -> str:
    """Return `words` with the sections put back in their places."""
    if _MARK not in words:
        return words
    # a number that is not ours was written by the publisher, as a character reference
    return _PLACE.sub(lambda place: texts[int(place[1])] if int(place[1]) < len(texts) else place[0], words)
