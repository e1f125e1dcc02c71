"""Stop before the disk is full: a poll or an edition that finds no room for its work does not begin it (row D03).

What only reads goes on, and so does what frees space or ends a subscription: those write little, into the reserve.
"""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from watcher.errors import StoreError

# A poll of all sources writes a few megabytes; what is left after it is for the journal, and for those who unsubscribe.
RESERVE = 64 << 20
# A body that is read takes minutes; one that is a day old was left by a process that was killed.
DOWNLOADS = "download-*"
LEFT_AFTER = timedelta(days=1)


def check(var: Path) -> None:
    """Raise StoreError when less than RESERVE bytes are free on the disk of `var`, which need not exist yet."""
    there = next(folder for folder in (var, *var.absolute().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if free < RESERVE:
        raise StoreError(
            f"The disk is almost full: {free >> 20} MB are free under {var}, and nothing is begun below {RESERVE >> 20} MB.",
            remedy="Free some space; the watcher goes on by itself.",
        )


def sweep(var: Path, now: datetime) -> None:
    """Remove the downloads that killed processes left in `var`: a data set weighs a hundred megabytes each time."""
    for left in var.glob(DOWNLOADS):
        if left.stat().st_mtime < (now - LEFT_AFTER).timestamp():
            left.unlink(missing_ok=True)
