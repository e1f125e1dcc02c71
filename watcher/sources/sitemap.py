"""Sitemaps (sitemaps.org), their indexes, and Google's news extension: the source kind `sitemap`."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from watcher import dates, media, text
from watcher.errors import ParseError
from watcher.model import FetchResult, Item, Parsed, ReadAs, Request, Source, SourceState
from watcher.sources.entries import absolute
from watcher.sources.zones import Zone

if TYPE_CHECKING:
    from lxml.etree import Element

ACCEPT = "application/xml, text/xml;q=0.9, application/gzip;q=0.8, */*;q=0.5"
LARGEST = 50 * 1024 * 1024  # the bound of the protocol, uncompressed
MOST_CHILDREN = 8
_END = re.compile(rb"</(?:[\w-]+:)?(?:urlset|sitemapindex)\s*>")
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Options(BaseModel):
    """The keys of a source that belong to the kind `sitemap`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    match: str | None = Field(
        default=None, description="What the path of an article's address must contain (`/actualites/`) or match (`/20*/*.html`)."
    )
    sitemaps: str | None = Field(
        default=None, description="What the address of a child sitemap must contain or match, when the address is an index."
    )
    newest: int = Field(default=200, ge=1, le=5_000, description="How many addresses are kept, the newest by date.")
    timezone: Zone = "Europe/Paris"


def first(source: Source, state: SourceState) -> tuple[Request, ...]:
    """Ask for the sitemap, with the validators of the last complete reading."""
    return (
        Request(
            url=source.url, etag=state.etag, last_modified=state.last_modified, accept=ACCEPT, max_bytes=LARGEST, max_seconds=120
        ),
    )


def parse(source: Source, result: FetchResult, state: SourceState) -> Parsed:
    """Read a sitemap into items, or an index into requests. Raises ParseError (`not_a_sitemap`, `too_large`, `no_links`)."""
    options = source.options if isinstance(source.options, Options) else Options()
    body = _plain(result)
    if media.sniff(body) not in ("application/sitemap+xml", "application/xml"):
        message = f"{result.url} answered {media.sniff(body)} instead of a sitemap."
        raise ParseError(message, reason="not_a_sitemap", kind="sitemap", url=result.url)
    children: list[tuple[datetime, str]] = []
    items: list[Item] = []
    rejected = 0
    zone, now = ZoneInfo(options.timezone), result.fetched_at
    cut = _END.search(body[-1_000:]) is None
    for fields in _whole(_places(body, result), cut):
        url = absolute(fields.get("loc", ""), result.url)
        if fields[""] == "sitemap":
            children.append((_date(fields.get("lastmod", ""), zone, now) or now, url))
        elif not url or urlsplit(url).path in ("", "/") or not _matches(url, options.match):
            rejected += 1
        else:
            items.append(_item(url, fields, zone, now))
    if not items and not children and not rejected:
        raise ParseError(f"{result.url} lists no address.", reason="no_links", kind="sitemap", url=result.url)
    newest = sorted(items, key=lambda item: item.published_at or item.updated_at or _EVER, reverse=True)
    kept, over = newest[: options.newest], len(newest) - options.newest
    counts = {"not_matching": rejected, "older": max(0, over), "cut": int(cut)}
    pages = [Request(url=item.url, read_as=ReadAs.DOCUMENT, item_key=item.url) for item in kept]
    return Parsed(
        items=tuple(kept),
        follow=(*_requests(children, options, state, result), *pages),
        rejected={reason: times for reason, times in counts.items() if times},
    )


def _plain(result: FetchResult) -> bytes:
    """Return the body, decompressed when it is gzip, never more than 50 MiB."""
    if not result.body.startswith(b"\x1f\x8b"):
        return result.body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(result.body)) as packed:
            plain = packed.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        message = f"{result.url} is gzip that cannot be read ({error})."
        raise ParseError(message, reason="broken_sitemap", kind="sitemap", url=result.url) from error
    if len(plain) > LARGEST:
        message = f"{result.url} unpacks to more than {LARGEST} bytes, which no sitemap may."
        raise ParseError(message, reason="too_large", kind="sitemap", url=result.url)
    return plain


def _places(body: bytes, result: FetchResult) -> Iterator["Element"]:
    """Give the `url` and `sitemap` elements one after the other, freeing each: the tree of 50 MiB would not fit."""
    from lxml import etree

    tags = ("{*}url", "{*}sitemap", "url", "sitemap")
    try:
        for _, element in etree.iterparse(io.BytesIO(body), tag=tags, resolve_entities=False, load_dtd=False, recover=True):
            yield element
            element.clear(keep_tail=False)
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
    except etree.XMLSyntaxError as error:
        message = f"{result.url} is XML that cannot be read ({error})."
        raise ParseError(message, reason="broken_sitemap", kind="sitemap", url=result.url) from error


def _whole(places: Iterator["Element"], cut: bool) -> Iterator[dict[str, str]]:
    """Give the fields of each place; of an answer that was cut, not the last one: half an address leads elsewhere."""
    previous: dict[str, str] | None = None
    for element in places:
        if previous is not None:
            yield previous
        previous = _fields(element)
    if previous is not None and not cut:
        yield previous


def _name(element: "Element") -> str:
    return element.tag.rpartition("}")[2]


def _fields(element: "Element") -> dict[str, str]:
    """Return the texts of a place by local name, the news extension's included, and its own name under the empty one."""
    texts = {_name(child): (child.text or "").strip() for child in element.iter("*") if len(child) == 0}
    return {**texts, "": _name(element)}


def _item(url: str, fields: dict[str, str], zone: ZoneInfo, now: datetime) -> Item:
    changed = _date(fields.get("lastmod", ""), zone, now)
    words = text.clean_line(fields.get("title", ""))
    keywords = tuple(word for part in fields.get("keywords", "").split(",") if (word := text.clean_line(part, 80)))
    published = _date(fields.get("publication_date", ""), zone, now)
    language = fields.get("language", "").lower()[:2] or None
    return Item(url=url, title=words, published_at=published, updated_at=changed, language=language, categories=keywords[:30])


def _date(words: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    return dates.plausible(dates.parse(words, zone=zone, now=now), now=now) if words else None


def _requests(
    children: list[tuple[datetime, str]], options: Options, state: SourceState, result: FetchResult
) -> tuple[Request, ...]:
    """Ask for the child sitemaps that changed since the last poll, newest first, a bounded number of them."""
    since = state.last_success_at - timedelta(days=1) if state.last_success_at else _EVER
    wanted = [(when, url) for when, url in children if url and url != result.url and _matches(url, options.sitemaps)]
    fresh = sorted((child for child in wanted if child[0] >= since), key=lambda child: child[0], reverse=True)
    return tuple(
        Request(url=url, read_as=ReadAs.LISTING, accept=ACCEPT, max_bytes=LARGEST, max_seconds=120)
        for _, url in fresh[:MOST_CHILDREN]
    )


def _matches(url: str, pattern: str | None) -> bool:
    if pattern is None:
        return True
    path = urlsplit(url).path
    return fnmatchcase(path, pattern) if "*" in pattern else pattern in path
