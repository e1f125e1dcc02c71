"""What may not be in a mail, whatever a template says: a last look at the finished HTML.

Templates escape what was fetched and refuse odd links by themselves. This check is for the day when an edited one does not.
"""

import re
from html.parser import HTMLParser

from watcher.errors import ConfigError
from watcher.render.typography import is_web

_TAGS = frozenset({
    "applet", "audio", "base", "button", "embed", "form", "frame", "frameset", "iframe", "img", "input", "link", "math", "object",
    "script", "select", "svg", "textarea", "video",
})  # fmt: skip
_FETCHING = frozenset(("action", "background", "data", "formaction", "href", "ping", "poster", "src", "srcset", "xlink:href"))
_CSS = re.compile(r"url\s*\(|@import|expression\s*\(|-moz-binding|javascript:", re.IGNORECASE)


def check(html: str, *, file: str) -> None:
    """Raise ConfigError naming the line of `html` that would run, fetch or send something when the mail is opened.

    Links must be http, https or mailto (row W08); pictures, forms, scripts and anything loaded from elsewhere are refused
    (row E17): the reader's program asks nobody for anything.
    """
    _Inspector(file).run(html)


class _Inspector(HTMLParser):
    def __init__(self, file: str) -> None:
        super().__init__(convert_charrefs=True)
        self._file = file
        self._in_style = False

    def run(self, html: str) -> None:
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _TAGS:
            self._refuse(f"<{tag}> is not allowed in a mail.")
        self._in_style = tag == "style"
        for name, value in attrs:
            if name.startswith("on"):
                self._refuse(f"the attribute {name} is not allowed in a mail.")
            if name == "style" and _CSS.search(value or ""):
                self._refuse("a style may not load or run anything.")
            if name in _FETCHING and not (name == "href" and tag == "a" and is_web(value or "")):
                self._refuse(f"{name} leads to {(value or '')[:60]!r}.", "Links are http, https or mailto: ask `if url is web`.")

    def handle_data(self, data: str) -> None:
        if self._in_style and _CSS.search(data):
            self._refuse("a style may not load or run anything.")

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._in_style = False

    def _refuse(self, problem: str, remedy: str = "") -> None:
        raise ConfigError(f"in the finished mail, {problem}", file=self._file, remedy=remedy)
