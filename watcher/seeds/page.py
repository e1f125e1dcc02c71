"""One file that people edit, while it is read: its values, and the mistakes with their line and column."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast

from watcher.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Page:
    """One file being read: where its mistakes go, and how to read a key of one of its mappings."""

    file: str
    errors: list[ConfigError]
    first_line: int = 1

    def wrong(self, message: str, line: int | None = None, column: int | None = None, remedy: str = "") -> None:
        self.errors.append(ConfigError(message, file=self.file, line=line, column=column, remedy=remedy))

    def at(self, node: Any, key: Any, *, name: bool = False) -> tuple[int | None, int | None]:
        """Return the line and column of the value of `key` in `node`, a mapping or a list; of the key itself for `name`."""
        place = cast("dict[Any, Sequence[int]]", getattr(getattr(node, "lc", None), "data", None) or {}).get(key)
        if place is None:
            return None, None
        line, column = place[:2] if name else place[-2:]
        return line + self.first_line, column + 1

    def yaml(self, text: str) -> Any:
        """Return what the YAML `text` holds; a mistake of syntax or a key given twice is told, and gives None."""
        from watcher.seeds.syntax import MalformedError, load

        try:
            return load(text)
        except MalformedError as error:
            line = error.line if error.line is None else error.line + self.first_line
            column = error.column if error.column is None else error.column + 1
            self.wrong(f"is not valid YAML: {error.problem}.", line, column)
            return None

    def mapping(self, node: Any, parent: Any, key: Any, known: Sequence[str], required: Sequence[str] = ()) -> dict[str, Any]:
        """Return `node` if it is a mapping with only `known` keys and all `required` ones; tell what is wrong with it."""
        if not isinstance(node, dict):
            self.wrong(f"expected a mapping with {', '.join(known)}.", *self.at(parent, key))
            return {}
        found = cast("dict[str, Any]", node)
        for name in found:
            if name not in known:
                close = get_close_matches(str(name), known, 1)
                hint = f"Did you mean {close[0]!r}?" if close else f"Known keys: {', '.join(known)}."
                self.wrong(f"unknown key {name!r}.", *self.at(node, name, name=True), remedy=hint)
        for name in required:
            if name not in found:
                self.wrong(f"the key {name!r} is missing.", *self.at(parent, key))
        return found

    def value(self, node: dict[str, Any], key: str, default: Any, right: Callable[[Any], bool], expected: str) -> Any:
        """Return the value of `key`, or `default` where it is absent or wrong; a wrong one is told."""
        if key not in node:
            return default
        value = node[key]
        if right(value):
            return value
        self.wrong(f"{key}: expected {expected}, found {value!r}.", *self.at(node, key))
        return default

    def items(self, node: dict[str, Any], key: str) -> list[tuple[list[Any], int, Any]]:
        """Return the items of the list under `key` as (list, position, item); an absent key is an empty list."""
        value = self.value(node, key, [], lambda v: isinstance(v, list), "a list")
        return [(value, place, item) for place, item in enumerate(value)]


def few(errors: Sequence[ConfigError], most: int = 10) -> tuple[ConfigError, ...]:
    """Return the first `most` mistakes of each file, and how many more it holds."""
    kept: list[ConfigError] = []
    left: dict[str, int] = {}
    count: dict[str, int] = {}
    for error in errors:
        count[error.file] = count.get(error.file, 0) + 1
        if count[error.file] <= most:
            kept.append(error)
        else:
            left[error.file] = left.get(error.file, 0) + 1
    more = (ConfigError(f"holds {number} more mistakes.", file=file) for file, number in left.items())
    return (*kept, *more)


def is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def is_number(low: float, high: float) -> Callable[[Any], bool]:
    return lambda v: v is None or (isinstance(v, int | float) and not isinstance(v, bool) and low <= v <= high)


def utf8(data: bytes, page: Page) -> str:
    """Return the text of `data`; a byte order mark, as Windows writes, is no mistake."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        page.wrong("is not written in UTF-8.", error.object[: error.start].count(b"\n") + 1)
        return ""
