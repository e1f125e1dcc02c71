"""Questions of the Sénat: the source kind `senat_questions`. A rolling CSV tells what exists, each question's page its text.

The list holds no text. Its line for a question (state, ministry, day of the answer) is the item's summary, so that a change of
any of them is a change of the item, and its page is read again. See docs/parliament.md.
"""

import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from watcher import numbering
from watcher.model import (
    Answer,
    Chamber,
    Extracted,
    FetchResult,
    Item,
    Member,
    Ministry,
    Parsed,
    Question,
    QuestionStatus,
    ReadAs,
    Request,
    Source,
    SourceState,
)
from watcher.sources import senat_csv, senat_words
from watcher.sources.senat_csv import Row

ACCEPT = "text/csv, text/plain;q=0.8, */*;q=0.5"
LARGEST = 64 * 1024 * 1024  # the list of a year is 2 to 3 MB, that of all questions to the Government some more
ROWS = "rows"
_SHRUNKEN = 0.75  # of the rows of the last complete reading; a year of questions never shrinks by a quarter between two polls

Kind = Literal["QE", "QOSD", "QG", "QOAD", "QOAE", "QC"]


class Options(BaseModel):
    """The keys of a source that belong to the kind `senat_questions`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: tuple[Kind, ...] = Field(
        default=(),
        description="Kinds of questions that are kept: QE (written), QOSD (oral without debate), QG (to the Government), QOAD,"
        " QOAE, QC. All of them when absent.",
    )
    first_pages: int = Field(
        default=92,
        ge=0,
        le=400,
        description="At the first poll, the pages of questions asked or answered in the last so many days are read; those of"
        " older ones when something changes.",
    )
    rows_at_least: int | None = Field(
        default=None,
        ge=1,
        description="Below how many rows the list is taken as half published; three quarters of the last complete one when"
        " absent.",
    )


def first(source: Source, state: SourceState) -> tuple[Request, ...]:
    """Ask for the list, with the validators of the last complete reading."""
    return (
        Request(
            url=source.url, etag=state.etag, last_modified=state.last_modified, accept=ACCEPT, max_bytes=LARGEST, max_seconds=180
        ),
    )


def parse(source: Source, result: FetchResult, state: SourceState) -> Parsed:
    """Read the list into items, and ask for the page of each; which pages are worth reading again, the items' hashes decide.

    Raises ParseError: `not_a_csv`, `renamed_column`, or `shrunken` for a list that is cut, empty, or much shorter than last
    time. Rows that name no question are set aside with their line.
    """
    options = source.options if isinstance(source.options, Options) else Options()
    table = senat_csv.read(result)
    _refuse_a_part(table, options, result, state)
    set_aside = [(f"line {line}", "misshapen") for line in table.misshapen]
    items: dict[str, Item] = {}
    others = repeated = 0
    for row in table.rows:
        question = _question(row, result)
        if question is None:
            set_aside.append((f"line {row.line}", "no_number"))
        elif options.kinds and question.kind not in options.kinds:
            others += 1
        elif question.key in items:
            repeated += 1
        else:
            items[question.key] = _item(row, question, result)
    rejected = Counter({"other_kind": others, "repeated": repeated}) + Counter(reason for _, reason in set_aside)
    since = None if state.joined_at else result.fetched_at - timedelta(days=options.first_pages)
    pages = [item for item in items.values() if item.url and _is_read(item, since)]
    return Parsed(
        items=tuple(items.values()),
        follow=tuple(Request(url=item.url, read_as=ReadAs.DOCUMENT, item_key=item.guid) for item in pages),
        cursor={ROWS: str(len(table.rows))},
        rejected=dict(rejected),
        set_aside=tuple(set_aside),
    )


def read_page(source: Source, result: FetchResult) -> Extracted:
    """Read the page of a question. Raises ExtractError (`unexpected_page`, `media_type`) or BlockedError."""
    from watcher.sources import senat_page  # it loads lxml

    return senat_page.read(result, language=source.language)


def _is_read(item: Item, since: datetime | None) -> bool:
    return since is None or item.published_at is None or item.published_at >= since


def _refuse_a_part(table: senat_csv.Table, options: Options, result: FetchResult, state: SourceState) -> None:
    remembered = state.cursor.get(ROWS, "")
    before = int(remembered) if remembered.isdecimal() else 0
    least = options.rows_at_least if options.rows_at_least is not None else int(_SHRUNKEN * before)
    if len(table.rows) < least:
        expected = options.rows_at_least or before
        raise senat_csv.shrunken(result, f"holds {len(table.rows)} questions where there were {expected}")


def _question(row: Row, result: FetchResult) -> Question | None:
    """Return the question of a row, None when neither its address nor its cells name one."""
    address = senat_words.address(row["url"], result.url)
    asked_on = senat_words.past_day(row["asked_on"], now=result.fetched_at)
    named = numbering.senat_reference(address) or numbering.senat_reference(row["reference"])
    if named is None:
        kind, number = row["kind"].upper(), row["number"].rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ ").lstrip("0")
        legislature = numbering.senat_legislature(asked_on, kind, number) if asked_on and number.isdecimal() else None
        if legislature is None or not 2 <= len(kind) <= 4 or not kind.isalpha():
            return None
        named = numbering.Numbered(legislature, kind, number)
    asked, holder = _ministry(row["asked_ministry"]), _ministry(row["ministry"])
    answered_on = senat_words.past_day(row["answered_on"], now=result.fetched_at)
    # That an answer was published is told by its date: the list has no text.
    answer = Answer(published_on=answered_on, ministry=holder) if answered_on else None
    return Question(
        chamber=Chamber.SENAT,
        legislature=named.legislature,
        kind=named.kind,
        number=named.number,
        title=row["title"],
        author=_author(row),
        asked_on=asked_on,
        asked_ministry=asked,
        ministry=holder or asked,
        # Never at commas: "PME, commerce et artisanat" is one theme.
        subjects=tuple(part for theme in re.split(r"[|;#]", row["themes"]) if (part := theme.strip())),
        status=QuestionStatus.ANSWERED if answer else senat_words.status_of(row["status"]),
        status_label=row["status"],
        answer=answer,
        addresses=(address,) if address else (),
    )


def _author(row: Row) -> Member | None:
    name = f"{row['first_name']} {row['surname']}".strip()
    if not name:
        return None
    return senat_words.senator(name, civility=row["civility"], place=f"{row['constituency']} - {row['group']}")


def _ministry(label: str) -> Ministry | None:
    return Ministry(label=label) if label else None


def _item(row: Row, question: Question, result: FetchResult) -> Item:
    says = (row["status"], row["ministry"] or row["asked_ministry"], row["answered_on"])
    return Item(
        guid=question.key,
        url=question.addresses[0] if question.addresses else "",
        title=question.title,
        summary=" · ".join(part for part in says if part),
        published_at=senat_words.latest(question, now=result.fetched_at),
        author=question.author.name if question.author else None,
        categories=question.subjects[:30],
        question=question,
    )
