"""Status: what works, what does not, since when, gathered in one reading."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from watcher import __version__, schedule
from watcher.model import DeliveryState, Digest, PollReport, Source, SourceState
from watcher.pipeline import calendar, epoch
from watcher.pipeline.desk import Desk
from watcher.schedule import Leaving
from watcher.store import Transaction, documents, editions, held, meta, outbox, pending, service, sources
from watcher.store.service import Alarm, Heartbeat


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """How one source is: `ok`, `new`, `off`, or the code of what fails, and since when.

    `alarm` says what its last reading set aside, where that was more than one record in a hundred.
    """

    id: str
    name: str
    state: str
    since: datetime | None
    last_success_at: datetime | None
    next_poll_at: datetime | None
    last_report: PollReport | None
    alarm: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestStatus:
    """The last edition of a digest, and the latest one that should have left; `due` while it has not.

    `late` is how long ago it should have, None for one that nobody is owed; `held` tells that it waits for a person.
    """

    id: str
    number: int | None
    period: str | None
    cutoff: datetime | None
    latest_period: str
    due: bool
    late: timedelta | None = None
    held: bool = False
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEdition:
    """An edition of which some mails are held: how many, and the mistakes that keep them."""

    digest: str
    number: int
    period: str
    mails: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """All that waits for a person: documents held by source, the new addresses of sources that have moved, sources that are
    gone for good (410), editions of which mails are held, editions that are too late to leave by themselves (their period, by
    digest), and mails by state (`held`, `refused`, `unknown`)."""

    bulk: Mapping[str, int]
    moved: Mapping[str, str]
    gone: tuple[str, ...]
    editions: tuple[HeldEdition, ...]
    mails: Mapping[str, int]
    late: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def total(self) -> int:
        """How many decisions wait: one for each source, one for each late edition, one for each mail."""
        return len(self.bulk) + len(self.moved) + len(self.gone) + len(self.late) + sum(self.mails.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One screen of everything. `mail_held` says why no mail may leave at all, None when they may."""

    sources: tuple[SourceStatus, ...]
    digests: tuple[DigestStatus, ...]
    documents: Mapping[str, int]
    waiting: Waiting
    pages_waiting: int
    outbox: Mapping[str, int]
    classifier: str
    database: str
    service: Heartbeat | None = None
    alarms: tuple[Alarm, ...] = ()
    disk_free: int = 0
    program: str = ""
    schema: str = ""
    notes: tuple[str, ...] = ()
    mail_held: str | None = None


def status(desk: Desk) -> Status:
    """Return how everything is, in one reading transaction."""
    held_mail = epoch.hold(desk)

    def gather(tx: Transaction) -> Status:
        states = sources.states(tx)
        reports, alarms = sources.last_reports(tx), sources.set_aside(tx)
        return Status(
            sources=tuple(_source(s, states.get(s.id), reports.get(s.id), alarms.get(s.id)) for s in desk.config.sources),
            digests=_digests(desk, tx),
            documents=documents.counts(tx),
            waiting=waiting(desk, tx),
            pages_waiting=pending.count(tx),
            outbox=mails(tx),
            classifier=desk.classifier.version,
            database=desk.store.backend,
            service=_sign_of_life(tx, desk.now()),
            alarms=service.alarms(tx),
            disk_free=disk_free(desk),
            program=__version__,
            notes=desk.config.notes,
            schema=meta.read(tx).schema_version,
            mail_held=held_mail,
        )

    return desk.store.read(gather)


def _sign_of_life(tx: Transaction, now: datetime) -> Heartbeat | None:
    """Return the last sign of life, with a clock that is behind it as one of its problems: whoever looks sees it first."""
    sign = service.last_beat(tx)
    if sign is None or "clock" in sign.problems or not sign.is_ahead_of(now):
        return sign
    shown, stamp = (when.isoformat(timespec="minutes") for when in (now, sign.beat_at))
    said = f"The clock shows {shown}, earlier than {stamp}, when the service last worked: it does nothing until it is set."
    return replace(sign, problems={**sign.problems, "clock": said})


def waiting(desk: Desk, tx: Transaction) -> Waiting:
    """Return all that waits for a person. Sources that are switched off wait for nobody."""
    states = sources.states(tx)
    followed = {source.id: states[source.id] for source in desk.config.sources if source.enabled and source.id in states}
    moved = {name: schedule.proposed_address(state) for name, state in followed.items()}
    return Waiting(
        bulk=documents.held(tx),
        moved={name: url for name, url in moved.items() if url},
        gone=tuple(name for name, state in followed.items() if state.gone),
        editions=tuple(_held_edition(one) for digest in desk.config.digests for one in held.of_digest(tx, digest.id)),
        mails={state: count for state, count in mails(tx).items() if state in ("held", "refused", "unknown")},
        late={one.digest.id: one.due.period.key for one in calendar.coming(desk, tx) if one.leaving is Leaving.HELD},
    )


def mails(tx: Transaction) -> dict[str, int]:
    """Return how many mails there are in each state that has some; `held` are those that a template keeps from being made."""
    counts = {str(state): count for state, count in outbox.counts(tx).items()}
    kept = held.count(tx)
    if kept:
        counts["held"] = kept
        counts[DeliveryState.REFUSED] -= kept
    return {state: count for state, count in counts.items() if count}


def _held_edition(one: held.HeldMails) -> HeldEdition:
    edition = one.frozen.edition
    return HeldEdition(
        digest=edition.digest,
        number=edition.number,
        period=edition.period.key,
        mails=len(one.problems),
        problems=tuple(dict.fromkeys(one.problems.values())),
    )


def state_word(source: Source, state: SourceState | None) -> str:
    """Return how a source is in one word: `off`, `new`, `ok`, or the code of what fails."""
    if not source.enabled:
        return "off"
    return "new" if state is None else state.last_error or "ok"


def _source(
    source: Source, state: SourceState | None, last: tuple[PollReport, datetime] | None, alarm: str | None
) -> SourceStatus:
    return SourceStatus(
        id=source.id,
        name=source.name,
        state=state_word(source, state),
        since=state.failing_since if state else None,
        last_success_at=state.last_success_at if state else None,
        next_poll_at=state.next_poll_at if state else None,
        last_report=last[0] if last else None,
        alarm=alarm if source.enabled else None,
    )


def _digests(desk: Desk, tx: Transaction) -> tuple[DigestStatus, ...]:
    coming = {one.digest.id: one for one in calendar.coming(desk, tx)}
    return tuple(_digest(desk, tx, digest, coming.get(digest.id)) for digest in desk.config.digests)


def _digest(desk: Desk, tx: Transaction, wanted: Digest, coming: calendar.Coming | None) -> DigestStatus:
    last = editions.last(tx, wanted.id)
    latest = schedule.edition_due(wanted, desk.zone, desk.now())
    late = coming is not None and coming.leaving in (Leaving.LEAVES, Leaving.HELD)
    return DigestStatus(
        id=wanted.id,
        number=last.edition.number if last else None,
        period=last.edition.period.key if last else None,
        cutoff=last.edition.cutoff if last else None,
        latest_period=latest.period.key,
        due=coming is not None and editions.get(tx, wanted.id, latest.period.key) is None,
        late=latest.late if late else None,
        held=coming is not None and coming.leaving is Leaving.HELD,
        next_at=coming.next_at if coming else None,
    )


def disk_free(desk: Desk) -> int:
    """Return the bytes that are free where the program writes."""
    place = desk.home.var
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free
