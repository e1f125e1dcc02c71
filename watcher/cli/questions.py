"""`watcher questions`."""

import os
import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TypedDict, Unpack
from zoneinfo import ZoneInfo

import click

from watcher.cli.common import home_of, json_option, many, print_json, table
from watcher.cli.spreadsheet import spreadsheet
from watcher.errors import UnknownNameError
from watcher.model import Chamber, EventKind, Question, QuestionEvent, QuestionStatus

if TYPE_CHECKING:
    from watcher.config import Home
    from watcher.store import Store, Transaction
    from watcher.store.questions import Filter, Listed, QuestionPage

KINDS = ("QE", "QOSD", "QG", "QOAD", "QOAE", "QC", "QM")
CHAMBERS = {Chamber.SENAT: "Sénat", Chamber.ASSEMBLEE: "Assemblée"}
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
        if len(words) == 1 and _names_one(words[0]):
            if as_csv:
                raise click.UsageError("--csv is for lists; --json shows one question.")
            _show_one(archive.store, words[0], as_json=as_json)
            return
        at_most = limit or (EXPORTED if as_json or as_csv else SHOWN)
        page = _found(archive, " ".join(words), asked, at_most)
        if as_csv:
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
    # Not the whole desk: reading the seeds, which are of no use here, takes longer than finding what is overdue.
    from watcher import config
    from watcher.store import Store

    place = home_of(home)
    settings = config.load(place, os.environ).settings
    store = Store.open(settings.database or place.database_url)
    try:
        yield Archive(home=place, store=store, today=datetime.now(UTC).astimezone(ZoneInfo(settings.timezone)).date())
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
                *((str(one.days), _day(one.asked_on), _short(one), _clipped(one.ministry), one.title) for one in page.questions),
            ]
        )
        return
    for one in page.questions:
        answered = f", answered {_day(one.answered_on)} after {many(one.days, 'day')}" if one.days is not None else ""
        state = f"{one.status}" + (f" ({one.status_label})" if one.status_label else "")
        click.echo(f"{_day(one.answered_on or one.asked_on)}  {one.title}")
        click.echo(f"            {_short(one)}, {state}, asked {_day(one.asked_on)}{answered}")
        told = "; ".join(part for part in (one.author, one.ministry, one.url) if part)
        click.echo(f"            {told}")


def _short(one: "Listed | Question") -> str:
    return f"{CHAMBERS[one.chamber]} {one.kind} {one.number}"


def _day(day: date | None) -> str:
    return day.isoformat() if day else "-"


def _clipped(label: str) -> str:
    return label if len(label) <= _MINISTRY_WIDTH else f"{label[: _MINISTRY_WIDTH - 1].rstrip()}…"


# ---------------------------------------------------------------------------------------------------------- one question


def _names_one(word: str) -> bool:
    from watcher import urls
    from watcher.numbering import address_key

    return word.startswith("question:") or urls.is_web(word) or address_key(word) is not None


def _show_one(store: "Store", name: str, *, as_json: bool) -> None:
    from watcher.numbering import address_key
    from watcher.store import questions

    def read(tx: "Transaction") -> tuple[Question, tuple[QuestionEvent, ...], tuple[str, ...]] | None:
        key = name if name.startswith("question:") else questions.key_of(tx, name) or address_key(name) or name
        question = questions.get(tx, [key]).get(key)
        return (question, questions.events_of(tx, key), questions.answered_alike(tx, key)) if question else None

    found = store.read(read)
    if found is None:
        raise UnknownNameError("question", name, remedy="`watcher questions WORDS` lists those there are.")
    question, events, alike = found
    if as_json:
        print_json({"key": question.key, "question": question, "events": events, "answered_alike": alike})
        return
    _show(question, events, alike)


def _show(question: Question, events: Iterable[QuestionEvent], alike: tuple[str, ...]) -> None:
    click.echo(f"{_short(question)} (legislature {question.legislature}): {question.title}")
    author = question.author
    if author:
        told = ", ".join(part for part in (author.group, author.constituency) if part)
        click.echo(f"  {' '.join(filter(None, (author.civility, author.name)))}" + (f" ({told})" if told else ""))
    label = f" ({question.status_label})" if question.status_label else ""
    click.echo(f"  {question.status}{label}; {question.key}")
    for address in question.addresses[:1]:
        click.echo(f"  {address}")
    click.echo("")
    table(((_day(event.on), _sentence(event), event.read_from) for event in events), indent="  ")
    if alike:
        click.echo(f"\nThe same answer was given to {many(len(alike), 'other question')}: {', '.join(alike)}.")
    for passage in (question.text, question.answer.text if question.answer else ""):
        if passage:
            click.echo(f"\n{click.wrap_text(passage, 100, preserve_paragraphs=True)}")


def _sentence(event: QuestionEvent) -> str:
    told = [event.kind.value]
    if event.kind is EventKind.ANSWERED and event.days is not None:
        told.append(f"after {many(event.days, 'day')}")
    if event.from_ministry:
        told.append(f"from {event.from_ministry}")
    if event.to_ministry:
        told.append(f"to {event.to_ministry}")
    if event.page:
        told.append(f"p. {event.page}")
    if event.linked:
        told.append(event.linked)
    if event.label:
        told.append(f"({event.label})")
    return " ".join(told)
