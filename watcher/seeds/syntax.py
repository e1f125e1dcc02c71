"""YAML as ruamel.yaml reads it, its mappings and lists knowing their places; whatever it cannot read is a `MalformedError`."""

import re
import sys
from functools import lru_cache
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

_ESCAPE = re.compile(r"\\U([0-9A-Fa-f]{8})")


class MalformedError(Exception):
    """What stops a text from being YAML; `line` and `column` count from 0, None where the place is not known."""

    def __init__(self, problem: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(problem)
        self.problem, self.line, self.column = problem.rstrip("."), line, column


@lru_cache(maxsize=32)
def load(text: str) -> Any:
    """Return what `text` holds; nobody changes it, for a service reads the same files again at each reload.

    Raises MalformedError.
    """
    yaml = cast("Any", YAML(typ="rt"))
    yaml.Constructor = _Constructor
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        marked = cast("Any", error)
        mark = marked.problem_mark or marked.context_mark
        place = (mark.line, mark.column) if mark else (None, None)
        # Of a key given twice, both values follow: all of the themes, it may be.
        problem = str(marked.problem or marked.context).partition(" with value ")[0]
        raise MalformedError(problem, *place) from error
    except ReaderError as error:
        position = cast("int", cast("Any", error).position)
        raise MalformedError(f"the character U+{ord(text[position]):04X} cannot be used", *_place(text, position)) from error
    except RecursionError as error:
        raise MalformedError("it is nested too deeply") from error
    except (YAMLError, ValueError, OverflowError) as error:
        escape = next((one for one in _ESCAPE.finditer(text) if int(one[1], 16) > sys.maxunicode), None)
        if escape is None:
            raise MalformedError(str(error)[:200]) from error
        raise MalformedError(f"{escape[0]} is no character", *_place(text, escape.start())) from error


class _Constructor(RoundTripConstructor):
    """Tells the place of a value that looks like a date or a number and is none: 2019-02-35."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return cast("Any", super()).construct_object(node, deep=deep)
        except (ValueError, OverflowError, LookupError) as error:
            problem = f"{str(node.value)[:40]!r} cannot be read ({str(error)[:100]})"
            raise ConstructorError(None, None, problem, node.start_mark) from error


def _place(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n"), len(before) - before.rfind("\n") - 1
