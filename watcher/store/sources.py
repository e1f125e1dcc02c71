"""What is remembered of sources and of hosts between two polls, and what the polls gave."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Table, delete, func, select, update

from watcher.model import HostState, PollReport, PollStatus, SourceState
from watcher.store import rows, schema
from watcher.store.database import Transaction
from watcher.store.upsert import upsert
from watcher.text import storable

# A content that stopped its reader this often is not given to it again.
STRIKES = 3


def states(tx: Transaction) -> dict[str, SourceState]:
    """Return what is remembered of each source, by id."""
    return {one.source_id: one for one in rows.source_states(tx.connection.execute(select(schema.source_states)))}


def save_states(tx: Transaction, states: Iterable[SourceState]) -> None:
    """Remember `states`, in the place of what was known of these sources."""
    by_id = {state.source_id: rows.source_state_values(state) for state in states}
    upsert(tx.connection, schema.source_states, list(by_id.values()))


def hosts(tx: Transaction) -> dict[str, HostState]:
    """Return what is remembered of each origin."""
    return {one.origin: one for one in rows.host_states(tx.connection.execute(select(schema.host_states)))}


def save_hosts(tx: Transaction, states: Iterable[HostState]) -> None:
    """Remember `states`, in the place of what was known of these origins."""
    by_origin = {state.origin: rows.columns_of(state, schema.host_states) for state in states}
    upsert(tx.connection, schema.host_states, list(by_origin.values()))


def rename(tx: Transaction, was: str, now_id: str) -> None:
    """Give everything that source `was` left behind to source `now_id`.

    What `now_id` has of its own stays. Does nothing once done, so that it may be asked for at each start.
    """
    if was == now_id:
        return
    _yield_to(tx, schema.source_states, was, now_id, None)
    _yield_to(tx, schema.sightings, was, now_id, "document_key")
    _yield_to(tx, schema.pending, was, now_id, "document_key")
    for table in (schema.source_states, schema.sightings, schema.pending, schema.documents, schema.poll_reports):
        tx.connection.execute(update(table).where(table.c.source_id == was).values(source_id=now_id))


def _yield_to(tx: Transaction, table: Table, was: str, now_id: str, key: str | None) -> None:
    """Delete the rows of `was` whose place `now_id` has taken."""
    other = table.alias()
    taken = select(other.c[key] if key else other.c.source_id).where(other.c.source_id == now_id)
    place = table.c[key].in_(taken) if key else taken.exists()
    tx.connection.execute(delete(table).where(table.c.source_id == was, place))


# ---------------------------------------------------------------------------------------------------------- quarantine


def quarantined(tx: Transaction, sha256s: Iterable[str] | None = None) -> set[str]:
    """Return the contents (SHA-256, hex) that stopped their reader three times: all, or those among `sha256s`."""
    table = schema.quarantine
    query = select(table.c.sha256).where(table.c.strikes >= STRIKES)
    if sha256s is None:
        return set(tx.connection.scalars(query))
    wanted = list(set(sha256s))
    return {found for some in rows.chunks(wanted) for found in tx.connection.scalars(query.where(table.c.sha256.in_(some)))}


def strike(tx: Transaction, sha256: str, reason: str, now: datetime) -> int:
    """Count that a content stopped its reader, for `reason`, and return how often it has."""
    table = schema.quarantine
    before = tx.connection.scalar(select(table.c.strikes).where(table.c.sha256 == sha256)) or 0
    values = {"sha256": sha256, "strikes": before + 1, "reason": reason, "first_at": now, "last_at": now}
    upsert(tx.connection, table, [values], replace=("strikes", "reason", "last_at"))
    return before + 1


# ------------------------------------------------------------------------------------------------------------- reports


def log_polls(tx: Transaction, reports: Iterable[PollReport], now: datetime) -> None:
    """Keep what the polls that ended at `now` gave."""
    values = [{"source_id": storable(one.source), "reported_at": now, "report": rows.dump(one)} for one in reports]
    if values:
        tx.connection.execute(schema.poll_reports.insert(), values)


def last_reports(tx: Transaction) -> dict[str, tuple[PollReport, datetime]]:
    """Return the last report of each source, with its instant, by source id (the present one, for a renamed source)."""
    table = schema.poll_reports
    last = select(func.max(table.c.id)).group_by(table.c.source_id)
    found = tx.connection.execute(select(table).where(table.c.id.in_(last)))
    return {row.source_id: (rows.load(PollReport, row.report), row.reported_at) for row in found}


def set_aside(tx: Transaction) -> dict[str, str]:
    """Return, by source id, the alarm that its last poll which read anything ended with; sources without one are left out.

    A poll that found nothing changed, or that failed, ends no alarm: what was set aside is still missing.
    """
    table = schema.poll_reports
    read = table.c.report.contains(f'"status":"{PollStatus.READ}"', autoescape=True)
    last = select(func.max(table.c.id)).where(read).group_by(table.c.source_id)
    found = tx.connection.execute(select(table.c.source_id, table.c.report).where(table.c.id.in_(last)))
    errors = {source_id: rows.load(PollReport, report).error for source_id, report in found}
    return {source_id: error for source_id, error in errors.items() if error}


def purge_polls(tx: Transaction, before: datetime) -> int:
    """Forget the reports from before `before`, and return how many there were."""
    return tx.connection.execute(delete(schema.poll_reports).where(schema.poll_reports.c.reported_at < before)).rowcount
