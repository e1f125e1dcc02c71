"""Find documents by words, theme, source, date and kind: the same rows in the same order on both engines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select

from watcher.store import rows, schema, words
from watcher.store.database import Transaction
from watcher.store.snippets import Snippet, snippet_of

_TABLE = schema.documents
MOST_HITS = 500
_FURTHEST = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One document found. `snippet` is a passage of its text, on one line; `marks` are the offsets in it of words looked for."""

    key: str
    title: str
    url: str
    publisher: str
    published_at: datetime | None
    snippet: str
    marks: tuple[tuple[int, int], ...] = ()
    themes: tuple[str, ...] = ()
    relevance: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """A page of what was found; `total` counts all of it."""

    total: int
    hits: tuple[Hit, ...] = ()


def find(
    tx: Transaction,
    wanted: str,
    *,
    theme: str | None = None,
    source: str | None = None,
    since: datetime | None = None,
    kind: str | None = None,
    limit: int = 20,
    offset: int = 0,
) -> SearchPage:
    """Return the documents that hold every word of `wanted`, whatever the accents, case, plural or elision.

    Those whose title holds them come first, then the newest. Without words, all that the filters leave. `source` means
    listed by it, `since` published (else recorded) then or later, `kind` a media type (`application/pdf`). Nothing held for a
    person is found. No question is an error: what is not a word is left out, and a question without any finds nothing.
    """
    groups = words.groups_of(wanted)
    if wanted.strip() and not groups:
        return SearchPage(total=0)
    conditions = _filters(theme=theme, source=source, since=since, kind=kind)
    if groups:
        conditions.append(words.matches(tx.connection, groups))
    total = tx.connection.scalar(select(func.count()).select_from(_TABLE).where(*conditions)) or 0
    order: list[ColumnElement[Any]] = [_TABLE.c.published_at.is_(None), _TABLE.c.published_at.desc(), _TABLE.c.key]
    if groups:
        order.insert(0, case((words.matches(tx.connection, groups, title_only=True), 0), else_=1))
    page = select(_TABLE.c.id).where(*conditions).order_by(*order)
    page = page.limit(max(0, min(limit, MOST_HITS))).offset(max(0, min(offset, _FURTHEST)))
    ids = list(tx.connection.scalars(page))
    return SearchPage(total=total, hits=_hits(tx, ids, groups))


def _filters(*, theme: str | None, source: str | None, since: datetime | None, kind: str | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_TABLE.c.held.is_(False)]
    if theme is not None:
        themes = schema.document_themes
        conditions.append(_TABLE.c.id.in_(select(themes.c.document_id).where(themes.c.theme == theme)))
    if source is not None:
        seen = schema.sightings
        listed = _TABLE.c.key.in_(select(seen.c.document_key).where(seen.c.source_id == source))
        conditions.append(or_(_TABLE.c.source_id == source, listed))
    if since is not None:
        conditions.append(func.coalesce(_TABLE.c.published_at, _TABLE.c.recorded_at) >= since)
    if kind is not None:
        conditions.append(_TABLE.c.media_type == kind)
    return conditions


def _hits(tx: Transaction, ids: list[int], groups: words.Groups) -> tuple[Hit, ...]:
    names = ("id", "key", "title", "url", "publisher", "published_at", "relevance", "text", "summary")
    found = tx.connection.execute(select(*(_TABLE.c[name] for name in names)).where(_TABLE.c.id.in_(ids)))
    by_id = {row.id: row for row in found}
    themes = themes_of(tx, ids)
    return tuple(_hit(by_id[key], groups, themes.get(key, ())) for key in ids)


def _hit(row: rows.AnyRow, groups: words.Groups, themes: tuple[str, ...]) -> Hit:
    passage: Snippet = snippet_of((row.text, row.summary), groups)
    return Hit(
        key=row.key,
        title=row.title,
        url=row.url,
        publisher=row.publisher,
        published_at=row.published_at,
        snippet=passage.text,
        marks=passage.marks,
        themes=themes,
        relevance=row.relevance or 0,
    )


def themes_of(tx: Transaction, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the themes that are on for each of a few documents, by id, the surest first."""
    table = schema.document_themes
    query = select(table.c.document_id, table.c.theme).where(table.c.document_id.in_(ids))
    themes: dict[int, tuple[str, ...]] = {}
    for key, theme in tx.connection.execute(query.order_by(table.c.score.desc(), table.c.theme)):
        themes[key] = (*themes.get(key, ()), theme)
    return themes
