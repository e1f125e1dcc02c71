"""Articles out of pages: text without what surrounds it, bearings, honest status, bounded work."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from watcher import extract
from watcher.errors import BlockedError, ExtractError, SandboxError
from watcher.extract import byline, head, measure, tail
from watcher.model import Extracted, FetchResult, Request, TextStatus
from watcher.sandbox import Sandbox

Answer = Callable[..., FetchResult]
Markup = Callable[..., str]


@pytest.fixture
def read(answer: Answer) -> Callable[..., Extracted]:
    """Read a page of a French source."""

    def run(body: bytes | str, **options: object) -> Extracted:
        return extract.read(answer(body, **options), language="fr")

    return run


Read = Callable[..., Extracted]


def test_the_article_comes_out_alone(read: Read, article: Markup) -> None:
    """Menus, cookie banner, side column and footer are left behind, every paragraph is kept, the title leaves its site."""
    found = read(article(6))
    assert found.title == "Deux robots à l’atelier de Morvelle"
    assert found.status is TextStatus.FULL
    assert found.text.startswith("L’atelier de Morvelle a installé en septembre")
    assert found.text.count("\n") >= 5
    for stray in ("Mentions", "partenaires déposons", "Les plus lus", "S’abonner", "Deux robots"):
        assert stray not in found.text


META = """<meta property="og:title" content="Deux robots, un &laquo; accord &raquo; | La Gazette">
<meta property="og:site_name" content="La Gazette">
<meta property="article:published_time" content="2026-11-17T08:30:00+01:00"><meta name="author" content="Odile Ferrand">
<link rel="canonical" href="/eco/robots?a=1"><meta name="robots" content="index, follow">"""
LD = """<script type="application/ld+json">{"@graph": [{"@type": "WebSite", "name": "x"}, {"@type": "NewsArticle",
"datePublished": "2026-11-16T07:00:00Z", "author": [{"name": "Paul Quémener"}, {"name": "Lise Amour"}],
"publisher": {"name": "Gazette"}}]}</script>"""


@pytest.mark.parametrize(
    ("markup_head", "title", "author", "publisher", "published"),
    [
        (META, "Deux robots, un « accord »", "Odile Ferrand", "La Gazette", datetime(2026, 11, 17, 7, 30, tzinfo=UTC)),
        (
            LD,
            "Deux robots à l’atelier de Morvelle",
            "Paul Quémener, Lise Amour",
            "Gazette",
            datetime(2026, 11, 16, 7, tzinfo=UTC),
        ),
        (
            '<meta name="DC.date.issued" content="14/11/2026"><script type="application/ld+json">{cassé</script>',
            "Deux robots à l’atelier de Morvelle",
            None,
            None,
            datetime(2026, 11, 13, 23, tzinfo=UTC),
        ),
        (
            '<meta property="article:published_time" content="9999-12-31"><meta name="author" content="https://a.example/moi">',
            "Deux robots à l’atelier de Morvelle",
            None,
            None,
            None,
        ),
    ],
)
def test_a_page_says_what_it_is(
    markup_head: str,
    title: str,
    author: str | None,
    publisher: str | None,
    published: datetime | None,
    read: Read,
    article: Markup,
) -> None:
    """Title, author, publisher and date come from the page's own words first; absurd dates are no dates (row F07)."""
    found = read(article(5, head=markup_head))
    assert (found.title, found.published_at) == (title, published)
    if author is not None:
        assert (found.author, found.publisher) == (author, publisher)
    assert found.language == "fr"
    assert found.canonical_url == ("https://gazette.example/eco/robots?a=1" if "canonical" in markup_head else None)


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("Mis en ligne le 16 novembre 2026 à 10 h 00", datetime(2026, 11, 16, 9, tzinfo=UTC)),
        ("Publié le 05/11/2026 – mis à jour le 12/11/2026", datetime(2026, 11, 4, 23, tzinfo=UTC)),
        ("Par Odile Ferrand - Le 05 février 2026.", datetime(2026, 2, 4, 23, tzinfo=UTC)),
        ("Par Odile Ferrand, publié le 08 janvier 2026", datetime(2026, 1, 7, 23, tzinfo=UTC)),
    ],
)
def test_the_date_under_the_headline_is_read(line: str, published: datetime, read: Read, page: Markup, story: Markup) -> None:
    """A page without metadata gives its date in words; a line that is a date alone is not part of the text."""
    body = f"<article><h1>Deux robots</h1><p>{line}</p>{story(5)}</article>"
    found = read(page(body))
    assert found.published_at == published
    assert "novembre 2026" not in found.text


