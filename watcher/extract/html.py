"""HTML pages: the only place that names trafilatura."""

import re
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
    from lxml.etree import Element, HTMLParser, XPath
    from trafilatura.settings import Document, Extractor

ZONE = ZoneInfo("Europe/Paris")  # of dates that name none
HALF = 0.5  # below this share of the visible text, what was kept is called partial
_LEAST = 30  # characters: less is a leftover of the menus
_LONGEST = 2_000_000
_PAGES_BETWEEN_RESETS = 1_000
# A tree less deep, of a page less long, holds all of its text: libxml2 cuts at 256 elements and at 10 million characters.
_DEEP, _LONG_MARKUP = 200, 5_000_000
# What trafilatura throws away too, after it has copied and searched the whole tree several times.
_FURNITURE = ("aside", "button", "footer", "iframe", "nav", "noscript", "script", "select", "style", "svg", "template")

# Characters that libxml2 takes into a tree, and lxml refuses to move within it: the controls, U+FFFE and U+FFFF.
_REFUSED = frozenset({*range(32), 0xFFFE, 0xFFFF} - {9, 10, 13})
_CONTROLS = bytes(code for code in range(32) if code in _REFUSED and code not in b"\v\f")
_BLANK_FEEDS = bytes.maketrans(b"\v\f", b"  ")
_REFERENCE = re.compile(rb"&#(?:[xX]0*([0-9a-fA-F]{1,4})(?![0-9a-fA-F])|0*([0-9]{1,5})(?![0-9]));?")


def read(result: FetchResult, *, language: str, favor_precision: bool = False, dated: bool = False) -> Extracted:
    """Extract the article of a page. Raises ExtractError (`no_text`, `too_complex`) or BlockedError (see `walls`)."""
    markup, encoded = media.decoded(result.body, result.header("content-type"))
    too_much = measure.too_complex(markup)
    if too_much is not None:
        raise ExtractError(f"{result.url} cannot be read in time: {too_much}.", reason="too_complex", url=result.url)
    tree = _tree(encoded)
    if tree is None:
        raise ExtractError(f"{result.url} holds no element of HTML.", reason="no_text", url=result.url)
    about = head.read(tree, result.url)
    if result.reserved or about.reserved:
        return _extracted(about, None, "", result, language=language, written=about.published, status=TextStatus.RESERVED)
    search = not dated and not (about.author and about.published)
    found = _article(tree, result.url, search=search, favor_precision=favor_precision)
    raw = tail.trimmed(readable(found.text or ""), about.title) if found else ""
    words = byline.without(raw)
    wall = walls.certain(result, words) or walls.likely(markup, words, about)
    if wall is not None:
        raise BlockedError(f"{result.url} {walls.MEANINGS[wall]} instead of the page.", reason=wall, url=result.url)
    if found is None or len(words) < _LEAST:
        raise ExtractError(f"{result.url} holds no text that could be told from its menus.", reason="no_text", url=result.url)
    whole = len(markup) < _LONG_MARKUP and not _too_deep()(tree)
    ratio = measure.kept_ratio(markup, found.text or "", tree.text_content() if whole else None)
    status = TextStatus.PARTIAL if ratio < HALF else TextStatus.FULL
    written = about.published or byline.dated(raw) or found.date or ""
    return _extracted(about, found, words[:_LONGEST], result, language=language, written=written, status=status, ratio=ratio)


@lru_cache(maxsize=1)
def _parser() -> "HTMLParser":
    from lxml import etree, html

    parser = etree.HTMLParser(collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True)
    # lxml.html asks a function of Python which class an element has, thousands of times a page; here it is always the same.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=html.HtmlElement))
    return parser


def _tree(encoded: bytes) -> "Element | None":
    """Build the tree of a page in UTF-8; text deeper than 256 elements is lost to it, which `kept_ratio` notices."""
    from lxml import etree, html

    try:
        return html.document_fromstring(_clean(encoded), _parser())
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _clean(encoded: bytes) -> bytes:
    clean = encoded.translate(_BLANK_FEEDS, _CONTROLS)
    if b"\xef\xbf" in clean:
        clean = clean.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")
    return _REFERENCE.sub(_allowed, clean) if b"&#" in clean else clean


def _allowed(reference: re.Match[bytes]) -> bytes:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return reference[0] if code not in _REFUSED else b" " if code in (0x0B, 0x0C) else b""


@lru_cache(maxsize=1)
def _too_deep() -> "XPath":
    from lxml import etree

    return etree.XPath("boolean(" + "/*" * _DEEP + ")")


def _article(tree: "Element", url: str, *, search: bool, favor_precision: bool) -> "Document | None":
    """Return trafilatura's document, None when it found no text in the page.

    It searches the page for an author and a date only where nobody states them: that takes as long as the text.
    """
    import trafilatura

    if search:
        found = trafilatura.bare_extraction(
            tree, url=url, fast=True, with_metadata=True, include_comments=False, favor_precision=favor_precision
        )
    else:
        _clear(tree)
        found = trafilatura.bare_extraction(tree, url=url, options=_options(favor_precision))
    _forget_now_and_then()
    return found


def _clear(tree: "Element") -> None:
    """Take the furniture out of a page, but for the data in scripts, where some pages keep their text."""
    for element in list(tree.iter(*_FURNITURE)):
        if element.getparent() is not None and not (element.tag == "script" and "json" in element.get("type", "")):
            element.drop_tree()


@lru_cache(maxsize=2)
def _options(favor_precision: bool) -> "Extractor":
    # Made once: reading its settings takes trafilatura a twentieth of the time of a page.
    from trafilatura.settings import Extractor

    return Extractor(output_format="python", fast=True, comments=False, precision=favor_precision)


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
