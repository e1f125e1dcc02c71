"""Write many rows with one statement, which is worded once, while their values are converted column by column.

Connection.execute puts the parameters of each row together anew, in ways that fit any statement, and a chamber's archive of
questions is two hundred thousand rows. What needs those ways (a value of the statement's own, a default worked out in Python,
a list, RETURNING) is left to it, and so are rows that cannot be converted: it raises the error that says why.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Insert, TextClause, Update

_Statement = Insert | Update | TextClause
_Processor = Callable[[Any], Any]


class _Worded(NamedTuple):
    """What the driver is given: the SQL, and which parameters it takes, converted by what."""

    sql: str
    positional: bool
    names: tuple[str, ...]
    processors: tuple[_Processor | None, ...]


def write_many(connection: Connection, statement: _Statement, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run `statement` with each of `rows`, as Connection.execute does; the first names the parameters. Nothing without rows.

    `statement` is best one that lasts: it is worded once for each engine and set of names.
    """
    if not rows:
        return
    worded = _word(connection.dialect, statement, tuple(rows[0]))
    bound = _bound(worded, rows) if worded else None
    if worded and bound:
        connection.exec_driver_sql(worded.sql, bound)
    else:
        connection.execute(statement, list(rows))


@lru_cache(maxsize=128)
def _word(dialect: Dialect, statement: _Statement, given: tuple[str, ...]) -> _Worded | None:
    # Inline: the keys that the engine gives are not asked for, as when there are many rows.
    plain = statement.inline() if isinstance(statement, Insert) else statement
    compiled = plain.compile(dialect=dialect, column_keys=list(given))
    if compiled.post_compile_params or compiled.literal_execute_params or compiled.effective_returning:
        return None
    names = tuple((compiled.positiontup or ()) if compiled.positional else compiled.params)
    if not names or not set(names).issubset(given):
        return None
    processors = tuple(compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names)
    return _Worded(compiled.string, compiled.positional, names, processors)


def _bound(worded: _Worded, rows: Sequence[Mapping[str, Any]]) -> list[Any] | None:
    """Return `rows` as the driver takes them, None when that fails."""
    try:
        columns = [[row[name] for row in rows] for name in worded.names]
        converted = [_converted(*pair) for pair in zip(worded.processors, columns, strict=True)]
    except Exception:  # noqa: BLE001 - whatever it is, Connection.execute meets it again, and says which parameter of which row
        return None
    values = list(zip(*converted, strict=True))
    return values if worded.positional else [dict(zip(worded.names, row, strict=True)) for row in values]


def _converted(process: _Processor | None, column: Sequence[Any]) -> Iterable[Any]:
    if process is None:
        return column
    # Columns are full of None, "", enums and the present instant, the same object in each row: it is converted once. Equal
    # values will not do: 0.0 equals -0.0, and in autumn two o'clock equals two o'clock an hour later.
    places = list(map(id, column))
    distinct = dict(zip(places, column, strict=True))
    if len(distinct) * 2 > len(column):
        return [process(value) for value in column]
    done = {place: process(value) for place, value in distinct.items()}
    return [done[place] for place in places]
