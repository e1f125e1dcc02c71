"""Where in a file a mistake stands: what pydantic found wrong, with the line and column of the value."""

from collections.abc import Sequence
from typing import Any, cast

from pydantic import ValidationError

from watcher.errors import ConfigError

_EXPECTED = {
    "missing": "this key is missing",
    "extra_forbidden": "this key is not known",
    "string_type": "expected a text",
    "list_type": "expected a list",
    "tuple_type": "expected a list",
    "dict_type": "expected a mapping",
    "model_type": "expected a mapping",
    "date_type": "expected a date as 2026-03-01",
    "date_from_datetime_parsing": "expected a date as 2026-03-01",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}


def text_of(data: bytes, file: str, errors: list[ConfigError]) -> str | None:
    """Return the text of a file in UTF-8, or None with the mistake told."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        errors.append(ConfigError("is not written in UTF-8.", file=file, line=line, column=1, remedy="Save it as UTF-8."))
        return None


def yaml(text: str, file: str, errors: list[ConfigError]) -> Any:
    """Return what a YAML text holds, its mappings and lists knowing their places; None with the mistake of syntax told."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="rt").load(text)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    except MarkedYAMLError as error:
        mark = cast("Any", error).problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        errors.append(ConfigError(f"is not valid YAML: {cast('Any', error).problem}.", file=file, line=line, column=column))
    except (YAMLError, ValueError, OverflowError, RecursionError) as error:
        errors.append(ConfigError(f"is not valid YAML: {str(error)[:200]}.", file=file, line=1, column=1))
    return None


def mistakes(found: ValidationError, tree: Any, file: str) -> list[ConfigError]:
    """Return one ConfigError for each thing that is wrong with `tree`, at its place."""
    told: list[ConfigError] = []
    details = found.errors(include_url=False)
    for detail in details:
        if detail["type"] == "too_short" and any(_is_below(other["loc"], detail["loc"]) for other in details):
            continue  # it is short of the items that were found wrong
        line, column = _place(tree, detail["loc"], key=detail["type"] == "extra_forbidden")
        problem = _EXPECTED.get(detail["type"]) or detail["msg"].removeprefix("Value error, ").rstrip(".")
        where = ".".join(str(part + 1) if isinstance(part, int) else part for part in detail["loc"] if part != "[key]")
        told.append(ConfigError(f"{where}: {problem}.".removeprefix(": "), file=file, line=line, column=column))
    return told


def _is_below(loc: tuple[int | str, ...], other: tuple[int | str, ...]) -> bool:
    return len(loc) > len(other) and loc[: len(other)] == other


def _place(tree: Any, loc: tuple[int | str, ...], *, key: bool) -> tuple[int, int]:
    """Return the line and column of the value at `loc`, or of the last thing on the way there that has a place."""
    line, column = 1, 1
    for depth, part in enumerate(loc):
        places = cast("dict[Any, Sequence[int]]", getattr(getattr(tree, "lc", None), "data", None) or {})
        if part not in places:
            break
        last = depth == len(loc) - 1
        line, column = places[part][:2] if key and last else places[part][-2:]
        line, column = line + 1, column + 1
        tree = tree[part]
    return line, column
