"""HTML pages: the only place that names trafilatura."""

from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from watcher import dates, media, text
from watcher.errors import BlockedError, ExtractError
from watcher.extract import byline, head, measure, tail, walls
from watcher.extract.head import Head
from watcher.model import Extracted, FetchResult, TextStatus
from watcher.text.repair import readable

if TYPE_CHECKING:
    from lxml.etree import Element
    from lxml.html import HTMLParser
    from trafilatura.settings import Document

ZONE = ZoneInfo("Europe/Paris")  # of dates that name none
HALF = 0.5  # below this share of the visible text, what was kept is called partial
_LEAST = 30  # characters: less is a leftover of the menus
_LONGEST = 2_000_000
_PAGES_BETWEEN_RESETS = 1_000


def read(result: FetchResult, *, language: str, favor_precision: bool = False, dated: bool = False) -> Extracted:
    """Extract the article of a page. Raises ExtractError (`no_text`, `too_complex`) or BlockedError (see `walls`)."""
    markup = media.decode(result.body, result.header("content-type"))
    too_much = measure.too_complex(markup)
    if too_much is not None:
        raise ExtractError(f"{result.url} cannot be read in time: {too_much}.", reason="too_complex", url=result.url)
    tree = _tree(markup)
    if tree is None:
        raise ExtractError(f"{result.url} holds no element of HTML.", reason="no_text", url=result.url)
    about = head.read(tree, result.url)
    if result.reserved or about.reserved:
        return _extracted(about, None, "", result, language=language, written=about.published, status=TextStatus.RESERVED)
    wall = walls.certain(result, markup)
    search = not dated and not (about.author and about.published)
    found = None if wall else _article(tree, result.url, search=search, favor_precision=favor_precision)
    raw = tail.trimmed(readable(found.text or ""), about.title) if found else ""
    words = byline.without(raw)
    wall = wall or walls.likely(markup, words, about)
    if wall is not None:
        raise BlockedError(f"{result.url} {walls.MEANINGS[wall]} instead of the page.", reason=wall, url=result.url)
    if found is None or len(words) < _LEAST:
        raise ExtractError(f"{result.url} holds no text that could be told from its menus.", reason="no_text", url=result.url)
    ratio = measure.kept_ratio(markup, found.text or "")
    status = TextStatus.PARTIAL if ratio < HALF else TextStatus.FULL
    written = about.published or byline.dated(raw) or found.date or ""
    return _extracted(about, found, words[:_LONGEST], result, language=language, written=written, status=status, ratio=ratio)


@lru_cache(maxsize=1)
def _parser() -> "HTMLParser":
    from lxml.html import HTMLParser

    return HTMLParser(collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True)


def _tree(markup: str) -> "Element | None":
    """Build the tree; text deeper than 256 elements is lost to it, which `kept_ratio` notices."""
    from lxml import etree, html

    try:
        return html.document_fromstring(markup.encode("utf-8", "replace"), _parser())
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _article(tree: "Element", url: str, *, search: bool, favor_precision: bool) -> "Document | None":
    """Return trafilatura's document, None when it found no text in the page.

    It searches the page for an author and a date only where nobody states them: that takes as long as the text.
    """
    import trafilatura

    found = trafilatura.bare_extraction(
        tree, url=url, fast=True, with_metadata=search, include_comments=False, favor_precision=favor_precision
    )
    _forget_now_and_then()
    return found


def _forget_now_and_then() -> None:
    """Empty trafilatura's caches every thousand pages: they grow with each new page."""
    _counter.append(1)
    if len(_counter) >= _PAGES_BETWEEN_RESETS:
        from trafilatura.meta import reset_caches

        _counter.clear()
        reset_caches()


def _extracted(
    about: Head,
    found: "Document | None",
    words: str,
    result: FetchResult,
    *,
    language: str,
    written: str,
    status: TextStatus,
    ratio: float = 1.0,
) -> Extracted:
    """Join what the page says of itself with what trafilatura guessed; the former wins."""
    author = about.author or (text.clean_line(found.author, 200) if found and found.author else None)
    publisher = about.publisher or (text.clean_line(found.sitename, 120) if found and found.sitename else None)
    now = result.fetched_at
    return Extracted(
        title=about.title or (text.clean_line(found.title) if found and found.title else None),
        text=words,
        author=author,
        publisher=publisher,
        published_at=dates.plausible(dates.parse(written, zone=ZONE, now=now), now=now) if written else None,
        canonical_url=about.canonical_url,
        language=about.language or language,
        kept_ratio=ratio,
        status=status,
    )


_counter: list[int] = []
