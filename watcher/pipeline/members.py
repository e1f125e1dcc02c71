"""Read members of an archive in the workers: one that stops its worker costs itself, not its batch, not the data set."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from watcher.errors import ParseError, SandboxError
from watcher.model import ArchiveMember, Parsed
from watcher.pipeline import reading
from watcher.pipeline.listing import guarded
from watcher.pipeline.pages import Tools
from watcher.pipeline.reading import Batch, Members
from watcher.store import sources as memory

MOST_CULPRITS = 20  # of one archive, in one poll: a worker that is stopped has run for seconds


@dataclass(slots=True)
class Culprits:
    """The members of one archive that stopped their worker in this poll: what identifies their bytes, and how they did it."""

    found: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


async def read(task: Members, members: Sequence[ArchiveMember], tools: Tools, culprits: Culprits) -> Batch:
    """Return what `members` hold, judged. `task` says how they are read; its `names` are put in here.

    When the worker is stopped (time, memory, a crash), each half is read by itself, until the member at fault is alone: it is
    set aside as `parser_timeout`, `parser_memory` ..., and the others are kept. One that did so in three polls (`strike`) is
    `quarantined`: not read again until its bytes change. Raises ParseError for an archive that cannot be trusted, or of which
    more than twenty members stop their worker.
    """
    left = [member for member in members if _digest(task, member) not in tools.quarantined]
    batches = [_aside(member, "quarantined") for member in members if _digest(task, member) in tools.quarantined]
    if left:
        batches.append(await _halved(task, left, tools, culprits))
    return _joined(batches)


async def strike(culprits: Culprits, tools: Tools) -> None:
    """Count what `culprits` did, once the archive was read to its end: where all of it fails, its members are not at fault."""
    now = tools.desk.now()
    if culprits.found:
        await tools.writer.write(lambda tx: [memory.strike(tx, digest, reason, now) for digest, reason in culprits.found])


async def _halved(task: Members, members: Sequence[ArchiveMember], tools: Tools, culprits: Culprits) -> Batch:
    names = tuple(member.name for member in members)
    try:
        return await guarded(task.source, tools.sandbox, reading.read_members, replace(task, names=names), returns=Batch)
    except ParseError as error:
        if not isinstance(error.__cause__, SandboxError):
            raise
        if len(members) == 1:
            return _stopped(task, members[0], error, culprits)
    middle = len(members) // 2
    return _joined([await _halved(task, half, tools, culprits) for half in (members[:middle], members[middle:])])


def _stopped(task: Members, member: ArchiveMember, error: ParseError, culprits: Culprits) -> Batch:
    """Note that `member` stopped its worker, and set it aside."""
    culprits.found.append((_digest(task, member), error.reason))
    if len(culprits.found) > MOST_CULPRITS:
        message = (
            f"{error.message} So did {MOST_CULPRITS} members before {member.name!r}: the data set, or its reader, is at fault."
        )
        raise ParseError(message, reason=error.reason, kind=error.kind, where=member.name, url=error.url) from error
    return _aside(member, error.reason)


def _digest(task: Members, member: ArchiveMember) -> str:
    """Return what identifies the bytes of a member without unpacking them."""
    return sha256(f"{task.source.id}\n{member.name}\n{member.crc}\n{member.size}".encode()).hexdigest()


def _aside(member: ArchiveMember, reason: str) -> Batch:
    return Batch(parsed=Parsed(items=(), rejected={reason: 1}, set_aside=((member.name, reason),)), prepared=())


def _joined(batches: Sequence[Batch]) -> Batch:
    rejected: dict[str, int] = {}
    for batch in batches:
        for reason, count in batch.parsed.rejected.items():
            rejected[reason] = rejected.get(reason, 0) + count
    return Batch(
        parsed=Parsed(
            items=tuple(item for batch in batches for item in batch.parsed.items),
            rejected=rejected,
            set_aside=tuple(place for batch in batches for place in batch.parsed.set_aside),
        ),
        prepared=tuple(one for batch in batches for one in batch.prepared),
    )
