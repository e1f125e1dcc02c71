"""Take the text and its bearings (title, author, date) out of a page or a PDF."""

from watcher.errors import ExtractError
from watcher.model import Extracted, FetchResult

__all__ = ["read"]


def read(result: FetchResult, *, language: str, favor_precision: bool = False, dated: bool = False) -> Extracted:
    """Read the document in an answer, by what its bytes show and not by what the server says (row H10). Runs in the sandbox.

    `language` is what the source is written in, `favor_precision` prefers less text that is surely the article's;
    `dated` says that the listing gave a date, so that the page is not searched for one. Raises
    ExtractError (`media_type`, `no_text`, `too_complex`, `encrypted`, `broken`, `too_large`) or BlockedError when a wall came
    instead of the page. A text that is reserved (row S06) comes back empty, with status RESERVED and its title.
    """
    from watcher import media

    media_type = media.sniff(result.body)
    if media_type == "text/html":
        from watcher.extract import html

        return html.read(result, language=language, favor_precision=favor_precision, dated=dated)
    if media_type == "application/pdf":
        from watcher.extract import pdf

        return pdf.read(result)
    what = "nothing" if not result.body.strip() else media_type
    raise ExtractError(f"{result.url} holds {what}: only HTML and PDF are read.", reason="media_type", url=result.url)
