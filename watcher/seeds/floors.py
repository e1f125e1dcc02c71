"""floors.json: the figures under which no model is adopted, each lowered only on purpose, with a reason."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from watcher.errors import ConfigError
from watcher.seeds.model import replace_file

FLOORS = "floors.json"

_REMEDY = "Restore the file, or delete it and run `watcher init HOME`, which lays the shipped one out."


@dataclass(frozen=True, slots=True, kw_only=True)
class Floors:
    """The worst that each figure may be, by its name, and why they were last written."""

    floors: Mapping[str, float] = field(default_factory=dict[str, float])
    reason: str = ""


def read_floors(folder: Path) -> Floors:
    """Return the floors of the seed corpus in `folder`; none where there is no floors.json. Raises ConfigError."""
    file = folder / FLOORS
    try:
        top = cast("dict[str, Any]", json.loads(file.read_bytes().decode("utf-8-sig")))
        floors = {str(name): _number(value) for name, value in cast("dict[str, Any]", top["floors"]).items()}
        return Floors(floors=floors, reason=str(top.get("reason", "")))
    except FileNotFoundError:
        return Floors()
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror}).", file=str(file)) from error
    except json.JSONDecodeError as error:
        problem = f"is not valid JSON: {error.msg}."
        raise ConfigError(problem, file=str(file), line=error.lineno, column=error.colno, remedy=_REMEDY) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ConfigError(
            'does not hold floors. Expected {"reason": "...", "floors": {"relevance_f1": 0.87}}.', file=str(file), remedy=_REMEDY
        ) from error


def write_floors(folder: Path, floors: Floors) -> None:
    """Put `floors` in the place of those of the seed corpus in `folder`."""
    content = json.dumps({"reason": floors.reason, "floors": dict(floors.floors)}, indent=2, ensure_ascii=False) + "\n"
    replace_file(folder / FLOORS, content.encode())


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number")
    return float(value)
