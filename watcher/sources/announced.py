"""The feeds that a page announces in its head (`link rel=alternate`, HTML standard 4.6.7.1)."""

import re
from dataclasses import dataclass

from watcher import text
from watcher.sources.entries import absolute

_LINK = re.compile(r"<link\b[^>]{1,2000}>", re.IGNORECASE)
_BASE = re.compile(r"<base\b[^>]{1,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z][\w:-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """An address that a source could be made of. `kind` is the source kind that reads it."""

    url: str
    kind: str
    title: str | None = None
    media_type: str = ""


def announced(markup: str, url: str) -> tuple[Discovered, ...]:
    """Return the feeds that the HTML in `markup`, found at `url`, announces, in its order, each address once."""
    bases = [attributes(tag[0]).get("href", "") for tag in _BASE.finditer(markup)]
    base = absolute(bases[0], url) if bases else url
    found: dict[str, Discovered] = {}
    for tag in _LINK.finditer(markup):
        link = attributes(tag[0])
        media_type = link.get("type", "").partition(";")[0].strip().lower()
        address = absolute(link.get("href", ""), base or url)
        if "alternate" in link.get("rel", "").lower().split() and address and _is_feed(media_type, address):
            title = text.clean_line(link.get("title", "")) or None
            found.setdefault(address, Discovered(url=address, kind="feed", title=title, media_type=media_type))
    return tuple(found.values())


def attributes(tag: str) -> dict[str, str]:
    """Return the attributes of one tag, names in lower case, entities decoded; the first of a name wins."""
    import html

    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(tag):
        value = next((group for group in match.groups()[1:] if group is not None), "")
        found.setdefault(match[1].lower(), html.unescape(value))
    return found


def _is_feed(media_type: str, address: str) -> bool:
    if media_type in _TYPES:
        return True
    return media_type in ("application/json", "text/xml", "application/xml") and re.search(r"feed|rss|atom", address) is not None
