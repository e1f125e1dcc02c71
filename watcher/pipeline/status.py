"""Status: what works, what does not, since when, gathered in one reading."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from watcher import schedule
from watcher.model import PollReport, Source, SourceState
from watcher.pipeline.desk import Desk
from watcher.store import Transaction, documents, editions, outbox, pending, sources


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """How one source is: `ok`, `new`, `off`, or the code of what fails, and since when."""

    id: str
    name: str
    state: str
    since: datetime | None
    last_success_at: datetime | None
    next_poll_at: datetime | None
    last_report: PollReport | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestStatus:
    """The last edition of a digest, and the latest one that should have left; `due` while it has not."""

    id: str
    number: int | None
    period: str | None
    cutoff: datetime | None
    latest_period: str
    due: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One screen of everything."""

    sources: tuple[SourceStatus, ...]
    digests: tuple[DigestStatus, ...]
    documents: Mapping[str, int]
    held: Mapping[str, int]
    pages_waiting: int
    outbox: Mapping[str, int]
    classifier: str
    database: str


def status(desk: Desk) -> Status:
    """Return how everything is, in one reading transaction."""

    def gather(tx: Transaction) -> Status:
        states = sources.states(tx)
        reports = sources.last_reports(tx)
        return Status(
            sources=tuple(_source(s, states.get(s.id), reports.get(s.id)) for s in desk.config.sources),
            digests=tuple(_digest(desk, tx, d.id) for d in desk.config.digests),
            documents=documents.counts(tx),
            held=documents.held(tx),
            pages_waiting=pending.count(tx),
            outbox={str(state): count for state, count in outbox.counts(tx).items()},
            classifier=desk.classifier.version,
            database=desk.store.backend,
        )

    return desk.store.read(gather)


def state_word(source: Source, state: SourceState | None) -> str:
    """Return how a source is in one word: `off`, `new`, `ok`, or the code of what fails."""
    if not source.enabled:
        return "off"
    return "new" if state is None else state.last_error or "ok"


def _source(source: Source, state: SourceState | None, last: tuple[PollReport, datetime] | None) -> SourceStatus:
    return SourceStatus(
        id=source.id,
        name=source.name,
        state=state_word(source, state),
        since=state.failing_since if state else None,
        last_success_at=state.last_success_at if state else None,
        next_poll_at=state.next_poll_at if state else None,
        last_report=last[0] if last else None,
    )


def _digest(desk: Desk, tx: Transaction, name: str) -> DigestStatus:
    wanted = next(d for d in desk.config.digests if d.id == name)
    last = editions.last(tx, name)
    coming = schedule.edition_due(wanted, desk.zone, desk.now())
    return DigestStatus(
        id=name,
        number=last.edition.number if last else None,
        period=last.edition.period.key if last else None,
        cutoff=last.edition.cutoff if last else None,
        latest_period=coming.period.key,
        due=editions.get(tx, name, coming.period.key) is None,
    )
