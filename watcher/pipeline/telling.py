"""Tell the administrator: alarms once when they begin and once when they end, and a report each week.

A notice is a frozen mail of the outbox as any other, filed under the digest `_administration`, which no file can name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher import dates
from watcher.model import Edition, Message, Period, Recipient
from watcher.pipeline import health, report
from watcher.pipeline.desk import Desk
from watcher.pipeline.held import templates_of
from watcher.render import notices
from watcher.store import Transaction, editions, service
from watcher.store.service import Alarm

DIGEST = "_administration"
# On Monday morning, before the digests: whoever can mend something has the time to.
REPORT_AFTER = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was told now: alarms that began, alarms that ended, the period of the report if one was sent."""

    begun: tuple[Alarm, ...] = ()
    ended: tuple[Alarm, ...] = ()
    report: str | None = None


def tell(desk: Desk, problems: Mapping[str, str]) -> Told:
    """Tell what began and what ended since the last time, in one mail, and send the week's report when its hour has come.

    `problems` are those that the service knows of, by subject. What is told and the mail that tells it are one transaction.
    """
    health.observe(desk)
    begun, ended = _alarms(desk, problems)
    return Told(begun=begun, ended=ended, report=_weekly(desk))


def recipients(desk: Desk) -> tuple[Recipient, ...]:
    """Return those who look after the service."""
    from watcher.config.addresses import recipient_id

    return tuple(Recipient(id=recipient_id(address), address=address) for address in desk.config.settings.admin)


def _alarms(desk: Desk, problems: Mapping[str, str]) -> tuple[tuple[Alarm, ...], tuple[Alarm, ...]]:
    now = desk.now()
    found, known = desk.store.read(lambda tx: (health.present(desk, tx, problems), service.alarms(tx)))
    fresh, ended = health.changes(found, known)
    if not fresh and not ended:
        _refresh(desk, found, known)
        return (), ()
    since = desk.store.read(lambda tx: health.beginnings(tx, fresh, now))
    begun = tuple(Alarm(kind=k, subject=s, since=since[k, s], detail=found[k, s]) for k, s in sorted(fresh))
    names = {source.id: source.name for source in desk.config.sources} | {d.id: d.title for d in desk.config.digests}
    period = Period(key=f"alarm {now.isoformat(timespec='microseconds')}", start=now, end=now)
    values = {"begun": begun, "ended": ended, "names": names, "lasting": len(found)}
    posts = _posts(desk, "alarm", period, now, lambda: values)

    def note(tx: Transaction) -> bool:
        if service.alarms(tx) != known:
            return False  # somebody else tells it
        service.raise_alarms(tx, (*begun, *health.refreshed(found, known)))
        service.end_alarms(tx, ended)
        _freeze(desk, tx, period, posts, now)
        return True

    return (begun, ended) if desk.store.write(note) else ((), ())


def _refresh(desk: Desk, found: Mapping[tuple[str, str], str], known: tuple[Alarm, ...]) -> None:
    """Have `status` show what is wrong as it is now: it is mailed once, as it began."""
    if changed := health.refreshed(found, known):
        desk.store.write(lambda tx: service.raise_alarms(tx, changed) if service.alarms(tx) == known else None)


def _weekly(desk: Desk) -> str | None:
    """Send the report of the last complete week unless it was, or the service was not there yet; return its period."""
    now = desk.now()
    if not desk.config.settings.admin:
        return None
    week = dates.last_week(now, desk.zone)
    if now < week.end + REPORT_AFTER:
        return None

    def owed(tx: Transaction) -> bool:
        joined = service.joined_digests(tx).get(DIGEST)
        return joined is not None and joined < week.end and editions.get(tx, DIGEST, week.key) is None

    if DIGEST not in desk.store.read(service.joined_digests):
        desk.store.write(lambda tx: service.join_digests(tx, [DIGEST], now))
    if not desk.store.read(owed):
        return None
    posts = _posts(desk, "report", week, now, lambda: {"report": report.compose(desk, week.start), "week": week})
    desk.store.write(lambda tx: _freeze(desk, tx, week, posts, now))
    return week.key


def _posts(
    desk: Desk, kind: str, period: Period, now: datetime, values: Callable[[], Mapping[str, object]]
) -> tuple[editions.Post, ...]:
    people = recipients(desk)
    if not people:
        return ()
    templates, settings, given = templates_of(desk.home), desk.config.settings, values()

    def made(person: Recipient) -> Message:
        return notices.notice(kind, period.key, person, templates, settings, at=now, values=given)

    return tuple((person, made(person), ()) for person in people)


def _freeze(desk: Desk, tx: Transaction, period: Period, posts: tuple[editions.Post, ...], now: datetime) -> None:
    if not posts:
        return
    last = editions.last(tx, DIGEST)
    edition = Edition(
        digest=DIGEST,
        title=desk.config.settings.mail.sender_name,
        number=last.edition.number + 1 if last else 1,
        period=period,
        cutoff=now,
        sections=(),
        read=0,
        sources_read=0,
    )
    editions.freeze(tx, edition, posts, now)
