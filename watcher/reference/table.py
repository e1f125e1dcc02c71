"""ministries.yaml: which words name which ministry, and when."""

import re
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from watcher import text
from watcher.errors import ConfigError
from watcher.model import MinistryName
from watcher.reference import places

SHIPPED = "ministries.yaml"
_MOST_BYTES = 1024 * 1024


def _identity(words: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", words) or len(words) > 60:
        raise ValueError(f"{words!r} is no identity: write small letters, words joined by -")
    return words


_Id = Annotated[str, AfterValidator(_identity)]
_Word = Annotated[str, StringConstraints(min_length=1, max_length=60)]


class _Name(BaseModel):
    """One way to be called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: tuple[_Word, ...] = Field(min_length=1)
    without: tuple[_Word, ...] = ()
    since: date | None = None
    until: date | None = None

    @field_validator("words", "without")
    @classmethod
    def folded(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what could never stand in a folded label: capitals, accents, hyphens, blanks."""
        for word in words:
            parts = [part.text for part in text.words(text.fold(word))]
            if parts != [word]:
                raise ValueError(f"{word!r} is compared folded, word by word: write {', '.join(parts) or 'a word'}")
        return words

    @model_validator(mode="after")
    def in_order(self) -> "_Name":
        """Refuse a time that ends before it begins."""
        if self.since and self.until and self.until < self.since:
            raise ValueError("`until` is before `since`")
        return self


class _Ministry(BaseModel):
    """One ministry and all its names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: _Id
    label: Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
    names: tuple[_Name, ...] = Field(min_length=1)


class _Table(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ministries: tuple[_Ministry, ...]


def read_table(file: Path, errors: list[ConfigError]) -> tuple[MinistryName, ...]:
    """Return the names in a file of the home, none when there is no such file; mistakes go to `errors`."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        errors.append(ConfigError(f"cannot be read ({error.strerror}).", file=str(file)))
        return ()
    if len(data) > _MOST_BYTES:
        errors.append(ConfigError(f"is larger than {_MOST_BYTES >> 20} MiB.", file=str(file), line=1, column=1))
        return ()
    return parsed(data, str(file), errors)


@lru_cache(maxsize=1)
def shipped_table() -> tuple[MinistryName, ...]:
    """Return the shipped names, in the order of the file."""
    errors: list[ConfigError] = []
    table = parsed((files("watcher") / "data" / SHIPPED).read_bytes(), SHIPPED, errors)
    if errors:
        raise errors[0]
    return table


def parsed(data: bytes, file: str, errors: list[ConfigError]) -> tuple[MinistryName, ...]:
    """Return the names that the YAML `data` holds; mistakes go to `errors` with their place in `file`."""
    content = places.text_of(data, file, errors)
    tree = None if content is None else places.yaml(content, file, errors)
    if tree is None:
        if not errors:
            errors.append(ConfigError("is empty.", file=file, line=1, column=1, remedy="Remove it, or write `ministries:`."))
        return ()
    try:
        table = _Table.model_validate(tree)
    except ValidationError as error:
        errors.extend(places.mistakes(error, tree, file))
        return ()
    return tuple(
        MinistryName(id=one.id, label=one.label, words=name.words, without=name.without, since=name.since, until=name.until)
        for one in table.ministries
        for name in one.names
    )
