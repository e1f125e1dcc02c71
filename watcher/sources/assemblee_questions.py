"""The questions of the Assemblée nationale: the source kind `assemblee_questions`, one nightly zip for each kind of question.

https://data.assemblee-nationale.fr/static/openData/repository/17/questions/questions_ecrites/Questions_ecrites.json.zip and
its siblings (docs/parliament.md). The zip is asked for conditionally and spooled to disk; its members are listed with the
checksum that tells which of them changed, and parsed in batches. The XML zips are read as well, and the 14th to 17th
legislatures; the address says which one it is.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from watcher import urls
from watcher.archives import MIB, Archive, Limits, MemberError
from watcher.errors import ParseError
from watcher.model import ArchiveMember, FetchResult, Item, Parsed, Question, Request, Source, SourceState
from watcher.sources import assemblee_json, assemblee_slices, assemblee_xml
from watcher.sources.assemblee_nodes import Node
from watcher.sources.entries import shortened

KIND = "assemblee_questions"
ACCEPT = "application/zip, application/octet-stream;q=0.9, */*;q=0.5"
AT_ONCE = 500  # members that `parse` reads, the newest by number; the pipeline reads all of them in batches
LARGEST_JSON = 16 * MIB
PARIS = ZoneInfo("Europe/Paris")
_AHEAD = timedelta(days=15)  # a number of the Journal officiel is announced a few days before its date
_LEGISLATURE = re.compile(r"/repository/([0-9]{1,2})/")
_DIGITS = re.compile(r"([0-9]+)\D*\Z")


class Options(BaseModel):
    """The keys of a source that belong to the kind `assemblee_questions`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_megabytes: int = Field(default=300, ge=1, le=2_000, description="How large the zip may be (MiB). It was 46 in 2026.")
    max_minutes: int = Field(default=15, ge=1, le=120, description="How long its download may take (minutes).")
    max_members: int = Field(default=150_000, ge=1, le=1_000_000, description="How many files it may hold.")
    max_unpacked_megabytes: int = Field(default=2_048, ge=1, le=16_384, description="How much it may unpack to (MiB).")


def first(source: Source, state: SourceState) -> tuple[Request, ...]:
    """Ask for the zip, into a file, with the validators of the last complete reading."""
    options = _options(source)
    return (
        Request(
            url=source.url,
            etag=state.etag,
            last_modified=state.last_modified,
            accept=ACCEPT,
            max_bytes=options.max_megabytes * MIB,
            max_seconds=options.max_minutes * 60,
            spool=True,
        ),
    )


def parse(source: Source, result: FetchResult, state: SourceState) -> Parsed:  # noqa: ARG001  every kind is called alike
    """Read a spooled zip whole, or its newest 500 members with the others counted as `not_read`; or one file of it as a body.

    For previews and small archives: a poll lists the members and reads those that changed. Raises ParseError (`archive_*`,
    `no_question`, or what a single file is refused for).
    """
    if result.file is None:
        found, aside = _read_file(result.url, result.body, source, _latest(result.fetched_at))
        if not found and aside:
            raise ParseError(f"{result.url} could not be read.", reason=aside[0][1], kind=KIND, url=result.url)
        return _parsed(found, aside)
    listed = members(str(result.file), source)
    newest = sorted(listed, key=lambda member: _rank(member.name), reverse=True)[:AT_ONCE]
    parsed = parse_members(str(result.file), tuple(member.name for member in newest), source, result.fetched_at)
    left = len(listed) - len(newest)
    rejected = {**parsed.rejected, "not_read": left} if left else parsed.rejected
    return Parsed(items=parsed.items, rejected=rejected, set_aside=parsed.set_aside)


def members(path: str, source: Source) -> tuple[ArchiveMember, ...]:
    """List the questions' files in the zip at `path`; a large XML file as slices of whole questions.

    Raises ParseError: `archive_*` for one that is hostile or broken, `archive_no_question` for one without any file of a
    question, `archive_member_too_large` for a JSON file of a whole legislature (its XML is read).
    """
    with _opened(path, source) as archive:
        found: list[ArchiveMember] = []
        for member in archive.members:
            if member.name.endswith(".xml") and member.size > assemblee_slices.SLICED:
                found += assemblee_slices.listed(archive, member.name)
            elif member.name.endswith(".json") and member.size > LARGEST_JSON:
                message = f"{member.name!r} holds {member.size} bytes of JSON. Read the .xml.zip of this legislature instead."
                raise ParseError(message, reason="archive_member_too_large", kind=KIND, where=member.name, url=source.url)
            elif member.name.endswith((".json", ".xml")):
                found.append(member)
    if not found:
        message = f"{source.url} is a zip without a .json or .xml file."
        raise ParseError(message, reason="archive_no_question", kind=KIND, url=source.url)
    return tuple(found)


