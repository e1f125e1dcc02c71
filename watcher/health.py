"""The health of a source, with a memory: what is wrong with it only once it lasts, poll after poll.

Everything here is a function of values. A trouble is told when it has lasted for its number of consecutive polls, so that
one bad day tells nobody anything; the thresholds are those of `THRESHOLDS`. `moved` has none here: whoever counts redirects
says when they are believed.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from watcher.model import PollReport, PollStatus


class Trouble(StrEnum):
    """What can be wrong with a source for longer than a moment."""

    FAILING = "failing"
    SILENT = "silent"
    STALE = "stale"
    SHRINKING = "shrinking"
    DRIFT = "drift"
    MOVED = "moved"


THRESHOLDS = {
    Trouble.FAILING: 3,  # polls that failed
    Trouble.SILENT: 2,  # answers without a single entry, where there was always one
    Trouble.STALE: 8,  # answers without anything new, and a month at least
    Trouble.SHRINKING: 3,  # answers with less than half the usual entries
    Trouble.DRIFT: 2,  # answers of which a fifth could not be understood
}
STALE_FOR = timedelta(days=30)
# Fewer entries than this rise and fall by themselves.
LEAST_USUAL = 8
SHRUNK = 0.5
DRIFTED = 0.2
USUAL_SHARE = 0.2
# After so many short answers in a row, they are what is usual now.
SETTLED = 30
# Reasons that say something of our limits, or of the list, not of its format.
NO_DRIFT = frozenset(("cut", "repeated"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered of a source: polls in a row with each trouble, the last report counted, when news came last.

    `usual` is the mean of entries of answers that were not short; `reason` is the code of the last failure.
    """

    report: int = 0
    failed: int = 0
    silent: int = 0
    stale: int = 0
    shrunk: int = 0
    drifted: int = 0
    usual: float = 0.0
    fetched: int = 0
    reason: str = ""
    news_at: datetime | None = None


def after(memory: Memory, report: PollReport, number: int, at: datetime) -> Memory:
    """Return the memory after the poll that gave `report`, the report `number`, at the instant `at`."""
    memory = replace(memory, report=number)
    if report.status is PollStatus.SKIPPED:
        return memory
    if report.status is PollStatus.FAILED:
        silent = report.reason == "empty"
        return replace(
            memory, failed=memory.failed + 1, silent=memory.silent + 1 if silent else 0, reason=report.reason or "unknown"
        )
    news = report.new + report.revised + report.backfill
    memory = replace(
        memory,
        failed=0,
        silent=0,
        stale=0 if news else memory.stale + 1,
        news_at=at if news else memory.news_at or at,
    )
    return memory if report.status is PollStatus.NOT_MODIFIED else _read(memory, report)


def troubles(memory: Memory, now: datetime, *, moved_to: str | None = None) -> dict[Trouble, str]:
    """Return what is wrong with a source and lasts, with a detail: a code, "found/usual", or a new address.

    `moved_to` is the address that its permanent redirects propose, once they are believed.
    """
    found: dict[Trouble, str] = {}
    if memory.silent >= THRESHOLDS[Trouble.SILENT]:
        found[Trouble.SILENT] = memory.reason
    elif memory.failed >= THRESHOLDS[Trouble.FAILING] or (memory.failed and memory.reason == "gone"):
        found[Trouble.FAILING] = memory.reason
    lasted = memory.news_at is not None and now - memory.news_at >= STALE_FOR
    if memory.stale >= THRESHOLDS[Trouble.STALE] and lasted:
        found[Trouble.STALE] = f"{(now - (memory.news_at or now)).days}"
    if THRESHOLDS[Trouble.SHRINKING] <= memory.shrunk < SETTLED:
        found[Trouble.SHRINKING] = f"{memory.fetched}/{memory.usual:.0f}"
    if memory.drifted >= THRESHOLDS[Trouble.DRIFT]:
        found[Trouble.DRIFT] = f"{memory.drifted}"
    if moved_to:
        found[Trouble.MOVED] = moved_to
    return found


def _read(memory: Memory, report: PollReport) -> Memory:
    """Return the memory after a full answer: is it short, is it strange?"""
    short = memory.usual >= LEAST_USUAL and report.fetched < SHRUNK * memory.usual
    strange = sum(count for reason, count in report.rejected.items() if reason not in NO_DRIFT)
    drifted = report.error is not None or (report.fetched > 0 and strange >= DRIFTED * report.fetched)
    memory = replace(
        memory,
        fetched=report.fetched,
        shrunk=memory.shrunk + 1 if short else 0,
        drifted=memory.drifted + 1 if drifted else 0,
    )
    if short and memory.shrunk < SETTLED:
        return memory
    fresh = memory.usual == 0 or memory.shrunk >= SETTLED
    usual = float(report.fetched) if fresh else (1 - USUAL_SHARE) * memory.usual + USUAL_SHARE * report.fetched
    return replace(memory, usual=usual, shrunk=0)
