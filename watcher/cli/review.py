"""`watcher review list | accept | reject`: all that is held for a person has this one door."""

from typing import TYPE_CHECKING

import click

from watcher.cli.common import json_option, many, opened, opened_to_look, print_json
from watcher.errors import UnknownNameError

if TYPE_CHECKING:
    from watcher.pipeline.desk import Desk

_MAILS = {
    "refused": "refused for good by the relay: look at the addresses in `recipients:`.",
    "unknown": "of unknown fate: the relay never answered the final dot; ask its log before writing to these readers.",
}


@click.group("review", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List what waits for a person, and decide: bulk re-imports, sources that have moved, mails that could not leave.

    \b
    Examples:
      watcher review
      watcher review accept some-source
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@command.command("list")
@json_option
@click.pass_obj
def list_(home: str | None, as_json: bool = False) -> None:
    """List what waits for a decision, with what to do about it.

    \b
    Examples:
      watcher review list
      watcher review list --json | jq '.moved'
    """
    from watcher.pipeline.status import waiting

    with opened_to_look(home) as desk:
        found = desk.store.read(lambda tx: waiting(desk, tx))
        place = desk.home.sources_yaml
    if as_json:
        print_json(found)
        return
    for name, count in found.bulk.items():
        click.echo(f"{name}: {many(count, 'document')} came at once and wait. `watcher review accept {name}`, or reject.")
    for name, url in found.moved.items():
        click.echo(f"{name}: has moved to {url}. Change its `url:` in {place}; its history stays.")
    for name in found.gone:
        click.echo(f"{name}: is gone for good (410). Find its new `url:`, or write `enabled: false`, in {place}.")
    for edition in found.editions:
        click.echo(f"{edition.digest} n° {edition.number} ({edition.period}): {many(edition.mails, 'mail')} held.")
        for problem in edition.problems:
            click.echo(f"  {problem}")
        click.echo(f"  Mend it, then `watcher digest send {edition.digest}`.")
    for name, period in found.late.items():
        click.echo(f"{name}: its edition {period} is more than 48 hours late, and waits.")
        click.echo(f"  `watcher digest send {name} --week {period}` sends it; `watcher review reject {name}` lets it be.")
    for state, advice in _MAILS.items():
        if count := found.mails.get(state, 0):
            click.echo(f"{many(count, 'mail')} {advice}")
    if not found.total:
        click.echo("Nothing waits for a decision.")


@command.command("accept")
@click.argument("source")
@click.pass_obj
def accept(home: str | None, source: str) -> None:
    """Make the documents held for SOURCE news: the next edition may carry them.

    \b
    Examples:
      watcher review accept some-source
    """
    from watcher.store import documents

    with opened(home) as desk:
        _known(desk, source)
        count = desk.store.write(lambda tx: documents.release(tx, source))
    click.echo(f"{many(count, 'document')} of {source} are news now." if count else f"Nothing of {source} is held.")


@command.command("reject")
@click.argument("source")
@click.pass_obj
def reject(home: str | None, source: str) -> None:
    """Keep the documents held for SOURCE in the archive, and never mail them; or let a digest's late edition be.

    \b
    Examples:
      watcher review reject some-source
      watcher review reject some-digest
    """
    from watcher.pipeline.status import waiting
    from watcher.store import documents, service

    with opened(home) as desk:
        late = desk.store.read(lambda tx: waiting(desk, tx)).late
        if source in late:
            desk.store.write(lambda tx: service.refuse_edition(tx, source, late[source], desk.now()))
            click.echo(f"{source} {late[source]} is not sent; what it would have held is in the next edition.")
            return
        _known(desk, source)
        count = desk.store.write(lambda tx: documents.discard(tx, source))
    kept = f"{many(count, 'document')} of {source} stay in the archive and are never mailed."
    click.echo(kept if count else f"Nothing of {source} is held.")


@command.command("takedown")
@click.argument("address")
@click.pass_obj
def takedown(home: str | None, address: str) -> None:
    """Remove the article at ADDRESS, as its publisher asks: it is out of the archive and of the mails, and never read again.

    Restoring an older backup does not bring it back. What readers have in their mailboxes stays there.

    \b
    Examples:
      watcher review takedown https://www.example.org/article
    """
    from watcher.pipeline.takedown import take_down

    with opened(home) as desk:
        try:
            done = take_down(desk, address)
        except ValueError as error:
            raise UnknownNameError("document", address, remedy="Give the address of the article.") from error
    click.echo(f"{done.key} is taken down: {'removed' if done.held else 'it was not held'}, and never read again.")
    if done.entries:
        click.echo(f"  Emptied in frozen editions: {done.entries}.")


def _known(desk: "Desk", source: str) -> None:
    """Refuse a name that is neither a source of the file nor one that something is held of."""
    from watcher.store import documents

    names = {one.id for one in desk.config.sources} | desk.store.read(documents.held).keys()
    if source not in names:
        raise UnknownNameError("source", source, sorted(names), remedy="`watcher review` shows those that wait.")
