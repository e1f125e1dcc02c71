"""Take out again, of a database that was restored, who and what asked to be gone since it was saved (row S03)."""

from datetime import datetime

from watcher.config import Home
from watcher.pipeline import forgetting, takedown
from watcher.store import Store

# What stands beside the database, and is joined with that of a backup when it is restored.
TRACES = (forgetting.FILE, takedown.FILE)


def reapply(home: Home, store: Store, key: str | None, now: datetime) -> int:
    """Tell `store` the traces beside it again, and return how much came out of it: rows of people, documents.

    `key` is the one of the home's mails, None where there is none: a hash then names nobody, and is only remembered. Nothing
    is asked of sources.yaml but the addresses that can be read in it. May be run again at any time. Raises StoreError, OSError.
    """
    return forgetting.reapply(home, store, key, now) + takedown.reapply(home, store)
