"""The week's report to the administrator: what was read and dropped, what is wrong, what waits, what nearly made it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from watcher.model import PollReport, PollStatus
from watcher.pipeline.desk import Desk
from watcher.pipeline.near import near
from watcher.pipeline.status import Status, status
from watcher.store import service

MOST_NEAR = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What the polls of a time gave: fetched = new + known + revised + backfill + rejected + failed (promise P13).

    `rejected` and `failed` count items by reason, `failures` whole polls by reason.
    """

    polls: int = 0
    fetched: int = 0
    new: int = 0
    known: int = 0
    revised: int = 0
    backfill: int = 0
    rejected: Mapping[str, int]
    failed: Mapping[str, int]
    failures: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A document that stood just below a threshold, as it is shown: `theme` is `relevance` for that of being mailed."""

    title: str
    url: str
    source: str
    theme: str
    score: float
    threshold: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a weekly report says.

    `names` are those of sources and titles of digests, by id; the counts are of sources: read well, failing, never read, off.
    """

    traffic: Traffic
    status: Status
    near: tuple[NearMiss, ...]
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    well: int = 0
    failing: int = 0
    unread: int = 0
    off: int = 0


def compose(desk: Desk, since: datetime) -> Report:
    """Return the report on what happened from `since` until now."""
    polls = desk.store.read(lambda tx: service.reports_since(tx, since))
    names = {source.id: source.name for source in desk.config.sources}
    labels = {theme.id: theme.label for theme in desk.seeds.themes}
    close = near(desk, since)[:MOST_NEAR]
    found = status(desk)
    states = Counter(source.state for source in found.sources)
    return Report(
        traffic=traffic(polls),
        status=found,
        names=names | {one.id: one.title for one in desk.config.digests},
        well=states["ok"],
        unread=states["new"],
        off=states["off"],
        failing=states.total() - states["ok"] - states["new"] - states["off"],
        near=tuple(
            NearMiss(
                title=miss.candidate.document.title,
                url=miss.candidate.document.url or "",
                source=names.get(miss.candidate.document.source_id, miss.candidate.document.source_id),
                theme=labels.get(miss.theme, miss.theme),
                score=miss.score,
                threshold=miss.threshold,
            )
            for miss in close
        ),
    )


def traffic(reports: Sequence[PollReport]) -> Traffic:
    """Return the sums of `reports`."""
    rejected, failed, failures = Counter[str](), Counter[str](), Counter[str]()
    for report in reports:
        rejected.update(report.rejected)
        failed.update(report.failed)
        if report.status is PollStatus.FAILED:
            failures[report.reason or "unknown"] += 1
    return Traffic(
        polls=len(reports),
        fetched=sum(report.fetched for report in reports),
        new=sum(report.new for report in reports),
        known=sum(report.known for report in reports),
        revised=sum(report.revised for report in reports),
        backfill=sum(report.backfill for report in reports),
        rejected=dict(rejected.most_common()),
        failed=dict(failed.most_common()),
        failures=dict(failures.most_common()),
    )
