"""The Sénat's lists of questions as CSV: found columns, whole records, what is half-published told from what is read.

cp1252 or UTF-8, `;`, a heading line after any number of `%` lines. Columns are matched by name without case, accents or
punctuation; they may come in any order and be fewer or more than we use.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from watcher import media, text
from watcher.errors import ParseError
from watcher.model import FetchResult

# As the Sénat spells them; the key is what the program calls them.
COLUMNS = {
    "status": "Sort",
    "kind": "Nature",
    "number": "Numéro",
    "reference": "Référence",
    "title": "Titre",
    "surname": "Nom",
    "first_name": "Prénom",
    "civility": "Civilité",
    "constituency": "Circonscription",
    "group": "Groupe",
    "belonging": "Type Appartenance",
    "asked_on": "Date de publication JO",
    "asked_ministry": "Ministère de dépôt",
    "ministry": "Ministère de réponse",
    "answered_on": "Date de réponse JO",
    "themes": "Thème(s)",
    "url": "URL Question",
}
_REQUIRED = ("status", "kind", "number", "title", "asked_on", "url")
# A list may do without these; but one that misses them beside headings nobody knows has renamed them.
_EXPECTED = ("answered_on", "ministry", "asked_ministry", "surname", "first_name")
_MOST_LINES = 50  # of one record
_LONGEST_CELL = 1_000
_HEAD = 64 * 1024  # bytes in which the heading stands
_KIND = "senat_questions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record: its line in the file, and its cells by the names that are the keys of COLUMNS. What is not there is empty."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A list: its records, and the lines of those that have too few or too many cells."""

    rows: tuple[Row, ...]
    misshapen: tuple[int, ...]


def read(result: FetchResult) -> Table:
    """Read the records of a list.

    Raises ParseError: `not_a_csv`; `renamed_column`, which names the columns that are missed and those found instead;
    `shrunken` when the file holds no record or its last one is cut.
    """
    words = media.decode(result.body).replace("\x00", "")
    lines = list(enumerate(words.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1))
    start = next((place for place, (_, line) in enumerate(lines) if line.strip() and not line.startswith("%")), None)
    if start is None:
        raise shrunken(result, "holds nothing")
    heading = [text.clean_line(cell) for cell in _record([lines[start][1]])[0]]
    names = _named(heading, result)
    rows: list[Row] = []
    misshapen: list[int] = []
    last = 0
    for number, cells in _records(lines[start + 1 :], len(heading)):
        last = number
        if len(cells) == len(heading):
            rows.append(Row(line=number, cells={name: cells[place] for name, place in names.items()}))
        else:
            misshapen.append(number)
    if not rows:
        raise shrunken(result, "holds a heading and no question")
    if misshapen and misshapen[-1] == last and not words.endswith(("\n", "\r")):
        raise shrunken(result, f"is cut in line {last}")
    return Table(rows=tuple(rows), misshapen=tuple(misshapen))


def holds(result: FetchResult) -> bool:
    """Say whether `result` is a list of questions, whole or not: its heading names the columns that none can do without."""
    lines = (line for line in media.decode(result.body[:_HEAD]).splitlines() if line.strip() and not line.startswith("%"))
    heading = {_folded(cell) for cell in _record([next(lines, "")])[0]}
    return all(_folded(COLUMNS[name]) in heading for name in _REQUIRED)


def shrunken(result: FetchResult, what: str) -> ParseError:
    """Return the error for a list that is there in part only. Nothing is deleted for it: what was known stays."""
    message = (
        f"{result.url} {what}: it was cut or is only half published. Nothing was changed; it is read again at the next poll."
    )
    return ParseError(message, reason="shrunken", kind=_KIND, url=result.url)


def _records(lines: list[tuple[int, str]], width: int) -> Iterator[tuple[int, list[str]]]:
    """Give each record with the line it begins on. A cell in quotes may hold lines.

    A quote that nobody closes would swallow the records behind it: what does not come out in the right width is read again
    line by line, quotes being then characters like others.
    """
    place = 0
    while place < len(lines):
        number, line = lines[place]
        if line.startswith("%") or not line.strip():
            place += 1
            continue
        cells, used = _record([line for _, line in lines[place : place + _MOST_LINES]])
        if len(cells) != width and used > 1:
            cells, used = line.split(";"), 1
        yield number, [_clean(cell) for cell in cells]
        place += used


@lru_cache(maxsize=4_096)
def _clean(cell: str) -> str:
    """Return a cell as one clean line. Most are plain, and the others, the names of ministries, come again and again."""
    plain = cell.isascii() and cell.isprintable() and "  " not in cell and len(cell) < _LONGEST_CELL
    return cell.strip() if plain else text.clean_line(cell, _LONGEST_CELL)


def _record(lines: list[str]) -> tuple[list[str], int]:
    """Return the cells of the first record and how many lines it takes."""
    reader = csv.reader((line + "\n" for line in lines), delimiter=";")
    try:
        return next(reader), reader.line_num
    except csv.Error:  # a cell beyond all measure
        return lines[0].split(";"), 1


def _named(heading: list[str], result: FetchResult) -> dict[str, int]:
    """Return the place of each column we know. A known one that is missing where an unknown one stands was renamed."""
    places = {_folded(words): place for place, words in reversed(list(enumerate(heading)))}
    names = {name: places[_folded(column)] for name, column in COLUMNS.items() if _folded(column) in places}
    if len(names) < 3:
        message = f"{result.url} is no list of questions: its first line reads {'; '.join(heading)[:200]!r}."
        raise ParseError(message, reason="not_a_csv", kind=_KIND, url=result.url)
    known = {_folded(column) for column in COLUMNS.values()}
    strangers = [words for words in heading if words and _folded(words) not in known]
    missing = [name for name in COLUMNS if name not in names]
    wanted = [name for name in missing if name in _REQUIRED or (strangers and name in _EXPECTED)]
    if wanted:
        raise _renamed([COLUMNS[name] for name in wanted], strangers, heading, result)
    return names


def _renamed(missing: list[str], strangers: list[str], heading: list[str], result: FetchResult) -> ParseError:
    likely = [
        f"{column!r} is perhaps {near[0]!r}"
        for column in missing
        if (near := get_close_matches(column, strangers, 1, cutoff=0.5))
    ]
    advice = f" {', '.join(likely)}." if likely else ""
    message = (
        f"{result.url} has no column {', '.join(map(repr, missing))}; it has {', '.join(map(repr, heading))}.{advice}"
        " The list has changed its headings: correct COLUMNS in sources/senat_csv.py."
    )
    return ParseError(message, reason="renamed_column", kind=_KIND, where=", ".join(missing), url=result.url)


def _folded(column: str) -> str:
    return "".join(character for character in text.fold(column) if character.isalnum())
