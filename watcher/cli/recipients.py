"""`watcher recipients list | unsubscribe | resume`."""

from typing import TYPE_CHECKING

import click

from watcher.cli.common import json_option, local, opened, print_json, table
from watcher.errors import UnknownNameError

if TYPE_CHECKING:
    from watcher.pipeline.desk import Desk


@click.group("recipients", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """See who receives what, and act for somebody who asks. Addresses are shown nowhere but in sources.yaml.

    \b
    Examples:
      watcher recipients
      watcher recipients unsubscribe veille lecture@example.org
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@command.command("list")
@json_option
@click.pass_obj
def list_(home: str | None, as_json: bool = False) -> None:
    """List recipients by digest: how often, which themes, and why somebody receives nothing.

    \b
    Examples:
      watcher recipients list
      watcher recipients list --json | jq 'select(.state != "active")'
    """
    from watcher.pipeline import forgetting, people

    with opened(home) as desk:
        found = people.listed(desk)
        named = forgetting.still_named(desk)
        if as_json:
            for one in found:
                print_json(one)
            return
        table(
            (one.digest, one.recipient_id, f"line {one.line}", one.state, one.frequency, ", ".join(one.themes) or "all themes",
             f"last mail {local(one.last_mailed, desk)}")
            for one in found
        )  # fmt: skip
    if not found:
        click.echo("Nobody receives anything yet: add addresses to `recipients:` in sources.yaml.")
    for line in named:
        click.echo(f"{line.file}:{line.line}: this person asked to be forgotten. Remove the line.")


@command.command("unsubscribe")
@click.argument("digest")
@click.argument("address")
@click.pass_obj
def unsubscribe(home: str | None, digest: str, address: str) -> None:
    """Take the person at ADDRESS off DIGEST; it holds from the next mail on, whatever sources.yaml says.

    \b
    Examples:
      watcher recipients unsubscribe veille lecture@example.org
    """
    from watcher.pipeline import people

    with opened(home) as desk:
        _known(desk, digest)
        people.set_active(desk, digest, address, active=False)
    click.echo(f"Unsubscribed from {digest}. `watcher recipients resume {digest} ADDRESS` undoes it.")


@command.command("resume")
@click.argument("digest")
@click.argument("address")
@click.pass_obj
def resume(home: str | None, digest: str, address: str) -> None:
    """Write again to the person at ADDRESS: after an unsubscription, or mails that came back.

    \b
    Examples:
      watcher recipients resume veille lecture@example.org
    """
    from watcher.pipeline import people

    with opened(home) as desk:
        _known(desk, digest)
        people.set_active(desk, digest, address, active=True)
    click.echo(f"Receives {digest} again, as sources.yaml and their own choice say.")


def _known(desk: "Desk", digest: str) -> None:
    names = [one.id for one in desk.config.digests]
    if digest not in names:
        raise UnknownNameError("digest", digest, names, remedy=f"There are: {', '.join(names) or 'none'}.")
