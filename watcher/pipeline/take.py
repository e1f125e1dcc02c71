"""Take what a listing brought: decide what is new, store it in one transaction, then read the pages that wait."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from watcher import changes, schedule
from watcher.changes import Decided
from watcher.model import (
    ArchiveMember,
    Change,
    ChangeKind,
    Document,
    FirstFetch,
    Known,
    Pending,
    PollReport,
    PollStatus,
    Reference,
    Sighting,
    Source,
    SourceState,
    TextStatus,
)
from watcher.pipeline import documents, pages, parliament, takedown
from watcher.pipeline.desk import Desk
from watcher.pipeline.listing import Listing, alarm
from watcher.pipeline.pages import Drained, Tools
from watcher.pipeline.reading import Prepared
from watcher.store import Transaction, questions
from watcher.store import documents as stored
from watcher.store import pending as waiting
from watcher.store import sources as memory

FRESH = (ChangeKind.NEW, ChangeKind.BACKFILL, ChangeKind.BULK)


async def take(
    source: Source, state: SourceState, found: Listing, tools: Tools, most_pages: int | None
) -> tuple[PollReport, SourceState]:
    """Store what a listing brought, in one transaction with its validators, then read the pages that wait."""
    now, rng = tools.desk.now(), tools.desk.rng
    if found.unchanged:
        after = schedule.after_success(state, source, found.result, items=None, now=now, rng=rng)
        await tools.writer.add(memory.save_states, after)
        await drain(source, after, {}, tools, most_pages)
        return PollReport(source=source.id, status=PollStatus.NOT_MODIFIED), after
    async with tools.taking:
        found = await takedown.without(found, source, tools.desk)
        since = news_since(source, state, tools.desk)
        decided = changes.decide(source, state, found.items, await known(source, found, tools.desk), news_since=since)
        after = schedule.after_success(state, source, found.result, items=len(decided.changes), now=now, rng=rng)
        if found.parsed is not None and found.parsed.cursor is not None:
            after = replace(after, cursor=found.parsed.cursor)
        fresh = await keep(source, after, found, decided, tools, news_since=since)
    drained = await drain(source, after, fresh, tools, most_pages)
    return _report(source, found, decided, drained), after


async def known(source: Source, found: Listing, desk: Desk) -> tuple[Known, ...]:
    keys = [key for key in (changes.key_of(item, source.id) for item in found.items) if key]
    guids = [item.guid for item in found.items if item.guid]
    return await desk.read(lambda tx: stored.known(tx, source.id, keys, guids))


def news_since(source: Source, state: SourceState, desk: Desk) -> datetime | None:
    if source.first_fetch is FirstFetch.ALL:
        return None
    return schedule.news_since(source, desk.config.digests, desk.zone, state.joined_at or desk.now())


async def keep(
    source: Source,
    after: SourceState | None,
    found: Listing,
    decided: Decided,
    tools: Tools,
    *,
    news_since: datetime | None,
    prepared: Mapping[str, Prepared] | None = None,
    members: Sequence[ArchiveMember] = (),
) -> dict[str, Document]:
    """Store in one transaction what `decided` says, with the state `after` it, and return the documents that are new.

    `prepared` is what was worked out of items, by document key; `members` the files of an archive that this came from.
    """
    now, ready = tools.desk.now(), prepared or {}
    reference = tools.desk.reference if any(change.item.question for change in decided.changes) else None
    page_of = {request.item_key: request.url for request in found.pages}
    pending = tuple(_pending(source, change, page_of) for change in decided.changes if _has_page(change, page_of))
    fresh = {
        change.key: documents.of_change(
            change,
            source,
            has_page=_has_page(change, page_of),
            reserved=found.result.reserved,
            now=now,
            reference=reference,
            fingerprint=ready[change.key].fingerprint if change.key in ready else None,
        )
        for change in decided.changes
        if change.kind in FRESH
    }
    revised = await _relisted(decided, page_of, tools.desk, reference)
    saved = (*fresh.values(), *revised)
    # A document whose page is to come is judged with it, or by the edition that leaves before.
    whole = (document for document in saved if document.status is not TextStatus.PENDING)
    items = {change.key: change.item for change in decided.changes}
    fitting = {d.key: ready[d.key] for d in saved if d.key in ready and documents.says(d, items[d.key])}
    judged = {
        d.key: fitting[d.key].verdict if d.key in fitting else documents.judge(tools.desk.classifier, d, source) for d in whole
    }
    indexed = {key: one.indexed for key, one in fitting.items()}
    clock = parliament.clock(tools.desk, news_since)
    sightings = tuple(
        Sighting(source_id=source.id, document_key=c.key, guid=c.item.guid, listed=c.listed, seen_at=now) for c in decided.changes
    )

    def save(tx: Transaction) -> None:
        stored.save(tx, saved, judged, indexed=indexed, now=now)
        parliament.record(tx, saved, clock)
        stored.sight(tx, sightings)
        waiting.add(tx, pending)
        memory.save_states(tx, (after,) if after else ())
        questions.save_members(tx, source.id, members)

    await tools.writer.write(save)
    if pending:
        tools.waiting.add(source.id)
    return fresh


def _page(change: Change, page_of: Mapping[str | None, str]) -> str | None:
    return page_of.get(change.item.guid or change.item.url)


def _has_page(change: Change, page_of: Mapping[str | None, str]) -> bool:
    # What is held for review is not fetched: five thousand re-imported articles would cost their publisher five thousand pages.
    return change.kind not in (ChangeKind.KNOWN, ChangeKind.BULK) and _page(change, page_of) is not None


def _pending(source: Source, change: Change, page_of: Mapping[str | None, str]) -> Pending:
    return Pending(
        source_id=source.id,
        document_key=change.key,
        url=_page(change, page_of) or change.item.url,
        published_at=change.item.published_at,
        news=change.kind is not ChangeKind.BACKFILL,
    )


async def _relisted(
    decided: Decided, page_of: Mapping[str | None, str], desk: Desk, reference: Reference | None
) -> list[Document]:
    """Return the stored documents whose listing changed, with what it says now."""
    by_key = {change.key: change for change in decided.changes if change.kind is ChangeKind.REVISED}
    if not by_key:
        return []
    before = await desk.read(lambda tx: stored.of_keys(tx, by_key))
    return [
        documents.relisted(before[key].document, change, has_page=_has_page(change, page_of), now=desk.now(), reference=reference)
        for key, change in by_key.items()
        if key in before
    ]


async def drain(
    source: Source, after: SourceState, fresh: Mapping[str, Document], tools: Tools, most_pages: int | None
) -> Drained:
    """Read the pages of `source` that wait and are due, newest first, and return what became of them."""
    if source.id not in tools.waiting:
        return Drained()
    now = tools.desk.now()
    most = 100_000 if most_pages is None else most_pages
    due = await tools.desk.read(lambda tx: waiting.due(tx, now, most, (source.id,)))
    return await pages.drain(source, due, fresh, tools, news_since=news_since(source, after, tools.desk))


def _report(source: Source, found: Listing, decided: Decided, drained: Drained) -> PollReport:
    """Count every item once: fetched = new + known + revised + backfill + rejected + failed (promise P13).

    An item whose page could not be read counts as failed: it is stored with its summary, and its page is tried again.
    """
    rejected = found.rejected + Counter(decided.rejected)
    rejected += Counter({"bulk": decided.count(ChangeKind.BULK)})
    reasons = Counter(drained.failed[change.key] for change in decided.changes if change.key in drained.failed)
    kinds = Counter(_kind(change, drained) for change in decided.changes if change.key not in drained.failed)
    return PollReport(
        source=source.id,
        status=PollStatus.READ,
        fetched=len(found.items) + found.rejected.total(),
        new=kinds[ChangeKind.NEW],
        known=kinds[ChangeKind.KNOWN],
        revised=kinds[ChangeKind.REVISED],
        backfill=kinds[ChangeKind.BACKFILL],
        rejected=dict(rejected),
        failed=dict(reasons),
        error=alarm(found.parsed.set_aside if found.parsed else (), len(found.items) + found.rejected.total()),
    )


def _kind(change: Change, drained: Drained) -> ChangeKind:
    """Return the kind of `change` once its page was read: an undated item is placed by its page's date."""
    if change.kind not in (ChangeKind.NEW, ChangeKind.BACKFILL) or change.key not in drained.news:
        return change.kind
    return ChangeKind.NEW if drained.news[change.key] else ChangeKind.BACKFILL
