"""Preview: what an address gives, before anything is saved."""

import pytest

from tests.fetch.servers import Server, reply
from watcher.demo.parliament import archives, assemblee
from watcher.demo.publisher import Publisher
from watcher.errors import SourceError
from watcher.model import Extracted, Item
from watcher.pipeline.desk import Desk
from watcher.pipeline.finding import is_article
from watcher.pipeline.preview import preview
from watcher.store import documents

# One outlet for each way of listing: RSS, Atom, RDF, JSON Feed, a page without a feed, a sitemap.
OUTLETS = (
    "fil-des-metiers",
    "competences-territoires",
    "atelier-numerique",
    "formateurs",
    "gazette-usine",
    "observatoire-mutations",
)


@pytest.mark.parametrize("outlet", OUTLETS)
async def test_an_article_is_previewed_as_an_article(desk: Desk, publisher: Publisher, outlet: str) -> None:
    """Its site's feed is told, and is not what is shown: the page asked for is read and judged."""
    article = next(one for one in publisher.newsroom.articles(outlet) if "pdf" not in publisher.address(one.slug))
    address = publisher.address(article.slug)
    found = await preview(desk, address)
    assert found.article
    (judged,) = found.judged
    assert judged.document is not None
    assert judged.document.url == address
    assert judged.document.title.split()[0] == article.title.split()[0]
    assert len(judged.document.text) > 500
    assert [feed.url for feed in found.announced] == ([publisher.url(outlet)] if outlet in OUTLETS[:4] else [])
    assert desk.store.read(documents.counts)["total"] == 0


@pytest.mark.parametrize("outlet", OUTLETS)
async def test_a_listing_and_a_front_page_are_previewed_as_what_they_list(desk: Desk, publisher: Publisher, outlet: str) -> None:
    """A feed, a sitemap or a list of articles is never taken for an article."""
    for address in (publisher.url(outlet), f"{publisher.base(outlet)}/"):
        found = await preview(desk, address, pages=0)
        assert not found.article
        assert len(found.items) > 1


async def test_the_feed_of_an_article_is_what_is_followed(desk: Desk, publisher: Publisher) -> None:
    """Who adds the address of an article as a source gets the feed that its site announces."""
    article = publisher.newsroom.articles("fil-des-metiers")[0]
    found = await preview(desk, publisher.address(article.slug), pages=0, articles=False)
    assert found.source.url == publisher.url("fil-des-metiers")
    assert not found.article


@pytest.mark.parametrize("outlet", ["gazette-usine", "observatoire-mutations"])
async def test_an_article_without_a_feed_is_not_followed(desk: Desk, publisher: Publisher, outlet: str) -> None:
    """A site that announces no feed is followed by its list of articles: one of them is refused, with that remedy."""
    article = publisher.address(publisher.newsroom.articles(outlet)[0].slug)
    with pytest.raises(SourceError, match="Give the address of the feed, or of the page that lists the articles") as caught:
        await preview(desk, article, pages=0, articles=False)
    assert caught.value.reason == "no_list"
    shown = await preview(desk, article, pages=0)
    assert shown.refused is not None
    assert shown.refused in caught.value.message


async def test_the_page_of_one_question_is_not_followed(desk: Desk, publisher: Publisher) -> None:
    """It is no list of questions, which is what the kind reads: to add it would fail at every poll."""
    question = publisher.chamber("senat-questions").entries[0].question
    with pytest.raises(SourceError, match="one question"):
        await preview(desk, question.addresses[0], pages=0, articles=False)


async def test_a_list_of_articles_is_called_by_its_title(desk: Desk, publisher: Publisher) -> None:
    """What the page says it is says more than its host."""
    found = await preview(desk, publisher.url("gazette-usine"), pages=0, articles=False)
    assert found.source.kind == "page"
    assert found.source.name.startswith("La Gazette de l’usine")
    assert found.refused is None


