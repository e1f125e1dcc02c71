"""What the commands share: opening a home, printing JSON, printing tables."""

import json
import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from watcher.config import Home
    from watcher.errors import ConfigError
    from watcher.pipeline.desk import Desk
    from watcher.seeds import Seeds

F = TypeVar("F", bound=Callable[..., Any])


def json_option(function: F) -> F:
    """Add `--json` to a command."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, one object per line.")(function)


@contextmanager
def opened(home: str | None) -> Generator["Desk"]:
    """Open the home's configuration, seeds and store, and close the store afterwards.

    Raises ConfigError when the home or one of its files cannot be used, StoreError when the database cannot.
    """
    from watcher import config
    from watcher.pipeline.desk import Desk
    from watcher.store import Store

    place = home_of(home)
    corpus = corpus_of(place)
    settings = config.load(place, os.environ, themes=[theme.id for theme in corpus.themes])
    store = Store.open(settings.settings.database or place.database_url)
    try:
        yield Desk(home=place, config=settings, seeds=corpus, store=store)
    finally:
        store.close()


@contextmanager
def opened_to_look(home: str | None, *, sources: bool = True) -> Generator["Desk"]:
    """Open a home as `opened` does, or, where a file of it has a mistake, as of the version that the service falls back on.

    Whoever asks the archive alone can do without `sources` (and digests, and other settings than database and zone): then
    a mistake in sources.yaml is met without such a version, too. It is said on standard error. Raises ConfigError when
    there is nothing to go on with.
    """
    from watcher.errors import ConfigError

    with ExitStack() as stack:
        try:
            desk = stack.enter_context(opened(home))
        except ConfigError as error:
            desk = _on_standby(home, error, sources=sources)
            stack.callback(desk.store.close)
        yield desk


def _on_standby(home: str | None, error: "ConfigError", *, sources: bool) -> "Desk":
    from watcher.config.home import named_home
    from watcher.pipeline.desk import Desk
    from watcher.service.standby import last_good

    place = named_home(Path(home) if home else None, os.environ)
    found = last_good(place, os.environ)
    if found is None:
        if sources:
            raise error
        return _without_sources(place, error)
    desk = Desk(home=place, config=found.config, seeds=found.seeds, store=found.store)
    click.echo(f"watcher: running on the last good version of what is edited, of {local(found.kept_at, desk)}:", err=True)
    click.echo(error.message, err=True)
    return desk


def _without_sources(home: "Home", error: "ConfigError") -> "Desk":
    """Open what there is without sources.yaml: the archive, the zone, the seeds. Raises `error` when that is not all there."""
    from watcher import seeds
    from watcher.config import Config
    from watcher.config.place import has_archive, place
    from watcher.errors import ConfigError
    from watcher.model import Settings
    from watcher.pipeline.desk import Desk
    from watcher.store import Store

    try:
        if not has_archive(home, os.environ):
            raise error
        # Not `corpus_of`: what it says was said before the mistake was met.
        found, corpus = place(home, os.environ), seeds.load(home.seeds)
    except ConfigError:
        raise error from None
    config = Config(settings=Settings(database=found.database, timezone=found.zone.key), sources=(), digests=())
    desk = Desk(home=home, config=config, seeds=corpus, store=Store.open(found.database))
    tell_mistake(error)
    return desk


def tell_mistake(error: "ConfigError") -> None:
    """Say on standard error, in one line, which mistake of a file was met, and that the archive is read all the same."""
    told = f"{Path(error.file).name} has a mistake ({error.message.splitlines()[0].rstrip('.')})"
    click.echo(f"watcher: {told}; the archive is read all the same. `watcher check` tells all of them.", err=True)


def home_of(home: str | None) -> "Home":
    """Return the home that `--home`, WATCHER_HOME or the current directory names. Raises ConfigError when it is none."""
    from watcher import config

    return config.find_home(Path(home) if home else None, os.environ)


def corpus_of(place: "Home") -> "Seeds":
    """Return the seed corpus of a home, having said on standard error that its model is of no use, if it is.

    Raises ConfigErrors. Without a model, scores come from terms and seeds alone.
    """
    from watcher import seeds

    corpus = seeds.load(place.seeds)
    if corpus.broken_model is not None:
        told = f"watcher: {corpus.broken_model.message} Until then, scores come from terms and seeds alone."
        click.echo(told, err=True)
    return corpus


def print_json(value: object) -> None:
    """Print `value` as one line of JSON: dataclasses as objects, dates in ISO 8601, durations in seconds."""
    from pydantic_core import to_jsonable_python

    click.echo(json.dumps(to_jsonable_python(value, timedelta_mode="float"), ensure_ascii=False))


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` in the place of the file `path`: the whole of it, or what was there before."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)


def table(rows: Iterable[Sequence[str]], *, indent: str = "") -> None:
    """Print `rows` as columns aligned on their widest cell; the last column runs free."""
    lines = [tuple(row) for row in rows]
    if not lines:
        return
    widths = [max(len(row[i]) for row in lines if i < len(row)) for i in range(max(len(row) for row in lines))]
    for row in lines:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        click.echo((indent + "  ".join(cells)).rstrip())


def local(when: datetime | None, desk: "Desk") -> str:
    """Return `when` in the configured zone, to the minute, or a dash."""
    return when.astimezone(desk.zone).strftime("%Y-%m-%d %H:%M") if when else "-"


def midnight(day: datetime, desk: "Desk") -> datetime:
    """Return, in UTC, the instant at which the `day` of an option begins in the configured zone."""
    return day.replace(tzinfo=desk.zone).astimezone(UTC)


def many(count: int, noun: str) -> str:
    """Return "1 source", "2 sources"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
