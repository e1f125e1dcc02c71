"""Whether this home may mail: it must be the one that mailed before, and its database must know all that left.

A database restored from a backup, or copied to another machine, knows nothing of the mails that left since; beside it, `var/`
remembers. Where the two disagree, nothing leaves until a person has decided (rows E16 and D12 of the design).
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from watcher.config import Home
from watcher.deliver.journal import Journal
from watcher.pipeline.desk import Desk
from watcher.store import counters, meta

FILE = "epoch.json"
RESTORED = "restored"
JOURNAL = "handed-over.jsonl"
_MACHINE = Path("/etc/machine-id")
_REMEDY = "Nothing is handed over until `watcher outbox reconcile` has decided what left already."


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """What a home remembers: the database it mails from (`instance`), where it stands (`place`), and how many final dots that
    database had announced (`epoch`) by `at`."""

    instance: str
    place: str
    epoch: int
    at: str


def hold(desk: Desk) -> str | None:
    """Return why nothing may leave, as a sentence with the remedy; None when all is well."""
    problem = why_held(desk)
    return f"Mail is held: {problem} {_REMEDY}" if problem else None


def why_held(desk: Desk) -> str | None:
    """Return what is not as it should be, as a sentence; None when mail may leave."""
    if (restored := desk.home.var / RESTORED).exists():
        return f"the database was restored from {_told(restored).get('from') or 'a backup'}."
    instance, counted = desk.store.read(lambda tx: (meta.read(tx).instance_id, counters.read(tx).epoch))
    path = desk.home.var / FILE
    if not path.exists():
        return "this database has mailed before, but not from this home: it looks like a copy." if counted else None
    told = _told(path)
    if told.get("instance") != instance:
        return f"{path} belongs to another database."
    if told.get("place") != place_of(desk.home):
        return "this home was copied or moved from another place."
    remembered = max(int(told.get("epoch") or 0), _last_noted(desk.home, instance))
    if remembered > counted:
        return f"the database is older than this home: it knows of {counted} hand-overs, the home of {remembered}."
    return None


def remember(desk: Desk) -> Epoch:
    """Write down, durably, how many final dots the database has announced; return it."""
    instance, counted = desk.store.read(lambda tx: (meta.read(tx).instance_id, counters.read(tx).epoch))
    found = Epoch(instance=instance, place=place_of(desk.home), epoch=counted, at=_stamp(desk.now()))
    path = desk.home.var / FILE
    told = _told(path)
    if (told.get("instance"), told.get("place"), told.get("epoch")) == (found.instance, found.place, found.epoch):
        return found  # it is on the disk already
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(json.dumps(asdict(found)) + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return found


def journal_of(home: Home) -> Journal:
    """Return the journal of what left `home`."""
    return Journal(home.var / JOURNAL)


def place_of(home: Home) -> str:
    """Return what tells this home from a copy of it: the machine and the folder, as a hash that tells neither."""
    try:
        machine = _MACHINE.read_text("ascii").strip()
    except (OSError, ValueError):
        machine = ""  # containers often have none; the folder still tells copies on one machine apart
    return hashlib.sha256(f"{machine}\0{home.path.resolve()}".encode()).hexdigest()[:16]


def _last_noted(home: Home, instance: str) -> int:
    noted = (int(line.get("epoch") or 0) for line in journal_of(home).lines() if line.get("instance") == instance)
    return max(noted, default=0)


def _told(path: Path) -> dict[str, Any]:
    """Return what a small file of ours says; nothing when it cannot be read, which never equals what is expected of it."""
    try:
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", told) if isinstance(told, dict) else {}


def _stamp(when: datetime) -> str:
    return when.isoformat(timespec="seconds")
