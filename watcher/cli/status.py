"""`watcher status`."""

import socket
from datetime import datetime, timedelta
from textwrap import indent
from typing import TYPE_CHECKING

import click

from watcher.cli.common import json_option, local, many, opened_to_look, print_json, table
from watcher.schedule import OWN_NETWORK

if TYPE_CHECKING:
    from watcher.pipeline.desk import Desk
    from watcher.pipeline.status import DigestStatus, Status, Waiting
    from watcher.service.lock import Holder

# The service leaves a sign of life at each tick, twice a minute.
SILENT = timedelta(minutes=5)


@click.command("status")
@json_option
@click.pass_obj
def command(home: str | None, as_json: bool) -> None:
    """Show what works, what does not and since when: sources, editions, outbox, the service.

    \b
    Examples:
      watcher status
      watcher status --json | jq '.outbox'
    """
    from pydantic_core import to_jsonable_python

    from watcher.pipeline.status import status

    with opened_to_look(home) as desk:
        found = status(desk)
        holder, runs = _runs(found, desk)
        if as_json:
            plain = to_jsonable_python(found, timedelta_mode="float")
            alive = runs if runs is not None else _was_seen(found, desk)
            print_json({**plain, "service_runs": alive, "service_process": holder.pid if holder else None})
        else:
            _show(found, desk, _service(found, desk, holder, runs))


def _runs(found: "Status", desk: "Desk") -> "tuple[Holder | None, bool | None]":
    """Return what holds the lock, and whether the service of this home runs, None where only its signs of life can tell."""
    from watcher.service import lock

    try:
        holder = lock.holder(desk.home.var)
    except OSError:
        return None, None  # the lock is not for this user to look at
    if holder is not None:
        return holder, True
    # On PostgreSQL the service may run on another machine, of which this one sees no lock.
    sign = found.service
    return None, False if sign is None or sign.host == socket.gethostname() else None


def _was_seen(found: "Status", desk: "Desk") -> bool:
    return found.service is not None and desk.now() - found.service.beat_at < SILENT


def _show(found: "Status", desk: "Desk", told: str) -> None:
    well = [s for s in found.sources if s.state == "ok"]
    new = [s for s in found.sources if s.state == "new"]
    cut_off = [s for s in found.sources if s.state == OWN_NETWORK]
    failing = [s for s in found.sources if s.state not in {"ok", "new", "off", OWN_NETWORK}]
    click.echo(f"Sources: {len(well)} well, {len(failing)} failing, {len(new)} never read.")
    if cut_off:
        click.echo(f"  {many(len(cut_off), 'source')} out of reach since {local(cut_off[0].since, desk)}: our own network.")
    table(
        ((s.id, s.state, f"since {local(s.since, desk)}", f"next try {local(s.next_poll_at, desk)}") for s in failing),
        indent="  ",
    )
    table(((s.id, s.alarm) for s in found.sources if s.alarm), indent="  ")
    for alarm in found.alarms:
        about = f" {alarm.subject}" if alarm.subject else ""
        detail = alarm.detail.splitlines()[0] if alarm.detail else ""
        click.echo(f"  alarm: {alarm.kind}{about} since {local(alarm.since, desk)}" + (f" ({detail})" if detail else ""))
    for digest in found.digests:
        click.echo(f"Digest {digest.id}: {_edition(digest, desk)}.")
    kept = ", ".join(f"{count} {word}" for word, count in found.documents.items())
    click.echo(f"Archive: {kept}; {many(found.pages_waiting, 'page')} still to read.")
    click.echo(f"Waiting for a person: {_waiting(found.waiting)}.")
    mails = ", ".join(f"{count} {state}" for state, count in found.outbox.items()) or "no mail yet"
    click.echo(f"Outbox: {mails}.")
    if found.mail_held:
        click.echo(indent(found.mail_held, "  "))
    click.echo(f"Service: {told}.")
    if found.service:
        for problem in found.service.problems.values():
            click.echo(indent(problem, "  "))
    for note in found.notes:
        click.echo(f"note: {note}")
    versions = f"watcher {found.program}, {found.database} schema {found.schema}, classifier {found.classifier}"
    click.echo(f"{found.disk_free / 2**30:.1f} GiB free. {versions}.")


def _edition(digest: "DigestStatus", desk: "Desk") -> str:
    last = f"n° {digest.number} ({digest.period}), frozen {local(digest.cutoff, desk)}" if digest.number else "no edition yet"
    if digest.held:
        last += f"; {digest.latest_period} is late and waits for a person"
    elif digest.due:
        last += f"; {digest.latest_period} is due"
    return last + (f"; next {local(digest.next_at, desk)}" if digest.next_at else "")


def _service(found: "Status", desk: "Desk", holder: "Holder | None", runs: bool | None) -> str:
    sign = found.service
    polled = f", last poll {local(sign.last_poll_at if sign else None, desk)}"
    if holder is not None:
        # The last sign of life may be that of another process, long gone: the kernel knows who holds the lock.
        since = local(datetime.fromisoformat(holder.since), desk)
        return f"runs since {since} (process {holder.pid} on {holder.host}){polled}"
    if sign is None:
        return "never ran here"
    since, seen = f"runs since {local(sign.started_at, desk)}", f"last seen {local(sign.beat_at, desk)}"
    alive = runs if runs is not None else _was_seen(found, desk)
    state = since if alive else f"does not run, {seen}" if runs is False else seen
    return f"{state} (process {sign.pid} on {sign.host}){polled}"


def _waiting(found: "Waiting") -> str:
    parts = [f"{many(len(found.bulk), 'bulk import')} of {many(sum(found.bulk.values()), 'document')}"] if found.bulk else []
    parts += [many(len(found.moved), "moved source")] if found.moved else []
    parts += [many(len(found.gone), "source") + " gone for good"] if found.gone else []
    parts += [many(len(found.late), "late edition")] if found.late else []
    parts += [f"{many(count, 'mail')} {state}" for state, count in found.mails.items()]
    return f"{', '.join(parts)} (`watcher review`)" if parts else "nothing"
