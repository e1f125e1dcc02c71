"""Preview: what an address or a source would give, before anything is saved."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from watcher import changes, dates, extract, numbering, schedule, sources, urls
from watcher.errors import ExtractError, ParseError, SandboxError, SourceError, UnknownNameError
from watcher.fetch import Client
from watcher.model import (
    Chamber,
    Change,
    ChangeKind,
    Document,
    Extracted,
    FetchResult,
    Item,
    Parsed,
    Question,
    ReadAs,
    Request,
    Source,
    SourceState,
    Verdict,
)
from watcher.pipeline import documents, listing, reading
from watcher.pipeline.desk import Desk
from watcher.sandbox import Sandbox
from watcher.sources import data_sets
from watcher.store import sources as memory

# Characters. A short article has some 500; the lines that introduce a list have fewer, and it links to much more.
OWN_PROSE = 400
PROSE_A_LINK = 150


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
    """What was found at an address: how it would be read, what it lists, and its first pages judged.

    `article` is True when the address is that of one article: it lists itself, and `announced` says where its site's feed is.
    """

    url: str
    article: bool = False
    source: Source
    announced: tuple[Announced, ...] = ()
    items: tuple[Item, ...] = ()
    judged: tuple[Judged, ...] = ()
    rejected: tuple[tuple[str, int], ...] = ()


async def preview(desk: Desk, target: str, *, pages: int = 3, articles: bool = True) -> Preview:
    """Return what `target`, the id of a source or an address, would give; the first `pages` items are read and judged.

    An address is looked at as a feed or a sitemap, then as an article (unless `articles` is False: for whoever looks for what
    can be followed), then as a page that announces feeds, then as a listing page. Raises UnknownNameError when it is neither
    a source nor an address, or the SourceError that reading it met.
    """
    hosts = await desk.read(memory.hosts)
    async with Client(settings=desk.config.settings, hosts=hosts, now=desk.now, downloads=desk.home.var) as client:
        with Sandbox(preload=("watcher.pipeline.warm",)) as sandbox:
            known = next((s for s in desk.config.sources if s.id == target), None)
            if known is not None:
                return await _listed(desk, known, await _heard(known, client, sandbox), (), client, sandbox, pages)
            if not urls.is_web(target):
                names = [source.id for source in desk.config.sources]
                remedy = "An address is http:// or https:// and a host, without blanks: https://www.example.org/actualites."
                raise UnknownNameError("source or web address", target, names, remedy=remedy)
            return await _address(desk, target, client, sandbox, pages, articles=articles)


async def _heard(source: Source, client: Client, sandbox: Sandbox) -> listing.Listing:
    """Return what `source` lists; of an archive, its newest records."""
    found = await listing.read(source, SourceState(source_id=source.id), client, sandbox)
    return await _newest(source, found, sandbox) if found.result.file is not None else found


async def _newest(source: Source, found: listing.Listing, sandbox: Sandbox) -> listing.Listing:
    """Return what the newest records of an archive are, and remove its file."""
    try:
        state = SourceState(source_id=source.id)
        parsed = await listing.guarded(source, sandbox, sources.parse, source, found.result, state, returns=Parsed)
    finally:
        if found.result.file is not None:
            await asyncio.to_thread(found.result.file.unlink, missing_ok=True)
    return replace(found, items=parsed.items, rejected=Counter(parsed.rejected), parsed=parsed)


async def _address(desk: Desk, url: str, client: Client, sandbox: Sandbox, pages: int, *, articles: bool) -> Preview:
    if (kind := data_sets.at(url)) is not None:
        source = guess(url, kind=kind, name=None)
        return await _listed(desk, source, await _heard(source, client, sandbox), (), client, sandbox, pages)
    result = await client.fetch(Request(url=url))
    found = await sandbox.run(sources.discover, result, returns=tuple[sources.Discovered, ...])
    announced = tuple(Announced(url=d.url, kind=d.kind, title=d.title) for d in found)
    named = numbering.senat_reference(result.url)
    if named is not None and not announced:
        source = guess(url, kind="senat_questions", name=None)
        page = _alone(
            result, Question(chamber=Chamber.SENAT, legislature=named.legislature, kind=named.kind, number=named.number)
        )
        heard = listing.Listing(result=result, items=page.items, pages=page.follow, parsed=page)
        return replace(await _listed(desk, source, heard, (), client, sandbox, 1), article=True)
    itself = any(feed.url == result.url for feed in announced)
    if articles and not itself and await _is_article(result, sandbox):
        page = _alone(result)
        source = guess(url, kind="page", name=None)
        heard = listing.Listing(result=result, items=page.items, pages=page.follow, parsed=page)
        return replace(await _listed(desk, source, heard, announced, client, sandbox, max(pages, 1)), article=True)
    for candidate in announced:
        source = guess(candidate.url, kind=candidate.kind, name=candidate.title)
        try:
            heard = await _heard(source, client, sandbox)
        except SourceError:
            continue  # an announced feed that does not answer: the next one, or the page itself, may
        return await _listed(desk, source, heard, announced, client, sandbox, pages)
    source = guess(url, kind="page", name=None)
    try:
        page = await sandbox.run(sources.parse, source, result, SourceState(source_id=source.id), returns=Parsed)
    except ParseError:
        # No list of links: the address is that of one article, however short.
        page = _alone(result)
    heard = listing.Listing(result=result, items=page.items, pages=page.follow, parsed=page)
    return await _listed(desk, source, heard, announced, client, sandbox, pages)


def is_article(url: str, page: Extracted, listed: Sequence[Item]) -> bool:
    """Tell whether the page at `url` is one article rather than a list of some: it has prose of its own, and enough of it.

    What the text repeats of the links that the page lists is not its own. A front page is a list, whatever it says.
    """
    if urlsplit(url).path.strip("/") == "":
        return False
    own = len(page.text) - sum(len(words) for item in listed for words in (item.title, item.summary) if words in page.text)
    return own >= OWN_PROSE and own >= PROSE_A_LINK * len(listed)


async def _is_article(result: FetchResult, sandbox: Sandbox) -> bool:
    try:
        page = await sandbox.run(extract.read, result, language="fr", returns=Extracted)
    except (SourceError, ExtractError, SandboxError):
        return False
    source = guess(result.url, kind="page", name=None)
    try:
        listed = await sandbox.run(sources.parse, source, result, SourceState(source_id=source.id), returns=Parsed)
    except (SourceError, SandboxError):
        return is_article(result.url, page, ())
    return is_article(result.url, page, listed.items)


def _alone(result: FetchResult, question: Question | None = None) -> Parsed:
    """Return a list of one: the page itself, or the question that its address names."""
    request = Request(url=result.url, read_as=ReadAs.DOCUMENT, item_key=result.url)
    return Parsed(items=(Item(url=result.url, question=question),), follow=(request,))


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
