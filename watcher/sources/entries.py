"""What every format of feed says of an entry, still as it was written, and the item it becomes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from watcher import dates, text, urls
from watcher.model import Item
from watcher.sources import prose

SUMMARY = 2_000
CONTENT = 200_000
_PLAIN_ADDRESS = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}/[!-\[\]-~]*")
_MAIL = re.compile(r"[<(]?[\w.+%-]+@[\w-]+(?:\.[\w-]+)+[>)]?")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?=$|[-_])")


@dataclass(slots=True, kw_only=True)
class Entry:
    """One entry as its format gives it: markup, relative links and dates in words. `base` is its xml:base."""

    guid: str = ""
    link: str = ""
    base: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    published: str = ""
    updated: str = ""
    authors: list[str] = field(default_factory=list[str])
    categories: list[str] = field(default_factory=list[str])
    language: str = ""


@dataclass(slots=True, kw_only=True)
class Feed:
    """A feed as its format gives it.

    `next` is the address of its next page (RFC 5005), empty when there is none; `cut` says that the answer ended in the
    middle of an entry, which was left out.
    """

    title: str = ""
    next: str = ""
    cut: bool = False
    entries: list[Entry] = field(default_factory=list[Entry])


def items(entries: Iterable[Entry], *, base: str, zone: ZoneInfo, now: datetime) -> tuple[list[Item], dict[str, int]]:
    """Turn entries into items, in order, and count those that say nothing (no title, no text, no address) as `empty`.

    A guid that several entries with different addresses share identifies none of them and is left out (row F04).
    """
    kept: list[Item] = []
    rejected: dict[str, int] = {}
    for entry in entries:
        item = _item(entry, base=base, zone=zone, now=now)
        if item.title or item.url or item.summary:
            kept.append(item)
        else:
            rejected["empty"] = rejected.get("empty", 0) + 1
    return _with_honest_guids(kept), rejected


def _item(entry: Entry, *, base: str, zone: ZoneInfo, now: datetime) -> Item:
    content = prose.plain(entry.content)[:CONTENT] if entry.content else ""
    summary = content if entry.summary == entry.content else prose.plain(entry.summary)
    updated = _date(entry.updated, zone, now)
    return Item(
        guid=_guid(entry.guid),
        url=absolute(entry.link, urljoin(base, entry.base) if entry.base else base),
        title=prose.line(entry.title),
        summary=shortened(summary or content, SUMMARY),
        content=content,
        published_at=_date(entry.published, zone, now) or updated,
        updated_at=updated,
        author=_people(entry.authors),
        language=_language(entry.language),
        categories=_labels(entry.categories),
    )


def _guid(words: str) -> str | None:
    plain = words if words.isascii() and words.isprintable() else text.clean_line(words, 1000)
    return plain.strip()[:1000] or None


def title(words: str) -> str | None:
    """Return the title of a feed as one clean line, None when it has none."""
    return prose.line(words) or None


def absolute(link: str, base: str) -> str:
    """Return the absolute web address of `link`, or an empty string: `javascript:` and the like lead nowhere (row F11)."""
    if _PLAIN_ADDRESS.fullmatch(link) and len(link) < 2_000:
        return link
    link = "".join(link.split()) if "\n" in link or "\t" in link else link.strip()
    if not link:
        return ""
    try:
        whole = link if link.startswith(("https://", "http://")) else urljoin(base, link)
    except ValueError:
        return ""
    return whole if urls.is_web(whole) else ""


def shortened(words: str, limit: int) -> str:
    """Return at most `limit` characters, cut at a blank, with an ellipsis where something was cut."""
    if len(words) <= limit:
        return words
    cut = words[: limit - 1]
    space = max(cut.rfind(" "), cut.rfind("\n"))
    return (cut[:space] if space > limit // 2 else cut).rstrip() + "…"


def _date(words: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    return dates.plausible(dates.parse(words, zone=zone, now=now), now=now) if words else None


def _people(authors: Iterable[str]) -> str | None:
    """Join the names of the authors; addresses of mail are left out, they are nobody's business here."""
    names: list[str] = []
    for author in authors:
        name = _MAIL.sub(" ", author) if "@" in author else author
        name = prose.line(name, 120).strip(" ()<>,;")
        if name and name not in names:
            names.append(name)
    return shortened(", ".join(names), 200) or None


def _labels(categories: Iterable[str]) -> tuple[str, ...]:
    labels: dict[str, None] = {}
    for category in categories:
        label = prose.line(category, 80)
        if label and len(labels) < 30:
            labels[label] = None
    return tuple(labels)


def _language(tag: str) -> str | None:
    match = _LANGUAGE.match(tag.strip())
    return match[0].lower() if match else None


def _with_honest_guids(found: list[Item]) -> list[Item]:
    from dataclasses import replace

    places: dict[str, set[str]] = {}
    for item in found:
        if item.guid is not None:
            places.setdefault(item.guid, set()).add(item.url or item.title)
    shared = {guid for guid, where in places.items() if len(where) > 1}
    return [replace(item, guid=None) if item.guid in shared else item for item in found] if shared else found
