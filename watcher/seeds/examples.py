"""examples.jsonl and negatives.jsonl.gz: one labelled text a line."""

import gzip
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from watcher.errors import ConfigError, ConfigErrors
from watcher.model import Example
from watcher.seeds.naming import Naming
from watcher.seeds.page import Page, few, utf8

MOST_SHOWN = 60  # characters of a value that is wrong

_REMEDY = "Each line needs id, text and relevance."
_TORN = re.compile(r"[\ud800-\udfff]")  # half a surrogate pair is no character


def read_examples(file: Path, themes: frozenset[str]) -> tuple[Example, ...]:
    """Return the labelled texts of a .jsonl or .jsonl.gz file. Raises ConfigErrors; `themes` are the ids that may stand there."""
    errors: list[ConfigError] = []
    page, naming = Page(str(file), errors), Naming(themes)
    try:
        data: bytes | None = file.read_bytes()
    except OSError as error:
        raise ConfigErrors((ConfigError(f"cannot be read ({error.strerror}).", file=str(file)),)) from error
    examples = parse_examples(page, unzipped(page, data) if file.suffix == ".gz" else data, naming)
    naming.settle(errors, "themes.yaml", told=False)
    if errors:
        raise ConfigErrors(few(errors))
    return examples


def parse_examples(page: Page, data: bytes | None, naming: Naming) -> tuple[Example, ...]:
    examples: list[Example] = []
    # Only a line feed ends a line: U+2028 and its like may stand in a text of JSON (RFC 8259, section 7).
    for number, line in enumerate(utf8(data or b"", page).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found: object = json.loads(line)
        except json.JSONDecodeError as error:
            page.wrong(f"is not valid JSON: {error.msg}.", number, error.colno)
            continue
        except (ValueError, RecursionError):  # a number of thousands of digits, brackets by the thousand
            page.wrong("is not valid JSON: a number is too long, or it is nested too deeply.", number, 1)
            continue
        if example := _example(page, number, found, naming):
            examples.append(example)
    return tuple(examples)


def _example(page: Page, number: int, found: object, naming: Naming) -> Example | None:
    """Return the labelled text that a line holds, or None with what is wrong with it told."""
    if not isinstance(found, dict):
        page.wrong("is not a labelled text: expected an object.", number, 1, _REMEDY)
        return None
    row = cast("dict[str, Any]", found)
    told = len(page.errors)
    if missing := [key for key in ("id", "text", "relevance") if key not in row]:
        keys = f"the key {missing[0]!r} is" if len(missing) == 1 else f"the keys {' and '.join(map(repr, missing))} are"
        page.wrong(f"is not a labelled text: {keys} missing.", number, 1, _REMEDY)
    for key, (right, expected) in _KEYS.items():
        if key in row and not right(row[key]):
            page.wrong(f"{key}: expected {expected}, found {_shown(row[key])}.", number, 1)
    if len(page.errors) > told:
        return None
    example = Example(
        id=str(row["id"]),
        kind=row.get("kind", "article"),
        title=row.get("title", ""),
        text=row["text"],
        themes=tuple(row.get("themes", ())),
        maybe=tuple(row.get("maybe", ())),
        relevance=row["relevance"],
        ambiguous=row.get("ambiguous", False),
    )
    for theme in dict.fromkeys((*example.themes, *example.maybe)):
        naming.check(page, theme, number, 1)
    return example


def _is_string(value: object) -> bool:
    return isinstance(value, str) and not _TORN.search(value)


def _is_ident(value: object) -> bool:
    return _is_string(value) or type(value) is int


def _is_grade(value: object) -> bool:
    return type(value) is int and 0 <= value <= 3


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _are_strings(value: object) -> bool:
    return isinstance(value, list) and all(_is_string(one) for one in cast("list[object]", value))


_KEYS: dict[str, tuple[Callable[[object], bool], str]] = {
    "id": (_is_ident, "a text or a whole number"),
    "kind": (_is_string, "a text"),
    "title": (_is_string, "a text"),
    "text": (_is_string, "a text"),
    "themes": (_are_strings, "a list of texts"),
    "maybe": (_are_strings, "a list of texts"),
    "relevance": (_is_grade, "0, 1, 2 or 3"),
    "ambiguous": (_is_flag, "true or false"),
}


def _shown(value: object) -> str:
    """Return a value as it stands in the file, or its beginning."""
    shown = json.dumps(value)
    return shown if len(shown) <= MOST_SHOWN else f"{shown[:MOST_SHOWN]}..."


def unzipped(page: Page, data: bytes | None) -> bytes | None:
    try:
        return gzip.decompress(data) if data is not None else None
    except (OSError, EOFError, zlib.error) as error:
        page.wrong(f"is not a gzip file ({error}).")
        return None
