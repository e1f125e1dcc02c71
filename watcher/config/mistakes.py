"""Turn what pydantic found into sentences with a place: what is wrong, what was expected, what was perhaps meant."""

import re
from collections.abc import Collection
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from watcher.config.nodes import Node
from watcher.config.secrets import secret_remedy
from watcher.config.words import clip, did_you_mean
from watcher.errors import ConfigError

_EXPECTED = {
    "string_type": "a text",
    "bool_type": "`true` or `false`",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "tuple_type": "a list",
    "list_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "dict_type": "keys and values",
    "time_delta_type": "a duration",
}


def mistakes(error: ValidationError, node: Node, *, file: str, label: str, model: type[BaseModel]) -> list[ConfigError]:
    """Return one ConfigError for each mistake pydantic found in `node`, which was held against `model`.

    `label` names the part of the file: `source \\`dares\\``.
    """
    return [_mistake(detail, node, file, label, model) for detail in error.errors(include_url=False)]


def mistake(problem: str, node: Node, *, file: str, remedy: str = "") -> ConfigError:
    """Return the ConfigError that says `problem` at the place of `node`."""
    return ConfigError(problem, file=file, line=node.line, column=node.column, remedy=remedy)


def unknown_key(key: str, node: Node, known: Collection[str], *, file: str, label: str) -> ConfigError:
    """Return the ConfigError for the key at `node`, with the nearest known one; a key that looks secret gets its remedy."""
    if remedy := secret_remedy(key):
        return mistake(f"{label}: the key `{clip(key)}` looks like a secret.", node, file=file, remedy=remedy)
    return mistake(f"{label}: unknown key `{clip(key)}`.", node, file=file, remedy=did_you_mean(key, known))


def keys_of(model: type[BaseModel]) -> list[str]:
    """Return the keys a model reads, as they are written in the file."""
    return [field.alias or name for name, field in model.model_fields.items()]


def found(node: Node) -> str:
    """Return what stands at `node`, worded. Long texts are cut."""
    if node.shape != "scalar":
        return "a list" if node.shape == "list" else "keys and values"
    if node.value is None:
        return "nothing"
    return f"the text `{clip(node.text, 30)}`" if isinstance(node.value, str) else f"`{clip(node.text, 30)}`"


def _mistake(detail: ErrorDetails, node: Node, file: str, label: str, model: type[BaseModel]) -> ConfigError:
    loc = detail["loc"]
    if detail["type"] == "extra_forbidden":
        parent, key = _at(node, loc[:-1]), str(loc[-1])
        place = parent.entries[key][0] if key in parent.entries else parent
        return unknown_key(key, place, _keys(model, loc[:-1]), file=file, label=_label(label, loc[:-1]))
    here = _at(node, loc)
    if detail["type"] == "missing":
        return mistake(f"{_label(label, loc[:-1])}: `{loc[-1]}` is missing.", here, file=file)
    problem, remedy = _sentence(detail, here)
    return mistake(f"{_label(label, loc)}: {problem}", here, file=file, remedy=remedy)


def _sentence(detail: ErrorDetails, here: Node) -> tuple[str, str]:
    """Return the problem and the remedy of one detail."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "watcher":
        return str(context["problem"]), str(context["remedy"])
    if kind in _EXPECTED:
        quote = kind == "string_type" and here.shape == "scalar" and here.value is not None
        remedy = f'Write it between quotes: "{clip(here.text, 30)}".' if quote else ""
        return f"expected {_EXPECTED[kind]}, got {found(here)}.", remedy
    if kind in ("literal_error", "enum"):
        choices = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return f"{found(here)} is none of {', '.join(f'`{c}`' for c in choices)}.", did_you_mean(here.text, choices)
    message = detail["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{message[:1].lower()}{message[1:]}, got {found(here)}.", ""


def _label(label: str, loc: tuple[int | str, ...]) -> str:
    """Return `label` with the key that is meant: `settings.mail.port`; list positions count from 1."""
    keys = ".".join(f"{part + 1}" if isinstance(part, int) else part for part in loc)
    return f"{label}: `{keys}`" if keys else label


def _at(node: Node, loc: tuple[int | str, ...]) -> Node:
    """Return the value at `loc`, or the deepest one on the way there."""
    for part in loc:
        if isinstance(part, int) and part < len(node.items):
            node = node.items[part]
        elif isinstance(part, str) and (below := node.child(part)) is not None:
            node = below
    return node


def _keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Return the keys that may stand at `loc` below `model`."""
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            below = _model_in(model.model_fields[part].annotation)
            model = below or model
    return keys_of(model)


def _model_in(annotation: object) -> type[BaseModel] | None:
    """Return the first model named in a type such as `tuple[RecipientEntry, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part)) is not None), None)
