"""`watcher backup FILE | --dir DIR --keep N | --verify FILE`."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import click

from watcher.cli.common import home_of, json_option, print_json

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("file", type=FILE, required=False)
@click.option("--dir", "directory", type=click.Path(file_okay=False, path_type=Path), help="A folder of backups, named by date.")
@click.option("--keep", type=click.IntRange(min=1), default=14, show_default=True, help="How many of them are kept in it.")
@click.option("--verify", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Check this backup; write none.")
@json_option
@click.pass_obj
def command(home: str | None, file: Path | None, directory: Path | None, keep: int, verify: Path | None, as_json: bool) -> None:
    """Copy everything into one FILE: sources.yaml, seeds/, templates/, the database, the keys. Secrets are not in it.

    The watcher may be running. The copy is read back and checked, every page of the database included, before it bears its
    name; a backup never replaces another. `--verify` is the drill: is that file good for a restore?

    \b
    Examples:
      watcher backup veille.tar.gz
      watcher backup --dir backups --keep 14
      watcher backup --verify veille.tar.gz
    """
    from watcher.config.secrets import read_secrets
    from watcher.pipeline import backup

    if sum(given is not None for given in (file, directory, verify)) != 1:
        raise click.UsageError("Say one of FILE, --dir DIR or --verify FILE.")
    saying = "is good" if verify else "was written and checked"
    now = datetime.now(UTC)
    if verify is not None:
        done = backup.verify(verify)
    elif directory is not None:
        done = backup.backup_to(home_of(home), read_secrets(os.environ).database, directory, keep=keep, now=now)
    else:
        done = backup.backup(home_of(home), read_secrets(os.environ).database, cast("Path", file), now=now)
    manifest = done.manifest
    if as_json:
        print_json({"file": done.file, "size": done.size, "removed": done.removed, "manifest": manifest})
        return
    removed = f"; {done.removed} old ones removed" if done.removed else ""
    click.echo(f"{done.file} {saying}: {done.size / 1e6:.1f} MB, of {manifest.at:%Y-%m-%d %H:%M} UTC{removed}.")
    click.echo(f"  It holds {backup.counted(manifest.counts)}, and {len(manifest.files) - 1} other files.")
