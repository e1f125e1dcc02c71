"""HTML fragments to readable plain text, without a parser: one pass, linear in the length, no limit of depth.

A tree builder would lose what is nested deeper than 256 elements; summaries of feeds are short, broken and often escaped
twice, and only their words matter. Pages are read by `watcher.extract`, not here.
"""

import html as entities
import re

from watcher.text.repair import readable, single_blanks

_MOST = 2_000_000
_DROPPED = frozenset({"script", "style", "template", "noscript", "svg", "iframe", "object", "head", "title", "audio", "video"})
# fmt: off
_LINE = frozenset({"br", "li", "tr", "dt", "dd", "option", "figcaption", "caption", "legend"})
_PARAGRAPH = frozenset({
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "section", "article", "aside",
    "header", "footer", "nav", "main", "figure", "hr", "form", "fieldset", "address", "details", "summary", "body", "html",
    "center",
})
_CELL = frozenset({"td", "th"})
# fmt: on
_TAG = re.compile(r"</?([a-zA-Z][^\s/>]*)")
_ATTRIBUTES = re.compile(r"""(?:[^>"'=]|=\s*"[^"]*"|=\s*'[^']*'|=|["'])*+>""")
_ENTITY = re.compile(
    r"&(?:#[0-9]{1,7}(?:;|(?![0-9;]))|#[xX][0-9a-fA-F]{1,6}(?:;|(?![0-9a-fA-F;]))"
    r"|[a-zA-Z][a-zA-Z0-9]{1,31};|(?:nbsp|amp|quot|lt|gt)(?![a-zA-Z0-9=]))"
)
_LOOKS_ESCAPED = re.compile(
    r"(?:<|&lt;)(?:/?(?:p|br|div|a|b|i|em|strong|span|img|ul|ol|li|h[1-6]|table|blockquote|figure)\b)", re.IGNORECASE
)


def plain(html: str) -> str:
    """Return the readable text of a fragment of HTML, in NFC: entities decoded, paragraphs kept as blank lines.

    Scripts, styles and what is not seen are dropped. A fragment that was escaped twice is read twice. What is no markup
    ("3 < 5") stays; text without any tag keeps its own lines. At most two million characters are read.
    """
    text = html[:_MOST]
    for _ in range(3):
        stripped, tags = _strip(text)
        text = _unescape(stripped)
        if tags or not _LOOKS_ESCAPED.search(text):
            break
    text = readable(_ENTITY.sub(_entity, text))  # "&amp;eacute;" left an entity behind
    lines = [line.strip() for line in single_blanks(text).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _strip(text: str) -> tuple[str, bool]:
    """Return `text` without its tags, and whether there were any."""
    text = text.replace("<![CDATA[", "").replace("]]>", "")
    last = text.rfind(">")
    found = False
    pieces: list[str] = []
    unclosed: set[str] = set()
    position = 0
    while 0 <= (start := text.find("<", position)) < last:
        end, between, is_markup = _read(text, start, unclosed)
        pieces.append(text[position:start])
        pieces.append(between)
        found = found or is_markup
        position = end
    pieces.append(text[position:])
    if not found:
        return text, False
    return _joined(pieces), True


def _read(text: str, start: int, unclosed: set[str]) -> tuple[int, str, bool]:
    """Return where what begins at the `<` of `start` ends, what stands for it, and whether it was markup."""
    if text.startswith("<!--", start):
        end = text.find("-->", start)
        return (len(text) if end < 0 else end + 3), "", True
    if text.startswith(("<!", "<?"), start):
        return text.index(">", start) + 1, "", True
    match = _TAG.match(text, start)
    if match is None:
        return start + 1, "<", False
    name = match[1].lower()
    end = _end_of_tag(text, match.end(), unclosed)
    if name in _DROPPED and text[start + 1] != "/" and text[end - 2] != "/" and name not in unclosed:
        closing = re.compile(f"</{name}[^>]*>", re.IGNORECASE).search(text, end)
        if closing is not None:
            return closing.end(), "\x00", True
        unclosed.add(name)
        if name in ("script", "style"):  # a browser reads the rest of the page as code
            return len(text), "", True
    return end, _separator(name), True


def _end_of_tag(text: str, position: int, unclosed: set[str]) -> int:
    """Return the end of a tag, past `>` inside quoted values; once quotes proved unbalanced they are no longer believed."""
    if "quotes" not in unclosed:
        match = _ATTRIBUTES.match(text, position)
        if match is not None:
            return match.end()
        unclosed.add("quotes")
    return text.index(">", position) + 1


def _separator(name: str) -> str:
    """Return the mark of a break: NUL for a paragraph, SOH for a line, a blank between cells, nothing inside a line."""
    if name in _PARAGRAPH:
        return "\x00"
    if name in _LINE:
        return "\x01"
    return " " if name in _CELL else ""


def _joined(pieces: list[str]) -> str:
    """Join pieces of text and break marks; the line ends of the source are blanks (HTML), the marks become lines."""
    joined = "".join(piece if piece in ("\x00", "\x01") else piece.translate(_NO_MARKS) for piece in pieces)
    joined = re.sub(r"[ \t\r\n\f]+", " ", joined)
    return joined.replace("\x00", "\n\n").replace("\x01", "\n")


_NO_MARKS = {0: None, 1: None}


def _unescape(text: str) -> str:
    return _ENTITY.sub(_entity, text)


def _entity(match: re.Match[str]) -> str:
    return entities.unescape(match[0])
