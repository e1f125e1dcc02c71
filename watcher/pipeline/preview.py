"""Preview: what an address or a source would give, before anything is saved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from watcher import changes, dates, schedule, sources, urls
from watcher.errors import ExtractError, SandboxError, SourceError, UnknownNameError
from watcher.fetch import Client
from watcher.model import (
    Change,
    ChangeKind,
    Document,
    Extracted,
    Item,
    ReadAs,
    Request,
    Source,
    SourceState,
    Verdict,
)
from watcher.pipeline import documents, finding, listing, reading
from watcher.pipeline.desk import Desk
from watcher.pipeline.finding import Announced
from watcher.sandbox import Sandbox
from watcher.sources import data_sets
from watcher.store import sources as memory


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
    """What was found at an address: how it would be read, what it lists, and its first pages judged.

    `article` is True when the address is that of one article: it lists itself, and `announced` says where its site's feed is.
    `refused` says why the address cannot be followed, and what could be; None when it can.
    """

    url: str
    article: bool = False
    source: Source
    announced: tuple[Announced, ...] = ()
    items: tuple[Item, ...] = ()
    judged: tuple[Judged, ...] = ()
    rejected: tuple[tuple[str, int], ...] = ()
    refused: str | None = None


async def preview(desk: Desk, target: str, *, pages: int = 3, articles: bool = True) -> Preview:
    """Return what `target`, the id of a source or an address, would give; the first `pages` items are read and judged.

    An address is looked at as a feed or a sitemap, then as an article, then as a page that announces feeds, then as a listing
    page. For whoever looks for what can be followed, `articles` is False: the announced feeds come first, and what cannot be
    followed is a SourceError (`no_list`). Raises UnknownNameError when it is neither a source nor an address, or the
    SourceError that reading it met.
    """
    hosts = await desk.read(memory.hosts)
    async with Client(settings=desk.config.settings, hosts=hosts, now=desk.now, downloads=desk.home.var) as client:
        with Sandbox(preload=("watcher.pipeline.warm",)) as sandbox:
            known = next((s for s in desk.config.sources if s.id == target), None)
            if known is not None:
                return await _listed(desk, known, await finding.heard(known, client, sandbox), (), client, sandbox, pages)
            if not urls.is_web(target):
                names = [source.id for source in desk.config.sources]
                remedy = "An address is http:// or https:// and a host, without blanks: https://www.example.org/actualites."
                raise UnknownNameError("source or web address", target, names, remedy=remedy)
            return await _address(desk, target, client, sandbox, pages, articles=articles)


async def _address(desk: Desk, url: str, client: Client, sandbox: Sandbox, pages: int, *, articles: bool) -> Preview:
    if (kind := data_sets.at(url)) is not None:
        source = finding.guess(url, kind=kind, name=None)
        return await _listed(desk, source, await finding.heard(source, client, sandbox), (), client, sandbox, pages)
    result = await client.fetch(Request(url=url))
    discovered = await sandbox.run(sources.discover, result, returns=tuple[sources.Discovered, ...])
    announced = tuple(Announced(url=d.url, kind=d.kind, title=d.title) for d in discovered)
    single = await finding.alone(url, result, announced, sandbox, articles=articles)
    if single is None:
        feed, announced = await finding.feed(announced, result, client, sandbox)
        if feed is not None:
            return await _listed(desk, *feed, announced, client, sandbox, pages)
    source, page, refused = single or await finding.page_of(url, result, announced, sandbox)
    if refused and not articles:
        raise SourceError(f"{refused} `watcher preview {url}` shows how it is read.", reason="no_list", url=url)
    found = listing.Listing(result=result, items=page.items, pages=page.follow, parsed=page)
    shown = await _listed(desk, source, found, announced, client, sandbox, max(pages, 1) if single else pages)
    return replace(shown, article=single is not None, refused=refused)


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
            page = await sandbox.run(reading.page_of, result, source, document, returns=Extracted)
        except (SourceError, ExtractError, SandboxError) as error:
            problem, document = error.message, documents.given_up(document)
        else:
            document = documents.completed(document, page, reserved=result.reserved, news_since=since, now=now)
    return Judged(
        item=item,
        document=document,
        verdict=documents.explained(desk.classifier, document, source),
        problem=problem,
        news=document.news and dates.plausible(document.published_at, now=now) is not None,
    )
