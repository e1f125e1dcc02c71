"""Rows to nouns and back. A column has the name of the noun's field; what differs is written here, once."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Column, Result, Row, RowMapping, Table

from watcher.errors import StoreError
from watcher.model import (
    Candidate,
    Delivery,
    DeliveryState,
    Document,
    HostState,
    Pending,
    SourceState,
    TextStatus,
    Verdict,
)
from watcher.store import poison, schema
from watcher.text import storable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from pydantic import TypeAdapter

T = TypeVar("T")
AnyRow = Row[Any]

# SQLite takes 32,766 parameters in a statement and PostgreSQL 65,535; long lists are cut well below.
MOST_IN_LIST = 500

# The question in a document has tables of its own (store.questions).
DOCUMENT_FIELDS = tuple(field.name for field in fields(Document) if field.name != "question")
DOCUMENT_COLUMNS: tuple[Column[Any], ...] = tuple(schema.documents.c[name] for name in DOCUMENT_FIELDS)
CANDIDATE_COLUMNS = (*DOCUMENT_COLUMNS, schema.documents.c.verdict, schema.documents.c.story_id)


def chunks(values: Sequence[T], size: int = MOST_IN_LIST) -> Iterator[Sequence[T]]:
    """Yield `values` in slices of at most `size`."""
    return (values[start : start + size] for start in range(0, len(values), size))


def columns_of(noun: "DataclassInstance", table: Table) -> dict[str, Any]:
    """Return the fields of `noun` that are columns of `table`."""
    return {name: getattr(noun, name) for name in _shared(type(noun), table)}


@cache
def _shared(kind: "type[DataclassInstance]", table: Table) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name in table.c)


# ---------------------------------------------------------------------------------------------------------------- JSON


def dump(noun: object) -> str:
    """Return `noun` as JSON. What no engine can store in it becomes U+FFFD, one for one."""
    from pydantic_core import PydanticSerializationError

    adapter = _adapter(type(noun))
    try:
        return adapter.dump_json(noun).decode()
    except PydanticSerializationError:
        return json.dumps(_storable(adapter.dump_python(noun)), default=str, ensure_ascii=False)


def load(kind: type[T], text: str) -> T:
    """Return the noun of `kind` that `dump` wrote. Raises StoreError for what is none."""
    try:
        return _adapter(kind).validate_json(text)
    except ValueError as error:
        raise StoreError(
            f"A row of the database holds no {kind.__name__}: {str(error).splitlines()[0]}.",
            remedy="`watcher doctor` checks the file; restore a backup if it is damaged.",
        ) from error


@cache
def _adapter(kind: type[T]) -> "TypeAdapter[T]":
    from pydantic import TypeAdapter  # .06 s, which commands that only read questions need not wait for

    return TypeAdapter(kind)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): _storable(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, (tuple, list)):
        return [_storable(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value


# --------------------------------------------------------------------------------------------------------------- nouns


def source_states(found: Result[Any]) -> Iterator[SourceState]:
    """Yield the states of sources."""
    for row in found.mappings():
        # Without its cursor a source is read from its beginning: what is known stays known.
        cursor = poison.passed_over(f"the cursor of {row['source_id']}", partial(_mapping, row["cursor"])) or {}
        values: dict[str, Any] = {**row, "cursor": cursor}
        yield SourceState(**values)


def _mapping(text: str) -> dict[str, Any]:
    return dict(json.loads(text))


def source_state_values(state: SourceState) -> dict[str, Any]:
    """Return the row of a state."""
    return {**columns_of(state, schema.source_states), "cursor": json.dumps(dict(state.cursor), sort_keys=True)}


def host_states(found: Result[Any]) -> Iterator[HostState]:
    """Yield the states of origins."""
    return (HostState(**row) for row in found.mappings())


def pendings(found: Result[Any]) -> Iterator[Pending]:
    """Yield pages that wait."""
    return (Pending(**row) for row in found.mappings())


def documents(found: Result[Any]) -> Iterator[Document]:
    """Yield the documents of rows that have DOCUMENT_COLUMNS."""
    return (_document(row) for row in found.mappings())


def candidates(found: Result[Any]) -> Iterator[Candidate]:
    """Yield the documents of rows that have CANDIDATE_COLUMNS, with their verdicts.

    One that was never classified, or whose verdict cannot be read, has an empty one: relevance 0, no theme, `classifier` "".
    """
    for row in found.mappings():
        written, what = row["verdict"], f"the verdict of {row['key']}"
        judged = None if written is None else poison.passed_over(what, partial(load, Verdict, written))
        verdict = judged or Verdict(relevance=0, score=0.0, themes=(), language=row["language"], classifier="")
        yield Candidate(document=_document(row), verdict=verdict, story_id=row["story_id"])


def deliveries(found: Result[Any]) -> Iterator[Delivery]:
    """Yield mails of the outbox."""
    for row in found.mappings():
        values: dict[str, Any] = {**row, "state": DeliveryState(row["state"])}
        yield Delivery(**values)


def _document(row: RowMapping) -> Document:
    values: dict[str, Any] = {name: row[name] for name in DOCUMENT_FIELDS}
    values["status"] = TextStatus(row["status"])
    return Document(**values)
