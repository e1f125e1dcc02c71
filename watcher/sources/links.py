"""Find the articles that a listing page links to, and tell them from its menus, footers and side columns.

A page lists its articles in one repeated shape. Links are grouped by the shape of the place they stand in; a group is kept
when its anchors read like headlines, stand in headings or articles, have dates beside them, or lead to addresses with long
names, and when it does not stand in a menu.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from watcher import text
from watcher.sources import selectors
from watcher.sources.cards import card_of, date_in, heading_in, summary_in
from watcher.sources.entries import absolute, shortened

if TYPE_CHECKING:
    from lxml.etree import Element

_ASIDE = frozenset({"nav", "header", "footer", "aside", "form", "select", "dialog", "menu"})
_ASIDE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|submenu|footer|pied|breadcrumbs?|ariane|sidebar|aside|related|share|sharing|social"
    r"|partage|cookies?|consent|pagination|pager|tags?|tagcloud|widget|newsletter|banner|bandeau|skip|lang|languages?|login|search"
    r"|recherche|plus-lus|most-read|popular|categories)(?=$|[\s_-])",
    re.IGNORECASE,
)
_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar", "dialog"})
_MORE = re.compile(
    r"(?:>>|›|»|→|\+|\.\.\.|…)?\s*(?:(?:lire|voir|en savoir|savoir|read|learn|see)\b.{0,40}|(?:la )?suite|plus d['’]infos?"
    r"|d[ée]tails?|t[ée]l[ée]charger.{0,20}|continuer.{0,20}|\d+)\s*(?:>>|›|»|→|\+|\.\.\.|…)?",
    re.IGNORECASE,
)
_FILES = re.compile(r"\.(?:jpe?g|png|gif|svg|webp|css|js|ico|mp[34]|zip|docx?|xlsx?|pptx?|ics|rss|xml|atom)$", re.IGNORECASE)
_INDEX = re.compile(
    r"/(?:tags?|categor(?:y|ies|ie)|rubriques?|themes?|thematiques?|auteurs?|authors?|page|search|recherche|login|connexion|contact"
    r"|mentions-legales|cookies|a-propos|about|newsletter|rss|feed|print|share|wp-login\.php|plan-du-site|accessibilite)(?:/|$|\.)",
    re.IGNORECASE,
)
_LONG_NAME = re.compile(r"/[^/]*(?:[^/-]+[-_]){3,}[^/]*$|/(?:19|20)\d\d[/-]\d{1,2}[/-]|[/=-]\d{4,}(?:\D|$)")
_ENOUGH = 4.0
_MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A parsed listing page: its tree, the base of its links, its title."""

    root: "Element"
    base: str
    url: str
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link to an article, with what stands beside it. `date` is as written, empty when none was found."""

    url: str
    title: str
    date: str = ""
    summary: str = ""


def read(markup: str, url: str) -> Page:
    """Parse the HTML of a listing found at `url`. Raises lxml's ParserError when there is no element at all."""
    from lxml import etree, html

    parser = etree.HTMLParser(encoding="utf-8", no_network=True)
    root = html.document_fromstring(markup.encode("utf-8", "replace"), parser)
    base = next((absolute(tag.get("href", ""), url) for tag in root.iter("base")), "") or url
    heading = next((text.clean_line("".join(tag.itertext())) for tag in root.iter("title")), "")
    return Page(root=root, base=base, url=url, title=heading or None)


def selected(page: Page, selector: str) -> list[Link]:
    """Return the links that `selector` points to: anchors, or the first anchor inside what it selects."""
    found = page.root.xpath(selectors.xpath(selector))
    anchors: list[tuple[Element, str]] = []
    for element in cast("list[Element]", found if isinstance(found, list) else []):
        anchor = element if element.tag == "a" else next(element.iter("a"), None)
        if anchor is not None and (address_ := absolute(anchor.get("href", ""), page.base)):
            anchors.append((anchor, address_))
    return _links(anchors)


def address(page: Page, selector: str) -> str:
    """Return the absolute address of the first link that `selector` points to, empty when there is none."""
    found = page.root.xpath(selectors.xpath(selector))
    for element in cast("list[Element]", found if isinstance(found, list) else []):
        anchor = element if element.get("href") else next(element.iter("a"), None)
        if anchor is not None:
            return absolute(anchor.get("href", ""), page.base)
    return ""


def guessed(page: Page) -> list[Link]:
    """Return the links to articles, in the order of the page, each address once; empty when nothing looks like a list."""
    candidates = [(a, url) for a in page.root.iter("a") if (url := _candidate(a, page))]
    groups: dict[str, list[tuple[Element, str]]] = {}
    for anchor, url in candidates:
        groups.setdefault(f"{_tells(anchor)} {_shape(anchor)}", []).append((anchor, url))
    owners = {anchor: url for anchor, url in candidates if _tells(anchor)}
    kept = {url for group in groups.values() if _is_list(group, owners) for _, url in group}
    return _links([(anchor, url) for anchor, url in candidates if url in kept])


