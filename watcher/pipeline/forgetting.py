"""Forget a person, or tell them all that is kept of them (GDPR, articles 15 and 17).

What remains of somebody who was forgotten is a hash that means nothing without the key of the home: in the database, and in
`var/forgotten.jsonl`, so that an old backup forgets them again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watcher import tokens
from watcher.config import Home
from watcher.config.addresses import recipient_id
from watcher.config.whereabouts import Line, recipients_in, recipients_of
from watcher.deliver.journal import Journal
from watcher.deliver.spool import Spool
from watcher.pipeline import epoch, keys
from watcher.pipeline.desk import Desk
from watcher.store import Store, Transaction, forgetting, kept

FILE = "forgotten.jsonl"
SOURCES = "sources.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was erased, and the lines of sources.yaml that still name the person.

    `files` are copies of mails deleted from the spool, `versions` the kept versions of sources.yaml that named the person.
    """

    erased: forgetting.Erased
    files: int
    versions: int
    lines: tuple[Line, ...]


def forget(desk: Desk, address: str) -> Forgotten:
    """Erase all that is kept of the person at `address`, for good. Running it again erases what came since.

    The database with its versions of sources.yaml, the copy of it that the service runs on, the spool, the journal of what
    left. sources.yaml itself is the administrator's: the lines to change are returned, and nobody is written to whom they name.
    """
    now, hash_ = desk.now(), tokens.tombstone(keys.signing(desk).mail.key, address)
    _bury_outside(desk, hash_, now)
    person = recipient_id(address)
    erased, versions = desk.store.write(
        lambda tx: (forgetting.erase(tx, person, address, hash_, now), kept.forget(tx, address.strip()))
    )
    _leave_running(desk, person)
    spool = Spool(desk.home.spool)
    files = [path for name in erased.message_ids if (path := spool.file_of(name)).exists()]
    for path in files:
        path.unlink()
    _leave_journal(desk, person)
    lines = tuple(line for line in recipients_in(desk.home.sources_yaml) if line.recipient_id == person)
    return Forgotten(erased=erased, files=len(files), versions=versions, lines=lines)


def reapply(home: Home, store: Store, key: str | None, now: datetime) -> int:
    """Forget again, in a database that was restored, those who asked for it since it was saved; return how many rows went.

    Only those whom sources.yaml or the outbox still name can be found: a hash tells nothing. The others are nobody's there.
    Without the `key` of the home's mails it tells not even that: the hashes are remembered, and no row goes.
    """
    remembered = outside(home)
    store.write(lambda tx: forgetting.bury(tx, remembered))
    if key is None:
        return 0
    lines = recipients_in(home.sources_yaml) if home.sources_yaml.exists() else ()
    named = {line.address for line in lines} | set(store.read(forgetting.addresses))
    gone = 0
    for address in sorted(named):
        hash_ = tokens.tombstone(key, address)
        if hash_ in remembered:
            person = recipient_id(address)
            erased = store.write(lambda tx, who=(person, address, hash_): forgetting.erase(tx, *who, now))
            gone += erased.total
    return gone + _forget_versions(store, key, 0)


def forget_versions(desk: Desk) -> int:
    """Forget kept versions of sources.yaml that name somebody who asked to be forgotten; return how many there were.

    A line that was in the file still when its person asked is in the version that was kept last until the administrator takes
    it out: that version stays.
    """
    return _forget_versions(desk.store, keys.signing(desk).mail.key, 1) if desk.store.read(forgetting.tombstones) else 0


def _forget_versions(store: Store, key: str, first: int) -> int:
    """Forget those of the kept versions, newest first, from the number `first` on."""
    hashes = store.read(forgetting.tombstones)

    def gone(content: bytes) -> bool:
        return any(tokens.tombstone(key, line.address) in hashes for line in recipients_of(content, SOURCES))

    def drop(tx: Transaction) -> int:
        versions = kept.contents(tx, SOURCES)[first:]
        return kept.drop(tx, (version for version, content in versions if gone(content)))

    return store.write(drop) if hashes else 0


def still_named(desk: Desk) -> tuple[Line, ...]:
    """Return the lines of sources.yaml that name somebody who asked to be forgotten."""
    hashes = desk.store.read(forgetting.tombstones)
    if not hashes:
        return ()
    key = keys.signing(desk).mail.key
    return tuple(line for line in recipients_in(desk.home.sources_yaml) if tokens.tombstone(key, line.address) in hashes)


def export(desk: Desk, address: str) -> dict[str, Any]:
    """Return all that is kept of the person at `address`, as plain values by where it is kept."""
    person = recipient_id(address)
    found: dict[str, Any] = dict(desk.store.read(lambda tx: forgetting.kept(tx, person, address)))
    found["sources_yaml"] = [
        {"line": line.line, "digest": line.digest}
        for line in recipients_in(desk.home.sources_yaml)
        if line.recipient_id == person
    ]
    versions = desk.store.read(lambda tx: kept.contents(tx, SOURCES))
    found["kept_versions"] = [
        {"sha256": version}
        for version, content in versions
        if any(line.recipient_id == person for line in recipients_of(content, SOURCES))
    ]
    found["journal"] = [line for line in epoch.journal_of(desk.home).lines() if line.get("recipient") == person]
    return {"address": address, "recipient_id": person, **found}


def _leave_running(desk: Desk, person: str) -> None:
    """Delete the copies of sources.yaml that the service laid out and that name the person; it has read them already."""
    for path in desk.home.running.glob(f"*/{SOURCES}"):
        if any(line.recipient_id == person for line in recipients_in(path)):
            path.unlink()


def _bury_outside(desk: Desk, hash_: str, now: datetime) -> None:
    with Journal(desk.home.var / FILE) as journal:
        journal.note({"hash": hash_, "at": now.isoformat()})
        journal.sync()


def outside(home: Home) -> dict[str, datetime]:
    """Return the hashes that stand beside the database, of those who asked to be forgotten, and when they asked.

    A line that a death cut short is passed over: that request had not begun, and is made again.
    """
    return {
        str(one["hash"]): datetime.fromisoformat(one["at"])
        for one in Journal(home.var / FILE).lines()
        if "hash" in one and "at" in one
    }


def _leave_journal(desk: Desk, person: str) -> None:
    journal = epoch.journal_of(desk.home)
    lines = list(journal.lines())
    theirs = {line["message_id"] for line in lines if line.get("recipient") == person}
    kept = [_without(line, person) for line in lines if line.get("message_id") not in theirs]
    if kept != lines:
        journal.rewrite(iter(kept))


def _without(line: dict[str, Any], person: str) -> dict[str, Any]:
    mailed = line.get("mailed")
    if not isinstance(mailed, dict) or person not in mailed:
        return line
    return {**line, "mailed": {who: keys_ for who, keys_ in mailed.items() if who != person}}  # pyright: ignore[reportUnknownVariableType]
