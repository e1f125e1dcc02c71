"""`watcher classify`."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click

from watcher.errors import ConfigError
from watcher.model import ThemeScore, Verdict


@click.command("classify")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.pass_obj
def command(home: str | None, file: IO[str]) -> None:
    """Judge each {"id", "kind", "title", "text"} line of FILE ("-": standard input), and print one JSON verdict a line.

    Lines are judged as they come, so that a stream can be piped through. Offsets of the evidence count characters in the
    title or in the text, as `field` says.

    \b
    Example:
      watcher classify texts.jsonl | jq 'select(.relevance >= 2) | .id'
    """
    from watcher import classify, config, seeds

    place = config.find_home(Path(home) if home else None, os.environ)
    corpus = seeds.load(place.seeds)
    classifier = classify.load(corpus.themes, corpus.seeds, corpus.model, rule=corpus.rule)
    for record in _records(file):
        verdict = classifier.verdict(
            str(record.get("title") or ""), str(record.get("text") or ""), kind=str(record.get("kind") or "article")
        )
        sys.stdout.write(json.dumps({"id": record.get("id"), **shape(verdict)}, ensure_ascii=False) + "\n")


def shape(verdict: Verdict) -> dict[str, object]:
    """Return `verdict` in the shape that other programs rely on (docs/classification.md)."""
    return {
        "relevance": verdict.relevance,
        "score": round(verdict.score, 6),
        "themes": {score.theme: _theme(score) for score in verdict.themes},
        "language": verdict.language,
        "classifier": verdict.classifier,
    }


def _theme(score: ThemeScore) -> dict[str, object]:
    return {
        "score": round(score.score, 6),
        "on": score.on,
        "threshold": round(score.threshold, 6),
        "evidence": [
            {"term": e.term, "start": e.start, "end": e.end, "weight": round(e.weight, 4), "field": e.field}
            for e in score.evidence
        ],
        "seed": {"id": score.seed.id, "passage": score.seed.passage} if score.seed else None,
    }


def _records(file: IO[str]) -> Iterator[dict[str, object]]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            record: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ConfigError(
                f"this is not JSON ({error}).", file=file.name, line=number, remedy="One JSON object a line."
            ) from error
        if not isinstance(record, dict):
            raise ConfigError(
                "this is not an object.", file=file.name, line=number, remedy='Expected {"id", "kind", "title", "text"}.'
            )
        yield {str(key): value for key, value in record.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
