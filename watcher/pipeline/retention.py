"""Retention: forget what `settings.retention` no longer keeps."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.pipeline import forgetting
from watcher.pipeline.desk import Desk
from watcher.store import Transaction, retention, sources

STAMP = "purged-at"
EVERY = timedelta(days=1)
# A text is not forgotten before the edition that may quote it has left, a week of holidays included.
LEAST_FOR_TEXTS = timedelta(days=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """How many texts, former versions of texts, mails and reports of polls were forgotten."""

    texts: int = 0
    versions: int = 0
    mails: int = 0
    polls: int = 0

    def sentence(self) -> str:
        """Return what was forgotten, in words."""
        counted = ((self.texts, "texts"), (self.versions, "former versions"), (self.mails, "mails"), (self.polls, "poll reports"))
        return ", ".join(f"{count} {name}" for count, name in counted if count) or "nothing"


def purge_daily(desk: Desk) -> Purged | None:
    """Forget what is too old, unless that was done less than a day ago (None). For the end of each poll."""
    now = desk.now()
    last = _last(desk)
    if last is not None and timedelta(0) <= now - last < EVERY:
        return None
    done = purge(desk)
    forgetting.forget_versions(desk)
    desk.home.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    (desk.home.var / STAMP).write_text(now.isoformat(), "utf-8")
    return done


def purge(desk: Desk) -> Purged:
    """Forget what is older than the settings keep, a slice at a time: nobody who writes waits for long (row D14).

    `texts` bounds the words of publishers, `logs` the reports of polls and the bytes of mails that were sent.
    """
    now, settings = desk.now(), desk.config.settings
    texts = now - max(settings.keep_texts, LEAST_FOR_TEXTS)
    logs = now - settings.keep_logs
    return Purged(
        texts=_in_slices(desk, lambda tx: retention.purge_texts(tx, texts)),
        versions=_in_slices(desk, lambda tx: retention.purge_versions(tx, texts)),
        mails=_in_slices(desk, lambda tx: retention.purge_mails(tx, logs)),
        polls=desk.store.write(lambda tx: sources.purge_polls(tx, logs)),
    )


def _in_slices(desk: Desk, forget: Callable[[Transaction], int]) -> int:
    total = 0
    while count := desk.store.write(forget):
        total += count
    return total


def _last(desk: Desk) -> datetime | None:
    """Return when it was last done; None when nobody knows, and then it is done again, which changes nothing."""
    try:
        last = datetime.fromisoformat((desk.home.var / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return last if last.tzinfo else None
