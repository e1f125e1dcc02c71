"""`watcher export`."""

import json

import click

from watcher.cli.common import opened


@click.command("export")
@click.argument("address")
@click.pass_obj
def command(home: str | None, address: str) -> None:
    """Print all that is kept of the person at ADDRESS, as one JSON document: to answer a request for access.

    \b
    Examples:
      watcher export lecture@example.org > export.json
    """
    from pydantic_core import to_jsonable_python

    from watcher.pipeline import forgetting

    with opened(home) as desk:
        kept = forgetting.export(desk, address)
    click.echo(json.dumps(to_jsonable_python(kept), ensure_ascii=False, indent=2))
