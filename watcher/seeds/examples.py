"""examples.jsonl and negatives.jsonl.gz: one labelled text a line."""

import gzip
import json
from pathlib import Path

from watcher.errors import ConfigError, ConfigErrors
from watcher.model import Example
from watcher.seeds.naming import Naming
from watcher.seeds.page import Page, few, utf8


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
    for number, line in enumerate(utf8(data or b"", page).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            page.wrong(f"is not valid JSON: {error.msg}.", number, error.colno)
            continue
        try:
            example = Example(
                id=str(row["id"]),
                kind=str(row.get("kind", "article")),
                title=str(row.get("title", "")),
                text=str(row["text"]),
                themes=tuple(row.get("themes", ())),
                maybe=tuple(row.get("maybe", ())),
                relevance=int(row["relevance"]),
                ambiguous=bool(row.get("ambiguous", False)),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            page.wrong(f"is not a labelled text ({error!r}).", number, 1, "Each line needs id, text and relevance.")
            continue
        for theme in dict.fromkeys((*example.themes, *example.maybe)):
            naming.check(page, theme, number, 1)
        if not 0 <= example.relevance <= 3:
            page.wrong(f"relevance: expected 0, 1, 2 or 3, found {example.relevance}.", number, 1)
        examples.append(example)
    return tuple(examples)


def unzipped(page: Page, data: bytes | None) -> bytes | None:
    try:
        return gzip.decompress(data) if data is not None else None
    except (OSError, EOFError) as error:
        page.wrong(f"is not a gzip file ({error}).")
        return None
