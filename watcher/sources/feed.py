"""RSS, Atom and JSON Feed: the source kind `feed`."""

import re
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from watcher import media
from watcher.errors import ParseError
from watcher.model import FetchResult, Item, Parsed, ReadAs, Request, Source, SourceState
from watcher.sources import entries, jsonfeed, loosefeed, xmlfeed
from watcher.sources.announced import announced
from watcher.sources.entries import Feed
from watcher.sources.following import reaches_news
from watcher.sources.zones import Zone

ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
XML = frozenset({"application/rss+xml", "application/atom+xml"})
FEEDS = XML | {"application/feed+json"}
WHOLE = 1_500  # characters of content above which an entry is taken to carry its whole article
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0, 2.2


class Options(BaseModel):
    """The keys of a source that belong to the kind `feed`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pages: Literal["auto", "always", "never"] = Field(
        default="auto",
        description="Whether the page of each entry is read: auto reads it unless the feed carries 1,500 characters or more.",
    )
    paged: bool = Field(
        default=False,
        description="Whether the next pages of the feed (RFC 5005) are read too, back to what was read last time.",
    )
    timezone: Zone = "Europe/Paris"


def first(source: Source, state: SourceState) -> tuple[Request, ...]:
    """Ask for the feed, with the validators of the last complete reading."""
    return (Request(url=source.url, etag=state.etag, last_modified=state.last_modified, accept=ACCEPT),)


def parse(source: Source, result: FetchResult, state: SourceState) -> Parsed:
    """Read the entries, and ask for their pages. Raises ParseError (`not_a_feed`, `broken_feed`)."""
    options = source.options if isinstance(source.options, Options) else Options()
    feed = read(result)
    found, rejected = entries.items(feed.entries, base=result.url, zone=ZoneInfo(options.timezone), now=result.fetched_at)
    if feed.cut:
        rejected["cut"] = 1
    follow = [_page(item) for item in found if _wants_page(item, options)]
    following = entries.absolute(feed.next, result.url)
    if options.paged and following and following != result.url and reaches_news(found, state):
        follow.insert(0, Request(url=following, read_as=ReadAs.LISTING, accept=ACCEPT))
    return Parsed(items=tuple(found), follow=tuple(follow), rejected=rejected, title=entries.title(feed.title))


def read(result: FetchResult) -> Feed:
    """Read the feed in an answer, whatever its format: the strict reader first, feedparser where that one gives up."""
    media_type = media.sniff(result.body)
    if media_type in XML:
        found = xmlfeed.read(result.body.lstrip())  # bytes that are valid UTF-8 are UTF-8, whatever their label
        if found is not None:
            return found
    words = media.decode(result.body, result.header("content-type"))
    if media_type not in XML:
        _refuse(media_type, words, result)
    if media_type.endswith("json"):
        return jsonfeed.read(words.encode("utf-8", "replace"), result.url)
    data = _ILLEGAL.sub("", words.lstrip()).encode("utf-8", "replace")
    found = xmlfeed.read(data)
    if found is None:
        data = xmlfeed.repaired(data)
        found = xmlfeed.read(data) or loosefeed.read(data, result.url)
    return found


def _refuse(media_type: str, words: str, result: FetchResult) -> None:
    """Raise on what is certainly no feed. JSON, other XML and text get their chance: the readers say what they think."""
    if not words.strip():
        raise ParseError(f"{result.url} answered nothing.", reason="empty", kind="feed", url=result.url)
    if media_type == "text/html":
        offered = announced(words, result.url)
        remedy = f"It announces {', '.join(one.url for one in offered[:5])}." if offered else "It announces no feed."
        message = f"{result.url} answered an HTML page instead of a feed. {remedy}"
        raise ParseError(message, reason="not_a_feed", kind="feed", url=result.url)
    if not media_type.endswith(("xml", "json")) and media_type != "text/plain":
        message = f"{result.url} answered {media_type}, which is no feed."
        raise ParseError(message, reason="not_a_feed", kind="feed", url=result.url)


def _wants_page(item: Item, options: Options) -> bool:
    if not item.url or options.pages == "never":
        return False
    return options.pages == "always" or len(item.content) < WHOLE


def _page(item: Item) -> Request:
    return Request(url=item.url, read_as=ReadAs.DOCUMENT, item_key=item.guid or item.url)
