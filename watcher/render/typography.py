"""Filters that lay text out: no word of any language lives here, those are in the templates."""

import re
import textwrap
from datetime import datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

from markupsafe import Markup

# What terminals, mail programs and readers may act upon: C0 and C1 controls (but tab and line end), bidirectional marks and
# embeddings, zero-width spaces, line and paragraph separators, the byte order mark.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
_BEFORE_HIGH_SIGN = re.compile(r"(?<=[^\s\u00a0\u202f])[ \u00a0]+(?=[:;!?»](?:\s|$|[.,)»”…]))")
_AFTER_GUILLEMET = re.compile(r"«[ \u00a0]*(?=\S)")
_THOUSANDS = re.compile(r"(?<![\d,.])(\d{1,3})((?:[ \u00a0]\d{3})+)(?![\d])")
_BEFORE_SIGN = re.compile(r"(?<=\d)[ \u00a0\u202f](?=[%€‰])")
_WEB = re.compile(r"(?:https?://[^\s/?#\"'<>\\]+|mailto:[^\s\"'<>\\]+@)[^\s\"'<>\\]*", re.IGNORECASE)
FINE = "\u202f"
LONG_LINK = 100  # characters


def clean(text: str) -> str:
    """Return `text` without control, bidirectional and zero-width characters."""
    return _UNSEEN.sub("", _LINE_ENDS.sub("\n", text))


def cleaned(value: object) -> object:
    """Return `value`, cleaned when it is text from outside; markup that a template made passes as it is."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def one_line(text: str) -> str:
    """Return `text` on one line, single-spaced; fine and no-break spaces are kept."""
    return re.sub(r"[ \t\n]+", " ", clean(text)).strip()


def plain_link(url: str) -> str:
    """Return `url` as the text part shows it: one line, without a text fragment (WICG) that makes it longer than LONG_LINK."""
    line = one_line(url)
    return line.partition("#:~:text=")[0] if len(line) > LONG_LINK else line


def one_blank(text: str) -> str:
    """Return `text` with no more than one blank line between its blocks."""
    return re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", text)


def french_spaces(text: str) -> str:
    """Put a narrow no-break space before `: ; ! ?`, inside guillemets and between groups of three figures, and a no-break
    space before `%` and `€`, where a plain space was."""
    spaced = _BEFORE_HIGH_SIGN.sub(FINE, str(text))
    spaced = _AFTER_GUILLEMET.sub(f"«{FINE}", spaced)
    spaced = _THOUSANDS.sub(lambda found: found[1] + re.sub(r"[ \u00a0]", FINE, found[2]), spaced)
    spaced = _BEFORE_SIGN.sub("\u00a0", spaced)
    return Markup(spaced) if isinstance(text, Markup) else spaced  # noqa: S704 (only spaces changed)


def inner_quotes(text: str) -> str:
    """Return `text` with its guillemets as “ ”, for a text that stands inside guillemets itself."""
    return re.sub(r"[\s\u00a0\u202f]*»", "”", re.sub(r"«[\s\u00a0\u202f]*", "“", text))


def capitalize_first(text: str) -> str:
    """Return `text` with a capital first letter, the others untouched."""
    return text[:1].upper() + text[1:]


def local(when: datetime, zone: str) -> datetime:
    """Return the instant `when` on the clocks of `zone`."""
    return when.astimezone(ZoneInfo(zone))


def just_before(when: datetime) -> datetime:
    """Return the last second before `when`: a period ends before its end, on its last day."""
    return when - timedelta(seconds=1)


def thousands(number: int) -> str:
    """Return `number` with its digits in groups of three, a narrow no-break space between them."""
    return f"{number:,}".replace(",", FINE)


def decimal(number: float) -> str:
    """Return `number` with a decimal comma and one decimal, which is left out where it is zero: 3,5; 4."""
    return f"{number:.1f}".removesuffix(".0").replace(".", ",")


def wrap(text: str, width: int = 74, indent: str = "", first: str | None = None) -> str:
    """Fold one paragraph at `width` columns, `indent` before each line (`first` before the first). Long words stay whole."""
    return textwrap.fill(
        one_line(text),
        width,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def underline(text: str, sign: str = "=") -> str:
    """Return `text` with a line of `sign` under it, as wide as its longest line."""
    return f"{text}\n{sign * max(len(line) for line in text.splitlines() or [''])}"


def bar(share: float, width: int = 20) -> str:
    """Return a bar of block characters, `share` in [0, 1] of `width` columns, in eighths."""
    eighths = round(share * width * 8)
    return "█" * (eighths // 8) + ("" if eighths % 8 == 0 else chr(0x2590 - eighths % 8))


def is_web(url: str) -> bool:
    """Tell whether `url` may be a link: http, https or mailto, and nothing that could end the attribute it stands in."""
    return _WEB.fullmatch(unescape(url)) is not None
