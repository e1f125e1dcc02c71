"""`watcher demo`."""

import itertools
import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher import locks
from watcher.cli.common import many, opened, replace_file
from watcher.errors import WatcherError
from watcher.model import PollReport, PollStatus

if TYPE_CHECKING:
    from watcher.demo.publisher import Publisher
    from watcher.pipeline.desk import Desk


@click.command("demo")
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="The home to lay out; every command works on it afterwards.",
)
def command(directory: Path) -> None:
    """Run the main job on a built-in publisher: no network, no mail server.

    Starts the publisher on loopback, polls its sources, stores what is new, freezes the edition and delivers it as .eml,
    with an .html to look at. Run it again: nothing is new, nothing is mailed twice.

    \b
    Examples:
      watcher demo
      watcher --home var/demo status
      watcher --home var/demo search compétences
    """
    from watcher.demo.publisher import Publisher

    _spare(directory)
    _put_aside(directory)
    told = _lay_out(directory)
    with alone(directory), Publisher(now=told.anchor, ports=told.ports, elsewhere=True) as publisher:
        _move(directory, told.ports, publisher.ports)
        _remember(directory, told.anchor, publisher)
        click.echo(f"A publisher of {many(len(publisher.outlets), 'outlet')} is up on loopback; its home is {directory}.")
        with opened(str(directory)) as desk:
            show(desk)


def show(desk: "Desk") -> None:
    """Poll every source of `desk`, publish its first digest, deliver it, and say where everything is."""
    from watcher.cli.digest import said, tell_held, write_preview
    from watcher.cli.poll import run, summary
    from watcher.pipeline import mail, publish

    reports = run(desk, everything=True)
    summary(reports)
    name = desk.config.digests[0].id
    published = publish.publish(desk, name)
    click.echo(said(published))
    tell_held(published)
    click.echo(mail.deliver_due(desk).sentence())
    edition, message = publish.preview(desk, name, week=published.edition.period.key)
    html = write_preview(edition, message, desk.home.spool)[1]
    click.echo("\nFound per theme:")
    for section in published.edition.sections:
        click.echo(f"  {section.label}: {many(len(section.entries) + section.more, 'article')}")
    _unread(reports)
    click.echo(f"\nMails:  {desk.home.spool}\nTo look at: {html}")


def _unread(reports: tuple[PollReport, ...]) -> None:
    failed = [report for report in reports if report.status is PollStatus.FAILED]
    pages = [(report.source, reason, count) for report in reports for reason, count in report.failed.items()]
    if failed or pages:
        click.echo("\nCould not be read:")
    for report in failed:
        click.echo(f"  {report.source}: {report.error}")
    for source, reason, count in pages:
        click.echo(f"  {source}: {many(count, 'page')} ({reason}), kept with the feed's summary")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the home remembers of its publisher, so that the same addresses come back."""

    anchor: datetime
    ports: tuple[int, ...] | None


def _spare(directory: Path) -> None:
    """Raise WatcherError for a folder that is somebody's home already: its sources and its archive stay as they are."""
    if (directory / "publisher.json").exists():
        return
    if taken := next((file for name in ("sources.yaml", "var/watcher.db") if (file := directory / name).exists()), None):
        raise WatcherError(
            f"{taken} is there already: the demo would mix its articles with yours. Name a new folder: `watcher demo --dir NEW`."
        )


def _put_aside(directory: Path) -> None:
    """Move a demo of an earlier week out of the way: its articles are last week's news no more."""
    memory = directory / "publisher.json"
    if not memory.exists():
        return
    year, week, _ = datetime.fromisoformat(json.loads(memory.read_text("utf-8"))["anchor"]).isocalendar()
    if (year, week) == datetime.now(UTC).isocalendar()[:2]:
        return
    aside = directory.with_name(f"{directory.name}-{year}-W{week:02d}")
    directory.rename(aside)
    click.echo(f"The demo of an earlier week is kept in {aside}; this one starts afresh.")


def _lay_out(directory: Path) -> _Told:
    from watcher.cli.init import lay_out

    lay_out(directory, skip=("sources.yaml",))
    memory = directory / "publisher.json"
    if not memory.exists():
        return _Told(anchor=datetime.now(UTC).replace(microsecond=0), ports=None)
    told = json.loads(memory.read_text("utf-8"))
    return _Told(anchor=datetime.fromisoformat(told["anchor"]), ports=tuple(told["ports"]))


@contextmanager
def alone(directory: Path) -> Generator[None]:
    """Hold the lock on the demo's home, which dies with the process. Raises WatcherError when another demo holds it."""
    directory.mkdir(parents=True, exist_ok=True)
    with locks.held(directory / "demo.lock") as ours:
        if not ours:
            raise WatcherError(f"The demo of {directory} is running already. Wait for it to end.")
        yield


def _move(directory: Path, was: tuple[int, ...] | None, ports: tuple[int, ...]) -> None:
    """Follow outlets to other ports: theirs were taken.

    An address identifies an article, port included: read again into the same archive, every article would be there twice.
    Hence an archive of its own for the new addresses.
    """
    moved = {old: new for old, new in zip(was or (), ports, strict=False) if old != new}
    if not moved:
        return
    archive = directory / "var"
    kept = next(place for n in itertools.count(1) if not (place := directory / f"var-{n}").exists())
    if archive.exists():
        archive.rename(kept)
    sources = directory / "sources.yaml"
    text = re.sub(r"(?<=127\.0\.0\.1:)\d+", lambda port: str(moved.get(int(port[0]), port[0])), sources.read_text("utf-8"))
    replace_file(sources, text.encode())
    for old, new in moved.items():
        click.echo(f"Port {old} is taken by another program: that outlet answers on {new} now.")
    click.echo(f"Its articles have other addresses there: what was read before is kept in {kept}, and all is read anew.")


def _remember(directory: Path, anchor: datetime, publisher: "Publisher") -> None:
    from watcher.demo.parliament import names

    memory, sources = directory / "publisher.json", directory / "sources.yaml"
    if not memory.exists():
        sources.write_text(publisher.sources_yaml(), "utf-8")
        for path, words in names.reference_files().items():
            target = directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(words, "utf-8")
    replace_file(memory, json.dumps({"anchor": anchor.isoformat(), "ports": list(publisher.ports)}).encode())
