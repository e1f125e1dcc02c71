"""`watcher classify`."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, cast

import click

from watcher.cli.common import corpus_of, home_of, many
from watcher.model import ThemeScore, Verdict

_TORN = re.compile("[\ud800-\udfff]")
EXPECTED = 'Expected {"id", "kind", "title", "text"}, one JSON object a line'


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text to judge. `id` is given back as it came: a string, a whole number, or nothing."""

    id: str | int | None
    kind: str
    title: str
    text: str


@click.command("classify")
@click.argument("file", type=click.File("rb"))
@click.pass_obj
def command(home: str | None, file: IO[bytes]) -> None:
    """Judge each {"id", "kind", "title", "text"} line of FILE ("-": standard input), and print one JSON verdict a line.

    Lines are judged as they come, so that a stream can be piped through. Offsets of the evidence count characters in the
    title or in the text, as `field` says. A line that cannot be judged is told on standard error with its number, the others
    are judged all the same, and the exit code is 1.

    \b
    Examples:
      watcher classify texts.jsonl | jq 'select(.relevance >= 2) | .id'
      watcher classify - < texts.jsonl
    """
    from watcher import classify

    corpus = corpus_of(home_of(home))
    classifier = classify.load(corpus.themes, corpus.seeds, corpus.model, rule=corpus.rule)
    lines = bad = 0
    for number, one in _read(file):
        lines += 1
        if isinstance(one, str):
            bad += 1
            click.echo(f"{file.name}:{number}: {one}. {EXPECTED}.", err=True)
            continue
        verdict = classifier.verdict(one.title, one.text, kind=one.kind)
        sys.stdout.write(json.dumps({"id": one.id, **shape(verdict)}, ensure_ascii=False) + "\n")
    if bad:
        click.echo(f"watcher: {bad} of {many(lines, 'line')} could not be judged.", err=True)
        raise click.exceptions.Exit(1)


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


def _read(file: IO[bytes]) -> Iterator[tuple[int, Text | str]]:
    """Yield, for every line that is not blank, its number and its text, or what is wrong with it."""
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            yield number, _text(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except UnicodeDecodeError:
            yield number, "this is not UTF-8"
        except RecursionError:
            yield number, "it is nested too deeply"
        except json.JSONDecodeError as error:
            yield number, f"this is not JSON ({error.msg}, column {error.colno})"
        except (TypeError, ValueError) as error:
            yield number, str(error)


def _text(line: str) -> Text:
    """Return the text of one line. Raises TypeError for a value of the wrong type, ValueError for what is no record."""
    found: object = json.loads(line)
    if not isinstance(found, dict):
        raise TypeError(f"this is {_named(found)}, not an object")
    record = cast("dict[str, object]", found)
    if "title" not in record and "text" not in record:
        raise ValueError("there is neither `title` nor `text`")
    ident = record.get("id")
    if isinstance(ident, bool) or not isinstance(ident, str | int | None):
        raise TypeError(f"`id` is {_named(ident)}, not a string or a whole number")
    text = Text(id=ident, kind=_string(record, "kind") or "article", title=_string(record, "title"), text=_string(record, "text"))
    if any(isinstance(value, str) and _TORN.search(value) for value in (text.id, text.kind, text.title, text.text)):
        raise ValueError("it holds half a surrogate pair, which is no character")
    return text


def _string(record: dict[str, object], key: str) -> str:
    value = record.get(key)
    if not isinstance(value, str | None):
        raise TypeError(f"`{key}` is {_named(value)}, not a string")
    return value or ""


def _named(value: object) -> str:
    if value is None:
        return "null"
    names: dict[type, str] = {bool: "true or false", int: "a number", float: "a number", str: "a string", list: "a list"}
    return names.get(type(value), "an object")
