"""`watcher run`."""

import os

import click

from watcher.cli.common import home_of


@click.command("run")
@click.option("--log", "kind", type=click.Choice(["logfmt", "json"]), default="logfmt", help="How the log is written.")
@click.option("--trust-clock", is_flag=True, help="Forget when the service last worked: the clock is right, whatever it showed.")
@click.pass_obj
def command(home: str | None, kind: str, trust_clock: bool) -> None:
    """Run the service: read what is due, mail what is due, answer about its health, until it is asked to stop.

    SIGTERM stops it in good order within thirty seconds, once more at once; SIGHUP has the files looked at. Edits of
    sources.yaml, seeds/ and templates/ are taken when they are whole and valid. The log goes to standard error.

    \b
    Examples:
      watcher run
      watcher --home veille run --log json
    """
    from watcher import logs
    from watcher.service import daemon

    place = home_of(home)
    log, sink = logs.configure(as_json=kind == "json", journal="JOURNAL_STREAM" in os.environ)
    code = daemon.run(place, os.environ, log, sink, trust_clock=trust_clock)
    raise click.exceptions.Exit(code)
