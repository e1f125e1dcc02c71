"""What a SQLite archive holds, read without the program: whether it is whole, and whether anything in it is half."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.resilience.trials import Broken


def damage(path: Path) -> list[Broken]:
    """Return what SQLite itself finds wrong, and rows that point at nothing."""
    if not path.exists():
        return [Broken("lost", f"there is no {path.name}")]
    try:
        found = [str(row[0]) for row in _rows(path, "PRAGMA integrity_check") if row[0] != "ok"]
        found += [f"a row of {row[0]} points at nothing" for row in _rows(path, "PRAGMA foreign_key_check")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    return [Broken("damaged", one) for one in found]


def halves(path: Path) -> list[Broken]:
    """Return editions without all of their mails, mails without their bytes, pages that wait for no document."""
    return [
        Broken("half", detail)
        for detail, query in {
            "an edition has no mail": "SELECT id FROM editions WHERE id NOT IN (SELECT edition_id FROM deliveries)",
            # Those of mails that left are forgotten in time.
            "a mail that waits has no bytes": (
                "SELECT id FROM deliveries WHERE state NOT IN ('sent', 'refused') AND id NOT IN (SELECT delivery_id FROM mails)"
            ),
            "a page waits for no document": "SELECT url FROM pending WHERE document_key NOT IN (SELECT key FROM documents)",
            "a document waits for no page": (
                "SELECT key FROM documents WHERE status = 'pending' AND key NOT IN (SELECT document_key FROM pending)"
            ),
            "a document was seen nowhere": "SELECT key FROM documents WHERE key NOT IN (SELECT document_key FROM sightings)",
        }.items()
        for _ in _rows(path, query)
    ]


def documents(path: Path) -> dict[str, tuple[Any, ...]]:
    """Return every document by its key: status, version, whether it is news, title, fingerprint, relevance, text."""
    query = "SELECT key, status, version, news, title, fingerprint, relevance, text FROM documents"
    return {row[0]: tuple(row[1:]) for row in _rows(path, query)}


def editions(path: Path) -> tuple[Any, ...]:
    """Return every edition, what is noted as mailed, and every mail with a hash of its bytes."""
    mails = _rows(
        path, "SELECT recipient_id, message_id, raw FROM deliveries JOIN mails ON delivery_id = deliveries.id ORDER BY 1"
    )
    return (
        tuple(_rows(path, "SELECT digest, period, number, content FROM editions ORDER BY digest, period")),
        tuple(_rows(path, "SELECT recipient_id, entry_key FROM mailed ORDER BY 1, 2")),
        tuple((who, ident, sha256(raw).hexdigest()) for who, ident, raw in mails),
    )


def lost(before: Mapping[str, tuple[Any, ...]], now: Mapping[str, tuple[Any, ...]]) -> list[Broken]:
    """Return which documents that were stored are gone, or are no longer what they were."""
    return [Broken("lost", key) for key, what in before.items() if now.get(key) != what]


def scalar(path: Path, query: str) -> Any:
    """Return the first value of a query."""
    return _rows(path, query)[0][0]


def _rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as connection:
        return connection.execute(query).fetchall()
