"""The visible lines of a page of the Sénat, in order, with what is a heading and where links lead. Never its class names."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watcher.sources.entries import absolute
from watcher.text.repair import readable, single_blanks

if TYPE_CHECKING:
    from lxml.etree import Element

# The old design says where its body is; today's does not.
_BODY = re.compile(r"<!--\s*START\s*:\s*primary\s*-->(.*?)<!--\s*END\s*:\s*primary\s*-->", re.DOTALL)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
# fmt: off
_BLOCKS = frozenset({
    "p", "div", "ul", "ol", "dl", "li", "dt", "dd", "table", "tr", "td", "th", "blockquote", "section", "article", "main",
    "header", "figure", "figcaption", "hr", "address", "body", "center", "pre", "fieldset",
})
_UNSEEN = frozenset({
    "script", "style", "template", "noscript", "svg", "head", "nav", "footer", "aside", "form", "button", "select", "iframe",
    "object", "dialog",
})
# fmt: on


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One visible line. `level` is 1 to 6 for a heading, else 0; `links` are the absolute addresses it leads to."""

    text: str
    level: int = 0
    links: tuple[str, ...] = ()


def read(markup: str, url: str) -> list[Line]:
    """Return the lines of the HTML found at `url`, none when it holds no element. Blanks are single, empty lines left out."""
    from lxml import etree, html

    body = _BODY.search(markup)
    source = f"<div>{body[1]}</div>" if body else markup
    try:
        parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
        root = html.document_fromstring(source.encode("utf-8", "replace"), parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return []
    collected = _Lines(url)
    collected.visit(root)
    collected.end_line()
    return collected.lines


class _Lines:
    """Collects lines while the tree is walked; libxml2 keeps it less than 256 elements deep."""

    def __init__(self, base: str) -> None:
        self.lines: list[Line] = []
        self._base = base
        self._pieces: list[str] = []
        self._links: list[str] = []
        self._level = 0

    def visit(self, element: "Element") -> None:
        """Add what `element` shows, without what follows it."""
        tag = element.tag
        if tag in _UNSEEN:
            return
        if tag == "br":
            # A heading that goes over two lines is one heading.
            self._pieces.append(" ")
            if not self._level:
                self.end_line()
            return
        block = tag in _BLOCKS or tag in _HEADINGS
        if block:
            self.end_line()
        outer, self._level = self._level, _HEADINGS.get(tag, self._level)
        if tag == "a" and (address := absolute(element.get("href", ""), self._base)):
            self._links.append(address)
        self._pieces.append(element.text or "")
        for child in element:
            self.visit(child)
            self._pieces.append(child.tail or "")
        if block:
            self.end_line()
        self._level = outer

    def end_line(self) -> None:
        """Close the line that was begun, if anything stands on it."""
        words = single_blanks(readable(re.sub(r"[ \t\r\n\f]+", " ", "".join(self._pieces)))).strip()
        if words:
            self.lines.append(Line(text=words, level=self._level, links=tuple(dict.fromkeys(self._links))))
        self._pieces.clear()
        self._links.clear()
