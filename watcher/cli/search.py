"""`watcher search`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from watcher.cli.common import json_option, local, midnight, opened_to_look, print_json
from watcher.errors import UnknownNameError

if TYPE_CHECKING:
    from watcher.pipeline.desk import Desk


@click.command("search")
@click.argument("words", nargs=-1)
@click.option("--theme", help="Only documents filed under this theme.")
@click.option("--source", help="Only what this source listed.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what was published on this day or later.")
@click.option("--kind", help="Only this media type: text/html, application/pdf.")
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True)
@json_option
@click.pass_obj
def command(
    home: str | None,
    words: tuple[str, ...],
    theme: str | None,
    source: str | None,
    since: datetime | None,
    kind: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Search the archive. Accents, case, plurals and elisions do not matter; every word must be there.

    \b
    Examples:
      watcher search intelligence artificielle --theme ia-emploi
      watcher search --since 2026-11-01 --json
    """
    from watcher import text
    from watcher.store import search

    wanted = " ".join(words)
    if wanted and not text.query_tokens(wanted):
        raise click.UsageError(f"{wanted!r} holds no letter or figure to look for. Without words, everything is listed.")
    with opened_to_look(home, sources=False) as desk:
        _known(desk, theme, source)
        after = midnight(since, desk) if since else None
        page = desk.store.read(
            lambda tx: search.find(tx, wanted, theme=theme, source=source, since=after, kind=kind, limit=limit)
        )
        if as_json:
            for hit in page.hits:
                print_json(hit)
            return
        for hit in page.hits:
            click.echo(f"{local(hit.published_at, desk)[:10]}  {hit.title}\n            {hit.publisher}, {hit.url}")
            if hit.snippet:
                click.echo(f"            {hit.snippet}")
        click.echo(f"{page.total} found." if page.total <= limit else f"{page.total} found, the first {limit} shown.")


def _known(desk: "Desk", theme: str | None, source: str | None) -> None:
    """Refuse a theme or a source that is neither in the files nor in the archive, which remembers those that were."""
    from watcher.store import documents, sources

    if theme is not None and theme not in (themes := {one.id for one in desk.seeds.themes}):
        themes |= desk.store.read(lambda tx: documents.theme_counts(tx, datetime.min.replace(tzinfo=UTC))).keys()
        if theme not in themes:
            raise UnknownNameError("theme", theme, sorted(themes), remedy="`watcher themes` lists them.")
    if source is not None and source not in (names := {one.id for one in desk.config.sources}):
        names |= desk.store.read(sources.states).keys()
        if source not in names:
            raise UnknownNameError("source", source, sorted(names), remedy="`watcher sources list` shows their ids.")
