"""Reservations of text and data mining that a server expresses: the TDM Reservation Protocol, and `noai`.

The header `tdm-reservation` beats the file `/.well-known/tdmrep.json`, even when it says that nothing is reserved. The
rules of the file are looked at in order, the first that matches holds; their patterns are those of robots.txt.
"""

import json
import re
from datetime import datetime
from functools import lru_cache
from typing import cast
from urllib.parse import unquote

from watcher.fetch.answers import Headers
from watcher.fetch.robots import TOKEN

WELL_KNOWN = "/.well-known/tdmrep.json"
_MOST_RULES = 500
_LONGEST_PATTERN = 500
_RESERVED_OCTETS = re.compile(r"%(?:2[13-9A-CFa-cf]|3[ABDFabdf]|40|5[BDbd])")


def reserved_by_headers(headers: Headers) -> tuple[bool, str | None]:
    """Return whether the headers settle the question, and the reason when mining is reserved: `tdm_header`, `noai`."""
    for name, value in headers:
        if name == "x-robots-tag" and _forbids_ai(value):
            return True, "noai"
    for name, value in headers:
        if name == "tdm-reservation" and value.strip() in ("0", "1"):
            return True, "tdm_header" if value.strip() == "1" else None
    return False, None


def reserved_by_file(policy: str, path: str) -> str | None:
    """Return `tdm_file` when the kept policy reserves `path` (with its query), else None."""
    _, rules = _opened(policy)
    for pattern, reservation in rules:
        if _matches(pattern, path):
            return "tdm_file" if reservation == 1 else None
    return None


def keep(body: bytes, until: datetime) -> str:
    """Return the text to keep of a tdmrep.json: its rules in order, and how long they hold. An unreadable file has none."""
    try:
        document: object = json.loads(body) if body else []
    except (ValueError, RecursionError):
        document = []
    rules: list[list[object]] = []
    for entry in cast("list[object]", document)[:_MOST_RULES] if isinstance(document, list) else []:
        if not isinstance(entry, dict):
            continue
        fields = cast("dict[str, object]", entry)
        location, reservation = fields.get("location"), fields.get("tdm-reservation")
        if isinstance(location, str) and len(location) <= _LONGEST_PATTERN and str(reservation) in ("0", "1"):
            rules.append([location.replace("\x00", ""), int(str(reservation))])
    return json.dumps({"until": until.isoformat(), "rules": rules})


def is_fresh(policy: str | None, now: datetime) -> bool:
    """Tell whether a kept policy still holds."""
    return policy is not None and now < _opened(policy)[0]


@lru_cache(maxsize=256)  # one text for all pages of a site
def _opened(policy: str) -> tuple[datetime, tuple[tuple[str, int], ...]]:
    """Return until when a kept policy holds, and its rules."""
    kept = json.loads(policy)
    rules = cast("list[tuple[str, int]]", kept["rules"])
    return datetime.fromisoformat(kept["until"]), tuple((pattern, reservation) for pattern, reservation in rules)


def _forbids_ai(value: str) -> bool:
    """Read one X-Robots-Tag; directives after `name:` are for that crawler alone, up to the end of the line."""
    agent, colon, rest = value.partition(":")
    if colon and re.fullmatch(r"\s*[A-Za-z0-9_.-]+\s*", agent):
        if agent.strip().lower() != TOKEN:
            return False
        value = rest
    return any(part.strip().lower() in ("noai", "noimageai") for part in value.split(","))


def _matches(pattern: str, path: str) -> bool:
    anchored = pattern.endswith("$")
    pieces = [_plain(piece) for piece in pattern.removesuffix("$").split("*")]
    # A $ or * of the address itself is written %24 or %2A in a pattern, where the bare ones have a meaning.
    path = _plain(path.replace("$", "%24").replace("*", "%2A"))
    if not path.startswith(pieces[0]):
        return False
    place = len(pieces[0])
    for piece in pieces[1:-1]:
        found = path.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    last = pieces[-1] if len(pieces) > 1 else ""
    if anchored:
        return path.endswith(last) and len(path) - len(last) >= place if len(pieces) > 1 else len(path) == place
    return path.find(last, place) >= 0


def _plain(text: str) -> str:
    """Undo percent-encoding, save that of reserved characters (RFC 3986, 2.2), which mean something else encoded."""
    kept = _RESERVED_OCTETS.sub(lambda found: found[0].replace("%", "\x00").upper(), text)
    return unquote(kept).replace("\x00", "%")
