"""Questions as a table that opens in a spreadsheet."""

import csv
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watcher.store.questions import Listed

# What a spreadsheet takes for the beginning of a formula, in ASCII and in full width.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_COLUMNS = (
    *("key", "chamber", "legislature", "kind", "number", "status", "status_label", "asked_on", "answered_on", "due_on"),
    *("days", "ministry_id", "ministry", "author", "group", "title", "url"),
)


def spreadsheet(found: "Iterable[Listed]") -> bytes:
    """Return questions as a table that a French Excel opens by itself: semicolons, CRLF, UTF-8 with its byte-order mark.

    Texts that a spreadsheet would run as a formula begin with an apostrophe. Days are in ISO 8601, the themes separated by
    commas.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow([*_COLUMNS, "themes"])
    for one in found:
        cells = (*(getattr(one, name) for name in _COLUMNS), ", ".join(one.themes))
        writer.writerow([_cell(value) for value in cells])
    return written.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
