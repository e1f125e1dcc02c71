"""`watcher questions`."""

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from watcher.cli.common import home_of, json_option, many, print_json, table, tell_mistake
from watcher.cli.question import day, names_one, short, show_one, state
from watcher.errors import UnknownNameError
from watcher.model import Chamber, QuestionStatus

if TYPE_CHECKING:
    from watcher.config import Home
    from watcher.store import Store, Transaction
    from watcher.store.questions import Filter, QuestionPage

KINDS = ("QE", "QOSD", "QG", "QOAD", "QOAE", "QC", "QM")
SHOWN, EXPORTED = 20, 50_000
# "90412", "n° 90412", "QE 90412", "Sénat QE n° 00719": a number, as lists and people write it.
_NUMBERED = re.compile(
    r"(?:sénat|senat|assemblée|assemblee)?\s*(?:(?P<kind>qe|qosd|qg|qoad|qoae|qc)\s*)?(?:n[°ºo]?\s*)?0*(?P<number>[1-9]\d{0,6})[sg]?",
    re.IGNORECASE,
)
_MINISTRY_WIDTH = 44


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The store of a home, and the day it is where its readers are."""

    home: "Home"
    store: "Store"
    today: date


class Asked(TypedDict):
    """The options that narrow a list."""

    overdue: bool
    ministry: str | None
    chamber: str | None
    theme: str | None
    status: str | None
    kind: str | None
    since: datetime | None
    author: str | None


@click.command("questions")
@click.argument("words", nargs=-1, metavar="[KEY | ADDRESS | WORDS]")
@click.option("--overdue", is_flag=True, help="Only open ones past their term of two months, the longest first.")
@click.option("--ministry", metavar="ID | WORDS", help="Only this ministry, through its renamings: its id, or words of its name.")
@click.option("--chamber", type=click.Choice([chamber.value for chamber in Chamber]))
@click.option("--theme", help="Only those filed under this theme.")
@click.option("--status", type=click.Choice([status.value for status in QuestionStatus]))
@click.option("--kind", type=click.Choice(KINDS, case_sensitive=False), help="QE is a written question.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what was asked or answered on this day or later.")
@click.option("--author", metavar="WORDS", help="Only those of this member of parliament.")
@click.option("--limit", type=click.IntRange(1, EXPORTED), help="At most so many (20; with --json or --csv, 50,000).")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print a table for a spreadsheet: semicolons, UTF-8 with its mark.")
@click.pass_obj
def command(
    home: str | None, words: tuple[str, ...], limit: int | None, as_json: bool, as_csv: bool, **asked: Unpack[Asked]
) -> None:
    """List parliamentary questions, the newest first, or show the one with this KEY or ADDRESS and what happened to it.

    \b
    Examples:
      watcher questions --overdue --ministry travail
      watcher questions intelligence artificielle --status answered --since 2026-01-01
      watcher questions --theme ia-emploi --csv > questions.csv
      watcher questions QE 90412
      watcher questions question:senat:17:QE:719
      watcher questions https://www.senat.fr/questions/base/2024/qSEQ241000719.html --json
    """
    if as_json and as_csv:
        raise click.UsageError("--json and --csv are two forms: choose one.")
    with _opened(home) as archive:
        if len(words) == 1 and names_one(words[0]):
            if as_csv:
                raise click.UsageError("--csv is for lists; --json shows one question.")
            show_one(archive.store, words[0], as_json=as_json)
            return
        at_most = limit or (EXPORTED if as_json or as_csv else SHOWN)
        page = _found(archive, " ".join(words), asked, at_most)
        if as_csv:
            from watcher.cli.spreadsheet import spreadsheet

            click.echo(spreadsheet(page.questions), nl=False)
        elif as_json:
            for one in page.questions:
                print_json(one)
        else:
            _list(page, overdue=asked["overdue"])
        cut = page.total > len(page.questions)
        told = f"{page.total} found, the first {at_most} shown." if cut else f"{page.total} found."
        if cut or not (as_json or as_csv):
            click.echo(told, err=as_json or as_csv)


@contextmanager
def _opened(home: str | None) -> Generator[Archive]:
    # Not the whole desk: reading sources and seeds, which are of no use here, takes longer than finding what is overdue.
    from watcher.config.place import place
    from watcher.store import Store

    where = home_of(home)
    archive = place(where, os.environ)
    store = Store.open(archive.database)
    if archive.mistake is not None:
        tell_mistake(archive.mistake)
    try:
        yield Archive(home=where, store=store, today=datetime.now(UTC).astimezone(archive.zone).date())
    finally:
        store.close()


# ---------------------------------------------------------------------------------------------------------------- lists


def _found(archive: Archive, words: str, asked: Asked, limit: int) -> "QuestionPage":
    from watcher.store import questions

    if asked["theme"] is not None:
        _check_theme(archive, asked["theme"])
    wanted = _filter(archive, words, asked)
    page = archive.store.read(lambda tx: questions.find(tx, wanted, limit))
    if page.total == 0 and wanted.ministry is not None:
        archive.store.read(lambda tx: _check_ministry(tx, wanted.ministry or ""))
    return page


def _filter(archive: Archive, words: str, asked: Asked) -> "Filter":
    from watcher.store.questions import Filter

    numbered = _NUMBERED.fullmatch(words.strip())
    kind = numbered["kind"].upper() if numbered and numbered["kind"] else None
    return Filter(
        chamber=Chamber(asked["chamber"]) if asked["chamber"] else None,
        ministry=asked["ministry"],
        theme=asked["theme"],
        status=QuestionStatus(asked["status"]) if asked["status"] else None,
        kind=asked["kind"] or kind,
        number=numbered["number"] if numbered else None,
        author=asked["author"],
        words=None if numbered else words or None,
        since=asked["since"].date() if asked["since"] else None,
        overdue=archive.today if asked["overdue"] else None,
    )


def _check_theme(archive: Archive, asked: str) -> None:
    """Raise UnknownNameError, with the themes there are, unless `asked` is one of the home's."""
    from watcher import seeds

    themes = [theme.id for theme in seeds.load(archive.home.seeds).themes]
    if asked not in themes:
        raise UnknownNameError("theme", asked, themes, remedy=f"There are: {', '.join(themes)}.")


def _check_ministry(tx: "Transaction", asked: str) -> None:
    """Raise UnknownNameError, with the ministries there are, unless questions were put to one that `asked` means."""
    from watcher.store import questions

    known = questions.ministries(tx)
    if known and not questions.chosen(known, asked):
        names = sorted({one.id or one.label for one in known})
        raise UnknownNameError("ministry", asked, names, remedy=f"There are: {', '.join(names)}.")


def _list(page: "QuestionPage", *, overdue: bool) -> None:
    if overdue and page.questions:
        head = ("days", "asked", "question", "ministry", "title")
        table(
            [
                head,
                *((str(one.days), day(one.asked_on), short(one), _clipped(one.ministry), one.title) for one in page.questions),
            ]
        )
        return
    for one in page.questions:
        answered = f", answered {day(one.answered_on)} after {many(one.days, 'day')}" if one.days is not None else ""
        click.echo(f"{day(one.answered_on or one.asked_on)}  {one.title}")
        click.echo(f"            {short(one)}, {state(one)}, asked {day(one.asked_on)}{answered}")
        told = "; ".join(part for part in (one.author, one.ministry, one.url) if part)
        click.echo(f"            {told}")


def _clipped(label: str) -> str:
    return label if len(label) <= _MINISTRY_WIDTH else f"{label[: _MINISTRY_WIDTH - 1].rstrip()}…"
