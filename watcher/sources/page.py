"""A listing page without a feed: the source kind `page`."""

from fnmatch import fnmatchcase
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from watcher import dates, media
from watcher.errors import ParseError
from watcher.model import FetchResult, Item, Parsed, ReadAs, Request, Source, SourceState
from watcher.sources import links, selectors
from watcher.sources.announced import announced
from watcher.sources.entries import absolute
from watcher.sources.following import reaches_news
from watcher.sources.zones import Zone

ACCEPT = "text/html, application/xhtml+xml;q=0.9"


class Options(BaseModel):
    """The keys of a source that belong to the kind `page`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    links: str | None = Field(
        default=None,
        description="Where the links to articles are, as a CSS selector (`ul.news h3 a`) or XPath; found by itself when absent.",
    )
    match: str | None = Field(
        default=None, description="What the path of an article's address must contain (`/actualites/`) or match (`/20*/*.html`)."
    )
    next_page: str | None = Field(
        default=None,
        description="The link to the next page of the list, as a CSS selector or XPath; read back to the last poll.",
    )
    timezone: Zone = "Europe/Paris"

    @field_validator("links", "next_page")
    @classmethod
    def understood(cls, selector: str | None) -> str | None:
        """Refuse a selector that cannot be read, when the configuration is read."""
        if selector is not None:
            path = selectors.xpath(selector)
            from lxml import etree

            try:
                etree.XPath(path)
            except etree.XPathError as error:
                raise ValueError(f"{selector!r} is not XPath that can be read: {error}.") from error
        return selector


def first(source: Source, state: SourceState) -> tuple[Request, ...]:
    """Ask for the page, with the validators of the last complete reading."""
    return (Request(url=source.url, etag=state.etag, last_modified=state.last_modified, accept=ACCEPT),)


def parse(source: Source, result: FetchResult, state: SourceState) -> Parsed:
    """Find the articles that the page lists, and ask for each. Raises ParseError (`no_links`, `not_a_page`)."""
    options = source.options if isinstance(source.options, Options) else Options()
    if media.sniff(result.body) != "text/html":
        message = f"{result.url} answered {media.sniff(result.body)} instead of an HTML page."
        raise ParseError(message, reason="not_a_page", kind="page", url=result.url)
    markup = media.decode(result.body, result.header("content-type"))
    page = links.read(markup, result.url)
    found = links.selected(page, options.links) if options.links else links.guessed(page)
    wanted = [link for link in found if _matches(link.url, options.match) and link.url != result.url]
    if not wanted:
        raise ParseError(_nothing(result.url, options, len(found), markup), reason="no_links", kind="page", url=result.url)
    items = [_item(link, ZoneInfo(options.timezone), result) for link in wanted]
    follow = [Request(url=item.url, read_as=ReadAs.DOCUMENT, item_key=item.url) for item in items]
    following = links.address(page, options.next_page) if options.next_page else ""
    if following and following != result.url and reaches_news(items, state):
        follow.insert(0, Request(url=following, read_as=ReadAs.LISTING, accept=ACCEPT))
    return Parsed(items=tuple(items), follow=tuple(follow), title=page.title)


def _item(link: links.Link, zone: ZoneInfo, result: FetchResult) -> Item:
    now = result.fetched_at
    published = dates.plausible(dates.parse(link.date, zone=zone, now=now), now=now) if link.date else None
    return Item(url=link.url, title=link.title, summary=link.summary, published_at=published)


def _matches(url: str, pattern: str | None) -> bool:
    if pattern is None:
        return True
    parts = urlsplit(url)
    whole = parts.path + (f"?{parts.query}" if parts.query else "")
    return fnmatchcase(whole, pattern) if "*" in pattern else pattern in whole


def _nothing(url: str, options: Options, found: int, markup: str) -> str:
    """Say why no article was found, and what to do about it."""
    feeds = [one.url for one in announced(markup, url) if absolute(one.url, url)]
    advice = f" The page announces a feed: {feeds[0]}." if feeds else ""
    if options.match and found:
        return f"None of the {found} links of {url} matches {options.match!r}: correct `match`.{advice}"
    if options.links:
        return f"{options.links!r} selects no link in {url}: the page has changed, correct `links`.{advice}"
    return f"{url} lists no article that could be told from its menus: name the place with `links`.{advice}"
