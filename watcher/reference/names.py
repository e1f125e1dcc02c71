"""Members, groups and bodies by their reference: the shipped file, the home's one, and the two as one mapping."""

import gzip
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from watcher.errors import ConfigError
from watcher.model import Member, Reference
from watcher.reference import places

T = TypeVar("T")

SHIPPED = "assemblee.json.gz"
SOURCE = "Assemblée nationale, data.assemblee-nationale.fr (Licence Ouverte)"
_MOST_BYTES = 32 * 1024 * 1024


def _reference(words: str) -> str:
    if not re.fullmatch(r"P[A-Z][0-9]{1,12}", words):
        raise ValueError(f"{words!r} is no reference such as PA1234 or PO1234")
    return words


_Ref = Annotated[str, AfterValidator(_reference)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class _Person(BaseModel):
    """One member of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _Name
    civility: str = ""


class _File(BaseModel):
    """The file of names: where they come from and when, members (`PA...`), groups and bodies (`PO...`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = ""
    made_on: date | None = Field(default=None, alias="date")
    members: dict[_Ref, _Person] = {}
    bodies: dict[_Ref, _Name] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What one file of names holds."""

    members: Mapping[str, Member] = field(default_factory=dict[str, Member])
    bodies: Mapping[str, str] = field(default_factory=dict[str, str])


class _Layered(Mapping[str, T]):
    """Names of the home over the shipped ones, which are read when they are first needed. Can be sent to a worker."""

    def __init__(self, own: Mapping[str, T], shipped: Callable[[], Mapping[str, T]]) -> None:
        self._own = own
        self._shipped = shipped

    def __getitem__(self, key: str) -> T:
        return self._own[key] if key in self._own else self._shipped()[key]

    def get(self, key: str, default: T | None = None) -> T | None:  # pyright: ignore[reportIncompatibleMethodOverride]  Mapping's tries and fails, which costs more
        """Return the name of `key`, `default` when there is none."""
        return self._own[key] if key in self._own else self._shipped().get(key, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._own.keys() | self._shipped().keys())

    def __len__(self) -> int:
        return len(self._own.keys() | self._shipped().keys())


def layered(own: Mapping[str, T], shipped: Callable[[], Mapping[str, T]]) -> Mapping[str, T]:
    """Return `own` over what `shipped` returns; `shipped` is called when a name is looked up that `own` lacks."""
    return _Layered(own, shipped)


def shipped_members() -> Mapping[str, Member]:
    """Return the shipped members by reference."""
    return _shipped().members


def shipped_bodies() -> Mapping[str, str]:
    """Return the labels of the shipped groups and ministries by reference."""
    return _shipped().bodies


def read_names(file: Path, errors: list[ConfigError]) -> Names:
    """Return the names in a file of the home, none when there is no such file; mistakes go to `errors`."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return Names()
    except OSError as error:
        errors.append(ConfigError(f"cannot be read ({error.strerror}).", file=str(file)))
        return Names()
    if len(data) > _MOST_BYTES:
        errors.append(ConfigError(f"is larger than {_MOST_BYTES >> 20} MiB.", file=str(file), line=1, column=1))
        return Names()
    text = places.text_of(data, str(file), errors)
    return Names() if text is None else _checked(text, str(file), errors)


def save(names: Reference, file: Path, *, on: date, source: str = SOURCE) -> None:
    """Write the members and bodies of `names` as a file of the home, in place of the one that was there (at once)."""
    content = {
        "source": source,
        "date": str(on),
        "members": {key: _written(member) for key, member in sorted(names.members.items())},
        "bodies": dict(sorted(names.bodies.items())),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    beside.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    beside.replace(file)


def _written(member: Member) -> dict[str, str]:
    named = {"name": member.name}
    return {**named, "civility": member.civility} if member.civility else named


@lru_cache(maxsize=1)
def _shipped() -> Names:
    packed = (files("watcher") / "data" / SHIPPED).read_bytes()
    return _names(_File.model_validate_json(gzip.decompress(packed)))


def _checked(text: str, file: str, errors: list[ConfigError]) -> Names:
    try:
        tree = json.loads(text)
    except json.JSONDecodeError as error:
        errors.append(ConfigError(f"is not valid JSON: {error.msg}.", file=file, line=error.lineno, column=error.colno))
        return Names()
    except RecursionError:
        errors.append(ConfigError("is nested too deeply.", file=file, line=1, column=1))
        return Names()
    try:
        return _names(_File.model_validate(tree, strict=False))
    except ValidationError as error:
        # JSON is YAML: that parser knows the places, and is only needed when something is wrong.
        errors.extend(places.mistakes(error, places.yaml(text, file, errors), file))
        return Names()


def _names(file: _File) -> Names:
    members = {key: Member(name=one.name, civility=one.civility, ref=key) for key, one in file.members.items()}
    return Names(members=members, bodies=file.bodies)