FEET = [
    "<h2>À lire aussi</h2><ul><li><a href='/a'>Un troisième robot</a></li><li><a href='/b'>La filature</a></li></ul>",
    "<p>SOURCE : AGENCE COMPAS</p><h3>Nos réalisations</h3><p>Découvrez nos références.</p>",
    "<p>À LIRE AUSSI :</p><p>À LIRE AUSSI :</p>",
    "<p>Sur le même sujet</p><p>Robots : l’année de tous les essais</p>",
    "<p>Partager cet article</p><p>Facebook</p><p>LinkedIn</p>",
    "<h3>C’est tout frais de nos experts</h3><p>Nouveau cursus : les modalités détaillées</p>",
    "<p>Mots-clés : robots, emploi</p><p>Page mise à jour le 20 novembre 2026</p>",
    "<p>Recevez chaque matin l’essentiel de l’actualité.</p><p>Votre adresse</p>",
]


@pytest.mark.parametrize("foot", FEET)
def test_what_trails_the_article_is_trimmed(foot: str, read: Read, page: Markup, story: Markup) -> None:
    """Links to others, the source's name, share bars and the foot of the page are not the article's text."""
    whole = read(page(f"<article><h1>Deux robots</h1>{story(5)}</article>")).text
    assert read(page(f"<article><h1>Deux robots</h1>{story(5)}{foot}</article>")).text == whole


def test_a_call_to_read_another_article_in_the_middle_goes_alone(read: Read, page: Markup, story: Markup) -> None:
    """An inserted link is dropped, what follows it stays."""
    body = f"<h1>Deux robots</h1>{story(3)}<p>À lire aussi : Un troisième robot</p>{story(3, 4)}"
    found = read(page(f"<article>{body}</article>")).text
    assert "troisième robot" not in found
    assert found.endswith(story(3, 4).split("<p>")[-1].removesuffix("</p>"))


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(["À lire aussi", "Publicité", "Une phrase " + "longue " * 40 + "finit ici.", "Court.", ""]), max_size=12
    )
)
def test_trimming_only_ever_takes_whole_lines_away(lines: list[str]) -> None:
    """What is left of a text are lines of it, in order; a long paragraph is never lost."""
    kept = tail.trimmed("\n".join(lines), None).split("\n")
    rest = iter(lines)
    assert all(any(line == other for other in rest) for line in kept if line)
    assert sum(len(line) > 220 for line in kept) == sum(len(line) > 220 for line in lines)


@pytest.mark.parametrize(
    ("tag", "header"),
    [
        ('<meta name="robots" content="noai, noimageai">', None),
        ('<meta name="tdm-reservation" content="1">', None),
        ("", "tdm-reservation"),
    ],
)
def test_a_reserved_text_is_not_kept(tag: str, header: str | None, read: Read, article: Markup) -> None:
    """Where mining is reserved, in the page or by the server, title and date remain and no text does (row S06)."""
    found = read(article(5, head=tag + META.replace("index, follow", "")), reserved=header)
    assert (found.status, found.text) == (TextStatus.RESERVED, "")
    assert found.title == "Deux robots, un « accord »"
    assert found.published_at is not None


@pytest.mark.parametrize("tag", ['<meta name="robots" content="noindex">', '<meta name="tdm-reservation" content="0">'])
def test_what_is_not_reserved_is_read(tag: str, read: Read, article: Markup) -> None:
    """Being left out of search engines, or a reservation switched off, does not reserve the text."""
    assert read(article(5, head=tag)).status is TextStatus.FULL


def test_text_lost_in_deep_nesting_is_noticed(read: Read, page: Markup, story: Markup) -> None:
    """Text below three hundred elements is lost to the parser: the rest is kept and flagged (row H02, fact 5)."""
    deep = "<div>" * 300 + story(30) + "</div>" * 300
    found = read(page(f"<article><h1>Deux robots</h1>{story(5)}{deep}</article>"))
    assert found.status is TextStatus.PARTIAL
    assert found.kept_ratio < 0.5
    with pytest.raises(ExtractError):
        read(f"<html><body>{deep}</body></html>")


