"""`watcher themes list | evaluate`. Reasons are explaining.py's, labels teaching.py's, a new model learning.py's."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.cli.common import corpus_of, home_of, json_option, many, opened_to_look, print_json, table
from watcher.cli.explaining import explain, near
from watcher.cli.learning import learn
from watcher.cli.teaching import label, labels
from watcher.errors import ConfigError
from watcher.model import Example

if TYPE_CHECKING:
    from watcher.seeds import Seeds


@click.group("themes", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the themes, explain verdicts, correct them, and learn from that.

    \b
    Examples:
      watcher themes
      watcher themes explain https://www.example.org/article
      watcher themes label https://www.example.org/article off-topic
      watcher themes learn
      watcher themes near
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


@command.command("list")
@json_option
@click.pass_obj
def list_(home: str | None, as_json: bool = False) -> None:
    """List the themes with what they hold.

    \b
    Examples:
      watcher themes list
      watcher themes list --json
    """
    from datetime import timedelta

    from watcher.store import documents

    with opened_to_look(home, sources=False) as desk:
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


@command.command("evaluate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@click.pass_obj
def evaluate(home: str | None, file: Path, as_json: bool) -> None:
    """Measure the classifier in use on labelled texts, one {"id", "title", "text", "themes", "relevance"} a line.

    Texts that it was trained on flatter it: their number is told on standard error.

    \b
    Examples:
      watcher themes evaluate labelled.jsonl
      watcher themes evaluate labelled.jsonl --json
    """
    from watcher import classify, seeds
    from watcher.classify import evaluate as measure

    corpus = corpus_of(home_of(home))
    texts = seeds.read_examples(file, frozenset(theme.id for theme in corpus.themes))
    if not texts:
        raise ConfigError("holds no labelled text.", file=str(file), remedy="Each line needs id, text and relevance.")
    if (known := trained_on(corpus, texts)) and corpus.model is not None:
        told = f"{known} of {many(len(texts), 'text')} are among those the classifier was trained on: these figures flatter it."
        click.echo(f"watcher: {told} Measure it on others.", err=True)
    classifier = classify.load(corpus.themes, corpus.seeds, corpus.model, rule=corpus.rule)
    figures = measure.measured(classifier, corpus.themes, texts)
    if not as_json:
        click.echo(measure.report(figures))
        return
    for figure in figures:
        # A figure that cannot be measured on these texts (no text of any theme) is null: JSON has no NaN.
        print_json({name: None if value != value else value for name, value in asdict(figure).items()})


def trained_on(corpus: "Seeds", texts: Sequence[Example]) -> int:
    """Return how many of `texts` are labelled texts of the corpus: the same words, whatever their id."""
    from watcher.text import fingerprint

    known = {fingerprint(one.title, one.text) for one in (*corpus.examples, *corpus.negatives)}
    return sum(fingerprint(one.title, one.text) in known for one in texts)


for one in (explain, near, label, labels, learn):
    command.add_command(one)
