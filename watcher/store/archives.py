"""What was read of archives: only the members that changed since are read again."""

from collections.abc import Iterable

from sqlalchemy import delete, select

from watcher.model import ArchiveMember
from watcher.store import question_tables, rows
from watcher.store.database import Transaction
from watcher.store.upsert import upsert
from watcher.text import storable

_TABLE = question_tables.archive_members


def members(tx: Transaction, source_id: str) -> dict[str, tuple[int, int]]:
    """Return the CRC-32 and the size (bytes, unpacked) of each member that was read of the archive of a source, by name."""
    query = select(_TABLE.c.member, _TABLE.c.crc, _TABLE.c.size).where(_TABLE.c.source_id == source_id)
    return {name: (crc, size) for name, crc, size in tx.connection.execute(query)}


def save_members(tx: Transaction, source_id: str, read: Iterable[ArchiveMember]) -> None:
    """Note that members were read as they are now, in the place of the last time. Those that are not named stay known.

    A member that could not be read is better left out: it is then met as changed in the next archive.
    """
    values = {one.name: {"source_id": source_id, "member": storable(one.name), "crc": one.crc, "size": one.size} for one in read}
    upsert(tx.connection, _TABLE, list(values.values()))


def forget_members(tx: Transaction, source_id: str, names: Iterable[str] | None = None) -> None:
    """Forget that members were read, all of them without `names`: they are read again from the next archive."""
    statement = delete(_TABLE).where(_TABLE.c.source_id == source_id)
    if names is None:
        tx.connection.execute(statement)
        return
    for some in rows.chunks([storable(name) for name in names]):
        tx.connection.execute(statement.where(_TABLE.c.member.in_(some)))