def _candidate(anchor: "Element", page: Page) -> str:
    """Return the absolute address of a link that may lead to an article of this site, else an empty string."""
    url = absolute(anchor.get("href", ""), page.base).partition("#")[0]
    if not url or url == page.url or _FILES.search(urlsplit(url).path) or _INDEX.search(urlsplit(url).path):
        return ""
    if _site(url) != _site(page.url) or (urlsplit(url).path in ("", "/") and not urlsplit(url).query):
        return ""
    return "" if _is_aside(anchor) else url


def _tells(anchor: "Element") -> bool:
    """Say whether the words of an anchor speak of an article: "PDF" and "lire la suite" beside one do not."""
    words = text.clean_line("".join(anchor.itertext()))
    return len(words.split()) >= 3 and not _MORE.fullmatch(words)


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.") + f":{urlsplit(url).port or ''}"


def _is_aside(anchor: "Element") -> bool:
    inside_article = False
    for element in anchor.iterancestors():
        if element.tag == "body":
            return False
        inside_article = inside_article or element.tag in ("article", "main")
        if element.tag in _ASIDE and not (inside_article and element.tag == "header"):
            return True
        if element.get("role") in _ROLES or _ASIDE_NAMES.search(f"{element.get('class', '')} {element.get('id', '')}"):
            return True
    return False


def _shape(anchor: "Element") -> str:
    """Describe where an anchor stands: the tags and first classes of its nearest ancestors, and the tags of the others."""
    steps = [_step(anchor)]
    for depth, element in enumerate(anchor.iterancestors()):
        steps.append(_step(element) if depth < 3 else str(element.tag))
    return "<".join(steps)


def _step(element: "Element") -> str:
    names = [name for name in element.get("class", "").split() if not re.search(r"\d|first|last|odd|even|sticky", name)]
    return f"{element.tag}.{names[0]}" if names else str(element.tag)


def _is_list(group: list[tuple["Element", str]], owners: dict["Element", str]) -> bool:
    """Say whether the anchors of one shape are a list of articles: more than half of them must look like one."""
    scores = [_score(anchor, url, owners) for anchor, url in group]
    bonus = 1.0 if len({url for _, url in group}) >= 3 else -1.0
    return sorted(scores)[(len(scores) - 1) // 2] + bonus >= _ENOUGH


def _score(anchor: "Element", url: str, owners: dict["Element", str]) -> float:
    words = text.clean_line("".join(anchor.itertext()))
    headline = len(words.split()) >= 4 and not _MORE.fullmatch(words)
    card = card_of(anchor, owners)
    score = 2.0 if headline and len(words) >= 25 else 1.0 if headline else 0.0
    score += 1.5 if heading_in(anchor) or any(e.tag in ("h1", "h2", "h3", "h4") for e in anchor.iterancestors()) else 0.0
    score += 1.0 if any(e.tag == "article" for e in (card[0], *card[0].iterancestors())) else 0.0
    score += 1.5 if date_in(card) else 0.0
    score += 1.0 if _LONG_NAME.search(url) else 0.0
    return score


def _links(anchors: list[tuple["Element", str]]) -> list[Link]:
    """Make one link per address of the anchors that lead to it: the picture, the headline, "lire la suite"."""
    by_url: dict[str, list[Element]] = {}
    for anchor, url in anchors:
        by_url.setdefault(url, []).append(anchor)
    owners = {anchor: url for anchor, url in anchors if _tells(anchor)}
    made: list[Link] = []
    for url, same in list(by_url.items())[:_MOST]:
        card = card_of(same[0], owners)
        title = _title(same, card)
        if title:
            summary = shortened(summary_in(card, title), 2_000)
            made.append(Link(url=url, title=title, date=date_in(card), summary=summary))
    return made


def _title(anchors: list["Element"], card: list["Element"]) -> str:
    """Return the headline of a card: a heading in or around an anchor, else the longest anchor, else the card's heading."""
    for anchor in anchors:
        heading = heading_in(anchor) or next((e for e in anchor.iterancestors() if e.tag in ("h1", "h2", "h3", "h4")), None)
        if heading is not None and (words := text.clean_line("".join(heading.itertext()))):
            return words
    spoken = [text.clean_line(" ".join(anchor.itertext())) or text.clean_line(anchor.get("title", "")) for anchor in anchors]
    telling = [words for words in spoken if words and not _MORE.fullmatch(words)]
    if telling:
        return max(telling, key=len)
    heading = next((found for part in card if (found := heading_in(part)) is not None), None)
    return text.clean_line("".join(heading.itertext())) if heading is not None else ""
