"""`watcher themes explain | near`: why a document has its themes, and what was nearly told."""

import math
import textwrap
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from watcher.cli.common import json_option, local, midnight, opened, opened_to_look, print_json

if TYPE_CHECKING:
    from watcher.model import Document, Evidence, ThemeScore

AROUND = 30  # characters shown on each side of a term
SUREST = 0.999  # a score is kept to four digits: nearer to 0 or 1, its log-odds are not known


@click.command("explain")
@click.argument("document")
@json_option
@click.pass_obj
def explain(home: str | None, document: str, as_json: bool) -> None:
    """Say why a stored DOCUMENT (its key or address) has its themes, and not the others.

    For every theme: its score against the threshold, the terms that raised or lowered it with where they stand (characters
    of the title or of the text; at most eight), what all else added to them, and the nearest passage of a seed. Once its
    text is forgotten, or seeds/ was edited, only the reasons of what readers may be told of are left: then that is said.

    \b
    Examples:
      watcher themes explain https://www.example.org/article
      watcher themes explain https://www.example.org/article --json | jq '.verdict.themes[] | select(.on)'
    """
    from watcher.pipeline import labelling
    from watcher.store import labels

    with opened(home) as desk:
        found = labelling.find(desk, document)
        said = desk.store.read(lambda tx: labels.of_document(tx, found.document.key))
        verdict, whole = labelling.with_reasons(desk, found)
        in_use = desk.classifier.version
    if as_json:
        told = [{name: getattr(one, name) for name in ("theme", "value", "author", "labelled_at")} for one in said]
        print_json(
            {
                "key": found.document.key,
                "title": found.document.title,
                "verdict": verdict,
                "reasons": "all" if whole else "kept",
                "labels": told,
            }
        )
        return
    click.echo(found.document.title)
    if not verdict.classifier:
        click.echo("  It was not judged yet.")
        return
    other = "" if verdict.classifier == in_use else f"; the one in use now is {in_use}"
    click.echo(f"  relevance {verdict.relevance} of 3 (score {verdict.score:.2f}), classifier {verdict.classifier}{other}")
    for score in sorted(verdict.themes, key=lambda one: (-one.on, -one.score)):
        _show(score, found.document)
    if not whole:
        gone = "another classifier gave this verdict" if other else "its text is no longer held"
        click.echo(f"  Shown are the reasons that were kept, those of what readers may be told of: {gone}.")
        if other:
            click.echo("  `watcher themes learn` judges the documents of three months again.")
    for one in said:
        click.echo(f"  {one.author} said: {one.theme} {'yes' if one.value else 'no'} ({local(one.labelled_at, desk)[:10]})")


def _show(score: "ThemeScore", document: "Document") -> None:
    # A useful text is filed somewhere: under its best theme, even below that theme's threshold.
    mark = "no  " if not score.on else "yes " if score.score >= score.threshold else "best"
    click.echo(f"  {mark} {score.theme:20} {score.score:.2f} against {score.threshold:.2f}")
    for one in score.evidence:
        verb = "raised by" if one.weight > 0 else "lowered by"
        place = f"{one.field} {one.start}-{one.end}"
        click.echo(f"         {verb:10} {one.weight:+.2f}  {one.term}  ({place}){_context(one, document)}")
    if score.evidence and SUREST > score.score > 1 - SUREST:
        rest = math.log(score.score / (1 - score.score)) - sum(one.weight for one in score.evidence)
        click.echo(f"         {'all else':10} {rest:+.2f}  (where the theme starts from, likeness to its seeds, weaker terms)")
    if score.seed:
        passage = textwrap.shorten(score.seed.passage, 110, placeholder=" …")
        click.echo(f"         nearest seed {score.seed.similarity:.2f}  {score.seed.id}: {passage}")


def _context(one: "Evidence", document: "Document") -> str:
    """Return the words around a term, nothing when the text is no longer held."""
    words = document.title if one.field == "title" else document.text or document.summary
    if one.field == "title" or words[one.start : one.end] != one.term:
        return ""
    around = words[max(one.start - AROUND, 0) : one.end + AROUND]
    return f": … {' '.join(around.split())} …"


@click.command("near")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what was read on this day or later (default: a week).")
@click.option(
    "--margin", type=click.FloatRange(0, 1), default=0.15, show_default=True, help="How far below its threshold, at most."
)
@json_option
@click.pass_obj
def near(home: str | None, since: datetime | None, margin: float, as_json: bool) -> None:
    """List what stands just below a threshold: what the digest nearly told, and themes that useful documents nearly had.

    Meant for a look once a week: what should have been told is said with `watcher themes label`.

    \b
    Examples:
      watcher themes near
      watcher themes near --since 2026-11-01 --margin 0.25
      watcher themes near --json | jq -r '.url'
    """
    from watcher.classify.linear import RELEVANCE
    from watcher.pipeline.near import near as misses

    with opened_to_look(home, sources=False) as desk:
        after = midnight(since, desk) if since else desk.now() - timedelta(days=7)
        found = misses(desk, after, margin=margin)
        for one in found:
            document = one.candidate.document
            if as_json:
                told = {"key": document.key, "url": document.url, "title": document.title, "published_at": document.published_at}
                print_json({**told, "theme": one.theme, "score": one.score, "threshold": one.threshold})
                continue
            what = "relevance" if one.theme == RELEVANCE else f"useful, nearly {one.theme}"
            click.echo(f"{one.score:.2f} of {one.threshold:.2f}  {what}: {document.title}")
            click.echo(f"              {local(document.published_at, desk)[:10]}  {document.publisher}, {document.url}")
        if not as_json:
            click.echo(f"{len(found)} just below a threshold since {local(after, desk)[:10]}.")
