"""What an address is: a feed, a page that announces some or lists articles, one article; and its entry as a source."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from watcher import extract, numbering, sources, text
from watcher.errors import ExtractError, ParseError, SandboxError, SilentSource, SourceError
from watcher.fetch import Client
from watcher.model import Chamber, Extracted, FetchResult, Item, Parsed, Question, ReadAs, Request, Source, SourceState
from watcher.pipeline import listing
from watcher.sandbox import Sandbox

# Characters. A short article has some 500; the lines that introduce a list have fewer, and it links to much more.
OWN_PROSE = 400
PROSE_A_LINK = 150
LONGEST_NAME = 120
GIVE = "Give the address of the feed, or of the page that lists the articles."


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A feed that a page announces, or the address itself when it is one. `problem` says why it cannot be read, if so."""

    url: str
    kind: str
    title: str | None
    problem: str | None = None


async def heard(source: Source, client: Client, sandbox: Sandbox) -> listing.Listing:
    """Return what `source` lists; of an archive, its newest records."""
    found = await listing.read(source, SourceState(source_id=source.id), client, sandbox)
    return await _newest(source, found, sandbox) if found.result.file is not None else found


async def alone(
    url: str, result: FetchResult, announced: Sequence[Announced], sandbox: Sandbox, *, articles: bool
) -> tuple[Source, Parsed, str | None] | None:
    """Return the source and the list that one question or one article make, with why they cannot be followed; else None.

    An article that announces feeds is a way to them for whoever looks for no articles.
    """
    named = numbering.senat_reference(result.url)
    if named is not None and not announced:
        question = Question(chamber=Chamber.SENAT, legislature=named.legislature, kind=named.kind, number=named.number)
        refused = f"{url} is the page of one question, and announces no feed. {GIVE}"
        return guess(url, kind="senat_questions", name=None), _single(result, question), refused
    itself = any(feed.url == result.url for feed in announced)
    if itself or (announced and not articles) or not await _is_article(result, sandbox):
        return None
    refused = None if announced else f"{url} is one article, whose site announces no feed. {GIVE}"
    return guess(url, kind="page", name=None), _single(result), refused


async def feed(
    announced: Sequence[Announced], result: FetchResult, client: Client, sandbox: Sandbox
) -> tuple[tuple[Source, listing.Listing] | None, tuple[Announced, ...]]:
    """Return the first announced feed that lists something, else the first that is empty; and all, with why any failed."""
    told, empty = list(announced), None
    for place, candidate in enumerate(announced):
        source = guess(candidate.url, kind=candidate.kind, name=candidate.title)
        try:
            found = await heard(source, client, sandbox)
        except SilentSource:
            empty = empty or (source, listing.Listing(result=result))
        except SourceError as error:
            told[place] = replace(candidate, problem=error.message)
        else:
            title = found.parsed.title if found.parsed else None
            return (guess(candidate.url, kind=candidate.kind, name=candidate.title or title), found), tuple(told)
    return empty, tuple(told)


async def page_of(
    url: str, result: FetchResult, announced: Sequence[Announced], sandbox: Sandbox
) -> tuple[Source, Parsed, str | None]:
    """Return the address as a listing page, with why it cannot be followed as one: none of its feeds is read, it lists none.

    A page is not followed in the place of its feed: the feed may answer tomorrow, and the entry would stay.
    """
    refused = _unread(url, result, announced)
    source = guess(url, kind="page", name=None)
    try:
        page = await sandbox.run(sources.parse, source, result, SourceState(source_id=source.id), returns=Parsed)
    except ParseError:
        # No list of links: what is shown is the page itself, however short.
        return source, _single(result), refused or f"{url} announces no feed and lists no links to articles. {GIVE}"
    return guess(url, kind="page", name=page.title), page, refused


def guess(url: str, *, kind: str, name: str | None) -> Source:
    """Return the entry that an address would become: its id from the host and path, its options the kind's defaults.

    It is called by `name`, what a feed or a page says it is, else by its host.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "source").removeprefix("www.")
    words = [*host.split(".")[:-1], *(w for w in parts.path.split("/") if w and w not in {"feed", "rss", "rss.xml", "atom.xml"})]
    slug = "".join(c if c.isascii() and c.isalnum() else "-" for c in "-".join(words).lower()).strip("-")
    ident = "-".join(part for part in slug.split("-") if part)[:40].strip("-") or "source"
    shown = text.clean_line(name or "", LONGEST_NAME) or host
    return Source(id=ident, kind=kind, name=shown, url=url, options=sources.KINDS[kind].Options())


def is_article(url: str, page: Extracted, listed: Sequence[Item]) -> bool:
    """Tell whether the page at `url` is one article rather than a list of some: it has prose of its own, and enough of it.

    What the text repeats of the links that the page lists is not its own. A front page is a list, whatever it says.
    """
    if urlsplit(url).path.strip("/") == "":
        return False
    own = len(page.text) - sum(len(words) for item in listed for words in (item.title, item.summary) if words in page.text)
    return own >= OWN_PROSE and own >= PROSE_A_LINK * len(listed)


async def _newest(source: Source, found: listing.Listing, sandbox: Sandbox) -> listing.Listing:
    """Return what the newest records of an archive are, and remove its file."""
    try:
        state = SourceState(source_id=source.id)
        parsed = await listing.guarded(source, sandbox, sources.parse, source, found.result, state, returns=Parsed)
    finally:
        if found.result.file is not None:
            await asyncio.to_thread(found.result.file.unlink, missing_ok=True)
    return replace(found, items=parsed.items, rejected=Counter(parsed.rejected), parsed=parsed)


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


def _unread(url: str, result: FetchResult, announced: Sequence[Announced]) -> str | None:
    feed = next((feed for feed in announced if feed.problem), None)
    if feed is None:
        return None
    if feed.url == result.url:
        return f"{url} is a {feed.kind} that cannot be read: {feed.problem}"
    return f"{url} announces the {feed.kind} {feed.url}, which cannot be read: {feed.problem}"


def _single(result: FetchResult, question: Question | None = None) -> Parsed:
    """Return a list of one: the page itself, or the question that its address names."""
    request = Request(url=result.url, read_as=ReadAs.DOCUMENT, item_key=result.url)
    return Parsed(items=(Item(url=result.url, question=question),), follow=(request,))
