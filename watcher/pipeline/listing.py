"""Read what a source lists: ask, parse in the sandbox, follow further listings, and refuse silence."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar

from watcher import sources
from watcher.errors import FetchError, ParseError, SandboxError, SilentSource
from watcher.fetch import Client
from watcher.model import FetchResult, Item, Parsed, ReadAs, Request, Source, SourceState
from watcher.sandbox import Sandbox

T = TypeVar("T")

MOST_LISTINGS = 20
ALARM = 0.01  # share of the records of a data set that are set aside
SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """All that a source listed in one poll. `unchanged` is True for a 304 or a body seen before; there is then nothing else.

    Nor is there when `result` holds an archive in a file: its members are read by `pipeline.archive`.
    """

    result: FetchResult
    unchanged: bool = False
    items: tuple[Item, ...] = ()
    pages: tuple[Request, ...] = ()
    rejected: Counter[str] = field(default_factory=Counter[str])
    parsed: Parsed | None = None


async def read(source: Source, state: SourceState, client: Client, sandbox: Sandbox) -> Listing:
    """Return what `source` lists now.

    Raises FetchError, ParseError, BlockedError, or SilentSource when an answer that should hold entries holds none: an empty
    answer changes nothing (row F08).
    """
    waiting = list(sources.KINDS[source.kind].first(source, state))
    answers: list[tuple[FetchResult, Parsed]] = []
    while waiting and len(answers) < MOST_LISTINGS:
        result = await client.fetch(waiting.pop(0))
        if not answers and _unchanged(result, state):
            return Listing(result=result, unchanged=True)
        if result.file is not None:
            return Listing(result=result)
        parsed = await guarded(source, sandbox, sources.parse, source, result, state, returns=Parsed)
        answers.append((result, parsed))
        waiting += [request for request in parsed.follow if request.read_as is ReadAs.LISTING]
    return _joined(source, answers)


def _unchanged(result: FetchResult, state: SourceState) -> bool:
    return result.not_modified or (bool(state.body_sha256) and sha256(result.body).hexdigest() == state.body_sha256)


async def guarded(source: Source, sandbox: Sandbox, task: Callable[..., T], *arguments: object, returns: type[T]) -> T:
    """Return what `task` makes, in a worker, of bytes that `source` published.

    Raises what it raises, and ParseError (`parser_timeout`, `parser_memory`, ...) with the SandboxError as its cause when it
    stopped its worker.
    """
    try:
        return await sandbox.run(task, *arguments, returns=returns)
    except SandboxError as error:
        message = f"{source.url} could not be read safely: {error.message}"
        raise ParseError(message, reason=f"parser_{error.reason}", kind=source.kind, url=source.url) from error


def _joined(source: Source, answers: list[tuple[FetchResult, Parsed]]) -> Listing:
    if not answers:
        raise FetchError(f"{source.id} has nothing to ask for.", reason="nothing_to_ask", url=source.url, transient=False)
    result, first = answers[0]
    items = tuple(item for _, parsed in answers for item in parsed.items)
    rejected = sum((Counter(parsed.rejected) for _, parsed in answers), Counter[str]())
    if not items and not rejected:
        raise SilentSource(f"{source.url} answered, but lists nothing.", reason="empty", url=source.url, source_id=source.id)
    pages = tuple(request for _, parsed in answers for request in parsed.follow if request.read_as is ReadAs.DOCUMENT)
    return Listing(result=result, items=items, pages=pages, rejected=rejected, parsed=first)


def alarm(aside: Sequence[tuple[str, str]], read: int) -> str | None:
    """Return the alarm when more than one record in a hundred had to be set aside, with the first of them; else None."""
    if not aside or len(aside) <= ALARM * read:
        return None
    shown = "; ".join(f"{place} ({reason})" for place, reason in aside[:SHOWN])
    more = f" and {len(aside) - SHOWN} more" if len(aside) > SHOWN else ""
    return f"{len(aside)} of {read} records were set aside: {shown}{more}."
