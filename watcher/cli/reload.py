"""`watcher reload [--confirm]`."""

import os
import signal
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from watcher.cli.common import home_of, json_option, many, print_json
from watcher.errors import ConfigError

if TYPE_CHECKING:
    from watcher.config import Home


@click.command("reload")
@click.option("--confirm", is_flag=True, help="Take it even if more than a fifth of the sources vanish.")
@json_option
@click.pass_obj
def command(home: str | None, confirm: bool, as_json: bool) -> None:
    """Check what was edited, say what changes, and have the running service look at it now.

    The service looks by itself every two seconds; this command says at once what it will make of the files. An edit in which
    more than a fifth of the sources vanish is taken with --confirm only. Exit code 3 when the files cannot be used.

    \b
    Examples:
      watcher reload
      watcher reload --confirm
    """
    from watcher.config.secrets import read_secrets
    from watcher.service import reload
    from watcher.store import Store, kept

    place = home_of(home)
    files = reload.read_files(place)
    loaded, _ = reload.load(place, os.environ)
    store = Store.open(read_secrets(os.environ).database or place.database_url)
    try:
        before = store.read(kept.last)
        running = reload.config_of(before, place)
        if running is not None and not confirm:
            reload.check_missing(running, loaded, place)
        if confirm:
            if kept.hash_of(reload.read_files(place)) != kept.hash_of(files):
                raise ConfigError("the files change while they are read.", file=str(place.path), remedy="Do it again.")
            store.write(lambda tx: kept.keep(tx, files, datetime.now(UTC)))
    finally:
        store.close()
    told = _told(place)
    restart = ["service.listen"] if told and running and running.settings.listen != loaded.settings.listen else []
    ids = {source.id for source in loaded.sources}
    known = {source.id for source in running.sources} if running else set[str]()
    if as_json:
        changed = {"added": sorted(ids - known), "removed": sorted(known - ids)}
        print_json({**changed, "sources": len(ids), "process": told, "restart": restart})
        return
    click.echo(f"{many(len(ids), 'source')}, {many(len(loaded.digests), 'digest')}: everything is in order.")
    for word, some in (("added", ids - known), ("removed", known - ids)):
        if some and running:
            click.echo(f"  {word}: {', '.join(sorted(some))}")
    click.echo(f"The service (process {told}) takes it now." if told else "No service runs here: the next one takes it.")
    for setting in restart:
        click.echo(f"  but a new `{setting}` takes a restart: `systemctl restart watcher`.")


def _told(place: "Home") -> int | None:
    """Have the service of a home look at its files; return its process, None when none runs here."""
    from watcher.service import lock

    holder = lock.holder(place.var)
    if holder is None:
        return None
    try:
        os.kill(holder.pid, signal.SIGHUP)
    except ProcessLookupError:
        return None  # it ended meanwhile, or runs in another container
    except PermissionError as error:
        raise ConfigError(
            f"process {holder.pid} belongs to another user.", file=str(place.path), remedy="It looks by itself within seconds."
        ) from error
    return holder.pid
