"""`watcher outbox [list | retry]`."""

import click

from watcher.cli.common import json_option, many, opened, print_json


@click.group("outbox", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """See how many mails were sent, wait, or were refused, and hand over those that are due.

    \b
    Examples:
      watcher outbox
      watcher outbox retry
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@command.command("list")
@json_option
@click.pass_obj
def list_(home: str | None, as_json: bool = False) -> None:
    """Count the mails by state. Addresses are not shown.

    \b
    Examples:
      watcher outbox list
      watcher outbox list --json
    """
    from watcher.pipeline.status import mails

    with opened(home) as desk:
        counts = desk.store.read(mails)
    if as_json:
        print_json(counts)
        return
    for state, count in counts.items():
        click.echo(f"{state}: {many(count, 'mail')}")
    if not counts:
        click.echo("No mail yet.")


@command.command("retry")
@click.pass_obj
def retry(home: str | None) -> None:
    """Hand over the mails that are due now.

    \b
    Examples:
      watcher outbox retry
    """
    from watcher.pipeline import mail

    with opened(home) as desk:
        outcome = mail.deliver_due(desk)
    click.echo(outcome.sentence())
    if outcome.problems:
        raise click.exceptions.Exit(1)
