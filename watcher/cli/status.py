"""`watcher status`."""

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from watcher.cli.common import json_option, local, many, opened, print_json, table
from watcher.schedule import OWN_NETWORK

if TYPE_CHECKING:
    from watcher.pipeline.desk import Desk
    from watcher.pipeline.status import DigestStatus, Status, Waiting

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
    from watcher.pipeline.status import status

    with opened(home) as desk:
        found = status(desk)
        if as_json:
            print_json(found)
        else:
            _show(found, desk)


def _show(found: "Status", desk: "Desk") -> None:
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
        told = alarm.detail.splitlines()[0] if alarm.detail else ""
        click.echo(f"  alarm: {alarm.kind}{about} since {local(alarm.since, desk)}" + (f" ({told})" if told else ""))
    for digest in found.digests:
        click.echo(f"Digest {digest.id}: {_edition(digest, desk)}.")
    kept = ", ".join(f"{count} {word}" for word, count in found.documents.items())
    click.echo(f"Archive: {kept}; {many(found.pages_waiting, 'page')} still to read.")
    click.echo(f"Waiting for a person: {_waiting(found.waiting)}.")
    mails = ", ".join(f"{count} {state}" for state, count in found.outbox.items()) or "no mail yet"
    click.echo(f"Outbox: {mails}.")
    click.echo(f"Service: {_service(found, desk)}.")
    if found.service:
        for problem in found.service.problems.values():
            click.echo(f"  {problem}")
    versions = f"watcher {found.program}, {found.database} schema {found.schema}, classifier {found.classifier}"
    click.echo(f"{found.disk_free / 2**30:.1f} GiB free. {versions}.")


def _edition(digest: "DigestStatus", desk: "Desk") -> str:
    last = f"n° {digest.number} ({digest.period}), frozen {local(digest.cutoff, desk)}" if digest.number else "no edition yet"
    if digest.held:
        last += f"; {digest.latest_period} is late and waits for a person"
    elif digest.due:
        last += f"; {digest.latest_period} is due"
    return last + (f"; next {local(digest.next_at, desk)}" if digest.next_at else "")


def _service(found: "Status", desk: "Desk") -> str:
    sign = found.service
    if sign is None:
        return "never ran here"
    silent = desk.now() - sign.beat_at
    state = f"runs since {local(sign.started_at, desk)}" if silent < SILENT else f"last seen {local(sign.beat_at, desk)}"
    return f"{state} (process {sign.pid} on {sign.host}), last poll {local(sign.last_poll_at, desk)}"


def _waiting(found: "Waiting") -> str:
    parts = [f"{many(len(found.bulk), 'bulk import')} of {many(sum(found.bulk.values()), 'document')}"] if found.bulk else []
    parts += [many(len(found.moved), "moved source")] if found.moved else []
    parts += [many(len(found.gone), "source") + " gone for good"] if found.gone else []
    parts += [many(len(found.late), "late edition")] if found.late else []
    parts += [f"{many(count, 'mail')} {state}" for state, count in found.mails.items()]
    return f"{', '.join(parts)} (`watcher review`)" if parts else "nothing"