@pytest.mark.parametrize("items", [10, 60, 150])
def test_menus_however_long_do_not_make_a_page_partial(items: int, read: Read, page: Markup, story: Markup) -> None:
    """A page whose menus, footer and comments outweigh its article is read whole."""
    menu = "".join(f"<li><a href='/m{n}'>Une rubrique au nom plutôt long {n}</a></li>" for n in range(items))
    notes = "".join(
        f"<div class='comment'><p>Un avis de lecteur, assez long pour compter, numéro {n}.</p></div>" for n in range(items)
    )
    body = (
        f"<nav><ul>{menu}</ul></nav><article><h1>Deux robots</h1>{story(4)}</article>"
        f"<div id='comments'>{notes}</div><div class='footer-links'>{menu}</div>"
    )
    assert read(page(body)).status is TextStatus.FULL


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param("<p>mot " * 200_000, id="200,000 paragraphs"),
        pytest.param("<p " + " ".join(f'a{n}="1"' for n in range(50_000)) + ">mot</p>", id="50,000 attributes"),
        pytest.param("<div>" * 100_000 + "mot" + "</div>" * 100_000, id="100,000 deep"),
        pytest.param("<" * 1_000_000, id="a million <"),
    ],
)
def test_hostile_pages_are_refused_before_they_cost_anything(markup: str, answer: Answer) -> None:
    """What would take the parser a minute is refused in milliseconds (row H01, fact 5)."""
    import time

    start = time.process_time()
    with pytest.raises(ExtractError) as caught:
        extract.read(answer(f"<html><body>{markup}</body></html>"), language="fr")
    assert caught.value.reason == "too_complex"
    assert time.process_time() - start < 1


@pytest.mark.parametrize("offset", [0, 1, 4_999, 9_998, 9_999, 10_000, 10_001, 19_999, 20_000, 25_003])
@pytest.mark.parametrize("after", ["", ">", "<", ">" + "x" * 30_000, "<p>" * 5_000])
def test_a_long_tag_is_found_wherever_it_stands(offset: int, after: str) -> None:
    """A tag of 20,000 characters with too many attributes is refused at any place in a page; no other stretch is."""
    attributes = " a=1" * (measure.MOST_ATTRIBUTES + 1)
    before = ("mot <b> mot " * 3_000)[:offset]
    long = attributes.ljust(20_000)
    assert measure.too_complex(f"{before}<p{long}{after}") == "one of its tags holds 2001 attributes, more than 2000"
    for harmless in (f"<p{long[:-1]}", f"<!{long}", f"</p{long}", f"<p>{long}", f"<p{long[:10_000]}<{long[10_000:]}"):
        assert measure.too_complex(f"{before}{harmless}{after}") is None


async def test_what_passes_the_bounds_and_still_hangs_is_ended(answer: Answer) -> None:
    """A page made to keep the parser busy is ended by the sandbox, and the next page is read (rows H01, H03, promise P7)."""
    slow = "<html><body><article><p>" + "<span>mot mot mot</span>\n" * 14_000 + "</p></article></body></html>"
    with Sandbox(workers=1, cpu_seconds=1, wall_seconds=60) as sandbox:
        with pytest.raises(SandboxError) as caught:
            await sandbox.run(extract.read, answer(slow), language="fr", returns=Extracted)
        assert caught.value.reason == "cpu"
        good = (
            "<html><body><article><h1>Bref</h1><p>"
            + "Une phrase bien assez longue pour être lue. " * 6
            + "</p></article></body></html>"
        )
        with Sandbox(workers=1) as patient:
            found = await patient.run(extract.read, answer(good), language="fr", returns=Extracted)
        assert found.text.startswith("Une phrase")


@pytest.mark.parametrize(
    ("encoding", "declared", "meta"),
    [
        ("utf-8", "text/html", ""),
        ("utf-8", "text/html; charset=iso-8859-1", "iso-8859-1"),
        ("cp1252", "text/html; charset=iso-8859-1", ""),
        ("cp1252", "text/html", "latin-1"),
        ("cp1252", "text/html; charset=utf-8", "utf-8"),
        ("cp1252", "", ""),
        ("utf-16", "text/html", ""),
        ("utf-8-sig", "text/html; charset=windows-1252", ""),
        ("iso-8859-15", "text/html; charset=iso-8859-15", ""),
    ],
)
def test_accents_survive_every_label(
    encoding: str,
    declared: str,
    meta: str,
    answer: Answer,
) -> None:
    """However a page is encoded and whatever it claims, its accents are read (row F10)."""
    words = "La forêt brûlée renaît : « deux œillets », 12 € l’hectare, à Nîmes."
    if encoding == "iso-8859-15":
        words = words.replace("’", "'")
    tag = f'<meta charset="{meta}">' if meta else ""
    markup = f"<html><head>{tag}<title>Forêt</title></head><body><article><h1>Forêt</h1><p>{words}</p><p>{words[::-1]}</p>"
    body = (markup + f"<p>{words} {words}</p></article></body></html>").encode(encoding)
    found = extract.read(answer(body, media_type=declared), language="fr")
    assert words in found.text


