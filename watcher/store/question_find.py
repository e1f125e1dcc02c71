"""Find questions by who asked, who must answer, theme, words, date and how far they are: the same on both engines."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, false, func, select

from watcher.model import Chamber, QuestionStatus
from watcher.store import question_ministries, question_rows, question_tables, rows, schema, words
from watcher.store.database import Transaction
from watcher.store.search import themes_of

_TABLE = question_tables.questions
_OF = _TABLE.c
MOST_FOUND = 50_000
_FURTHEST = 10_000_000
_HELD = select(schema.documents.c.id).where(schema.HELD)
_NEWEST = (_OF.latest_on.desc(), _OF.document_key.desc())
_OLDEST_ASKED = (_OF.asked_on, _OF.document_key)
_OWN = {"key", "days", "themes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is looked for; everything that is given must hold.

    `ministry` is an identity (through its renamings), or words that its name holds; `author`, `group` and `words` are words,
    all of which must be there. `since` and `until` are days, both included, of the later of question and answer. `overdue` is
    the day at which a question that is open today was past its term.
    """

    chamber: Chamber | None = None
    ministry: str | None = None
    theme: str | None = None
    status: QuestionStatus | None = None
    kind: str | None = None
    number: str | None = None
    author: str | None = None
    group: str | None = None
    words: str | None = None
    since: date | None = None
    until: date | None = None
    overdue: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One question as a list shows it, without its texts.

    `due_on` is the last day of its term while it waits. `days` is the delay of its answer, or, when one asked what is overdue
    at a day, what has passed until then. `ministry` is the one that answered, else the one in charge, else the one asked.
    `themes` are those that are on, the surest first.
    """

    key: str
    chamber: Chamber
    legislature: int
    kind: str
    number: str
    status: QuestionStatus
    status_label: str
    asked_on: date | None
    answered_on: date | None
    due_on: date | None
    days: int | None
    ministry_id: str | None
    ministry: str
    author: str
    group: str
    title: str
    url: str
    themes: tuple[str, ...] = ()


_LISTED = tuple(field.name for field in fields(Listed) if field.name not in _OWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage:
    """A page of what was found; `total` counts all of it."""

    total: int
    questions: tuple[Listed, ...] = ()


def find(tx: Transaction, wanted: Filter, limit: int = 20, offset: int = 0) -> QuestionPage:
    """Return the questions that `wanted` describes: those overdue longest first when it asks for them, else the newest first.

    `limit` is cut to 50,000. Words that are none find nothing. Nothing held for a person is found.
    """
    conditions = _conditions(tx, wanted)
    total = tx.connection.scalar(select(func.count()).select_from(_TABLE).where(*conditions)) or 0
    order: Sequence[ColumnElement[Any]] = _NEWEST if wanted.overdue is None else _OLDEST_ASKED
    page = select(_OF.document_id).where(*conditions).order_by(*order)
    page = page.limit(max(0, min(limit, MOST_FOUND))).offset(max(0, min(offset, _FURTHEST)))
    return QuestionPage(total=total, questions=_listed(tx, list(tx.connection.scalars(page)), wanted.overdue))


def _conditions(tx: Transaction, wanted: Filter) -> list[ColumnElement[bool]]:
    conditions = [_OF.document_id.not_in(_HELD), *_days(wanted)]
    if wanted.chamber is not None:
        conditions.append(_OF.chamber == wanted.chamber)
    if wanted.kind is not None:
        conditions.append(_OF.kind == wanted.kind)
    if wanted.number is not None:
        conditions.append(_OF.number == wanted.number)
    if wanted.status is not None:
        conditions.append(_OF.status == wanted.status)
    if wanted.theme is not None:
        themes = schema.document_themes
        conditions.append(_OF.document_id.in_(select(themes.c.document_id).where(themes.c.theme == wanted.theme)))
    if wanted.ministry is not None:
        conditions.append(question_ministries.is_put_to(tx, wanted.ministry))
    if wanted.author is not None:
        conditions += _holding(_OF.author_words, wanted.author)
    if wanted.group is not None:
        conditions += _holding(_OF.group_words, wanted.group)
    if wanted.words is not None and wanted.words.strip():
        groups = words.groups_of(wanted.words)
        conditions.append(words.matches(tx.connection, groups, document_id=_OF.document_id) if groups else false())
    return conditions


def _days(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        conditions.append(_OF.latest_on >= wanted.since)
    if wanted.until is not None:
        conditions.append(_OF.latest_on <= wanted.until)
    if wanted.overdue is not None:
        conditions.append(_OF.due_on < wanted.overdue)
    return conditions


def _holding(column: ColumnElement[str], asked: str) -> list[ColumnElement[bool]]:
    """Return that a column of folded words holds each word of `asked`, or the beginning of a longer one."""
    asked_words = question_rows.words_of(asked).split()
    return [column.contains(f" {word}", autoescape=True) for word in asked_words] or [false()]


def _listed(tx: Transaction, ids: list[int], at: date | None) -> tuple[Listed, ...]:
    columns = (_OF.document_id, _OF.document_key, _OF.delay, *(_OF[name] for name in _LISTED))
    by_id: dict[int, RowMapping] = {}
    themes: dict[int, tuple[str, ...]] = {}
    for some in rows.chunks(ids):
        found = tx.connection.execute(select(*columns).where(_OF.document_id.in_(some))).mappings()
        by_id.update({row["document_id"]: row for row in found})
        themes.update(themes_of(tx, some))
    return tuple(_one(by_id[key], themes.get(key, ()), at) for key in ids)


def _one(row: RowMapping, themes: tuple[str, ...], at: date | None) -> Listed:
    values: dict[str, Any] = {name: row[name] for name in _LISTED}
    values |= {"chamber": Chamber(row["chamber"]), "status": QuestionStatus(row["status"])}
    days = (at - row["asked_on"]).days if at and row["asked_on"] else row["delay"]
    return Listed(**values, key=row["document_key"], days=days, themes=themes)
