"""`watcher restore FILE`."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.cli.common import many

if TYPE_CHECKING:
    from watcher.pipeline.restore import Restored


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--home", "place", type=click.Path(file_okay=False, path_type=Path), help="Where to (default: the home).")
@click.option("--aside", is_flag=True, help="Rename what is there already to NAME.before-INSTANT, instead of refusing.")
@click.pass_obj
def command(home: str | None, file: Path, place: Path | None, aside: bool) -> None:
    """Put the backup FILE into an empty home, or beside what is put aside. Stop the service first.

    The backup is checked before anything is touched, the database again after. All mail is then held: the backup does not
    know what left since it was made. `watcher outbox reconcile` says what, and lets mail go.

    \b
    Examples:
      watcher restore veille.tar.gz --home veille
      watcher restore backups/watcher-20261121T033000Z.tar.gz --aside
    """
    from watcher.config.home import Home, state_of
    from watcher.config.secrets import read_secrets
    from watcher.pipeline import restore

    path = (place or Path(home or ".")).expanduser().absolute()
    target = Home(path, state_of(path, os.environ))

    def placed(done: "Restored") -> None:
        for old in done.aside:
            click.echo(f"Put aside: {old}")
        click.echo(f"Restored {many(done.files, 'file')} of {done.manifest.at:%Y-%m-%d %H:%M} UTC into {path}.")
        click.echo("All mail is held until `watcher outbox reconcile`: what left since then is not known here.")

    database = read_secrets(os.environ).database
    done = restore.restore(file, target, database, now=datetime.now(UTC), aside=aside, placed=placed)
    if done.reapplied:
        click.echo(f"Taken out again, as asked since: {done.reapplied}.")
