"""Styles where mail programs look for them: in the elements."""

import re

from watcher.errors import ConfigError

_SHEET = re.compile(r"(?s)(.*?<head>)(<style>.*?</style>)(.*?)(</head>)")
_CLASSES = re.compile(r' class="([^"]*)"')
_NAMED = re.compile(r"\.([a-zA-Z][\w-]*)")


def inlined(html: str, *, file: str) -> str:
    """Copy the rules of the style sheet into the elements; @media rules stay, and what nobody sees goes. Raises ConfigError.

    The rest of the sheet moves to the end of <head>: a browser looks for the encoding in the first 1,024 bytes only. Blanks,
    and classes that no remaining rule names, are a tenth of a mail.
    """
    from css_inline import CSSInliner, InlineError

    try:
        whole = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False, minify_css=True).inline(html)
    except InlineError as error:
        raise ConfigError(f"its styles cannot be put into its elements: {error}.", file=file) from error
    found = _SHEET.match(whole)
    sheet = _tight(found[2]) if found else ""
    named = frozenset(_NAMED.findall(sheet))
    body = _CLASSES.sub(lambda found: _kept(found[1], named), whole[found.end() :] if found else whole)
    head = found.expand(r"\1\3") + sheet + "\n" + found[4] if found else ""
    return re.sub(r"\n[ \t\n]+", "\n", head + body)


def _kept(classes: str, named: frozenset[str]) -> str:
    kept = [name for name in classes.split() if name in named]
    return f' class="{" ".join(kept)}"' if kept else ""


def _tight(sheet: str) -> str:
    return re.sub(r"\s*([{};,>])\s*", r"\1", re.sub(r"\s+", " ", re.sub(r":\s+(?=[^(){}]*[;}])", ":", sheet)))