def test_marks_that_reorder_or_hide_text_are_neutralised(read: Read, page: Markup, story: Markup) -> None:
    """Bidirectional marks, zero widths and stacks of accents do not reach the title nor the text (row H08)."""
    title = "Deux\u202e robots\u200b à l’atelier" + "\u0301" * 500
    found = read(page(f"<article><h1>{title}</h1>{story(4)}<p>Fin\u202e cachée\u200b du texte.</p></article>", title=title))
    assert found.title is not None
    assert not set("\u202e\u200b") & set(found.title + found.text)
    assert len(found.title) < 60


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "text/html"),
        (b"GIF89a<html><body><p>texte</p></body></html>", "text/html"),
        (b"PK\x03\x04 archive", "text/html"),
        (b'{"titre": "json"}', "text/html"),
        (b"", "text/html"),
        (b"\x00\x01\x02" * 60, "application/pdf"),
        (b"<?xml version='1.0'?><rss version='2.0'/>", "text/html"),
        (b"du texte seul, sans aucune balise", "text/html"),
    ],
)
def test_what_is_neither_html_nor_pdf_is_refused_by_its_bytes(body: bytes, media_type: str, answer: Answer) -> None:
    """The bytes decide, not the declared type: no wrong parser is ever started (row H10)."""
    with pytest.raises(ExtractError) as caught:
        extract.read(answer(body, media_type=media_type), language="fr")
    assert caught.value.reason == "media_type"


def test_html_that_calls_itself_a_pdf_is_read_as_html(answer: Answer, article: Markup) -> None:
    """A page served as a PDF, even with the mark of one in a comment, is read as the page it is (row H10)."""
    found = extract.read(answer("<!-- %PDF-1.7 -->" + article(4), media_type="application/pdf"), language="fr")
    assert found.media_type == "text/html"


def test_a_page_without_article_says_so(read: Read) -> None:
    """An empty page is an error, never a document with an empty text (stack: None means unreadable)."""
    with pytest.raises(ExtractError) as caught:
        read("<html><head><title>Vide</title></head><body><nav><a href='/'>Accueil</a></nav></body></html>")
    assert caught.value.reason == "no_text"


_TAGS = [
    "<nav>",
    "</nav>",
    "<aside>",
    "</aside>",
    "<script>",
    "</script>",
    "<svg/>",
    "<p>",
    "</p>",
    "<div class='menu'>",
    "</div>",
]
_WORDS = [
    "Un article assez long pour avoir un texte. ",
    " ",
    "\x0c",
    "\x01",
    "\x00",
    "\x7f",
    "\ufffe",
    "\uffff",
    "\U0001ffff",
    "é",
    "&#12;",
    "&#1",
    "&#x0B;",
    "&#xFFFF;",
    "&#65534;",
]


@settings(max_examples=120)
@given(
    st.text(alphabet="<>/=\"' pabdiv!-&;é\n", max_size=400) | st.lists(st.sampled_from(_TAGS + _WORDS), max_size=40).map("".join),
    st.booleans(),
)
@example("<nav>Menu</nav>\x0cUn article assez long pour avoir un texte.", True)
@example("<nav>Menu</nav>&#12;Un article assez long pour avoir un texte.", True)
def test_any_markup_ends_in_a_text_or_a_named_error(soup: str, dated: bool) -> None:
    """No markup makes the extractor fail with an error of its own (row H05)."""
    body = f"<html><body>{soup}</body></html>".encode()
    when = datetime(2026, 11, 20, tzinfo=UTC)
    result = FetchResult(
        request=Request(url="https://a.example/"), url="https://a.example/", status=200, body=body, fetched_at=when
    )
    try:
        found = extract.read(result, language="fr", dated=dated)
    except (ExtractError, BlockedError):
        return
    assert found.text


def test_the_measure_counts_what_a_reader_sees() -> None:
    """Scripts, comments and unclosed elements are not visible text; the count is linear in the size of the page."""
    markup = (
        "<head><title>x</title></head><header>menu</header><!-- non --><script>var a='<p>non</p>'</script><p>oui</p><style>non"
    )
    assert measure.visible(markup) == "menu oui"
    assert measure.kept_ratio("<p>" + "mot " * 3000, "mot " * 200) < 0.2
    assert measure.kept_ratio("<p>" + "mot " * 3000, "mot " * 3000) == 1.0
    import time

    start = time.process_time()
    measure.visible("<script>" * 100_000 + "<!--" * 100_000)
    measure.kept_ratio("<nav>" * 100_000 + "mot" * 10_000, "")
    assert time.process_time() - start < 2


