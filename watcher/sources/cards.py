"""The card of an article in a listing: all that speaks of it alone, with its heading, its date and its summary.

A card is the largest element around a link before another article comes into sight, then what follows that element, where
a listing is flat, up to the next article.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from watcher import text

if TYPE_CHECKING:
    from lxml.etree import Element

_HEADINGS = ("h1", "h2", "h3", "h4", "h5")
_DATED = re.compile(r"(?:^|[\s_-])(?:dates?|time|publi\w*|posted|meta)(?=$|[\s_-])", re.IGNORECASE)
_MONTH = (
    r"(?:janv(?:ier|\.)?|f[ée]vr?(?:ier|\.)?|mars|avr(?:il|\.)?|mai|juin|juil(?:let|\.)?|ao[uû]t|sept(?:embre|\.)?|oct(?:obre|\.)?"
    r"|nov(?:embre|\.)?|d[ée]c(?:embre|\.)?)"
)
_DATE = re.compile(
    rf"\b\d{{1,2}}(?:er)?\s+{_MONTH}\s+(?:19|20)\d\d(?:\s+(?:à|-|–)?\s*\d{{1,2}}\s?[h:]\s?\d{{0,2}})?"
    r"|\b\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d\d\b|\b(?:19|20)\d\d-\d\d-\d\d(?:T[\d:]+(?:Z|[+-]\d\d:?\d\d)?)?",
    re.IGNORECASE,
)
_LONGEST = 6  # elements that may follow a link in a flat listing
_HIGHEST = 7  # levels a card may rise above its link


def card_of(anchor: "Element", owners: "Mapping[Element, str]") -> "list[Element]":
    """Return the elements of the card of an anchor. `owners` gives the address of each anchor that names an article."""
    card, url = anchor, owners.get(anchor, "")
    for level, element in enumerate(anchor.iterancestors()):
        if level >= _HIGHEST or element.tag in ("body", "main", "html"):
            break
        if _speaks_of_another(element, url, owners):
            break
        card = element
        if element.tag in ("article", "li", "tr"):
            break
    parts = [card]
    for element in card.itersiblings():
        if len(parts) > _LONGEST or any(other in owners for other in element.iter("a")):
            break
        parts.append(element)
    return parts


def _speaks_of_another(element: "Element", url: str, owners: "Mapping[Element, str]") -> bool:
    """Say whether an article other than `url` is linked inside; when `url` names none, whether two are."""
    for anchor in element.iter("a"):
        other = owners.get(anchor, url)
        if url and other != url:
            return True
        url = other
    return False


def heading_in(element: "Element") -> "Element | None":
    """Return the first heading inside `element`, None when it has none."""
    return next((child for child in element.iter(*_HEADINGS)), None)


def date_in(card: "Sequence[Element]") -> str:
    """Return the date written in a card: a `time` element, what is named a date, else the first date in its words."""
    return next((found for part in card if (found := _date_in(part))), "")


def _date_in(part: "Element") -> str:
    for tag in part.iter("time"):
        written = tag.get("datetime", "").strip() or "".join(tag.itertext()).strip()
        if re.search(r"\d", written):
            return written[:80]
    for tag in part.iter("*"):
        if _DATED.search(tag.get("class", "")):
            found = _DATE.search(" ".join("".join(tag.itertext()).split()))
            if found is not None:
                return found[0]
    found = _DATE.search(" ".join(" ".join(part.itertext()).split())[:2_000])
    return found[0] if found is not None else ""


def summary_in(card: "Sequence[Element]", title: str) -> str:
    """Return the paragraphs of a card that are neither its title, nor its date, nor a call to read on."""
    kept: list[str] = []
    for tag in (tag for part in card for tag in part.iter("p", "div")):
        if tag.tag == "div" and (len(tag) > 0 or not (tag.text or "").strip()):
            continue
        words = text.clean_line(" ".join(tag.itertext()), 2_000)
        if len(words) >= 40 and words != title and words not in kept:
            kept.append(words)
    return "\n\n".join(kept)
