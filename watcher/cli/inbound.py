"""`watcher inbound`."""

import sys

import click

from watcher.cli.common import json_option, opened, print_json


@click.command("inbound")
@click.option("--to", "envelope_to", help="The address the mail was accepted for, when the mail server says it.")
@json_option
@click.pass_obj
def command(home: str | None, envelope_to: str | None, as_json: bool) -> None:
    """Read one mail from standard input: somebody unsubscribes, or a mail of ours came back.

    Only what carries a token that we signed changes anything; nothing is ever answered. The exit code is 0 for any mail that
    could be read, so that the mail server does not send it back.

    \b
    Examples:
      watcher inbound < message.eml
      watcher inbound --to "$ORIGINAL_RECIPIENT" < message.eml
    """
    from watcher.pipeline import inbound

    raw = sys.stdin.buffer.read(inbound.MAX_BYTES)
    with opened(home) as desk:
        received = inbound.receive(desk, raw, envelope_to=envelope_to)
    if as_json:
        print_json(received)
    else:
        click.echo(received.sentence())
