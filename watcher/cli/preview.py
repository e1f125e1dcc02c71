"""`watcher preview URL|SOURCE`."""

import asyncio
import textwrap
from typing import TYPE_CHECKING

import click

from watcher.cli.common import json_option, local, many, opened, print_json
from watcher.model import Question, TextStatus, Verdict

if TYPE_CHECKING:
    from watcher.pipeline.desk import Desk
    from watcher.pipeline.preview import Judged, Preview


@click.command("preview")
@click.argument("target", metavar="URL|SOURCE")
@click.option("--pages", type=click.IntRange(0, 50), default=3, show_default=True, help="How many articles to read and judge.")
@click.option("--text", "whole", is_flag=True, help="Show the extracted text whole.")
@json_option
@click.pass_obj
def command(home: str | None, target: str, pages: int, whole: bool, as_json: bool) -> None:
    """Show what an address or a source would give: kind found, items, dates, text, theme scores with their reasons.

    Nothing is saved. The address may be a feed, a sitemap, an article, a page that announces feeds, or a listing page. Of an
    article, the page itself is shown, and where the feed of its site is.

    \b
    Examples:
      watcher preview https://www.example.org/actualites
      watcher preview dares --pages 10 --text
    """
    from watcher.pipeline.preview import preview

    with opened(home) as desk:
        found = asyncio.run(preview(desk, target, pages=pages))
        if as_json:
            print_json(found)
        else:
            _show(found, desk, whole)


def _show(found: "Preview", desk: "Desk", whole: bool) -> None:
    click.echo(f"{found.url}\n  read as: {'an article' if found.article else found.source.kind}")
    for feed in found.announced:
        problem = f", which cannot be read: {feed.problem}" if feed.problem else ""
        click.echo(f"  announces: {feed.url}" + (f" ({feed.title})" if feed.title else "") + problem)
    if not found.article:
        _show_items(found, desk)
    for judged in found.judged:
        _show_judged(judged, desk, whole)
    click.echo(f"\nNothing was saved. {_advice(found)}")


def _advice(found: "Preview") -> str:
    if found.refused:
        return found.refused
    if found.article:
        return f"This is one article; to follow its site: watcher sources add {found.announced[0].url}"
    return f"To follow it: watcher sources add {found.url}"


def _show_items(found: "Preview", desk: "Desk") -> None:
    dated = [item.published_at for item in found.items if item.published_at]
    newest = f", newest {local(max(dated), desk)}" if dated else ", none dated: dates will come from the pages"
    click.echo(f"  lists: {many(len(found.items), 'item')}{newest}" if found.items else "  lists: nothing today")
    for reason, count in found.rejected:
        click.echo(f"  set aside: {count} ({reason})")
    for item in found.items[:20]:
        click.echo(f"    {local(item.published_at, desk):16}  {item.title}\n                      {item.url}")
    if len(found.items) > 20:
        click.echo(f"    and {len(found.items) - 20} more")


def _show_judged(judged: "Judged", desk: "Desk", whole: bool) -> None:
    document, verdict = judged.document, judged.verdict
    if document is None or verdict is None:
        return
    click.echo(f"\n  {document.title}")
    by = f" by {document.author}" if document.author else ""
    when = "news" if judged.news else "older than the last edition's period: stored, not mailed"
    what = f"{document.language}, {document.status} text, {len(document.text)} characters"
    click.echo(f"    {local(document.published_at, desk)}{by}, {what}; {when}")
    if judged.problem:
        click.echo(f"    its page could not be read: {judged.problem}")
    if document.status is TextStatus.RESERVED:
        click.echo(f"    the publisher reserves text and data mining ({document.reserved}): title and link only")
    if document.question is not None:
        _show_life(document.question, desk)
    text = document.text or document.summary
    shown = text if whole else textwrap.shorten(text, 400, placeholder=" …")
    click.echo(textwrap.indent(textwrap.fill(shown, 96) if not whole else shown, "    | "))
    show_verdict(verdict)


def _show_life(question: Question, desk: "Desk") -> None:
    from watcher.questions import timeline

    for event in timeline(question, today=desk.now().astimezone(desk.zone).date()):
        told = (f"to {event.to_ministry}" if event.to_ministry else "", f"p. {event.page}" if event.page else "")
        days = f"after {many(event.days, 'day')}" if event.days is not None else ""
        words = " ".join(part for part in (event.kind.value, days, *told) if part)
        click.echo(f"    {event.on.isoformat() if event.on else 'undated':10}  {words}")


def show_verdict(verdict: Verdict) -> None:
    """Print a verdict with its reasons, themes above their threshold first."""
    click.echo(f"    relevance {verdict.relevance} of 3 (score {verdict.score:.2f}), classifier {verdict.classifier}")
    ranked = sorted(verdict.themes, key=lambda t: (-t.on, -t.score))
    for score in ranked:
        if not score.on and score.score < 0.5 * score.threshold:
            continue
        # A useful text is filed somewhere: under its best theme, even below that theme's threshold.
        mark = "no  " if not score.on else "yes " if score.score >= score.threshold else "best"
        click.echo(f"    {mark} {score.theme:20} {score.score:.2f} against {score.threshold:.2f}")
        terms: dict[str, float] = {}
        for evidence in score.evidence:
            terms[evidence.term] = terms.get(evidence.term, 0.0) + evidence.weight
        if terms:
            listed = ", ".join(f"{term} {weight:+.2f}" for term, weight in sorted(terms.items(), key=lambda p: -abs(p[1]))[:8])
            click.echo(f"        because of: {listed}")
        if score.seed:
            click.echo(f"        nearest seed: {score.seed.id}: {textwrap.shorten(score.seed.passage, 110, placeholder=' …')}")
