"""Which sources are due and when to look again; which editions are due.

Everything here is a function of values: the store holds `next_poll_at` and the editions, whoever calls brings `now`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from random import Random
from zoneinfo import ZoneInfo

from watcher import dates
from watcher.errors import FetchError, SourceError
from watcher.model import Digest, FetchResult, Period, Source, SourceState

FIRST_BACKOFF = timedelta(hours=1)
LONGEST_BACKOFF = timedelta(hours=24)
GONE_BACKOFF = timedelta(days=30)
MOVED_AFTER = 3
OWN_NETWORK = "own_network"
# With the tick of the service, a source is asked no more than a tenth later than it says.
JITTER = 0.09
# An edition that is later than this waits for a person: promise P4 of the design.
LATEST = timedelta(hours=48)
USUAL_SHARE = 0.2
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def due(sources: Iterable[Source], states: Mapping[str, SourceState], now: datetime) -> tuple[Source, ...]:
    """Return the enabled sources whose time has come, the longest overdue first."""
    waiting = [(states[s.id].next_poll_at if s.id in states else None, s) for s in sources if s.enabled]
    ripe = [(at or datetime.min.replace(tzinfo=now.tzinfo), s) for at, s in waiting if at is None or at <= now]
    return tuple(source for _, source in sorted(ripe, key=lambda pair: pair[0]))


def after_success(
    state: SourceState, source: Source, result: FetchResult, *, items: int | None, now: datetime, rng: Random
) -> SourceState:
    """Return the state after a complete read (`items` of them) or a 304 (`items` None).

    Validators are replaced only by a full answer that was understood; a permanent move is counted (row N08).
    """
    state = replace(
        state,
        joined_at=state.joined_at or now,
        next_poll_at=now + _jittered(source.every, rng),
        last_polled_at=now,
        last_success_at=now,
        failures=0,
        last_error=None,
        failing_since=None,
        gone=False,
        moved_to=result.moved_to,
        moved_seen=state.moved_seen + 1 if result.moved_to and result.moved_to == state.moved_to else int(bool(result.moved_to)),
    )
    if items is None:
        return state
    usual = items if state.usual_items == 0 else (1 - USUAL_SHARE) * state.usual_items + USUAL_SHARE * items
    return replace(
        state,
        etag=result.header("etag"),
        last_modified=result.header("last-modified"),
        body_sha256=None if result.file else sha256(result.body).hexdigest(),
        usual_items=usual,
    )


def after_failure(state: SourceState, source: Source, error: SourceError, *, now: datetime, rng: Random) -> SourceState:
    """Return the state after a failed poll: backoff doubles from an hour to a day, and never gives up for good (row N25)."""
    gone = error.reason == "gone"
    wait = GONE_BACKOFF if gone else min(FIRST_BACKOFF * 2 ** min(state.failures, 10), LONGEST_BACKOFF)
    again = now + _jittered(max(wait, source.every if not gone else wait), rng)
    if isinstance(error, FetchError) and error.retry_after is not None:
        again = max(again, error.retry_after)
    return replace(
        state,
        next_poll_at=again,
        last_polled_at=now,
        failures=state.failures + 1,
        last_error=error.reason,
        failing_since=state.failing_since or now,
        gone=gone,
    )


def after_outage(state: SourceState, source: Source, *, now: datetime, rng: Random) -> SourceState:
    """Return the state after a poll that our own network made impossible: no failure is counted (row N20)."""
    again = now + _jittered(min(source.every, timedelta(minutes=15)), rng)
    return replace(
        state, next_poll_at=again, last_polled_at=now, last_error=OWN_NETWORK, failing_since=state.failing_since or now
    )


def network_is_down(asked: int, unreachable_hosts: int, answered: int) -> bool:
    """Tell our own network being down from sources being down: several hosts, and not one of them answered."""
    return answered == 0 and unreachable_hosts >= 3 and asked >= 3


def news_since(source: Source, digests: Sequence[Digest], zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the start of the last period of the digests that `source` feeds, the earliest of them; None without digest."""
    fed = [d for d in digests if not d.themes or not source.themes or set(d.themes) & set(source.themes)]
    return min((last_period(digest, zone, now).start for digest in fed), default=None)


def last_period(digest: Digest, zone: ZoneInfo, now: datetime) -> Period:
    """Return the last complete ISO week, or day, before `now` in `zone`."""
    return dates.last_day(now, zone) if digest.frequency == "daily" else dates.last_week(now, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An edition whose hour has come. `late` is how long ago it should have left."""

    digest: Digest
    period: Period
    late: timedelta


def edition_due(digest: Digest, zone: ZoneInfo, now: datetime) -> Due:
    """Return the latest edition of `digest` that should have left by `now`; the store knows whether it has.

    The hour is a named day and a wall-clock time in `zone`; a time that the clocks skip or repeat happens once, because an
    edition is named after its period and the store holds one per period.
    """
    local = now.astimezone(zone)
    hour, minute = (int(part) for part in digest.at.split(":"))
    days_back = 0 if digest.frequency == "daily" else (local.weekday() - DAYS.index(digest.day)) % 7
    step = timedelta(days=1 if digest.frequency == "daily" else 7)
    moment = (local - timedelta(days=days_back)).replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    # Two instants of one zone compare by the wall clock, which runs twice over an hour in autumn: compare in UTC.
    if moment.astimezone(UTC) > now:
        moment -= step
    moment = moment.astimezone(UTC)
    period = last_period(digest, zone, moment)
    return Due(digest=digest, period=period, late=now - moment)


class Leaving(StrEnum):
    """What becomes of an edition whose hour has come: it left; it is owed to nobody; it leaves; it waits for a person."""

    SENT = "sent"
    OWED_TO_NOBODY = "owed_to_nobody"
    LEAVES = "leaves"
    HELD = "held"


def leaving(due: Due, *, sent: bool, joined_at: datetime, now: datetime, refused: bool = False) -> Leaving:
    """Say what becomes of the edition `due`: late once within two days, then held for a person (row T02).

    A digest that joined after the hour owes nothing for it; nor does one whose edition a person has `refused`.
    """
    if sent:
        return Leaving.SENT
    if refused or now - due.late < joined_at:
        return Leaving.OWED_TO_NOBODY
    return Leaving.LEAVES if due.late <= LATEST else Leaving.HELD


def next_edition(digest: Digest, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the next instant, after `now`, at which an edition of `digest` leaves."""
    last = now - edition_due(digest, zone, now).late
    # By the wall clock: a week with a change of clocks is an hour shorter or longer.
    step = timedelta(days=1 if digest.frequency == "daily" else 7)
    moment = (last.astimezone(zone) + step).replace(fold=0).astimezone(UTC)
    # A time that the clocks skip is named an hour off: the wall clock of the digest is what counts.
    hour, minute = (int(part) for part in digest.at.split(":"))
    local = moment.astimezone(zone).replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    return local.astimezone(UTC)


def proposed_address(state: SourceState) -> str | None:
    """Return the address a source has moved to, once it was seen often enough to be believed (row N08)."""
    return state.moved_to if state.moved_seen >= MOVED_AFTER else None


def _jittered(wait: timedelta, rng: Random) -> timedelta:
    return wait * (1 + rng.uniform(0, JITTER))
