"""`watcher status`."""

from typing import TYPE_CHECKING

import click

from watcher.cli.common import json_option, local, many, opened, print_json, table
from watcher.schedule import OWN_NETWORK

if TYPE_CHECKING:
    from watcher.pipeline.desk import Desk
    from watcher.pipeline.status import Status, Waiting


@click.command("status")
@json_option
@click.pass_obj
def command(home: str | None, as_json: bool) -> None:
    """Show what works, what does not and since when: sources, editions, outbox.

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
    for digest in found.digests:
        last = f"n° {digest.number} ({digest.period}), frozen {local(digest.cutoff, desk)}" if digest.number else "no edition yet"
        due = f"; {digest.latest_period} is due" if digest.due else ""
        click.echo(f"Digest {digest.id}: {last}{due}.")
    kept = ", ".join(f"{count} {word}" for word, count in found.documents.items())
    click.echo(f"Archive: {kept}; {many(found.pages_waiting, 'page')} still to read.")
    click.echo(f"Waiting for a person: {_waiting(found.waiting)}.")
    mails = ", ".join(f"{count} {state}" for state, count in found.outbox.items()) or "no mail yet"
    click.echo(f"Outbox: {mails}.")
    click.echo(f"Classifier {found.classifier}, {found.database}.")


def _waiting(found: "Waiting") -> str:
    parts = [f"{many(len(found.bulk), 'bulk import')} of {many(sum(found.bulk.values()), 'document')}"] if found.bulk else []
    parts += [many(len(found.moved), "moved source")] if found.moved else []
    parts += [many(len(found.gone), "source") + " gone for good"] if found.gone else []
    parts += [f"{many(count, 'mail')} {state}" for state, count in found.mails.items()]
    return f"{', '.join(parts)} (`watcher review`)" if parts else "nothing"
