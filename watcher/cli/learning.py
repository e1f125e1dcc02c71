"""`watcher themes learn`: a new model from what staff said, shown beside the one in use."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watcher.cli.common import json_option, many, opened, print_json, table

if TYPE_CHECKING:
    from watcher.pipeline.comparing import Progress
    from watcher.pipeline.learn import Lesson
    from watcher.pipeline.moves import Move, Rejudged

SHOWN = 20


@click.command("learn")
@click.option(
    "--from",
    "sources",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Import a document of yours as a private seed: it stays in the archive. More FILES may follow.",
)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--theme", "themes", multiple=True, help="A theme of the imported files that have no front matter.")
@click.option("--dry-run", is_flag=True, help="Train and compare; write nothing.")
@click.option("--rollback", is_flag=True, help="Take the model that was in use before.")
@click.option("--lower-floors", metavar="REASON", help="Adopt even if figures drop: lower their floors, and keep the reason.")
@json_option
@click.pass_obj
def learn(
    home: str | None,
    sources: tuple[Path, ...],
    files: tuple[Path, ...],
    themes: tuple[str, ...],
    dry_run: bool,
    rollback: bool,
    lower_floors: str | None,
    as_json: bool,
) -> None:
    """Train the classifier again on themes.yaml, the seeds, the labelled texts and what staff said.

    The new model is compared with the one in use, on texts that neither was trained on and, by cross-validation, on the
    labels. It is adopted only if no figure is below its floor (seeds/floors.json); exit code 1 otherwise. What would move is
    listed with its reasons, and recent documents get their new verdicts. The former model stays beside it, for --rollback.

    \b
    Examples:
      watcher themes learn --dry-run
      watcher themes learn --from study.pdf --theme ia-emploi
      watcher themes learn --rollback
    """
    from watcher.pipeline import learn as learning
    from watcher.pipeline import private

    if files and not sources:
        raise click.UsageError("Files to import come after --from.")
    if rollback and (sources or themes or lower_floors is not None):
        raise click.UsageError("--rollback goes back; it imports nothing and lowers nothing.")
    if themes and not sources:
        raise click.UsageError("--theme is that of imported files: name them with --from.")
    with opened(home) as desk, _shown() as progress:
        if rollback:
            again = learning.roll_back(desk, progress, dry_run=dry_run)
            _show_rollback(again, dry_run, as_json)
            return
        added = private.read(desk, (*sources, *files), themes)
        lesson = learning.learn(desk, progress, added=added, dry_run=dry_run, lower_floors=lower_floors)
    if as_json:
        _print_lesson(lesson, dry_run)
    else:
        _show_lesson(lesson, dry_run)
    if lesson.dropped and not lesson.adopted:
        raise click.exceptions.Exit(1)


def _show_lesson(lesson: "Lesson", dry_run: bool) -> None:
    taught = f"{many(lesson.labels, 'labelled version')} of documents, {many(lesson.private, 'private seed')}"
    contested = f"; {many(lesson.contested, 'opinion')} left out: people disagree" if lesson.contested else ""
    click.echo(f"Trained on the seeds, the labelled texts, {taught}{contested}.\n")
    rows = [("figure", "in use", "new", "95 % interval", "floor", "on what")]
    for one in lesson.figures:
        sign = {"higher": ">=", "lower": "<="}[one.better]
        floor = "-" if one.floor is None else f"{sign} {one.floor:.3f}{'  DROPPED' if one.dropped else ''}"
        in_use = "-" if one.in_use is None else f"{one.in_use:.3f}"
        rows.append((one.name, in_use, f"{one.new:.3f}", f"{one.low:.3f} to {one.high:.3f}", floor, one.how))
    said = lesson.on_labels
    if said.count:
        mark = "no worse but by chance" + ("  DROPPED" if said.dropped else "")
        rows.append(("labels_given_back", str(said.in_use), str(said.new), "-", mark, f"{many(said.count, 'label')}, held out"))
    table(rows)
    _show_moves(lesson.moves, lesson.judged)
    click.echo("\n" + _outcome(lesson, dry_run))


def _outcome(lesson: "Lesson", dry_run: bool) -> str:
    if lesson.adopted and lesson.unchanged:
        return "The model in use was made from the same: nothing changes."
    if lesson.adopted:
        return (
            f"Adopted as {lesson.classifier}, the version that verdicts bear. The former one is kept: "
            "`watcher themes learn --rollback` takes it again."
        )
    if lesson.dropped:
        fallen = ", ".join(lesson.dropped)
        return f"Not adopted: {fallen} dropped. See what would move; --lower-floors REASON adopts it all the same."
    return "It would be adopted. Nothing was written." if dry_run else "Nothing was written."


def _show_moves(moved: "tuple[Move, ...]", judged: int) -> None:
    verb = "moves" if len(moved) == 1 else "move"
    click.echo(f"\nOf {many(judged, 'recent document')}, {len(moved)} {verb}{':' if moved else '.'}")
    for one in moved[:SHOWN]:
        grades = f"relevance {one.relevance_before} to {one.relevance_after} ({one.score_before:.2f} to {one.score_after:.2f})"
        themes = "".join([*(f", + {theme}" for theme in one.gained), *(f", - {theme}" for theme in one.lost)])
        click.echo(f"  {one.title}\n    {one.key}\n    {grades}{themes}")
        for shift in one.shifts:
            held = f"{shift.threshold_before:.2f}"
            held += f" to {shift.threshold_after:.2f}" if f"{shift.threshold_after:.2f}" != held else ""
            click.echo(f"    {shift.theme}: {shift.score_before:.2f} to {shift.score_after:.2f}, threshold {held}")
        if one.reasons:
            click.echo(
                "    weights that changed most: "
                + ", ".join(f"{why.term} {why.before:+.2f} to {why.after:+.2f}" for why in one.reasons)
            )
    if len(moved) > SHOWN:
        click.echo(f"  and {len(moved) - SHOWN} more (--json shows them all)")


def _print_lesson(lesson: "Lesson", dry_run: bool) -> None:
    """Print a line for each figure, one for the labels, one for each move, and one for the outcome; `what` tells them apart."""
    for figure in lesson.figures:
        # A figure that cannot be measured on these texts is null: JSON has no NaN.
        values = {name: None if value != value else value for name, value in asdict(figure).items()}
        print_json({"what": "figure", **values})
    print_json({"what": "labels", **asdict(lesson.on_labels)})
    for move in lesson.moves:
        print_json({"what": "move", **asdict(move)})
    names = ("version", "classifier", "adopted", "unchanged", "labels", "private", "contested", "judged", "dropped")
    print_json({"what": "outcome", "dry_run": dry_run, **{name: getattr(lesson, name) for name in names}})


def _show_rollback(again: "Rejudged", dry_run: bool, as_json: bool) -> None:
    if as_json:
        for move in again.moves:
            print_json({"what": "move", **asdict(move)})
        print_json(
            {
                "what": "outcome",
                "dry_run": dry_run,
                "rolled_back": not dry_run,
                "classifier": again.classifier,
                "judged": len(again.verdicts),
            }
        )
        return
    _show_moves(again.moves, len(again.verdicts))
    click.echo(
        "\nNothing was written."
        if dry_run
        else f"\nThe former model is in use again (version {again.classifier}); this one is kept in its place."
    )


class _Lines:
    """Progress as plain lines on standard error, for logs and pipes."""

    def begin(self, what: str, steps: int) -> None:
        """Say what begins."""
        if steps:
            click.echo(f"{what}: {steps} steps", err=True)

    def step(self) -> None:
        """Show nothing."""


@contextmanager
def _shown() -> "Generator[Progress]":
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from watcher.cli.bars import Stages

    with Stages() as stages:
        yield stages
