"""Write a small PDF 1.4 document by hand: A4 pages of Helvetica in WinAnsiEncoding, so that its French text can be read."""

import textwrap
import zlib
from collections.abc import Sequence

from watcher.demo import moments
from watcher.demo.articles import Article

_LINES, _COLUMNS = 44, 84
_LEFT, _TOP, _LEADING, _SIZE = 64, 770, 15.5, 11


def document(article: Article, publisher: str) -> bytes:
    """Return `article` as a PDF with its title, author and date of creation in the information dictionary."""
    lines = _lines(article, publisher)
    sheets = [lines[start : start + _LINES] for start in range(0, len(lines), _LINES)]
    numbers = [5 + 2 * index for index in range(len(sheets))]
    created = moments.iso(article.published)
    stamp = f"D:{created[:19].translate({45: None, 58: None, 84: None})}{created[19:22]}'{created[23:]}'"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (fr-FR) >>",
        f"<< /Type /Pages /Count {len(sheets)} /Kids [{' '.join(f'{number} 0 R' for number in numbers)}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Title %s /Author %s /Producer (watcher demo) /CreationDate (%s) >>"
        % (_unicode(article.title), _unicode(article.author), stamp.encode()),
    ]
    for number, sheet in zip(numbers, sheets, strict=True):
        objects += [_page(number + 1), _content(sheet)]
    return _file(objects)


def _lines(article: Article, publisher: str) -> list[str]:
    lines = [*textwrap.wrap(article.title, _COLUMNS), f"{publisher} – {moments.date_in_words(article.published)}", ""]
    for paragraph in (article.chapo, *article.body.split("\n\n"), "Contenu fictif de démonstration"):
        lines += [*textwrap.wrap(paragraph.removeprefix("## ").removeprefix("> "), _COLUMNS), ""]
    return lines


def _page(content: int) -> bytes:
    return (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {content} 0 R >>"
    ).encode()


def _content(sheet: Sequence[str]) -> bytes:
    shown = b"".join(b"(%s) Tj T*\n" % _latin(line) for line in sheet)
    stream = zlib.compress(b"BT /F1 %d Tf %.1f TL %d %d Td\n%sET\n" % (_SIZE, _LEADING, _LEFT, _TOP, shown))
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream)


def _latin(text: str) -> bytes:
    """Return a string object's inside; the narrow no-break space is not in WinAnsiEncoding, the wide one is."""
    encoded = text.replace("\u202f", "\u00a0").encode("cp1252")
    return encoded.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _unicode(text: str) -> bytes:
    return b"<FEFF%s>" % text.encode("utf-16-be").hex().upper().encode()


def _file(objects: Sequence[bytes]) -> bytes:
    data = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets: list[int] = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(data)
