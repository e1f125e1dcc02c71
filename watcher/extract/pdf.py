"""PDF documents: the only place that names pypdfium2."""

import re
from collections import Counter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from watcher import dates, text
from watcher.errors import ExtractError
from watcher.model import Extracted, FetchResult, TextStatus
from watcher.text.repair import readable

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

ZONE = ZoneInfo("Europe/Paris")
MOST_PAGES = 300
LONGEST = 2_000_000
_LEAST = 40  # characters below which a document is a scan
_PDF_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(Z|[+-]\d\d'?\d\d)?")
_NO_TITLE = re.compile(
    r"^(?:untitled|sans titre|document\d*|microsoft \w+ - .*|présentation powerpoint|powerpoint presentation"
    r"|.*\.(?:docx?|pptx?|indd|pdf|odt|rtf|tmp))$",
    re.IGNORECASE,
)
_HYPHENATED = re.compile(r"(?<=[a-zà-öø-ÿœæ])[-\u00ad\u2010\x02\ufffe]\r?\n(?=[a-zà-öø-ÿœæ])")
_SHORT = 40
_NUMBER = re.compile(r"(?:page )?\d{1,4}(?: ?/ ?\d+)?", re.IGNORECASE)
_SENTENCE_END = (".", "!", "?", ":", "…", "»", ";")


def read(result: FetchResult) -> Extracted:
    """Read the text, title, date and page count of a PDF.

    At most 300 pages are read: what is longer comes back PARTIAL. Raises ExtractError: `encrypted`, `broken`, `no_text` for
    a scan. Nothing inside is executed.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(result.body)
    except pypdfium2.PdfiumError as error:
        reason = "encrypted" if "password" in str(error).lower() or "security" in str(error).lower() else "broken"
        problem = "asks for a password" if reason == "encrypted" else f"is a PDF that cannot be opened ({error})"
        raise ExtractError(f"{result.url} {problem}.", reason=reason, url=result.url) from error
    try:
        return _extracted(document, result)
    finally:
        document.close()


def _extracted(document: "PdfDocument", result: FetchResult) -> Extracted:
    count = len(document)
    lines, whole = _pages(document, min(count, MOST_PAGES))
    words = _paragraphs(lines)[:LONGEST]
    if len(words) < _LEAST:
        message = f"{result.url} is a PDF of {count} pages without text: most likely a scan."
        raise ExtractError(message, reason="no_text", url=result.url)
    about = document.get_metadata_dict(skip_empty=True)
    title = text.clean_line(about.get("Title", ""))
    now = result.fetched_at
    dated = dates.parse(_written(about.get("CreationDate", "") or about.get("ModDate", "")), zone=ZONE, now=now)
    partial = count > MOST_PAGES or not whole or len(words) >= LONGEST
    return Extracted(
        title=title if title and not _NO_TITLE.match(title) else _first_line(words),
        text=words,
        author=text.clean_line(about.get("Author", ""), 200) or None,
        published_at=dates.plausible(dated, now=now),
        pages=count,
        media_type="application/pdf",
        status=TextStatus.PARTIAL if partial else TextStatus.FULL,
        kept_ratio=min(count, MOST_PAGES) / count if count else 1.0,
    )


def _pages(document: "PdfDocument", most: int) -> tuple[list[list[str]], bool]:
    """Return the lines of each page, and whether every page could be read."""
    from pypdfium2 import PdfiumError

    pages: list[list[str]] = []
    whole, size = True, 0
    for number in range(most):
        try:
            page = document[number]
            words = page.get_textpage().get_text_bounded()
        except PdfiumError:
            whole = False
            continue
        size += len(words)
        if size > 2 * LONGEST:
            return pages, False
        words = _HYPHENATED.sub("", words)
        pages.append([line.strip() for line in readable(words).split("\n")])
    return _without_running_heads(pages), whole


def _without_running_heads(pages: list[list[str]]) -> list[list[str]]:
    """Leave out page numbers, and what most pages of a document of four or more repeat at their head or foot."""
    edges = Counter(_shape(line) for page in pages for line in {*page[:2], *page[-2:]} if line)
    repeated = {shape for shape, times in edges.items() if times > max(3, len(pages) // 2)}
    kept: list[list[str]] = []
    for page in pages:
        last = len(page) - 1
        kept.append(
            [
                line
                for place, line in enumerate(page)
                if not (
                    (place < 2 or place > last - 2)
                    and (_shape(line) in repeated or re.fullmatch(r"(?:page )?\d{1,4}(?: ?/ ?\d+)?", line, re.IGNORECASE))
                )
            ]
        )
    return kept


def _shape(line: str) -> str:
    """Return a short line with its figures made alike: "page 3" and "page 4" are the same foot."""
    return re.sub(r"\d+", "0", line) if len(line) <= _SHORT else line


def _paragraphs(pages: list[list[str]]) -> str:
    """Join lines into paragraphs: a line that does not end a sentence and is not short goes on in the next one."""
    lines = [line for page in pages for line in page]
    usual = sorted(len(line) for line in lines if line)[int(0.75 * sum(1 for line in lines if line))] if any(lines) else 0
    paragraphs: list[str] = []
    current = ""
    for line in lines:
        if not line:
            if current.endswith(_SENTENCE_END):
                paragraphs.append(current)
                current = ""
            continue
        current = f"{current} {line}" if current else line
        if len(line) < 0.75 * usual or (len(line) < 0.95 * usual and line.endswith(_SENTENCE_END)):
            paragraphs.append(current)
            current = ""
    if current:
        paragraphs.append(current)
    return "\n\n".join(paragraphs)


def _first_line(words: str) -> str | None:
    return text.clean_line(words.split("\n", 1)[0], 160) or None


def _written(pdf_date: str) -> str:
    """Turn a PDF date (ISO 32000, 7.9.4) into ISO 8601; an empty string when it is none."""
    match = _PDF_DATE.match(pdf_date.strip())
    if match is None:
        return ""
    year, month, day, hour, minute, second, offset = match.groups()
    zone = (offset or "").replace("'", "")
    zone = f"{zone[:3]}:{zone[3:5]}" if len(zone) == 5 else zone
    clock = f"T{hour}:{minute or '00'}:{second or '00'}{zone}" if hour else ""
    return f"{year}-{month or '01'}-{day or '01'}{clock}"
