"""The index of words: the same words, made in Python, in FTS5 and in tsvector, so that both engines find the same rows."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, islice

from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy import text as sql

from watcher import text
from watcher.store import schema
from watcher.store.types import storable

# FTS5's `ascii` tokenizer splits exactly there; whatever `text` makes of a word, both engines see the same pieces of it.
_WORD = re.compile("[0-9a-z\x80-\U0010ffff]+")
# tsvector refuses words of 2 KB and vectors of 1 MB. Nobody looks for such words, nor at the end of such documents.
_LONGEST = 100
_MOST_BYTES = 400_000
_MOST_BYTES_A_WORD = 4 * _LONGEST + 4
# A page made of words that exist nowhere costs up to .4 ms a word; three hundred pages of French hold fewer than these.
_MOST_CHUNKS = 12_000
# FTS5 refuses expressions nested 256 deep; a reader's question is shorter than this.
MOST_GROUPS = 32
_MOST_ALTERNATIVES = 12

_INDEX = schema.document_words

Groups = tuple[tuple[str, ...], ...]


def words_of(passage: str) -> tuple[str, ...]:
    """Return the distinct words under which `passage` is found, in order of first appearance."""
    chunks = islice(dict.fromkeys(storable(passage).split()), _MOST_CHUNKS)
    found = dict.fromkeys(chain.from_iterable(map(_words_of, chunks)))
    return tuple(found) if len(found) * _MOST_BYTES_A_WORD < _MOST_BYTES else _cut(found)


def groups_of(question: str) -> Groups:
    """Return what must be there: one word at least of every group. Empty when `question` holds no word."""
    groups: dict[tuple[str, ...], None] = {}
    for alternatives in text.query_tokens(storable(question)):
        pieces = [tuple(_pieces(alternative)) for alternative in alternatives]
        # A word that splits is all of its pieces: each becomes a group of its own.
        whole = dict.fromkeys(piece[0] for piece in pieces if len(piece) == 1)
        if whole:
            groups[tuple(whole)[:_MOST_ALTERNATIVES]] = None
        elif pieces:
            groups.update(dict.fromkeys((part,) for part in pieces[0]))
        if len(groups) >= MOST_GROUPS:
            break
    return tuple(groups)[:MOST_GROUPS]


def index(connection: Connection, documents: Sequence[tuple[int, str, str]]) -> None:
    """Put documents (id, title, the rest) in the index, in the place of what it held of them."""
    if not documents:
        return
    if connection.dialect.name == "sqlite":
        rows = [
            {"id": key, "title": " ".join(words_of(title)), "body": " ".join(words_of(body))} for key, title, body in documents
        ]
        connection.execute(sql("INSERT OR REPLACE INTO document_words (rowid, title, body) VALUES (:id, :title, :body)"), rows)
        return
    vectors = [{"id": key, "words": _vector(words_of(head), words_of(rest))} for key, head, rest in documents]
    connection.execute(
        sql(
            "INSERT INTO document_words (document_id, words) VALUES (:id, CAST(:words AS tsvector))"
            " ON CONFLICT (document_id) DO UPDATE SET words = excluded.words"
        ),
        vectors,
    )


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


@lru_cache(maxsize=65_536)
def _words_of(chunk: str) -> tuple[str, ...]:
    """Return the words of what stands between two blanks. No word spans a blank, and most chunks have been seen before."""
    return tuple(_pieces(text.search_tokens(chunk)))


def _pieces(tokens: str) -> Iterable[str]:
    return (piece[:_LONGEST] for piece in _WORD.findall(tokens.lower()))


def _cut(words: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    size = 0
    for word in words:
        size += len(word.encode()) + 4
        if size > _MOST_BYTES:
            break
        kept.append(word)
    return tuple(kept)


def _vector(title: Sequence[str], body: Sequence[str]) -> str:
    """Return a finished tsvector: words of the title weigh A, the others D."""
    titled = set(title)
    return " ".join([*(f"'{word}':1A" for word in title), *(f"'{word}':1" for word in body if word not in titled)])
