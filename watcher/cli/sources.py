"""`watcher sources list | add | refresh-names | import | export`."""

import asyncio
from pathlib import Path

import click

from watcher.cli.common import json_option, local, many, opened, opened_to_look, print_json, table


@click.group("sources")
def command() -> None:
    """List, add, import and export sources, and refresh the names of members of parliament.

    \b
    Examples:
      watcher sources list
      watcher sources add https://www.example.org/actualites
      watcher sources import reader.opml
      watcher sources export > sources.opml
    """


@command.command("list")
@json_option
@click.pass_obj
def list_(home: str | None, as_json: bool) -> None:
    """List the sources with how they are.

    \b
    Examples:
      watcher sources list
      watcher sources list --json | jq 'select(.state.failures > 0) | .source.id'
    """
    from watcher.pipeline.status import state_word
    from watcher.store import sources

    with opened_to_look(home) as desk:
        states = desk.store.read(sources.states)
        rows: list[tuple[str, ...]] = [("SOURCE", "KIND", "STATE", "LAST READ", "ADDRESS")]
        for source in desk.config.sources:
            state = states.get(source.id)
            if as_json:
                print_json({"source": source, "state": state})
                continue
            how = state_word(source, state)
            rows.append((source.id, source.kind, how, local(state.last_success_at if state else None, desk), source.url))
        table(rows if len(rows) > 1 else ())


@command.command("add")
@click.argument("url")
@click.option("--id", "ident", help="The id to give it (default: made from the address).")
@click.option("--name", help="The name that readers see (default: the title of the feed or of the page).")
@click.option("--dry-run", is_flag=True, help="Show what it gives, write nothing.")
@click.pass_obj
def add(home: str | None, url: str, ident: str | None, name: str | None, dry_run: bool) -> None:
    """Find the feed of URL, show what it gives, and write the entry at the end of `sources:`, comments untouched.

    A page without a feed is followed as a list, if it lists articles. What cannot be followed is not written: exit code 1.

    \b
    Examples:
      watcher sources add https://www.example.org/actualites --dry-run
      watcher sources add https://www.example.org/feed.xml --id exemple --name "L’Exemple"
    """
    from watcher.config import edit
    from watcher.pipeline.preview import preview

    with opened(home) as desk:
        found = asyncio.run(preview(desk, url, pages=0, articles=False))
        same = next((source.id for source in desk.config.sources if source.url == found.source.url), None)
        if same is not None:
            click.echo(f"{found.source.url} is there already, as {same!r}.")
            return
        entry = {
            "id": ident or _free_id(found.source.id, [source.id for source in desk.config.sources]),
            "kind": found.source.kind,
            "name": name or found.source.name,
            "url": found.source.url,
        }
        listed = f"{many(len(found.items), 'item')}:" if found.items else "nothing today."
        click.echo(f"{found.source.url} is read as {found.source.kind} and lists {listed}")
        for item in found.items[:5]:
            click.echo(f"  {local(item.published_at, desk):16}  {item.title}")
        if dry_run:
            click.echo("Nothing written (--dry-run).")
            return
        edit.add_source(desk.home.sources_yaml, entry)
        reads = f"`watcher poll {entry['id']}` reads it now."
        until = "Until it lists something, `watcher status` shows it as `empty`."
        click.echo(f"Added to {desk.home.sources_yaml} as {entry['id']!r}. {reads if found.items else until}")


@command.command("refresh-names")
@click.argument("origin", metavar="[FILE|URL]", required=False)
@json_option
@click.pass_obj
def refresh_names(home: str | None, origin: str | None, as_json: bool) -> None:
    """Refresh the names of members of parliament, groups and ministries, which data sets give as references (PA…, PO…).

    They come from the AMO data set (actors, mandates, bodies) of the Assemblée nationale: fetched from its site, from another
    URL, or read from a FILE that was brought here. They go to reference/members.json in the home, over those that are shipped;
    names that are there and no longer in the data set stay. Stored questions that lack a name get it.

    \b
    Examples:
      watcher sources refresh-names
      watcher sources refresh-names AMO30_tous_acteurs_tous_mandats_tous_organes_historique.json.zip
    """
    from watcher import reference
    from watcher.pipeline.names import refresh

    with opened(home) as desk:
        done = asyncio.run(refresh(desk, origin or reference.AMO, say=lambda words: click.echo(words, err=True)))
    if as_json:
        print_json(done)
        return
    held = f"{many(done.members, 'member')} and {done.bodies} groups and ministries"
    click.echo(f"{done.file} holds {held}: {done.added} added, {done.changed} changed.")
    if done.questions:
        click.echo(f"{many(done.questions, 'question')} got a name that was missing.")


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def import_(home: str | None, file: Path) -> None:
    """Add the feeds of an OPML file that are not there yet. Nothing is fetched: `watcher poll` will.

    An outline with a mistake is told and left out: exit code 1.

    \b
    Examples:
      watcher sources import reader.opml
    """
    from watcher.config import edit, opml
    from watcher.errors import ConfigError, WatcherError

    mistakes: list[ConfigError] = []
    with opened(home) as desk:
        known = {source.url for source in desk.config.sources}
        taken = [source.id for source in desk.config.sources]
        entries: list[dict[str, object]] = []
        for entry in opml.read(file.read_bytes(), file=str(file), mistakes=mistakes):
            if entry["url"] not in known:
                entries.append({**entry, "id": _free_id(str(entry["id"]), taken)})
                taken.append(str(entries[-1]["id"]))
        if entries:
            edit.add_sources(desk.home.sources_yaml, entries)
    click.echo(f"{many(len(entries), 'source')} added, those already there left alone.")
    for mistake in mistakes:
        click.echo(mistake.message, err=True)
    if mistakes:
        raise WatcherError(f"{many(len(mistakes), 'outline')} of {file} could not be imported.")


@command.command("export")
@click.pass_obj
def export(home: str | None) -> None:
    """Print the sources as OPML 2.0, our own keys in a namespace of their own.

    \b
    Examples:
      watcher sources export > sources.opml
    """
    from watcher.config import opml

    with opened(home) as desk:
        click.echo(opml.export(desk.config.sources).decode())


def _free_id(wanted: str, taken: list[str]) -> str:
    ident, number = wanted, 2
    while ident in taken:
        ident, number = f"{wanted[:60].rstrip('-')}-{number}", number + 1
    return ident
