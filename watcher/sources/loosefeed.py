"""Feeds that are not well-formed XML, or of a format that `xmlfeed` does not know: the only place that names feedparser."""

import io
import re
from typing import Any, cast

from watcher.errors import ParseError
from watcher.sources.entries import Entry, Feed
from watcher.sources.xmlfeed import choose_link

_END = re.compile(rb"</(?:[\w-]+:)?(?:rss|rdf|feed|channel)\s*>", re.IGNORECASE)


def read(data: bytes, url: str) -> Feed:
    """Read what can be read of UTF-8 `data`. Raises ParseError (`not_a_feed`, `broken_feed`).

    feedparser is given bytes in a buffer: a string or bare bytes that look like a path or an address it would open.
    """
    import feedparser

    # without a base: it would make addresses of guids that are none
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        found = cast(
            "dict[str, Any]",
            feedparser.parse(io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False),
        )
    except Exception as error:  # it raises whatever its parsers raise, on input that is merely odd
        message = f"{url} holds a feed that cannot be read ({type(error).__name__}: {str(error)[:200]})."
        raise ParseError(message, reason="broken_feed", kind="feed", url=url) from error
    # plain dictionaries: feedparser's own give `published` for a missing `updated`, with a warning
    entries = [_entry(dict(cast("dict[str, Any]", entry))) for entry in found.get("entries", ())]
    if not entries and not found.get("version"):
        raise ParseError(f"{url} holds no feed in any format known.", reason="not_a_feed", kind="feed", url=url)
    cut = bool(entries) and _END.search(data[-1_000:]) is None
    if cut:
        entries.pop()  # half an entry may hold half an address
    head = dict(cast("dict[str, Any]", found.get("feed", {})))
    links = cast("list[dict[str, str]]", head.get("links", []))
    following = next((link.get("href", "") for link in links if link.get("rel") == "next"), "")
    return Feed(title=_value(head, "title"), next=following, cut=cut, entries=entries)


def _value(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    return value.strip() if isinstance(value, str) else ""


def _entry(found: dict[str, Any]) -> Entry:
    contents = [str(part.get("value") or "") for part in cast("list[dict[str, Any]]", found.get("content") or [])]
    return Entry(
        guid=_value(found, "id"),
        link=_value(found, "feedburner_origlink") or _link(found),
        title=_value(found, "title"),
        summary=_value(found, "summary"),
        content=max(contents, key=len, default=""),
        published=_value(found, "published") or _value(found, "created"),
        updated=_value(found, "updated"),
        authors=_authors(found),
        categories=_categories(found),
        language=_value(found, "language"),
    )


def _link(found: dict[str, Any]) -> str:
    links = cast("list[dict[str, str]]", found.get("links") or [])
    listed = [(link.get("rel", "alternate"), link.get("type", ""), link.get("href", link.get("url", ""))) for link in links]
    return _value(found, "link") or choose_link(listed)


def _authors(found: dict[str, Any]) -> list[str]:
    people = cast("list[dict[str, str]]", found.get("authors") or [])
    if len(people) > 1:
        return [person.get("name") or "" for person in people]
    return [_value(found, "author")]  # as written: what feedparser takes for the address in it is not always one


def _categories(found: dict[str, Any]) -> list[str]:
    tags = cast("list[dict[str, str | None]]", found.get("tags") or [])
    own = [tag for tag in tags if "itunes" not in (tag.get("scheme") or "")]
    return [tag.get("label") or tag.get("term") or "" for tag in own]
