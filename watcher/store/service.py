"""What the service remembers between two of its lives: its heartbeat, alarms, the health of sources, since when digests are."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import delete, select

from watcher.health import Memory
from watcher.model import PollReport
from watcher.store import poison, rows, schema
from watcher.store import service_tables as tables
from watcher.store.database import Transaction
from watcher.store.upsert import upsert

# Below this, time servers mend the clock all the time.
TOLERANCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The last sign of life of a service. `problems` are sentences by subject, as it knew them then."""

    beat_at: datetime
    started_at: datetime
    last_poll_at: datetime | None = None
    pid: int
    host: str
    program: str
    problems: Mapping[str, str] = field(default_factory=dict[str, str])

    def is_ahead_of(self, now: datetime) -> bool:
        """Tell whether there was life later than `now`: then the clock that shows `now` is behind."""
        return now < self.beat_at - TOLERANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that is wrong, and lasts: its kind, what it is about (a source's id, or empty), since when, and a detail."""

    kind: str
    subject: str
    since: datetime
    detail: str = ""


def beat(tx: Transaction, sign: Heartbeat) -> None:
    """Note a sign of life."""
    values = {name: getattr(sign, name) for name in ("beat_at", "started_at", "last_poll_at", "pid", "host", "program")}
    upsert(tx.connection, tables.heartbeat, [{"id": 1, **values, "problems": json.dumps(dict(sign.problems))}])


def last_beat(tx: Transaction) -> Heartbeat | None:
    """Return the last sign of life, None when no service ever ran."""
    row = tx.connection.execute(select(tables.heartbeat)).first()
    if row is None:
        return None
    return Heartbeat(
        beat_at=row.beat_at,
        started_at=row.started_at,
        last_poll_at=row.last_poll_at,
        pid=row.pid,
        host=row.host,
        program=row.program,
        problems=poison.passed_over("the problems of the service", lambda: dict(json.loads(row.problems))) or {},
    )


def forget_beat(tx: Transaction) -> None:
    """Forget when there was life last: the clock is right, the stamp was not."""
    tx.connection.execute(delete(tables.heartbeat))


def alarms(tx: Transaction) -> tuple[Alarm, ...]:
    """Return what is wrong, the longest first."""
    query = select(tables.alarms).order_by(tables.alarms.c.since, tables.alarms.c.kind, tables.alarms.c.subject)
    found = tx.connection.execute(query)
    return tuple(Alarm(kind=row.kind, subject=row.subject, since=row.since, detail=row.detail) for row in found)


def raise_alarms(tx: Transaction, begun: Iterable[Alarm]) -> None:
    """Note what is wrong from now on; what was noted before keeps its beginning."""
    values = [{"kind": one.kind, "subject": one.subject, "since": one.since, "detail": one.detail} for one in begun]
    upsert(tx.connection, tables.alarms, values, replace=("detail",))


def end_alarms(tx: Transaction, ended: Iterable[Alarm]) -> None:
    """Note what is right again."""
    table = tables.alarms
    for one in ended:
        tx.connection.execute(delete(table).where(table.c.kind == one.kind, table.c.subject == one.subject))


def memories(tx: Transaction) -> dict[str, Memory]:
    """Return what is remembered of the health of each source, by its id."""
    table = tables.source_health
    held = {
        row.source_id: poison.passed_over(f"the health of {row.source_id}", partial(rows.load, Memory, row.memory))
        for row in tx.connection.execute(select(table))
    }
    return {source_id: memory for source_id, memory in held.items() if memory is not None}


def save_memories(tx: Transaction, memories: Mapping[str, Memory]) -> None:
    """Remember the health of sources, in the place of what was known of them."""
    values = [{"source_id": source_id, "memory": rows.dump(memory)} for source_id, memory in memories.items()]
    upsert(tx.connection, tables.source_health, values)


def reports_after(tx: Transaction, number: int, limit: int = 10_000) -> tuple[tuple[int, PollReport, datetime], ...]:
    """Return the reports of polls that came after the report `number`, oldest first: (number, report, when)."""
    table = schema.poll_reports
    found = tx.connection.execute(select(table).where(table.c.id > number).order_by(table.c.id).limit(limit))
    read = ((row.id, _report(row), row.reported_at) for row in found)
    return tuple((number, report, at) for number, report, at in read if report is not None)


def reports_since(tx: Transaction, since: datetime) -> tuple[PollReport, ...]:
    """Return the reports of polls that ended at `since` or later, oldest first."""
    table = schema.poll_reports
    found = tx.connection.execute(select(table).where(table.c.reported_at >= since).order_by(table.c.id))
    return tuple(report for row in found if (report := _report(row)) is not None)


def _report(row: rows.AnyRow) -> PollReport | None:
    return poison.passed_over(f"the poll report {row.id} of {row.source_id}", lambda: rows.load(PollReport, row.report))


def join_digests(tx: Transaction, digests: Iterable[str], now: datetime) -> None:
    """Note that these digests are known from `now` on; one that was keeps its beginning."""
    upsert(tx.connection, tables.digest_joins, [{"digest": digest, "joined_at": now} for digest in digests], replace=())


def joined_digests(tx: Transaction) -> dict[str, datetime]:
    """Return since when each digest is known."""
    return {row.digest: row.joined_at for row in tx.connection.execute(select(tables.digest_joins))}


def refuse_edition(tx: Transaction, digest: str, period: str, now: datetime) -> None:
    """Note that a person does not want an edition that came too late."""
    upsert(tx.connection, tables.edition_refusals, [{"digest": digest, "period": period, "refused_at": now}], replace=())


def refused_editions(tx: Transaction) -> frozenset[tuple[str, str]]:
    """Return the editions, as (digest, period), that a person did not want."""
    return frozenset((row.digest, row.period) for row in tx.connection.execute(select(tables.edition_refusals)))
