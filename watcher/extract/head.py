"""The bearings that a page gives of itself: titles, date, author, language, canonical address, rights."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin

from watcher import text, urls
from watcher.extract import titles

if TYPE_CHECKING:
    from lxml.etree import Element

_DATES = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "date.issued",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "dcterms.date",
    "dc.date",
    "date",
    "pubdate",
    "publishdate",
    "parsely-pub-date",
    "sailthru.date",
    "citation_publication_date",
)
_JSON = json.JSONDecoder(strict=False)
_ABOUT = re.compile(r"Article|Posting|Report|WebPage")
_TAGS = ("h1", "html", "link", "meta", "script", "time", "title")
_NO_MINING = re.compile(r"(?:^|[\s,])(?:noai|noimageai|notdm)(?:$|[\s,])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a page says of itself, as written. `reserved` names the tag that reserves text and data mining, else None."""

    title: str | None
    headings: tuple[str, ...]
    author: str | None
    publisher: str | None
    published: str
    canonical_url: str | None
    language: str | None
    reserved: str | None
    free: bool


def read(tree: "Element", url: str) -> Head:
    """Read the bearings of the page at `url` from its tree."""
    tags = _tags(tree)
    metas = _metas(tags["meta"])
    linked = list(_linked_data(tags["script"]))
    line = cache(text.clean_line)  # most pages give their title twice or more in the same words
    publisher = line(metas.get("og:site_name") or _named(linked, "publisher"), 120) or None
    headings = tuple(words for tag in tags["h1"] if (words := line(_written(tag))))
    social = line(metas.get("og:title") or metas.get("twitter:title") or metas.get("dc.title") or "")
    return Head(
        title=titles.choose(social, headings, lambda: next((line(_written(tag)) for tag in tags["title"]), ""), publisher),
        headings=headings,
        author=line(_named(linked, "author") or _person(metas), 200) or None,
        publisher=publisher,
        published=_published(tree, tags["time"], metas, linked),
        canonical_url=_canonical(tags["link"], metas, url),
        language=_language(tags["html"], metas),
        reserved=_reserved(metas),
        free=not any(str(item.get("isAccessibleForFree", "")).lower() == "false" for item in linked),
    )


def _tags(tree: "Element") -> dict[str, list["Element"]]:
    """Return the tags that hold bearings by their names, in the order of the page, after one walk through it."""
    found: dict[str, list[Element]] = {name: [] for name in _TAGS}
    for tag in tree.iter(*_TAGS):
        found[tag.tag].append(tag)
    return found


def _written(tag: "Element") -> str:
    return ("".join(tag.itertext()) if len(tag) else tag.text or "").strip(" \n")


def _metas(tags: Iterable["Element"]) -> dict[str, str]:
    """Return the contents of the meta tags by name, property, itemprop or http-equiv in lower case; the first wins."""
    found: dict[str, str] = {}
    for tag in tags:
        content = tag.get("content", "").strip()
        for key in ("name", "property", "itemprop", "http-equiv") if content else ():
            if name := tag.get(key, "").strip().lower():
                found.setdefault(name, content)
    return found


def _linked_data(tags: Iterable["Element"]) -> Iterator[Mapping[str, Any]]:
    """Give the JSON-LD objects that describe an article or the page."""
    for tag in tags:
        if "ld+json" not in tag.get("type", ""):
            continue
        try:
            data: object = _JSON.decode(_written(tag)[:200_000])
        except (ValueError, RecursionError):
            continue  # many sites publish JSON-LD that is not JSON
        for item in _list(data):
            graph = _mapping(item).get("@graph")
            for part in _list(cast("object", graph) or item):
                if _ABOUT.search(str(_mapping(part).get("@type"))):
                    yield _mapping(part)


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _named(linked: list[Mapping[str, Any]], key: str) -> str:
    """Return the names under `author` or `publisher` of JSON-LD: a string, an object, or several."""
    for item in linked:
        names = [str(_mapping(one).get("name") or "") or (one if isinstance(one, str) else "") for one in _list(item.get(key))]
        if any(names):
            return ", ".join(name for name in names if name)
    return ""


def _person(metas: Mapping[str, str]) -> str:
    for name in ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "citation_author"):
        value = metas.get(name, "")
        if value and "://" not in value and "@" not in value:
            return value
    return ""


def _published(tree: "Element", tags: Iterable["Element"], metas: Mapping[str, str], linked: list[Mapping[str, Any]]) -> str:
    stated = (str(item["datePublished"]) for item in linked if item.get("datePublished"))
    named = (metas[name] for name in _DATES if metas.get(name))
    times = (tag.get("datetime", "") for tag in tags if _in_article(tag))
    return next((words.strip()[:80] for words in chain(stated, named, _marked(tree), times) if words.strip()), "")


def _marked(tree: "Element") -> Iterator[str]:
    """Give what is marked as the date of publication; the walk begins when the first is asked for."""
    for tag in tree.iter("time", "span", "p", "div", "abbr"):
        if tag.get("itemprop") == "datePublished" or (tag.tag == "time" and (tag.get("pubdate") is not None)):
            yield tag.get("datetime") or tag.get("content") or "".join(tag.itertext())


def _in_article(tag: "Element") -> bool:
    """Say whether a time belongs to the only article of the page, and not to a teaser of another."""
    articles = list(tag.iterancestors("article"))
    return len(articles) == 1 and articles[0].find(".//h1") is not None


def _canonical(tags: Iterable["Element"], metas: Mapping[str, str], url: str) -> str | None:
    links = (tag.get("href", "") for tag in tags if "canonical" in tag.get("rel", "").lower().split())
    for address in chain(links, (metas.get("og:url", ""),)):
        try:
            whole = urljoin(url, address.strip())
        except ValueError:
            continue
        if address.strip() and urls.is_web(whole):
            return whole
    return None


def _language(tags: list["Element"], metas: Mapping[str, str]) -> str | None:
    tag = (tags[0].get("lang", "") if tags else "") or metas.get("content-language", "") or metas.get("og:locale", "")
    match = re.match(r"[a-zA-Z]{2,3}(?=$|[-_])", tag.strip())
    return match[0].lower() if match else None


def _reserved(metas: Mapping[str, str]) -> str | None:
    if metas.get("tdm-reservation") == "1":
        return "tdm-reservation"
    return "noai" if _NO_MINING.search(metas.get("robots", "")) else None
