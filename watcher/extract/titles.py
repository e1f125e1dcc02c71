"""The title of a page, told from the name of its site and from those of its columns."""

import re
from collections.abc import Callable, Sequence

from watcher import text

_SEPARATOR = re.compile(r"\s+[|–—•·»:-](?=\s)")
_NOT_A_TITLE = re.compile(r"^(?:accueil|home|menu|actualit[ée]s?|news|article|blog)$", re.IGNORECASE)


def choose(social: str, headings: Sequence[str], window: Callable[[], str], publisher: str | None) -> str | None:
    """Return the title without the name of the site: the social one, else the only heading, else the one of the window.

    `window` gives that one; it is asked for when it is needed, hardly ever.
    """
    heading = headings[0] if len(headings) == 1 and not _NOT_A_TITLE.match(headings[0]) else ""
    known = (*headings, social)
    found = _bare(social, publisher, known) or _bare(heading, publisher, known)
    if found:
        return found
    last = window()
    return _bare(last, publisher, known) or last or None


def _bare(title: str, publisher: str | None, known: Sequence[str]) -> str:
    """Cut " | Site" from the end of a title, when what is left is a heading of the page or what is cut is its publisher.

    Empty when what is left is the name of a column.
    """
    for cut in _SEPARATOR.finditer(title):
        left, right = title[: cut.start()].strip(), title[cut.end() :].strip()
        is_site = publisher is not None and text.fold(right) == text.fold(publisher)
        if left and (is_site or any(text.fold(left) == text.fold(other) for other in known)):
            title = left
            break
    return "" if _NOT_A_TITLE.match(title) else title
