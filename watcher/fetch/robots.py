"""robots.txt as RFC 9309 reads it: the part that concerns us, and what it allows."""

import math
import re
from dataclasses import dataclass

from protego import Protego

TOKEN = "watcher"  # noqa: S105  the product token of RFC 9309, 2.2.1, not a secret
_AGENT = re.compile(r"\s*user[- ]?agent\s*[:\s]\s*(.*)", re.IGNORECASE)
_RULE = re.compile(r"\s*(allow|d[a-z]*allow|disalow|crawl[- ]delay)\s*[:\s]", re.IGNORECASE)
_PRODUCT = re.compile(r"[a-z_-]+", re.IGNORECASE)
_LONGEST_LINE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one robots.txt says to us. `delay` is its Crawl-delay in seconds, 0 when there is none."""

    protego: Protego | None
    agent: str
    delay: float = 0.0

    def allows(self, url: str) -> bool:
        """Tell whether `url` may be fetched."""
        return self.protego is None or self.protego.can_fetch(url, self.agent)


def rules(text: str) -> Rules:
    """Read the text of a robots.txt; an empty one allows everything."""
    own = concerning(text)
    if not own:
        return Rules(protego=None, agent="*")
    protego = Protego.parse(own)
    agent = TOKEN if _names(own, TOKEN) else "*"
    delay = protego.crawl_delay(agent) or 0.0
    return Rules(protego=protego, agent=agent, delay=delay if math.isfinite(delay) else 0.0)


def concerning(text: str) -> str:
    """Keep the groups of `text` that name our product token, else those for everybody (RFC 9309, 2.2.1).

    The token is compared whole and without case, whatever version follows it: `watch` is somebody else. What is left is
    small: a file that names thousands of agents before thousands of rules would else cost their product.
    """
    for token in (TOKEN, "*"):
        lines = _groups(text, token)
        if lines:
            return "\n".join((f"User-agent: {token}", *lines, ""))
    return ""


def decode(body: bytes) -> str:
    """Return the bytes of a robots.txt as text: UTF-8, a byte order mark and broken characters forgiven."""
    return body.decode("utf-8-sig", "replace").replace("\x00", "")


def _groups(text: str, token: str) -> list[str]:
    kept: list[str] = []
    named = in_agents = ours = False
    for line in text.splitlines():
        bare = line.partition("#")[0].strip()[:_LONGEST_LINE]
        if agent := _AGENT.fullmatch(bare):
            ours = (ours and in_agents) or _product(agent[1]) == token
            in_agents = True
            named = named or ours
        elif _RULE.match(bare):
            in_agents = False
            if ours:
                kept.append(bare)
    # A group that names us and says nothing allows everything, which the group for everybody may not take back.
    return kept or (["Allow: /"] if named else [])


def _product(value: str) -> str:
    value = value.strip()
    if value.startswith("*"):
        return "*"
    product = _PRODUCT.match(value)
    return product[0].lower() if product else ""


def _names(text: str, token: str) -> bool:
    return text.startswith(f"User-agent: {token}\n")
