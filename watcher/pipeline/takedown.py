"""Take an article down when its publisher asks: gone from archive, index and next mail, and never read again (row S08)."""

import json
import os
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from watcher import changes, urls
from watcher.config import Home
from watcher.model import Source
from watcher.pipeline.desk import Desk
from watcher.pipeline.listing import Listing
from watcher.store import Store, documents, takedowns

# Beside the database, so that restoring an older one does not bring back what was taken down since.
FILE = "takedowns.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenDown:
    """What was taken down: its key, whether the archive held it, and the entries of editions that were emptied."""

    key: str
    held: bool
    entries: int


def take_down(desk: Desk, name: str) -> TakenDown:
    """Take down the document whose key or address is `name`, held or not, and return what was removed.

    The mark outside the database is written first: a kill in between leaves too much remembered, never too little.
    Raises ValueError for what is neither a key nor an address.
    """
    key = name if desk.store.read(lambda tx: documents.get(tx, name)) else urls.canonical(name)
    now = desk.now()
    _append(desk, key, now)
    removed = desk.store.write(lambda tx: takedowns.take_down(tx, key, now))
    return TakenDown(key=key, held=bool(removed.documents), entries=removed.entries)


def reapply(home: Home, store: Store) -> int:
    """Take down again, in a database that was restored, all that ever was; return how many documents came out of it."""
    path = home.var / FILE
    if not path.exists():
        return 0
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    gone = 0
    for line in lines:
        key, at = str(line["key"]), datetime.fromisoformat(line["at"])
        gone += store.write(lambda tx, key=key, at=at: takedowns.take_down(tx, key, at)).documents
    return gone


async def without(found: Listing, source: Source, desk: Desk) -> Listing:
    """Return `found` without what was taken down, counted as rejected (`taken_down`), whose pages are not asked for."""
    keys = {id(item): changes.key_of(item, source.id) for item in found.items}
    gone = await desk.read(lambda tx: takedowns.known(tx, [key for key in keys.values() if key]))
    if not gone:
        return found
    kept = tuple(item for item in found.items if keys[id(item)] not in gone)
    return replace(found, items=kept, rejected=found.rejected + Counter({"taken_down": len(found.items) - len(kept)}))


def _append(desk: Desk, key: str, now: datetime) -> None:
    path = desk.home.var / FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = json.dumps({"key": key, "at": now.astimezone(UTC).isoformat()}, ensure_ascii=False)
    with path.open("a", encoding="utf-8") as file:
        path.chmod(0o600)
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())
