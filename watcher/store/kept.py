"""Versions of what people edit, as the service ran with them: sources.yaml, seeds, templates. A file is stored once."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, Table, delete, func, select

from watcher.store import rows
from watcher.store import service_tables as tables
from watcher.store.database import Transaction
from watcher.store.upsert import upsert

MOST_VERSIONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One version: its hash, when it was taken last, and its files by their path in the home."""

    sha256: str
    kept_at: datetime
    files: Mapping[str, bytes]


def hash_of(files: Mapping[str, bytes]) -> str:
    """Return the hash (hexadecimal) of names and contents."""
    parts = (f"{name}\0{sha256(files[name]).hexdigest()}" for name in sorted(files))
    return sha256("\n".join(parts).encode()).hexdigest()


def keep(tx: Transaction, files: Mapping[str, bytes], now: datetime) -> str:
    """Keep `files` as the version that is good, and return its hash. Of older versions the last twenty stay.

    It is the last one even when the clock stands still or was set back.
    """
    version, hashes = hash_of(files), {name: sha256(content).hexdigest() for name, content in files.items()}
    contents = {hashes[name]: content for name, content in files.items()}
    upsert(tx.connection, tables.kept_files, [{"sha256": h, "content": c} for h, c in contents.items()], replace=())
    row = {"sha256": version, "kept_at": _after_all(tx, now), "files": json.dumps(hashes)}
    upsert(tx.connection, tables.kept_versions, [row])
    _prune(tx)
    return version


def _after_all(tx: Transaction, now: datetime) -> datetime:
    latest = tx.connection.scalar(select(func.max(tables.kept_versions.c.kept_at)))
    return now if latest is None or now > latest else latest + timedelta(microseconds=1)


def last(tx: Transaction) -> Kept | None:
    """Return the version that was kept last, None when there is none."""
    table = tables.kept_versions
    row = tx.connection.execute(select(table).order_by(table.c.kept_at.desc(), table.c.sha256).limit(1)).first()
    if row is None:
        return None
    hashes: dict[str, str] = json.loads(row.files)
    found: dict[str, bytes] = {}
    for some in rows.chunks(sorted(set(hashes.values()))):
        query = select(tables.kept_files).where(tables.kept_files.c.sha256.in_(some))
        found |= {one.sha256: one.content for one in tx.connection.execute(query)}
    return Kept(sha256=row.sha256, kept_at=row.kept_at, files={name: found[h] for name, h in hashes.items()})


def last_hash(tx: Transaction) -> str | None:
    """Return the hash of the version that was kept last."""
    table = tables.kept_versions
    return tx.connection.scalar(select(table.c.sha256).order_by(table.c.kept_at.desc(), table.c.sha256).limit(1))


def counts(tx: Transaction) -> tuple[int, int]:
    """Return how many versions are kept, and of how many different files."""
    versions, files = (select(func.count()).select_from(one) for one in (tables.kept_versions, tables.kept_files))
    return tx.connection.scalar(versions) or 0, tx.connection.scalar(files) or 0


def forget(tx: Transaction, words: str) -> int:
    """Forget every version of a file that holds `words`, an address of somebody who asked to be forgotten.

    Returns how many versions are gone. The service goes on with the one it runs.
    """
    table = tables.kept_files
    wanted = words.encode().lower()
    held = {row.sha256 for row in tx.connection.execute(select(table)) if wanted in row.content.lower()}
    versions = tx.connection.execute(select(tables.kept_versions)).all()
    gone = [row.sha256 for row in versions if held & set(json.loads(row.files).values())]
    _drop(tx, gone)
    return len(gone)


def contents(tx: Transaction, name: str) -> tuple[tuple[str, bytes], ...]:
    """Return the file called `name` of every version that has one, as (hash of the version, content), the last version first."""
    table, files = tables.kept_versions, tables.kept_files
    held = {row.sha256: json.loads(row.files).get(name) for row in tx.connection.execute(_newest(table))}
    wanted = sorted({one for one in held.values() if one})
    found: dict[str, bytes] = {}
    for some in rows.chunks(wanted):
        found |= {row.sha256: row.content for row in tx.connection.execute(select(files).where(files.c.sha256.in_(some)))}
    return tuple((version, found[one]) for version, one in held.items() if one in found)


def drop(tx: Transaction, versions: Iterable[str]) -> int:
    """Forget `versions` (hashes), and the files that no other version has; return how many versions there were."""
    gone = sorted(set(versions))
    _drop(tx, gone)
    return len(gone)


def _newest(table: Table) -> Select[Any]:
    return select(table).order_by(table.c.kept_at.desc(), table.c.sha256)


def _prune(tx: Transaction) -> None:
    table = tables.kept_versions
    old = tx.connection.scalars(select(table.c.sha256).order_by(table.c.kept_at.desc(), table.c.sha256).offset(MOST_VERSIONS))
    _drop(tx, list(old))


def _drop(tx: Transaction, versions: list[str]) -> None:
    if not versions:
        return
    table, files = tables.kept_versions, tables.kept_files
    tx.connection.execute(delete(table).where(table.c.sha256.in_(versions)))
    used: set[str] = set()
    for row in tx.connection.execute(select(table.c.files)):
        used |= set(json.loads(row.files).values())
    unused = [one for one in tx.connection.scalars(select(files.c.sha256)) if one not in used]
    for some in rows.chunks(unused):
        tx.connection.execute(delete(files).where(files.c.sha256.in_(some)))
