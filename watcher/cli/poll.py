"""`watcher poll`."""

import asyncio
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from watcher.cli.common import json_option, many, opened, print_json
from watcher.model import PollReport, PollStatus

if TYPE_CHECKING:
    from watcher.pipeline.desk import Desk, Progress


@click.command("poll")
@click.argument("sources", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All enabled sources, due or not.")
@click.option("--pages", type=click.IntRange(min=0), help="Read at most so many article pages per source; the others wait.")
@json_option
@click.pass_obj
def command(home: str | None, sources: tuple[str, ...], everything: bool, pages: int | None, as_json: bool) -> None:
    """Fetch what is due now, or the SOURCES named, and store what is new.

    Naming sources, or --all, overrides when they are due; never robots.txt, Retry-After or 410. One line per source says
    what came and what could not be read, and why. Exit code 1 when a source could not be read.

    \b
    Examples:
      watcher poll
      watcher poll dares senat-rapports
      watcher poll --all --json
    """
    with opened(home) as desk:
        reports = run(desk, only=sources, everything=everything, pages=pages, as_json=as_json)
    if not as_json:
        summary(reports)
    if any(report.status is PollStatus.FAILED for report in reports):
        raise click.exceptions.Exit(1)


def run(
    desk: "Desk", *, only: tuple[str, ...] = (), everything: bool = False, pages: int | None = None, as_json: bool = False
) -> tuple[PollReport, ...]:
    """Poll with progress on the terminal, one line per source as it ends; then forget, once a day, what is too old."""
    from watcher.pipeline import retention
    from watcher.pipeline.poll import poll

    with _shown(as_json) as progress:
        reports = asyncio.run(poll(desk, only=only, everything=everything, most_pages=pages, progress=progress))
    forgotten = retention.purge_daily(desk)
    if forgotten and forgotten != retention.Purged() and not as_json:
        click.echo(f"Forgotten, as settings.retention says: {forgotten.sentence()}.")
    return reports


def line(report: PollReport) -> str:
    """Return what one poll of one source did, in one line."""
    if report.status is PollStatus.FAILED:
        return f"{report.source}: failed ({report.reason}). {report.error}"
    if report.status is PollStatus.NOT_MODIFIED:
        return f"{report.source}: nothing changed"
    parts = [f"{count} {word}" for word, count in _counts(report) if count]
    parts += [f"{count} set aside ({reason})" for reason, count in report.rejected.items()]
    parts += [f"{count} unread ({reason})" for reason, count in report.failed.items()]
    alarm = f". {report.error}" if report.error else ""
    return f"{report.source}: {', '.join(parts) or 'nothing new'}{alarm}"


def summary(reports: tuple[PollReport, ...]) -> None:
    """Print the totals of a poll."""
    if not reports:
        click.echo("No source is due. `watcher poll --all` reads them all the same.")
        return
    failed = [report for report in reports if report.status is PollStatus.FAILED]
    new = sum(report.new for report in reports)
    if len(failed) == len(reports) >= 3 and {report.reason for report in failed} <= {"dns", "connect", "timeout"}:
        click.echo("Nothing at all answered: it looks like this machine's own network. No source is counted as failing.")
    click.echo(f"{many(len(reports), 'source')}: {len(reports) - len(failed)} read, {len(failed)} failed; {new} new.")


def _counts(report: PollReport) -> tuple[tuple[str, int], ...]:
    return (("new", report.new), ("revised", report.revised), ("backfill", report.backfill), ("known", report.known))


class _Lines:
    """Progress as plain lines, for logs and pipes."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json

    def begin(self, sources: int) -> None:
        """Show nothing: the lines speak for themselves."""

    def waiting(self, pages: int) -> None:
        """Show nothing."""

    def page(self) -> None:
        """Show nothing."""

    def source(self, report: PollReport) -> None:
        """Print the report of a source."""
        if self._as_json:
            print_json(report)
        else:
            click.echo(line(report))


@contextmanager
def _shown(as_json: bool) -> "Generator[Progress]":
    if as_json or not sys.stderr.isatty():
        yield _Lines(as_json)
        return
    from watcher.cli.bars import Bars

    with Bars(line) as bars:
        yield bars
