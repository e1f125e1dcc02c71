"""Walls: pages that come instead of the one asked for, in French and in English.

Conservative on purpose. A wall is short; a real article that speaks of cookies, of subscriptions or of error 404 has a text
of its own, and is never taken for one.
"""

import re

from watcher import challenges, text
from watcher.extract import measure, phrases
from watcher.extract.head import Head
from watcher.model import FetchResult

MEANINGS = {
    "robot_check": "answered a robot check",
    "javascript_required": "answered that it needs JavaScript",
    "login": "asks for a login",
    "paywall": "gives only the beginning to those who have not subscribed",
    "consent": "asks for consent to cookies",
    "not_found": "answered that the page does not exist",
}
_STUB = 1_600  # characters: what is given away before a paywall, at most
_ARTICLE = 700  # characters of text that no wall has about its own subject

_PASSWORD = re.compile(r"<input\b[^>]{0,300}type\s*=\s*[\"']?password", re.IGNORECASE)
_NOSCRIPT = re.compile(r"<noscript\b[^>]*>(.{0,3000}?)</noscript", re.IGNORECASE | re.DOTALL)
_SHELL = re.compile(
    r"<(?:div|main|section)\b[^>]{0,200}\bid\s*=\s*[\"']?(?:root|app|__next|__nuxt|gatsby|svelte)\b[^>]*>\s*</", re.IGNORECASE
)


def certain(result: FetchResult, words: str) -> str | None:
    """Return `robot_check` when the marks of a known gatekeeper are there. `words` is what was extracted."""
    if len(words) >= challenges.FEW:
        return None
    return "robot_check" if challenges.named(result.body, result.headers) else None


def likely(markup: str, words: str, about: Head) -> str | None:
    """Return the reason why a page is a wall, None when it is not. `words` is what was extracted, empty when nothing was."""
    if len(words) > _STUB:
        return None
    seen = measure.visible(markup)
    own = _without_walls(words)
    titles = [title for title in (about.title, *about.headings[:2]) if title]
    if _is_not_found(titles, words, seen, own):
        return "not_found"
    if _is_paywall(words, seen, about):
        return "paywall"
    if own >= _ARTICLE:
        return None
    if phrases.ROBOT.search(words or seen) and own < 300 and len(seen) < 1_500:
        return "robot_check"
    if _is_consent(titles, words, seen, own):
        return "consent"
    if (
        _PASSWORD.search(markup)
        and own < 300
        and (phrases.LOGIN.search(words) or not words or any(map(phrases.LOGIN.search, titles)))
    ):
        return "login"
    return "javascript_required" if _needs_script(markup, seen, own) else None


def _without_walls(words: str) -> int:
    """Count the characters of the lines that speak of none of the walls' subjects."""
    patterns = (phrases.CONSENT, phrases.PAYWALL, phrases.ROBOT, phrases.NOT_FOUND, phrases.SCRIPT)
    return sum(len(line) for line in words.split("\n") if not any(pattern.search(line) for pattern in patterns))


def _is_not_found(titles: list[str], words: str, seen: str, own: int) -> bool:
    """Titled as an error, or saying so, with hardly a line about anything else."""
    if own >= 250:
        return False
    said = phrases.NOT_FOUND.search(words or seen) is not None
    return any(phrases.NOT_FOUND_TITLE.match(title) for title in titles) or (said and len(words) < 400 and len(seen) < 2_500)


def _is_paywall(words: str, seen: str, about: Head) -> bool:
    """A beginning, then an invitation to pay: said in the text, or around it by a page that declares itself not free."""
    if not about.free:
        return True
    said = phrases.PAYWALL.search(words)
    if said is not None:
        return len(words) - said.start() < 600 and len(text.fold(words)) < _STUB
    return len(words) < _ARTICLE and phrases.PAYWALL.search(seen) is not None and bool(words)


def _is_consent(titles: list[str], words: str, seen: str, own: int) -> bool:
    """Most of what it says is about consent: an article behind a mere banner has lines of its own."""
    if len(seen) > 3_000:
        return False
    if any(phrases.CONSENT_TITLE.search(title) for title in titles):
        return own < 400 and len(phrases.CONSENT.findall(seen)) >= 2
    return own < 200 and len(phrases.CONSENT.findall(words or seen)) >= 3


def _needs_script(markup: str, seen: str, own: int) -> bool:
    """Nearly nothing to see, and either words that ask for JavaScript or an empty shell with scripts."""
    if own >= 60:
        return False
    asked = phrases.SCRIPT.search(seen) or any(phrases.SCRIPT.search(part[1]) for part in _NOSCRIPT.finditer(markup))
    return bool(asked and len(seen) < 600) or (_SHELL.search(markup) is not None and len(seen) < 300)
