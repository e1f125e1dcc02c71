"""Read the pages that wait: each is fetched, extracted in the sandbox, classified and stored by itself."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256

from watcher import numbering
from watcher.errors import ExtractError, FetchError, SandboxError, SourceError, StoreError
from watcher.fetch import Client
from watcher.model import Document, FetchResult, Pending, ReadAs, Request, Source, TextStatus
from watcher.pipeline import documents, parliament, reading
from watcher.pipeline.desk import Desk, Progress
from watcher.pipeline.parliament import Clock
from watcher.pipeline.reading import Read, Task
from watcher.pipeline.writer import Writer
from watcher.questions import named
from watcher.sandbox import Sandbox
from watcher.store import Transaction
from watcher.store import documents as stored
from watcher.store import pending as waiting
from watcher.store import sources as memory

TRIES = 3
FIRST_RETRY = timedelta(minutes=30)
AT_ONCE = 8
LISTINGS_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What one poll shares between its sources. `waiting` holds the ids of those that have pages to read."""

    desk: Desk
    client: Client
    sandbox: Sandbox
    writer: Writer
    progress: Progress
    quarantined: set[str] = field(default_factory=set[str])
    waiting: set[str] = field(default_factory=set[str])
    # A few listings are stored at a time: their pages are read while the next ones are.
    taking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LISTINGS_AT_ONCE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """What became of pages, by document key: why they failed, and whether those that were read turned out to be news."""

    failed: dict[str, str] = field(default_factory=dict[str, str])
    news: dict[str, bool] = field(default_factory=dict[str, bool])


async def drain(
    source: Source, pages: Sequence[Pending], fresh: Mapping[str, Document], tools: Tools, *, news_since: datetime | None
) -> Drained:
    """Read `pages` of `source`, a few at a time, and return what became of them.

    `fresh` holds the documents that this poll has just stored, by key. A page that fails waits for its next turn; after
    three tries, or at once when trying again is useless, its document keeps the summary.
    """
    drained = Drained()
    places = asyncio.Semaphore(AT_ONCE)

    async def one(page: Pending) -> None:
        async with places:
            document = fresh.get(page.document_key) or await _load(tools.desk, page.document_key)
            try:
                drained.news[page.document_key] = await _read(source, page, document, tools, news_since)
            except (SourceError, ExtractError) as error:
                await _retry_or_give_up(source, page, document, error, tools)
                drained.failed[page.document_key] = error.reason
            tools.progress.page()

    tools.progress.waiting(len(pages))
    await asyncio.gather(*(one(page) for page in pages))
    return drained


async def _load(desk: Desk, key: str) -> Document:
    found = await desk.read(lambda tx: stored.get(tx, key))
    if found is None:
        raise StoreError(f"A page waits for {key}, which the archive does not hold.", remedy="Restore a copy of the database.")
    return found.document


async def _read(source: Source, page: Pending, document: Document, tools: Tools, news_since: datetime | None) -> bool:
    """Complete `document` with its page, store it, and say whether it is news."""
    now = tools.desk.now()
    since = None
    if document.status is TextStatus.FULL and numbering.is_key(page.document_key) and not page.news:
        since = await tools.desk.read(lambda tx: parliament.unchanged_since(tx, page, now))
    modified = format_datetime(since, usegmt=True) if since else None
    request = Request(url=page.url, read_as=ReadAs.DOCUMENT, item_key=page.document_key, last_modified=modified)
    result = await tools.client.fetch(request)
    if result.not_modified:
        await tools.writer.write(lambda tx: parliament.unchanged(tx, page, now))
        return False
    task = Task(document=document, source=source, news_since=news_since)
    done = _named(await _in_sandbox(result, task, tools), tools.desk)
    await tools.writer.add(_save, Whole(page=page, read=done, clock=parliament.clock(tools.desk, news_since)))
    return done.document.news


def _named(read: Read, desk: Desk) -> Read:
    question = read.document.question
    if question is None:
        return read
    return replace(read, document=replace(read.document, question=named(question, desk.reference)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A page that was read, or given up, and what is to be stored of it."""

    page: Pending
    read: Read
    clock: Clock


def _save(tx: Transaction, pages: Sequence[Whole]) -> None:
    documents = [whole.read.document for whole in pages]
    verdicts = {whole.read.document.key: whole.read.verdict for whole in pages}
    indexed = {whole.read.document.key: whole.read.indexed for whole in pages}
    stored.save(tx, documents, verdicts, indexed=indexed, now=pages[-1].clock.now)
    for whole in pages:
        parliament.record(tx, (whole.read.document,), whole.clock)
        if whole.read.document.status is TextStatus.SUMMARY:
            parliament.told_without_text(tx, whole.read.document.key, whole.clock)
    waiting.done(tx, [whole.page for whole in pages])


async def _in_sandbox(result: FetchResult, task: Task, tools: Tools) -> Read:
    if tools.quarantined and sha256(result.body).hexdigest() in tools.quarantined:
        raise ExtractError(f"{result.url} is set aside: it stopped its reader three times.", reason="quarantined", url=result.url)
    try:
        return await tools.sandbox.run(reading.read, result, task, returns=Read)
    except SandboxError as error:
        digest, reason, now = sha256(result.body).hexdigest(), error.reason, tools.desk.now()
        strikes = await tools.writer.write(lambda tx: memory.strike(tx, digest, reason, now))
        if strikes >= TRIES:
            tools.quarantined.add(digest)
        raise ExtractError(
            f"{result.url} stopped its reader: {error.message}", reason=f"parser_{error.reason}", url=result.url
        ) from error


async def _retry_or_give_up(
    source: Source, page: Pending, document: Document, error: SourceError | ExtractError, tools: Tools
) -> None:
    attempts = page.attempts + 1
    useless = error.reason in {"quarantined", "robots"} or (isinstance(error, FetchError) and not error.transient)
    if attempts < TRIES and not useless:
        again = tools.desk.now() + FIRST_RETRY * 4**page.attempts
        if isinstance(error, FetchError) and error.retry_after is not None:
            again = max(again, error.retry_after)
        await tools.writer.write(lambda tx: waiting.postpone(tx, replace(page, attempts=attempts, not_before=again)))
        return
    kept = documents.given_up(document)
    read = reading.judged(kept, source, tools.desk.classifier)
    await tools.writer.add(_save, Whole(page=page, read=read, clock=parliament.clock(tools.desk, None)))