def parse_members(path: str, names: tuple[str, ...], source: Source, fetched_at: datetime) -> Parsed:
    """Read some members of the zip at `path` into items, in the order of `names`.

    A member or a question that cannot be read is counted in `rejected` and named in `set_aside` with its reason. Raises
    ParseError (`archive_*`) only when the zip itself cannot be trusted.
    """
    latest = _latest(fetched_at)
    found: list[Question] = []
    aside: list[tuple[str, str]] = []
    with _opened(path, source) as archive:
        for name, data in _contents(archive, names, aside):
            questions, wrong = _read_file(name, data, source, latest)
            found += questions
            aside += wrong
    return _parsed(found, aside)


def _contents(archive: Archive, names: tuple[str, ...], aside: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """Give the bytes of each member; of the slices of one file together, because they take one pass over it."""
    slices: dict[str, set[str]] = {}
    for name in names:
        if file := assemblee_slices.file_of(name):
            slices.setdefault(file, set()).add(name)
            continue
        try:
            yield name, archive.read(name)
        except MemberError as error:
            aside.append((name, error.reason))
    for file, wanted in slices.items():
        try:
            for name, data in assemblee_slices.read(archive, file, frozenset(wanted)):
                wanted.discard(name)
                yield name, data
        except MemberError as error:
            aside.extend((name, error.reason) for name in sorted(wanted))
        else:
            aside.extend((name, "member_missing") for name in sorted(wanted))


def _read_file(name: str, data: bytes, source: Source, latest: date) -> tuple[list[Question], list[tuple[str, str]]]:
    """Return the questions of one file, and what of it was set aside with the reason."""
    match = _LEGISLATURE.search(source.url)
    legislature = int(match[1]) if match else None
    site = _site(source.url)
    found: list[Question] = []
    aside: list[tuple[str, str]] = []
    try:
        records = _records(data)
    except ParseError as error:
        return found, [(name, error.reason)]
    for rank, record in enumerate(records):
        try:
            found.append(assemblee_json.question(record, legislature=legislature, latest=latest, site=site))
        except ParseError as error:
            aside.append((_place(name, records, rank), error.reason))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  a record nobody foresaw costs itself, not its batch, and is told
            aside.append((_place(name, records, rank), "parser_failed"))
    return found, aside


@lru_cache(maxsize=16)
def _site(url: str) -> str:
    """Return where the pages of questions are: the Assemblée's site, or that of the data set where it is another one."""
    return assemblee_json.SITE if urls.host(url).endswith("assemblee-nationale.fr") else urls.origin(url)


def _place(name: str, records: list[Node], rank: int) -> str:
    return name if len(records) == 1 else f"{name}[{rank}]"


def _records(data: bytes) -> list[Node]:
    from pydantic_core import from_json

    start = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise ParseError("There is nothing in it.", reason="empty", kind=KIND)
    if start.startswith(b"<"):
        return assemblee_xml.trees(data)
    try:
        tree: Node = from_json(data.removeprefix(b"\xef\xbb\xbf"), cache_strings="keys")
    except ValueError as error:
        raise ParseError(f"This is JSON that cannot be read ({error}).", reason="broken_json", kind=KIND) from error
    return assemblee_json.records(tree)


def _parsed(found: list[Question], aside: list[tuple[str, str]]) -> Parsed:
    return Parsed(
        items=tuple(_item(question) for question in found),
        rejected=dict(Counter(reason for _, reason in aside)),
        set_aside=tuple(aside),
    )


def _item(question: Question) -> Item:
    answer = question.answer
    texts = [text for text in (question.text, answer.text if answer else "") if text]
    return Item(
        guid=question.key,
        url=question.addresses[0],
        title=question.title or shortened(next(iter(texts), "").replace("\n", " "), 120),
        content="\n\n".join(texts),
        published_at=_midnight(question.latest_on) if question.latest_on else None,
        author=(question.author.name or None) if question.author else None,
        language="fr",
        categories=tuple(dict.fromkeys(filter(None, (question.rubric, *question.subjects)))),
        question=question,
    )


@lru_cache(maxsize=4096)
def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=PARIS).astimezone(UTC)


def _latest(now: datetime) -> date:
    return (now + _AHEAD).date()


def _options(source: Source) -> Options:
    return source.options if isinstance(source.options, Options) else Options()


def _opened(path: str, source: Source) -> Archive:
    options = _options(source)
    unpacked = options.max_unpacked_megabytes * MIB
    return Archive(Path(path), Limits(entries=options.max_members, member=unpacked, total=unpacked), where=source.url)


def _rank(name: str) -> tuple[int, str]:
    match = _DIGITS.search(name.rpartition(".")[0] or name)
    return (int(match[1][:12]) if match else 0), name
