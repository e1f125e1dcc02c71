"""`watcher doctor`."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.cli.common import home_of, json_option, print_json

if TYPE_CHECKING:
    from watcher.config import Home

_SIGNS = {"ok": "well", "note": "note", "cure": "CURE"}


@click.command("doctor")
@json_option
@click.pass_obj
def command(home: str | None, as_json: bool) -> None:
    """Look for what would make trouble, and say what to do about each: exit code 1 when something must be cured.

    Interpreter and libraries with known weaknesses, clock and zone, disk, limits, configuration, permissions, every page of
    the database, backups, the relay (greeted, nothing is sent), systemd's settings. Nothing is changed.

    \b
    Examples:
      watcher doctor
      watcher doctor --json | jq 'select(.level == "cure")'
    """
    from watcher.pipeline.doctor import Level, examine

    findings = examine(_home(home), os.environ, datetime.now(UTC))
    for finding in findings:
        if as_json:
            print_json(finding)
            continue
        click.echo(f"{_SIGNS[finding.level]}  {finding.area}: {finding.message}")
        if finding.remedy:
            click.echo(f"      {finding.remedy}")
    bad = sum(finding.level is Level.CURE for finding in findings)
    if not as_json:
        click.echo(f"{bad} to be cured." if bad else "Nothing has to be cured.")
    if bad:
        raise click.exceptions.Exit(1)


def _home(home: str | None) -> "Home":
    """Return the home even when its sources.yaml is gone: that is one finding, and the rest is looked at all the same."""
    from watcher.config.home import named_home
    from watcher.errors import ConfigError

    try:
        return home_of(home)
    except ConfigError:
        place = named_home(Path(home) if home else None, os.environ)
        if not place.var.exists():
            raise  # nothing was ever there
        return place
