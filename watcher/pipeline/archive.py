"""Archives: what changed in a data set since last time, read in batches by the workers and stored as it comes.

An archive is published whole each night; the checksums of its members tell which of them changed. A poll that is cut short
keeps what it stored, and the next one reads the rest.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

from watcher import changes, schedule, sources
from watcher.errors import ParseError
from watcher.model import ArchiveMember, Change, ChangeKind, Parsed, PollReport, PollStatus, Source, SourceState
from watcher.pipeline import members, reading, take
from watcher.pipeline.listing import Listing, alarm, guarded
from watcher.pipeline.pages import Tools
from watcher.store import archives, questions
from watcher.store import sources as memory

AT_ONCE = 100  # members a worker reads in one go
MOST_BYTES = 4 * 1024 * 1024  # of them, unpacked: an answer of a worker is bounded too
UNDER_WAY = 10  # batches: while some are stored, none of the workers waits for its next one
SHRUNKEN = 0.75  # of what it held last time; an archive only grows while its legislature lasts


class Archived(Protocol):
    """What the file of a kind offers beside `first` and `parse` when its data set is an archive."""

    @property
    def members(self) -> Callable[[str, Source], tuple[ArchiveMember, ...]]:
        """List the members of an archive. Raises ParseError."""
        ...


@dataclass(slots=True)
class _Tally:
    """What became of the records so far."""

    kinds: Counter[ChangeKind] = field(default_factory=Counter[ChangeKind])
    rejected: Counter[str] = field(default_factory=Counter[str])
    aside: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    culprits: members.Culprits = field(default_factory=members.Culprits)


async def read(source: Source, state: SourceState, found: Listing, tools: Tools) -> tuple[PollReport, SourceState]:
    """Read the members that changed, store what they hold, and return the report and the state after it.

    Raises ParseError: `archive_*` for a hostile or broken archive, `shrunken` for one that lost a quarter of its members.
    The file is removed in any case.
    """
    file = found.result.file
    if file is None:
        raise ValueError("There is no archive to read.")
    try:
        return await _read(source, state, found, tools, file)
    finally:
        await asyncio.to_thread(file.unlink, missing_ok=True)


async def _read(source: Source, state: SourceState, found: Listing, tools: Tools, file: Path) -> tuple[PollReport, SourceState]:
    kind = cast("Archived", sources.KINDS[source.kind])
    listed, known = await asyncio.gather(
        guarded(source, tools.sandbox, kind.members, str(file), source, returns=tuple[ArchiveMember, ...]),
        tools.desk.read(lambda tx: questions.members(tx, source.id)),
    )
    if len(listed) < SHRUNKEN * len(known):
        message = (
            f"{source.url} holds {len(listed)} records where there were {len(known)}: half published, and left alone."
            " If that is how it is meant (another legislature), give the source another id."
        )
        raise ParseError(message, reason="shrunken", kind=source.kind, url=source.url)
    changed = [member for member in listed if known.get(member.name) != (member.crc, member.size)]
    tools.progress.waiting(len(changed))
    tally, places = _Tally(), asyncio.Semaphore(UNDER_WAY)

    async def one(batch: Sequence[ArchiveMember]) -> None:
        async with places:
            await _batch(source, state, found, tools, file, batch, tally)
            for _ in batch:
                tools.progress.page()

    try:
        async with asyncio.TaskGroup() as group:
            for batch in _batches(changed):
                group.create_task(one(batch))
    except* ParseError as errors:
        raise _first(errors) from errors
    await members.strike(tally.culprits, tools)
    after = schedule.after_success(state, source, found.result, items=len(listed), now=tools.desk.now(), rng=tools.desk.rng)
    gone = known.keys() - {member.name for member in listed}
    await tools.writer.write(lambda tx: archives.forget_members(tx, source.id, gone) if gone else None)
    await tools.writer.add(memory.save_states, after)
    return _report(source, len(listed) - len(changed), tally), after


async def _batch(
    source: Source,
    state: SourceState,
    found: Listing,
    tools: Tools,
    file: Path,
    some: Sequence[ArchiveMember],
    tally: _Tally,
) -> None:
    """Have one batch read and judged by a worker, and store it with the checksums of its members."""
    task = reading.Members(path=str(file), names=(), source=source, at=found.result.fetched_at)
    batch = await members.read(task, some, tools, tally.culprits)
    parsed = batch.parsed
    here = Listing(result=found.result, items=parsed.items, parsed=parsed)
    since = take.news_since(source, state, tools.desk)
    prepared: dict[str, reading.Prepared] = {}
    for item, ready in zip(parsed.items, batch.prepared, strict=True):
        prepared.setdefault(changes.key_of(item, source.id) or "", ready)  # of two of one key, the first is kept
    listed = {key: one.listed for key, one in prepared.items()}
    known = await take.known(source, here, tools.desk)
    decided = changes.decide(source, state, parsed.items, known, news_since=since, listed=listed)
    # What was set aside is not remembered: it is read again each night, and told each night, until somebody mends it.
    aside = {place.partition("[")[0] for place, _ in parsed.set_aside}
    read = [member for member in some if member.name not in aside]
    await take.keep(source, None, here, decided, tools, news_since=since, prepared=prepared, members=read)
    _count(tally, decided.changes, parsed)
    tally.rejected.update(decided.rejected)


def _batches(changed: Sequence[ArchiveMember]) -> Iterator[list[ArchiveMember]]:
    """Give the members in slices that a worker reads within its limits: a hundred, a few mebibytes."""
    batch: list[ArchiveMember] = []
    size = 0
    for member in changed:
        if batch and (len(batch) == AT_ONCE or size + member.size > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(member)
        size += member.size
    if batch:
        yield batch


def _first(errors: BaseExceptionGroup[ParseError]) -> ParseError:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _count(tally: _Tally, decided: Sequence[Change], parsed: Parsed) -> None:
    tally.kinds.update(change.kind for change in decided)
    tally.rejected.update(parsed.rejected)
    tally.aside += parsed.set_aside


def _report(source: Source, untouched: int, tally: _Tally) -> PollReport:
    kinds, aside = tally.kinds, tally.aside
    rejected = tally.rejected + Counter({"bulk": kinds[ChangeKind.BULK]})
    read = kinds.total() + tally.rejected.total()
    return PollReport(
        source=source.id,
        status=PollStatus.READ,
        fetched=untouched + read,
        new=kinds[ChangeKind.NEW],
        known=untouched + kinds[ChangeKind.KNOWN],
        revised=kinds[ChangeKind.REVISED],
        backfill=kinds[ChangeKind.BACKFILL],
        rejected=dict(rejected),
        error=alarm(aside, read),
    )
