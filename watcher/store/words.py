"""The index of words: those that `watcher.text` makes, in FTS5 and in tsvector, so that both engines find the same rows."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy import text as sql

from watcher import text
from watcher.store import schema
from watcher.store.many import write_many
from watcher.text import Indexed, storable

# FTS5 refuses expressions nested 256 deep; a reader's question is shorter than this.
MOST_GROUPS = 32
_MOST_ALTERNATIVES = 12

_INDEX = schema.document_words
_IN_SQLITE = sql("INSERT OR REPLACE INTO document_words (rowid, title, body) VALUES (:id, :title, :body)")
_IN_POSTGRESQL = sql(
    "INSERT INTO document_words (document_id, words) VALUES (:id, CAST(:words AS tsvector))"
    " ON CONFLICT (document_id) DO UPDATE SET words = excluded.words"
)

Groups = tuple[tuple[str, ...], ...]


def groups_of(question: str) -> Groups:
    """Return what must be there: one word at least of every group. Empty when `question` holds no word."""
    groups: dict[tuple[str, ...], None] = {}
    for alternatives in text.query_tokens(storable(question)):
        pieces = [tuple(text.index_pieces(alternative)) for alternative in alternatives]
        # A word that splits is all of its pieces: each becomes a group of its own.
        whole = dict.fromkeys(piece[0] for piece in pieces if len(piece) == 1)
        if whole:
            groups[tuple(whole)[:_MOST_ALTERNATIVES]] = None
        elif pieces:
            groups.update(dict.fromkeys((part,) for part in pieces[0]))
        if len(groups) >= MOST_GROUPS:
            break
    return tuple(groups)[:MOST_GROUPS]


def index(connection: Connection, documents: Sequence[tuple[int, Indexed]]) -> None:
    """Put documents, by id, in the index, in the place of what it held of them."""
    if connection.dialect.name == "sqlite":
        rows = [{"id": key, "title": words.title, "body": words.body} for key, words in documents]
        write_many(connection, _IN_SQLITE, rows)
        return
    vectors = [{"id": key, "words": _vector(text.words_in(words.title), text.words_in(words.body))} for key, words in documents]
    write_many(connection, _IN_POSTGRESQL, vectors)


def matches(
    connection: Connection, groups: Groups, *, title_only: bool = False, document_id: ColumnElement[int] = schema.documents.c.id
) -> ColumnElement[bool]:
    """Return the condition that the document `document_id`, or its title, holds one word at least of every group."""
    name = "in_title" if title_only else "anywhere"
    if connection.dialect.name == "sqlite":
        asked = " AND ".join("(" + " OR ".join(f'"{word}"' for word in group) + ")" for group in groups)
        asked = f"{{title}} : ({asked})" if title_only else asked
        found = select(_INDEX.c.rowid).where(sql(f"document_words MATCH :{name}").bindparams(**{name: asked}))
        return document_id.in_(found)
    weight = ":A" if title_only else ""
    asked = " & ".join("(" + " | ".join(f"'{word}'{weight}" for word in group) + ")" for group in groups)
    found = select(_INDEX.c.document_id).where(sql(f"words @@ CAST(:{name} AS tsquery)").bindparams(**{name: asked}))
    return document_id.in_(found)


def _vector(title: Sequence[str], body: Sequence[str]) -> str:
    """Return a finished tsvector: words of the title weigh A, the others D."""
    titled = set(title)
    return " ".join([*(f"'{word}':1A" for word in title), *(f"'{word}':1" for word in body if word not in titled)])