def test_blanks_are_never_counted_as_text() -> None:
    """Blanks of any kind, however many, make no text look lost; as many characters do."""
    words = "mot " * 700
    for blank in (" ", "\n", "\t", "\xa0", "\u2009"):
        assert measure.kept_ratio("<p>" + "x" * 9_000, words, words + blank * 9_000) == 1.0
    assert measure.kept_ratio("<p>" + "x" * 9_000, words, words + "x" * 9_000) == round(2_100 / 9_000, 3)


def test_bylines_are_told_from_sentences() -> None:
    """A sentence that holds a date is not a byline, and stays."""
    words = "Le 3 novembre 2026, l’usine a rouvert ses portes.\nPublié le 4 novembre 2026"
    assert byline.without(words) == "Le 3 novembre 2026, l’usine a rouvert ses portes."
    assert byline.dated(words) == "4 novembre 2026"


def test_the_head_is_read_in_any_shape() -> None:
    """Broken JSON-LD, empty and repeated tags do not stop the reading."""
    from lxml import html

    tree = html.document_fromstring(
        '<html><head><meta name="author"><meta content="x"><title></title>'
        '<script type="application/ld+json">[1, "a", null]</script>'
        '<script type="application/ld+json">{"@type": "Article", "author": 3, "publisher": "P"}</script>'
        '<link rel="canonical" href="javascript:x"></head><body></body></html>'
    )
    about = head.read(tree, "https://a.example/")
    assert (about.title, about.author, about.publisher, about.canonical_url) == (None, None, "P", None)


@pytest.mark.parametrize(
    ("inside", "title"),
    [
        ("<title>Robots | La Gazette</title><h1>\n Robots\n</h1>", "Robots"),
        ("<title>Robots | La Gazette</title><title>Filature</title>", "Robots | La Gazette"),
        ("<title>Robots</title><h1>Accueil</h1>", "Robots"),
        ("<title>Accueil</title><h1>News</h1>", "Accueil"),
        ("<title>Robots</title><h1>Filature</h1><h1>Verrerie</h1>", "Robots"),
        ("<title>Robots</title><h1>Filature</h1><meta property='og:title' content=' Verrerie '>", "Verrerie"),
        ("<meta property='og:title' content='Blog'><TITLE>\n Les <b>robots </TITLE>", "Les <b>robots"),
        ("<meta property='og:site_name' content='Gazette'><title>Robots - Atelier - GAZETTE</title>", "Robots - Atelier"),
        ("<meta property='og:site_name' content='Blog'><title>Actualités - Blog</title>", "Actualités - Blog"),
        ("<h1></h1>", None),
    ],
)
def test_the_title_is_the_first_that_is_one(inside: str, title: str | None) -> None:
    """The social title, the only heading, the window's: each without its site, and never the name of a column alone."""
    from lxml import html

    about = head.read(html.document_fromstring(f"<html><body>{inside}</body></html>"), "https://a.example/")
    assert about.title == title


@pytest.mark.parametrize(
    ("inside", "published"),
    [
        ("<article><h1>x</h1><time datetime=' 2026-11-01 '></time></article><time pubdate>2 novembre</time>", "2 novembre"),
        (
            "<b itemprop='datePublished'></b><span itemprop='datePublished' content='2026-11-03'>x</span><time pubdate>y</time>",
            "2026-11-03",
        ),
        ("<p itemprop='datePublished'> </p><article><h1>x</h1><time datetime='2026-11-01'></time></article>", "2026-11-01"),
        ("<article><time datetime='2026-11-01'></time></article>", ""),
        ("<time pubdate>2 novembre</time><meta name='DATE' content='2026-11-04'>", "2026-11-04"),
        ("<meta name='date' content='2026-11-04'><meta name='pubdate' property='date' content='2026-11-05'>", "2026-11-04"),
    ],
)
def test_the_date_is_the_first_that_is_stated(inside: str, published: str) -> None:
    """What the metadata states, then what is marked as the date of publication, then the time of the only article."""
    from lxml import html

    about = head.read(html.document_fromstring(f"<html><body>{inside}</body></html>"), "https://a.example/")
    assert about.published == published
