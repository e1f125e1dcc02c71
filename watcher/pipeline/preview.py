"""Preview: what an address or a source would give, before anything is saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from watcher import changes, dates, extract, schedule, sources, urls
from watcher.errors import ExtractError, ParseError, SandboxError, SourceError, UnknownNameError
from watcher.fetch import Client
from watcher.model import (
    Change,
    ChangeKind,
    Document,
    Extracted,
    Item,
    Parsed,
    ReadAs,
    Request,
    Source,
    SourceState,
    Verdict,
)
from watcher.pipeline import documents, listing
from watcher.pipeline.desk import Desk
from watcher.sandbox import Sandbox
from watcher.store import sources as memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A feed that a page announces, or the address itself when it is one."""

    url: str
    kind: str
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One item with its page read and judged, or why it could not be. `news` says whether a first poll would mail it."""

    item: Item
    document: Document | None = None
    verdict: Verdict | None = None
    problem: str | None = None
    news: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What was found at an address: how it would be read, what it lists, and its first pages judged."""

    url: str
    source: Source
    announced: tuple[Announced, ...] = ()
    items: tuple[Item, ...] = ()
    judged: tuple[Judged, ...] = ()
    rejected: tuple[tuple[str, int], ...] = ()


async def preview(desk: Desk, target: str, *, pages: int = 3) -> Preview:
    """Return what `target`, the id of a source or an address, would give; the first `pages` items are read and judged.

    An address is looked at as a feed, then as a sitemap, then as a page that announces feeds, then as a listing page, and at
    last as a single article. Raises UnknownNameError when it is neither a source nor an address, or the SourceError that reading
    it met.
    """
    hosts = await desk.read(memory.hosts)
    async with Client(settings=desk.config.settings, hosts=hosts, now=desk.now) as client:
        with Sandbox() as sandbox:
            known = next((s for s in desk.config.sources if s.id == target), None)
            if known is not None:
                found = await listing.read(known, SourceState(source_id=known.id), client, sandbox)
                return await _listed(desk, known, found, (), client, sandbox, pages)
            if not urls.is_web(target):
                names = [source.id for source in desk.config.sources]
                raise UnknownNameError("source or web address", target, names, remedy="An address starts with https://.")
            return await _address(desk, target, client, sandbox, pages)


async def _address(desk: Desk, url: str, client: Client, sandbox: Sandbox, pages: int) -> Preview:
    result = await client.fetch(Request(url=url))
    found = await sandbox.run(sources.discover, result, returns=tuple[sources.Discovered, ...])
    announced = tuple(Announced(url=d.url, kind=d.kind, title=d.title) for d in found)
    for candidate in announced:
        source = guess(candidate.url, kind=candidate.kind, name=candidate.title)
        try:
            heard = await listing.read(source, SourceState(source_id=source.id), client, sandbox)
        except SourceError:
            continue  # an announced feed that does not answer: the next one, or the page itself, may
        return await _listed(desk, source, heard, announced, client, sandbox, pages)
    source = guess(url, kind="page", name=None)
    try:
        page = await sandbox.run(sources.parse, source, result, SourceState(source_id=source.id), returns=Parsed)
    except ParseError:
        # No list of links: the address is that of one article.
        page = Parsed(
            items=(Item(url=result.url),), follow=(Request(url=result.url, read_as=ReadAs.DOCUMENT, item_key=result.url),)
        )
    heard = listing.Listing(result=result, items=page.items, pages=page.follow, parsed=page)
    return await _listed(desk, source, heard, announced, client, sandbox, pages)


def guess(url: str, *, kind: str, name: str | None) -> Source:
    """Return the entry that an address would become: its id from the host and path, its options the kind's defaults."""
    parts = urlsplit(url)
    host = (parts.hostname or "source").removeprefix("www.")
    words = [*host.split(".")[:-1], *(w for w in parts.path.split("/") if w and w not in {"feed", "rss", "rss.xml", "atom.xml"})]
    slug = "".join(c if c.isascii() and c.isalnum() else "-" for c in "-".join(words).lower()).strip("-")
    ident = "-".join(part for part in slug.split("-") if part)[:40].strip("-") or "source"
    return Source(id=ident, kind=kind, name=name or host, url=url, options=sources.KINDS[kind].Options())


async def _listed(
    desk: Desk,
    source: Source,
    found: listing.Listing,
    announced: Sequence[Announced],
    client: Client,
    sandbox: Sandbox,
    pages: int,
) -> Preview:
    page_of = {request.item_key: request for request in found.pages}
    judged = [await _judged(desk, source, item, page_of, client, sandbox) for item in found.items[:pages]]
    return Preview(
        url=source.url,
        source=source,
        announced=tuple(announced),
        items=found.items,
        judged=tuple(judged),
        rejected=tuple(found.rejected.items()),
    )


async def _judged(
    desk: Desk, source: Source, item: Item, page_of: dict[str | None, Request], client: Client, sandbox: Sandbox
) -> Judged:
    now = desk.now()
    since = schedule.news_since(source, desk.config.digests, desk.zone, now)
    decided = changes.decide(source, SourceState(source_id=source.id), (item,), (), news_since=since)
    change = next(iter(decided.changes), None) or Change(kind=ChangeKind.NEW, key="", item=item)
    request = page_of.get(item.guid or item.url)
    document = documents.of_change(change, source, has_page=request is not None, reserved=None, now=now)
    problem = None
    if request is not None:
        try:
            result = await client.fetch(Request(url=request.url, read_as=ReadAs.DOCUMENT))
            page = await sandbox.run(extract.read, result, language=source.language, returns=Extracted)
        except (SourceError, ExtractError, SandboxError) as error:
            problem, document = error.message, documents.given_up(document)
        else:
            document = documents.completed(document, page, reserved=result.reserved, news_since=since, now=now)
    return Judged(
        item=item,
        document=document,
        verdict=documents.judge(desk.classifier, document, source),
        problem=problem,
        news=document.news and dates.plausible(document.published_at, now=now) is not None,
    )
