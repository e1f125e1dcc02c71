"""The kind `page`: articles are told from menus, options narrow them, an empty list is an error that helps."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree, html
from pydantic import ValidationError

from watcher import sources
from watcher.errors import ParseError
from watcher.model import FetchResult, ReadAs, Source, SourceState
from watcher.sources import page, selectors

HERE = Path(__file__).parent
URL = "https://bois.example/actualites"

Answer = Callable[..., FetchResult]
MakeSource = Callable[..., Source]


def read(name: str) -> str:
    return (HERE / "page" / name).read_text()


def test_menus_footers_and_side_columns_are_not_articles(answer: Answer, source: MakeSource, state: SourceState) -> None:
    """None of the links of the menu, the side column of most read articles, the pages or the footer is taken for an article."""
    parsed = sources.parse(source("page", url=URL), answer(read("cartes.html"), url=URL), state)
    paths = [item.url.removeprefix("https://bois.example") for item in parsed.items]
    assert paths == [
        "/actualites/scieries-recrutent-conducteurs-de-ligne",
        "/actualites/cap-ebenisterie-nouvelle-epreuve-numerique",
        "/actualites/robot-de-poncage-retour-d-atelier",
        "/actualites/tonnellerie-ecole-ouvre",
    ]
    assert all(item.published_at for item in parsed.items)
    assert [request.item_key for request in parsed.follow] == [item.url for item in parsed.items]


def test_a_page_of_menus_alone_is_an_error_that_names_the_remedy(answer: Answer, source: MakeSource, state: SourceState) -> None:
    """A listing without list is a failure (rows N09, F08), and the message says what to write, or which feed to take."""
    bare = read("cartes.html").replace("<article", "<div hidden").split("<main>")
    menus = bare[0] + bare[1].split("</main>")[1]
    with pytest.raises(ParseError, match="`links`") as caught:
        sources.parse(source("page", url=URL), answer(menus, url=URL), state)
    assert caught.value.reason == "no_links"
    announcing = menus.replace("</head>", '<link rel="alternate" type="application/rss+xml" href="/rss"></head>')
    with pytest.raises(ParseError, match=r"https://bois\.example/rss"):
        sources.parse(source("page", url=URL), answer(announcing, url=URL), state)


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"match": "/actualites/"}, 4),
        ({"match": "robot"}, 1),
        ({"match": "/actualites/*-ligne"}, 1),
        ({"links": "article h2 a"}, 4),
        ({"links": ".//article[1]//h2/a"}, 1),
        ({"links": "aside li a"}, 3),
        ({"links": "article"}, 4),
    ],
)
def test_options_narrow_what_is_listed(
    options: dict[str, str], count: int, answer: Answer, source: MakeSource, state: SourceState
) -> None:
    """`match` filters by path, `links` names the place, as CSS or XPath, also one the guess would refuse."""
    parsed = sources.parse(source("page", url=URL, **options), answer(read("cartes.html"), url=URL), state)
    assert len(parsed.items) == count


@pytest.mark.parametrize(("options", "words"), [({"match": "/nulle-part/"}, "`match`"), ({"links": "ul.rien a"}, "`links`")])
def test_an_option_that_selects_nothing_is_named(
    options: dict[str, str], words: str, answer: Answer, source: MakeSource, state: SourceState
) -> None:
    """When a site is redesigned, the error names the option to correct."""
    with pytest.raises(ParseError, match=words):
        sources.parse(source("page", url=URL, **options), answer(read("cartes.html"), url=URL), state)


def test_the_next_page_is_followed_back_to_the_last_poll(answer: Answer, source: MakeSource, state: SourceState) -> None:
    """`next_page` is a LISTING request until the articles of the page are older than the last success."""
    result = answer(read("cartes.html"), url=URL)
    made = source("page", url=URL, next_page="nav.pagination a")
    listings = [r.url for r in sources.parse(made, result, state).follow if r.read_as is ReadAs.LISTING]
    assert listings == ["https://bois.example/actualites?page=2"]
    known = SourceState(source_id="essai", last_success_at=result.fetched_at - timedelta(hours=6))
    assert not [r for r in sources.parse(made, result, known).follow if r.read_as is ReadAs.LISTING]


@pytest.mark.parametrize("body", [b"%PDF-1.7\n", b'{"a": 1}', b"", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_page_is_refused(body: bytes, answer: Answer, source: MakeSource, state: SourceState) -> None:
    """A PDF, JSON, a picture or nothing at the address of a listing is named for what it is (row H10)."""
    with pytest.raises(ParseError) as caught:
        sources.parse(source("page"), answer(body, media_type="text/html"), state)
    assert caught.value.reason == "not_a_page"


def test_a_listing_of_thousands_of_links_is_read_in_time(answer: Answer, source: MakeSource, state: SourceState) -> None:
    """A flat page of five thousand links costs about as much a link as a short one (promise P7)."""
    import time

    rows = "".join(
        f'<p><a href="/actu/{n}-un-titre-assez-long">Un titre assez long pour être vrai {n}</a></p>' for n in range(5_000)
    )
    start = time.process_time()
    parsed = sources.parse(source("page"), answer(f"<html><body><div>{rows}</div></body></html>"), state)
    assert 100 <= len(parsed.items) <= 5_000
    assert time.process_time() - start < 6


DOCUMENT = html.document_fromstring(
    '<html><body><ul class="news big"><li id="a"><a href="/1" data-x="un deux">1</a></li>'
    '<li><b><a href="/2.pdf">2</a></b></li></ul></body></html>'
)


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("a", 2),
        ("ul.news > li > a", 1),
        ("ul.news.big li a", 2),
        ("#a a", 1),
        ("li#a", 1),
        ("a[href]", 2),
        ('a[href$=".pdf"]', 1),
        ("a[href^='/1']", 1),
        ("a[href*=2]", 1),
        ("a[data-x~=deux]", 1),
        ("b > a, #a > a", 2),
        ("* > b a", 1),
        ("//li/a", 1),
        ("ul.new a", 0),
    ],
)
def test_selectors_mean_what_they_mean_in_css(selector: str, found: int) -> None:
    """The selectors an administrator writes select what a browser would."""
    selected = DOCUMENT.xpath(selectors.xpath(selector))
    assert isinstance(selected, list)
    assert len(selected) == found  # pyright: ignore[reportUnknownArgumentType]


@pytest.mark.parametrize("selector", ["", "a:hover", "a >", "li::before", "a + b", ">>", "a[", '[x="\'"] "'])
def test_a_selector_that_is_not_understood_is_refused_at_load(selector: str) -> None:
    """An unknown selector stops the configuration with a message, not the first poll (row Y03)."""
    with pytest.raises(ValidationError):
        page.Options(links=selector)
    with pytest.raises(ValidationError):
        page.Options(next_page="//a[")


@given(st.text(max_size=30) | st.text(alphabet="ab²é.#[]=*^$~>, \"':-1", max_size=16))
@example("a²")
@example("a[x:y]")
def test_any_selector_is_xpath_or_refused(selector: str) -> None:
    """Whatever is written, the translation is XPath that lxml takes, or a ValueError."""
    try:
        path = selectors.xpath(selector)
    except ValueError:
        return
    if not selector.strip().startswith(("/", "./")):
        etree.XPath(path)
