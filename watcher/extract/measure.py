"""Count what a page holds without building its tree: whether it can be parsed in time, how much text a reader would see."""

import html
import re
from collections.abc import Iterator

MOST_ELEMENTS = 30_000
MOST_ATTRIBUTES = 2_000
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{20000,}")
_STRETCH = 10_000  # half of a long tag: wherever it begins, it fills one of the stretches that a page is divided into
_ATTRIBUTE = re.compile(r"\s[^\s=>\"']+\s*=")
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)[^<>]*(/?)>")
_ANY = re.compile(r"<[^<>]*>")
_ASIDE = re.compile(
    r"(?:class|id|role)\s*=\s*[\"'][^\"']*(?:menu|nav|cookie|consent|footer|sidebar|related|newsletter|comment|share|widget|banner"
    r"|breadcrumb|pagination|promo|publicit)",
    re.IGNORECASE,
)
_HIDING = "script|style|noscript|template|svg|head"
_HIDDEN = re.compile(rf"<(?:!--|({_HIDING})(?=[\s/>]))")
_ASIDES = re.compile(rf"<(?:!--|({_HIDING}|nav|header|footer|aside|form|select|button|a)(?=[\s/>]))")
_SKIPPED = frozenset({"nav", "header", "footer", "aside", "form", "select", "button", "a", "option", "label", "dialog"})
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "p", "li", "dt", "dd"}
)


def too_complex(markup: str) -> str | None:
    """Say why a page would take its parser too long (row H01), or None.

    The extractor's time grows with the square of what it meets: 200,000 paragraphs take it a minute.
    """
    elements = markup.count("<") if len(markup) > MOST_ELEMENTS else 0
    if elements > MOST_ELEMENTS:
        return f"it holds {elements} tags, more than {MOST_ELEMENTS}"
    for tag in _long_tags(markup):
        attributes = len(_ATTRIBUTE.findall(tag))
        if attributes > MOST_ATTRIBUTES:
            return f"one of its tags holds {attributes} attributes, more than {MOST_ATTRIBUTES}"
    return None


def _long_tags(markup: str) -> Iterator[str]:
    """Give the tags that `_LONG_TAG` finds, by a look at where each stretch has its first bracket: few have none."""
    for start in range(0, len(markup) - _STRETCH + 1, _STRETCH):
        end = start + _STRETCH
        if markup.find("<", start, end) < 0 and markup.find(">", start, end) < 0:
            opening = markup.rfind("<", max(0, start - _STRETCH), start)
            tag = _LONG_TAG.match(markup, opening) if opening >= 0 else None
            if tag is not None:
                yield tag[0]


def kept_ratio(markup: str, kept: str, shown: str | None = None) -> float:
    """Return how much of the visible text was kept, 0 to 1, counted in characters that are not blanks.

    Menus, links, forms and what is named a banner or a side column do not count. When little is missing it says 1.0. `shown`
    is all the text of the page, where a tree was built that surely holds it.
    """
    size = _size(kept)
    if shown is not None and (_is_most(size, _most(shown)) or _is_most(size, _size(shown))):
        return 1.0
    # Following the tags one by one takes as long as a third of the extraction: hardly any page needs it.
    total = _size(_ANY.sub("", _without(markup, _ASIDES, cut_short=False)))
    if _is_most(size, total):
        return 1.0
    own = _own_text(_without(markup, _HIDDEN))
    return 1.0 if own == 0 else min(1.0, round(size / own, 3))


def _is_most(size: int, total: int) -> bool:
    return size >= 0.7 * total or total - size < 1_500


def visible(markup: str) -> str:
    """Return all the words that a page shows, in one line: menus and banners too."""
    words = html.unescape(_ANY.sub(" ", _without(markup, _HIDDEN)))
    return " ".join(words.split())


def _size(words: str) -> int:
    return len("".join(words.split()))


def _most(words: str) -> int:
    """Return `_size` or a little more, in an eighth of its time: the blanks that are rare are counted too."""
    return len(words) - words.count(" ") - words.count("\n")


def _without(markup: str, opening: re.Pattern[str], *, cut_short: bool = True) -> str:
    """Cut the comments and the elements that begin as `opening` says, in linear time.

    One that never ends is cut to the end of the page, or left standing where not `cut_short`.
    """
    # Names of elements are ASCII: so folded, offsets stay, and it takes a seventh of the time of `lower`.
    folded = markup.encode("ascii", "replace").lower().decode("ascii")
    pieces: list[str] = []
    endless: set[str] = set()
    position = 0
    while found := opening.search(folded, position):
        closing = f"</{found[1]}" if found[1] else "-->"
        end = -1 if closing in endless else folded.find(closing, found.end())
        if end < 0 and cut_short:
            return "".join((*pieces, markup[position : found.start()]))
        if end < 0:
            endless.add(closing)
            pieces.append(markup[position : found.end()])
            position = found.end()
            continue
        pieces.append(markup[position : found.start()])
        position = folded.find(">", end) + 1 or len(markup)
    pieces.append(markup[position:])
    return "".join(pieces)


def _own_text(markup: str) -> int:
    """Count the characters outside of links, menus and what is named an aside, by following the tags one by one."""
    total, position, skipped = 0, 0, ""
    depth = 0
    for tag in _TAG.finditer(markup):
        if not skipped:
            total += _size(markup[position : tag.start()])
        position = tag.end()
        name = tag[2].lower()
        if skipped:
            if name == skipped:
                depth += -1 if tag[1] else 0 if tag[3] else 1
                skipped = skipped if depth > 0 else ""
        elif not tag[1] and not tag[3] and name not in _VOID and (name in _SKIPPED or _ASIDE.search(tag[0])):
            skipped, depth = name, 1
    return total + (0 if skipped else _size(markup[position:]))
