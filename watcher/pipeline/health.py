"""Watch over the health of sources: take in the reports of polls, and say what is wrong at present."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from watcher import health, schedule
from watcher.health import Memory
from watcher.model import SourceState
from watcher.pipeline import backup, calendar
from watcher.pipeline.desk import Desk
from watcher.pipeline.status import disk_free, mails
from watcher.schedule import OWN_NETWORK, Leaving
from watcher.store import Transaction, service, sources
from watcher.store.service import Alarm

# Nothing is lost when the disk is full; but nothing is read either.
LEAST_FREE = 500 << 20
_TROUBLES = frozenset(str(trouble) for trouble in health.Trouble)
# Problems of the service as a whole. `telling` is not one: what it concerns is told once it works again.
TOLD = frozenset(("clock", "configuration", "database", "mail", "outbox", "poll", "rows"))
_FAILURES = frozenset((health.Trouble.FAILING, health.Trouble.SILENT))


def observe(desk: Desk) -> None:
    """Take in the reports of all polls since the last time, whoever polled. Each counts once."""

    def take_in(tx: Transaction) -> None:
        memories = service.memories(tx)
        newest = max((memory.report for memory in memories.values()), default=0)
        changed: dict[str, Memory] = {}
        for number, report, at in service.reports_after(tx, newest):
            memory = changed.get(report.source) or memories.get(report.source) or Memory()
            # A failure of our own network blames no source (row N20), and is passed for good.
            ours = report.reason == OWN_NETWORK
            changed[report.source] = replace(memory, report=number) if ours else health.after(memory, report, number, at)
        service.save_memories(tx, changed)

    desk.store.write(take_in)


def present(desk: Desk, tx: Transaction, problems: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Return what is wrong now: a detail by (kind, subject). The subject is a source, a digest, or empty.

    While our own network is down, nothing new is said of sources: what was wrong with them before stays as it was.
    """
    found: dict[tuple[str, str], str] = {}
    states = sources.states(tx)
    if own_network_is_down(states):
        found |= {(a.kind, a.subject): a.detail for a in service.alarms(tx) if a.kind in _TROUBLES}
        found[OWN_NETWORK, ""] = ""
    else:
        memories = service.memories(tx)
        for source in desk.config.sources:
            if source.enabled:
                known = memories.get(source.id, Memory())
                state = states.get(source.id)
                moved_to = schedule.proposed_address(state) if state else None
                troubles = health.troubles(known, desk.now(), moved_to=moved_to)
                found |= {(str(trouble), source.id): detail for trouble, detail in troubles.items()}
    return found | _of_service(desk, tx, problems)


def own_network_is_down(states: Mapping[str, SourceState]) -> bool:
    """Tell whether our own network is down: sources are out of reach, and none was read since."""
    out = [s.last_polled_at for s in states.values() if s.last_error == OWN_NETWORK and s.last_polled_at]
    read = [s.last_success_at for s in states.values() if s.last_success_at]
    return bool(out) and (not read or max(read) < max(out))


def _of_service(desk: Desk, tx: Transaction, problems: Mapping[str, str]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    found |= {(subject, ""): said for subject, said in problems.items() if subject in TOLD}
    if (last := backup.last(desk.home)) is not None and desk.now() - last > backup.OLD:
        found["backup", ""] = f"{last:%Y-%m-%d}"
    for one in calendar.coming(desk, tx):
        if one.leaving is Leaving.HELD:
            found["late_edition", one.digest.id] = one.due.period.key
    counts = mails(tx)
    for state in ("refused", "unknown"):
        if counts.get(state):
            found[f"{state}_mails", ""] = str(counts[state])
    if disk_free(desk) < LEAST_FREE:
        found["disk", ""] = f"{disk_free(desk) >> 20}"
    return found


def changes(present: Mapping[tuple[str, str], str], known: tuple[Alarm, ...]) -> tuple[set[tuple[str, str]], tuple[Alarm, ...]]:
    """Return what began, as (kind, subject), and which alarms ended."""
    before = {(alarm.kind, alarm.subject) for alarm in known}
    ended = tuple(alarm for alarm in known if (alarm.kind, alarm.subject) not in present)
    return present.keys() - before, ended


def refreshed(present: Mapping[tuple[str, str], str], known: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
    """Return the alarms that last and whose detail is another one now, with that."""
    now = ((alarm, present.get((alarm.kind, alarm.subject), alarm.detail)) for alarm in known)
    return tuple(replace(alarm, detail=detail) for alarm, detail in now if detail != alarm.detail)


def beginnings(tx: Transaction, fresh: Iterable[tuple[str, str]], now: datetime) -> dict[tuple[str, str], datetime]:
    """Return since when each of these lasts: a source that fails, since its first failure; the others, from now on."""
    states = sources.states(tx)
    failing = {name: state.failing_since for name, state in states.items() if state.failing_since}
    return {(kind, subject): failing.get(subject, now) if kind in _FAILURES else now for kind, subject in fresh}
