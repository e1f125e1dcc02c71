"""model.json: what `watcher themes learn` writes, and nobody edits; and model.previous.json, the one before it."""

import math
import os
from collections.abc import Iterable
from pathlib import Path

from watcher.classify import linear
from watcher.errors import ConfigError

MODEL = "model.json"
PREVIOUS = "model.previous.json"

REMEDY = "Train it again with `watcher themes learn`, or delete it and run `watcher init HOME`, which lays the shipped one out."


def read_model(file: str, data: bytes | None) -> tuple[bytes | None, ConfigError | None]:
    """Return the bytes of a model that can be used, else None and what is wrong with it."""
    if data is None:
        return None, None
    try:
        _check(linear.decode(data))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        return None, ConfigError(f"is not a trained model that can be used ({_first(error)}).", file=file, remedy=REMEDY)
    return data, None


def adopt(folder: Path, model: bytes) -> None:
    """Make `model` that of the seed corpus in `folder`, and keep the one it replaces as model.previous.json.

    A model that is of no use is not kept: what can be gone back to stays what it was.
    """
    file = folder / MODEL
    kept, _ = read_model(str(file), file.read_bytes() if file.exists() else None)
    if kept is not None:
        replace_file(folder / PREVIOUS, kept)
    replace_file(folder / MODEL, model)


def previous(folder: Path) -> bytes:
    """Return the model that was in use before. Raises ConfigError when none is kept, or when it is of no use."""
    file = folder / PREVIOUS
    if not file.exists():
        raise ConfigError("is not there: no model was replaced yet.", file=str(file), remedy="There is nothing to go back to.")
    data, broken = read_model(str(file), file.read_bytes())
    if data is None:
        raise broken or ConfigError("is empty.", file=str(file))
    return data


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` in the place of the file `path`, at once: the whole of it, or what was there before."""
    beside = path.with_name(f".{path.name}.part")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _check(model: linear.Model) -> None:
    for name, output in model.outputs.items():
        _numbers((*output.dense.values(), output.slope, output.offset, output.threshold, output.positives), name)
    _numbers((number for pair in model.words.values() for number in pair), "words")
    _numbers((number for passage in model.passages for number in passage.words.values()), "passages")
    _numbers((n for n in (model.rule.useful, model.rule.sure, model.rule.marginal) if n is not None), "rule")


def _numbers(values: Iterable[object], where: str) -> None:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{value!r} is not a number, in {where}")


def _first(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
