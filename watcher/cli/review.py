"""`watcher review list | accept | reject`: all that is held for a person has this one door."""

import click

from watcher.cli.common import json_option, many, opened, print_json


@click.group("review")
def command() -> None:
    """Decide what is held: bulk re-imports, and addresses that sources have moved to.

    \b
    Examples:
      watcher review list
      watcher review accept some-source
    """


@command.command("list")
@json_option
@click.pass_obj
def list_(home: str | None, as_json: bool) -> None:
    """List what waits for a decision, with what to do about it."""
    from watcher import schedule
    from watcher.store import documents, sources

    with opened(home) as desk:
        held, states = desk.store.read(lambda tx: (documents.held(tx), sources.states(tx)))
        moved = {name: url for name, state in states.items() if (url := schedule.proposed_address(state))}
    if as_json:
        print_json({"bulk": held, "moved": moved})
        return
    for name, count in held.items():
        click.echo(f"{name}: {many(count, 'document')} came at once and wait. `watcher review accept {name}`, or reject.")
    for name, url in moved.items():
        click.echo(f"{name}: has moved to {url}. Change its `url:` in sources.yaml; its history stays.")
    if not held and not moved:
        click.echo("Nothing waits for a decision.")


@command.command("accept")
@click.argument("source")
@click.pass_obj
def accept(home: str | None, source: str) -> None:
    """Make the documents held for SOURCE news: the next edition may carry them."""
    from watcher.store import documents

    with opened(home) as desk:
        count = desk.store.write(lambda tx: documents.release(tx, source))
    click.echo(f"{many(count, 'document')} of {source} are news now.")


@command.command("reject")
@click.argument("source")
@click.pass_obj
def reject(home: str | None, source: str) -> None:
    """Keep the documents held for SOURCE in the archive, and never mail them."""
    from watcher.store import documents

    with opened(home) as desk:
        count = desk.store.write(lambda tx: documents.discard(tx, source))
    click.echo(f"{many(count, 'document')} of {source} stay in the archive and are never mailed.")
