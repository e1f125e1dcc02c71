"""Reading the Assemblée's data sets with tolerance: one element is an object, several are a list; nothing has three forms.

A node is whatever JSON can hold. Nothing here raises on a shape that was not foreseen: what is not there is empty.
"""

import re
from datetime import date
from typing import TypeAlias

from watcher import dates
from watcher.sources import prose

Node: TypeAlias = "dict[str, Node] | list[Node] | str | int | float | bool | None"
LONGEST = 400_000  # characters of markup of one text; the longest answers weigh a tenth of it
_REF = re.compile(r"P[A-Z][0-9]{1,12}")


def present(node: Node) -> bool:
    """Say whether there is something: not null, not empty, not an object of attributes alone (`{"@xsi:nil": "true"}`)."""
    if isinstance(node, dict):
        for key in node:  # noqa: SIM110  forty of these for each of 18,000 records
            if key[:1] != "@":
                return True
        return False
    return node is not None and node != "" and node != []


def get(node: Node, *path: str) -> Node:
    """Return what lies at the end of `path`, None where there is nothing."""
    for key in path:
        if not isinstance(node, dict):
            return None
        node = node.get(key)
    if isinstance(node, str):
        return node or None
    return node if present(node) else None


def each(node: Node, *path: str) -> list[Node]:
    """Return what lies at the end of `path` as a list, whether it is one element, several or none."""
    found = get(node, *path)
    if isinstance(found, list):
        return [one for one in found if present(one)]
    return [] if found is None else [found]


def markup(node: Node) -> str:
    """Return a text as it stands, empty when `node` is none. Numbers are written out; `{"#text": ...}` is unwrapped."""
    if isinstance(node, dict):
        node = node.get("#text")
    if isinstance(node, str):
        return node[:LONGEST]
    return str(node) if isinstance(node, int) and not isinstance(node, bool) and abs(node) < 10**12 else ""


def line(node: Node, limit: int = 300) -> str:
    """Return a text as one clean line."""
    words = markup(node)
    if words.isascii() and words.isalnum() and len(words) <= limit:
        return words
    return prose.line(words[: 20 * limit], limit) if words else ""


def ref(node: Node) -> str | None:
    """Return a reference to a member (`PA...`) or a body (`PO...`), None for anything else."""
    words = markup(node).strip()
    return words if _REF.fullmatch(words) else None


def day(node: Node, latest: date) -> date | None:
    """Return a date written 2024-10-03 or 03/10/2024, None when it is none or cannot be one (after `latest`, before 1958)."""
    return dates.journal_day(markup(node)[:40], until=latest)


def days(node: Node, latest: date) -> tuple[date, ...]:
    """Return the dates of a record or of several, sorted: of each the one of the Journal officiel, else its first date.

    For what no file at hand shows the exact keys of: reports, renewals and errata.
    """
    return tuple(sorted(set(_days(node, latest, 4))))


def _days(node: Node, latest: date, depth: int) -> list[date]:
    if depth == 0:
        return []
    if isinstance(node, list):
        return [found for one in node for found in _days(one, latest, depth - 1)]
    if not isinstance(node, dict):
        found = day(node, latest)
        return [found] if found else []
    dated = (node[key] for key in node if "date" in key.lower())
    for place in (get(node, "infoJO", "dateJO"), node.get("dateJO"), *dated):
        if found := day(place, latest):
            return [found]
    return [found for one in node.values() if not isinstance(one, str) for found in _days(one, latest, depth - 1)]
