"""`watcher themes list | explain | evaluate | learn`."""

import os
from pathlib import Path

import click

from watcher.cli.common import json_option, many, opened, print_json, table


@click.group("themes", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List, evaluate, explain and learn the themes.

    \b
    Examples:
      watcher themes
      watcher themes explain https://www.example.org/article
      watcher themes evaluate labelled.jsonl
      watcher themes learn
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@command.command("list")
@json_option
@click.pass_obj
def list_(home: str | None, as_json: bool = False) -> None:
    """List the themes with what they hold."""
    from datetime import timedelta

    from watcher.store import documents

    with opened(home) as desk:
        since = desk.now() - timedelta(days=28)
        counts = desk.store.read(lambda tx: documents.theme_counts(tx, since))
        rows: list[tuple[str, ...]] = []
        for theme in desk.seeds.themes:
            count = counts.get(theme.id, 0)
            if as_json:
                print_json({"theme": theme, "last_28_days": count})
            else:
                rows.append((theme.id, theme.label, f"{many(count, 'document')} in 28 days", f"{len(theme.terms)} terms"))
        table(rows)


@command.command("explain")
@click.argument("document")
@json_option
@click.pass_obj
def explain(home: str | None, document: str, as_json: bool) -> None:
    """Say why a stored DOCUMENT (its key or address) has its themes."""
    from watcher import urls
    from watcher.cli.preview import show_verdict
    from watcher.errors import UnknownNameError
    from watcher.store import documents

    key = urls.canonical(document) if urls.is_web(document) else document
    with opened(home) as desk:
        found = desk.store.read(lambda tx: documents.get(tx, key))
    if found is None:
        raise UnknownNameError("document", document, remedy="`watcher search` shows their addresses.")
    if as_json:
        print_json({"key": key, "title": found.document.title, "verdict": found.verdict})
        return
    click.echo(found.document.title)
    show_verdict(found.verdict)


@command.command("evaluate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def evaluate(home: str | None, file: Path) -> None:
    """Measure the classifier in use on labelled texts, one {"title", "text", "themes", "relevance"} a line."""
    from watcher import classify, config, seeds
    from watcher.classify import evaluate as measure

    place = config.find_home(Path(home) if home else None, os.environ)
    corpus = seeds.load(place.seeds)
    examples = seeds.read_examples(file, frozenset(theme.id for theme in corpus.themes))
    classifier = classify.load(corpus.themes, corpus.seeds, corpus.model, rule=corpus.rule)
    click.echo(measure.report(measure.measured(classifier, corpus.themes, examples)))


@command.command("learn")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the model (default: the home's seeds)."
)
@click.pass_obj
def learn(home: str | None, out: Path | None) -> None:
    """Train the classifier again from themes.yaml, the seeds and the labelled texts of the home."""
    from watcher import config, seeds
    from watcher.classify import train

    place = config.find_home(Path(home) if home else None, os.environ)
    corpus = seeds.load(place.seeds)
    model = train.train(corpus.themes, corpus.seeds, corpus.examples, corpus.negatives, rule=corpus.rule)
    target = out or place.seeds / seeds.MODEL
    target.write_bytes(model)
    click.echo(f"Trained on {many(len(corpus.examples), 'labelled text')} and written to {target}.")