TEASERS = tuple(
    Item(url=f"https://e.example/a{n}", title=f"Un titre d’article numéro {n}", summary="Un chapeau de deux lignes. " * 4)
    for n in range(8)
)
PROSE = "Une phrase de l’article, qui dit quelque chose de précis. " * 30


@pytest.mark.parametrize(
    ("url", "text", "items", "expected"),
    [
        ("https://e.example/2026/11/x", PROSE, (), True),
        ("https://e.example/2026/11/x", PROSE, TEASERS[:4], True),
        ("https://e.example/2026/11/x", PROSE + "\n".join(item.title for item in TEASERS[:4]), TEASERS[:4], True),
        ("https://e.example/actualites", "\n".join(f"{item.title}\n{item.summary}" for item in TEASERS), TEASERS, False),
        ("https://e.example/actualites", PROSE[:600], TEASERS, False),
        ("https://e.example/2026/11/x", "Une brève.", (), False),
        ("https://e.example/", PROSE, (), False),
        ("https://e.example", PROSE, (), False),
    ],
)
def test_what_tells_an_article_from_a_list(url: str, text: str, items: tuple[Item, ...], expected: bool) -> None:
    """Prose of its own, much of it for what it links to, and not a front page."""
    assert is_article(url, Extracted(title="x", text=text), items) is expected


async def test_the_questions_of_both_chambers_are_previewed(desk: Desk, publisher: Publisher) -> None:
    """A list of questions with the text of its pages, an archive with its newest records; nothing is stored or left behind."""
    senat = await preview(desk, "senat-questions")
    assert len(senat.items) == 15
    assert all(judged.document and judged.document.question and judged.document.question.text for judged in senat.judged)
    assemblee = await preview(desk, "assemblee-questions")
    assert len(assemblee.items) == 17
    assert dict(assemblee.rejected) == {"broken_json": 1}
    assert all(judged.verdict and judged.document and judged.document.text for judged in assemblee.judged)
    assert not list(desk.home.var.glob("download-*"))
    assert desk.store.read(documents.counts)["total"] == 0


async def test_the_page_of_a_question_is_previewed_as_a_question(desk: Desk, publisher: Publisher) -> None:
    """Its address names it: what is shown is its question and answer, not an article made of its headings."""
    answered = next(e.question for e in publisher.chamber("senat-questions").entries if e.question.answer)
    found = await preview(desk, answered.addresses[0])
    (judged,) = found.judged
    assert judged.document is not None
    assert judged.document.question is not None
    assert judged.document.question.key == answered.key
    assert judged.document.question.answer is not None


async def test_the_bare_address_of_a_data_set_is_recognised(desk: Desk, publisher: Publisher) -> None:
    """Whoever pastes the address of the Sénat's list or of an archive of the Assemblée is shown questions, not a page."""
    senat = await preview(desk, publisher.url("senat-questions"))
    assert (senat.source.kind, len(senat.items)) == ("senat_questions", 15)
    assert all(judged.document and judged.document.question for judged in senat.judged)
    assemblee = await preview(desk, publisher.url("assemblee-questions"))
    assert (assemblee.source.kind, len(assemblee.items)) == ("assemblee_questions", 17)
    assert not list(desk.home.var.glob("download-*"))


async def test_a_data_set_under_another_address_is_known_by_what_it_holds(desk: Desk, publisher: Publisher) -> None:
    """A copy of the zip on another host says nothing by its address: the names of its members do."""
    packed = archives.build(assemblee.json_members(publisher.chamber("assemblee-questions").entries), desk.now())
    server = Server(
        routes={"/copie.zip": reply(200, packed), "/autre.zip": reply(200, archives.build({"a.json": b"{}"}, desk.now()))}
    )
    await server.start()
    try:
        found = await preview(desk, server.url("/copie.zip"))
        other = await preview(desk, server.url("/autre.zip"))
    finally:
        await server.stop()
    assert (found.source.kind, len(found.items)) == ("assemblee_questions", 17)
    assert other.source.kind == "page"
