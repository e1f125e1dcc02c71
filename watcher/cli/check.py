"""`watcher check`."""

import json
import os
from typing import TYPE_CHECKING, Any

import click

from watcher.cli.common import home_of, json_option, many, print_json, table
from watcher.errors import ConfigError, ConfigErrors, collected

if TYPE_CHECKING:
    from watcher.config import Config, Home
    from watcher.seeds import Seeds


@click.command("check")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of sources.yaml, for editors, and stop.")
@json_option
@click.pass_obj
def command(home: str | None, schema: bool, as_json: bool) -> None:
    """Validate sources.yaml, seeds/ and templates/, and print what was understood.

    Every mistake is shown at once, as file:line:column, with what was expected. Exit code 3 when there is one. Nothing is
    fetched and nothing is written.

    \b
    Examples:
      watcher check
      watcher check --json | jq '.mistakes'
      watcher check --schema > sources.schema.json
    """
    from watcher import config

    if schema:
        click.echo(json.dumps(config.schema(), ensure_ascii=False, indent=2))
        return
    try:
        told = _understood(home_of(home))
    except ConfigError as error:
        if not as_json:
            raise
        print_json({"mistakes": [_mistake(one) for one in (error.errors if isinstance(error, ConfigErrors) else (error,))]})
        raise click.exceptions.Exit(3) from error
    if as_json:
        print_json({**told, "mistakes": []})
    else:
        _show(told)


def _understood(place: "Home") -> dict[str, object]:
    """Return what was understood of a home. Raises ConfigErrors with the mistakes of all its files."""
    from watcher import classify, config, seeds
    from watcher.pipeline.rehearsal import rehearse

    mistakes: list[ConfigError] = []
    corpus = collected(lambda: seeds.load(place.seeds), mistakes)
    themes = [theme.id for theme in corpus.themes] if corpus else None
    loaded = collected(lambda: config.load(place, os.environ, themes=themes), mistakes)
    if corpus is not None and corpus.broken_model is not None:
        mistakes.append(corpus.broken_model)
    collected(lambda: seeds.read_floors(place.seeds), mistakes)
    if (unseen := place.seeds / seeds.UNSEEN).exists() and themes:
        collected(lambda: seeds.read_examples(unseen, frozenset(themes)), mistakes)
    templates = collected(lambda: rehearse(place, loaded, corpus), mistakes) if loaded and corpus else None
    if mistakes or corpus is None or loaded is None or templates is None:
        raise ConfigErrors(tuple(mistakes))
    classifier = classify.load(corpus.themes, corpus.seeds, corpus.model, rule=corpus.rule)
    return {
        **_settings(place, loaded, corpus),
        "classifier": classifier.version,
        "templates": templates,
        "notes": [*loaded.notes, *classifier.notes],
    }


def _settings(place: "Home", loaded: "Config", corpus: "Seeds") -> dict[str, object]:
    from watcher.pipeline import people

    mail, enabled = loaded.settings.mail, sum(source.enabled for source in loaded.sources)
    receiving = people.receiving(place, loaded)
    return {
        "home": str(place.path),
        "sources": {"enabled": enabled, "off": len(loaded.sources) - enabled},
        "digests": [{"id": d.id, "when": _when(d.frequency, d.day, d.at), "recipients": receiving[d.id]} for d in loaded.digests],
        "themes": [theme.id for theme in corpus.themes],
        "seeds": len(corpus.seeds),
        "examples": len(corpus.examples),
        "mail": f"through {mail.host}" if mail.mode == "smtp" else f"as files in {place.spool}",
        "contact": loaded.settings.contact,
    }


def _when(frequency: str, day: str, at: str) -> str:
    return f"daily at {at}" if frequency == "daily" else f"{day} at {at}"


def _mistake(error: ConfigError) -> dict[str, object]:
    names = ("file", "line", "column", "problem", "remedy")
    return {name: getattr(error, name) for name in names}


def _show(told: dict[str, object]) -> None:
    found: dict[str, Any] = told
    digests = (f"{d['id']} ({d['when']}, {many(d['recipients'], 'recipient')})" for d in found["digests"])
    table(
        [
            ("sources", f"{found['sources']['enabled']} enabled, {found['sources']['off']} switched off"),
            ("digests", ", ".join(digests)),
            ("themes", ", ".join(found["themes"])),
            ("seeds", f"{many(found['seeds'], 'document')}, {many(found['examples'], 'labelled text')}"),
            ("classifier", found["classifier"]),
            ("templates", many(found["templates"], "file")),
            ("mail", found["mail"]),
            ("contact", found["contact"] or "not set: nothing but a private address will be asked"),
        ]
    )
    for note in found["notes"]:
        click.echo(f"note: {note}")
    click.echo("Everything is in order.")
