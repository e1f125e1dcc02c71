"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

import html
import json
from collections.abc import Mapping
from typing import Any, cast

from watcher.errors import ParseError
from watcher.sources.entries import Entry, Feed


def read(data: bytes, url: str) -> Feed:
    """Read a JSON Feed from UTF-8 `data`. Raises ParseError (`broken_feed`, `not_a_feed`); fields of a wrong type are skipped."""
    try:
        found: object = json.loads(data)
    except (ValueError, RecursionError) as error:
        message = f"{url} is not JSON that can be read ({type(error).__name__}: {str(error)[:200]})."
        raise ParseError(message, reason="broken_feed", kind="feed", url=url) from error
    feed = _mapping(found)
    entries = feed.get("items")
    if not isinstance(entries, list):
        raise ParseError(f"{url} is JSON, but has no list of `items`.", reason="not_a_feed", kind="feed", url=url)
    return Feed(
        title=html.escape(_string(feed, "title")),
        next=_string(feed, "next_url"),
        entries=[_entry(_mapping(entry)) for entry in cast("list[object]", entries)],
    )


def _entry(found: Mapping[str, Any]) -> Entry:
    """Read one item. What the format says is plain text is escaped, so that a `<` in it is not taken for markup."""
    markup = _string(found, "content_html")
    plain = _string(found, "content_text")
    authors = found.get("authors")
    people = cast("list[object]", authors) if isinstance(authors, list) else [found.get("author")]
    tags = found.get("tags")
    return Entry(
        guid=_string(found, "id"),
        link=_string(found, "url") or _string(found, "external_url"),
        title=html.escape(_string(found, "title"), quote=False),
        summary=html.escape(_string(found, "summary"), quote=False),
        content=markup or html.escape(plain, quote=False),
        published=_string(found, "date_published"),
        updated=_string(found, "date_modified"),
        authors=[html.escape(_string(_mapping(person), "name"), quote=False) for person in people],
        categories=[html.escape(str(tag), quote=False) for tag in cast("list[object]", tags)] if isinstance(tags, list) else [],
        language=_string(found, "language"),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _string(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return format(value, "x") if abs(value) >= 10**300 else str(value)  # a guid may be a number, even an absurd one
    return value if isinstance(value, str) else ""
