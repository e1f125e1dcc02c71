"""`watcher check`."""

import json
import os
from pathlib import Path

import click

from watcher.cli.common import many, table


@click.command("check")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of sources.yaml, for editors, and stop.")
@click.pass_obj
def command(home: str | None, schema: bool) -> None:
    """Validate sources.yaml, seeds/ and templates/, and print what was understood.

    Every mistake is shown at once, as file:line:column, with what was expected. Exit code 3 when there is one. Nothing is
    fetched and nothing is written.

    \b
    Examples:
      watcher check
      watcher check --schema > sources.schema.json
    """
    from watcher import config

    if schema:
        click.echo(json.dumps(config.schema(), ensure_ascii=False, indent=2))
        return
    from watcher import classify, seeds
    from watcher.pipeline.rehearsal import rehearse

    place = config.find_home(Path(home) if home else None, os.environ)
    corpus = seeds.load(place.seeds)
    loaded = config.load(place, os.environ, themes=[theme.id for theme in corpus.themes])
    templates = rehearse(place, loaded, corpus)
    classifier = classify.load(corpus.themes, corpus.seeds, corpus.model, rule=corpus.rule)
    enabled = sum(source.enabled for source in loaded.sources)
    table(
        [
            ("sources", f"{enabled} enabled, {len(loaded.sources) - enabled} switched off"),
            (
                "digests",
                ", ".join(
                    f"{d.id} ({_when(d.frequency, d.day, d.at)}, {many(len(d.recipients), 'recipient')})" for d in loaded.digests
                ),
            ),
            ("themes", ", ".join(theme.id for theme in corpus.themes)),
            ("seeds", f"{many(len(corpus.seeds), 'document')}, {many(len(corpus.examples), 'labelled text')}"),
            ("classifier", classifier.version),
            ("templates", many(templates, "file")),
            ("mail", _mail(loaded.settings.mail.mode, loaded.settings.mail.host, str(place.spool))),
            ("contact", loaded.settings.contact or "not set: nothing but a private address will be asked"),
        ]
    )
    for note in (*loaded.notes, *classifier.notes):
        click.echo(f"note: {note}")
    click.echo("Everything is in order.")


def _when(frequency: str, day: str, at: str) -> str:
    return f"daily at {at}" if frequency == "daily" else f"{day} at {at}"


def _mail(mode: str, host: str, spool: str) -> str:
    return f"through {host}" if mode == "smtp" else f"as files in {spool}"
