"""The kind `feed`: both readers say the same, what is no feed is refused, and pages are asked for when they are needed."""

import contextlib
import random
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher import media, sources, text
from watcher.errors import BlockedError, ParseError
from watcher.model import FetchResult, ReadAs, Source, SourceState
from watcher.sources import entries, feed, loosefeed, prose, xmlfeed

HERE = Path(__file__).parent
XML = sorted((HERE / "feed").glob("*.xml"))
LOOSE_ONLY = {"doctype_netscape.xml", "milliard_de_rires.xml", "tronque.xml", "xxe.xml"}

Answer = Callable[..., FetchResult]
MakeSource = Callable[..., Source]

RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>https://a.example/</link>{}</channel></rss>'
ITEM = "<item><title>Un titre</title><link>https://a.example/{0}</link><guid>{0}</guid>{1}</item>"


def utf8(path: Path) -> bytes:
    return xmlfeed.repaired(media.decode(path.read_bytes()).lstrip().encode())


@pytest.mark.parametrize("path", XML, ids=lambda path: path.name)
def test_the_fast_reader_gives_the_fields_of_feedparser(path: Path, answer: Answer) -> None:
    """On every feed of the tests the fast reader and feedparser give equal items, or the fast one steps back."""
    data = utf8(path)
    fast = xmlfeed.read(data)
    assert (fast is None) == (path.name in LOOSE_ONLY)
    if fast is None:
        return
    loose = loosefeed.read(data, "https://flux.example/flux")
    clock = answer(b"").fetched_at
    both = [
        entries.items(found.entries, base="https://flux.example/flux", zone=ZoneInfo("Europe/Paris"), now=clock)
        for found in (fast, loose)
    ]
    assert both[0] == both[1]
    assert (fast.title, fast.next) == (loose.title, loose.next)


def test_what_is_well_formed_takes_the_fast_path() -> None:
    """Nothing well-formed of a known format, and no feed whose only fault is a bare ampersand, goes the slow way."""
    assert {path.name for path in XML if xmlfeed.read(utf8(path)) is None} == LOOSE_ONLY


LONG = "mot " * 300


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param(f"<description><![CDATA[<p>{LONG}&nbsp;é</p>\r\n<p>fin</p>]]></description>", id="long section"),
        pytest.param(f"<description>avant <![CDATA[{LONG}]]> entre <![CDATA[{LONG}x]]> après</description>", id="two sections"),
        pytest.param(f"<guid><![CDATA[{LONG}]]></guid><category><![CDATA[{LONG}]]></category>", id="long guid"),
        pytest.param(
            f"<!-- <![CDATA[ --><title>vrai</title><!-- ]]> --><description><![CDATA[{LONG}]]></description>", id="comment"
        ),
        pytest.param(f"<description><![CDATA[\ue000 {LONG}]]></description>", id="our own mark"),
        pytest.param(
            f"<title>&#xE000;0&#xE000; &#xE000;99&#xE000;</title><description><![CDATA[{LONG}]]></description>", id="mark"
        ),
        pytest.param(f"<description><![CDATA[{LONG} 1 < 2 ]] > ]]&gt; & ]]></description>", id="what looks like its end"),
    ],
)
def test_sections_kept_from_the_parser_come_back_in_their_place(inner: str) -> None:
    """However CDATA stands in an entry, the fast reader gives what feedparser gives."""
    data = RSS.format(f"<item>{inner}<link>https://a.example/1</link></item>").encode()
    fast = xmlfeed.read(data)
    assert fast is not None
    (one,), (other,) = fast.entries, loosefeed.read(data, "https://a.example/").entries
    if "&#xE000;0" in inner:  # a publisher that writes our mark gets his own words twice, and nobody else's
        one.title = other.title
    for name in ("guid", "title", "categories", "link"):
        assert getattr(one, name) == getattr(other, name)
    assert prose.plain(one.summary) == prose.plain(other.summary)


@pytest.mark.parametrize("seed", range(40))
def test_a_feed_cut_anywhere_gives_whole_entries_only(seed: int, answer: Answer, source: MakeSource, state: SourceState) -> None:
    """However an answer is cut, what is kept is equal to what the whole feed holds (row N06)."""
    body = (HERE / "feed" / "rss20.xml").read_bytes()
    whole = sources.parse(source("feed"), answer(body), state).items
    cut = random.Random(seed).randrange(200, len(body) - 1)
    kept = ()
    with contextlib.suppress(ParseError):  # cut before the root element was whole
        kept = sources.parse(source("feed"), answer(body[:cut]), state).items
    assert all(item in whole for item in kept)
    assert cut < 900 or kept


def test_no_entity_is_expanded_and_no_file_opened(answer: Answer, source: MakeSource, state: SourceState) -> None:
    """External entities stay names, a billion laughs stay one word (row F01)."""
    for name in ("xxe.xml", "milliard_de_rires.xml"):
        parsed = sources.parse(source("feed"), answer((HERE / "feed" / name).read_bytes()), state)
        words = " ".join(item.title + item.summary for item in parsed.items)
        assert "root:" not in words
        assert "haha" not in words
        assert len(words) < 100


@pytest.mark.parametrize("body", [b"/etc/passwd", b"file:///etc/passwd", b"http://127.0.0.1:9/", b"data:,x"])
def test_a_body_that_is_an_address_is_not_followed(body: bytes, answer: Answer, source: MakeSource, state: SourceState) -> None:
    """A body that reads like a path or an address is only bytes (row F02)."""
    with pytest.raises(ParseError) as caught:
        sources.parse(source("feed"), answer(body), state)
    assert caught.value.reason == "not_a_feed"


HOME = """<!doctype html><html><head><title>Accueil</title>
<link rel="alternate" type="application/rss+xml" title="Toutes les actualités" href="/flux.xml?a=1&amp;b=2">
<link rel='alternate' type='application/feed+json' href='https://a.example/feed.json'>
<link rel="alternate" hreflang="en" type="text/html" href="/en"><link rel="stylesheet" href="/s.css">
</head><body><p>Bienvenue</p></body></html>"""


def test_a_page_at_the_address_of_a_feed_is_named_with_its_feeds(answer: Answer, source: MakeSource, state: SourceState) -> None:
    """HTML where a feed was is a failure that names the feeds announced, never an empty feed (rows N09, F17)."""
    with pytest.raises(ParseError, match=re.escape("https://a.example/flux.xml?a=1&b=2")) as caught:
        sources.parse(source("feed"), answer(HOME, url="https://a.example/", media_type="application/rss+xml"), state)
    assert caught.value.reason == "not_a_feed"


def test_a_robot_check_at_the_address_of_a_feed_says_so(answer: Answer, source: MakeSource, state: SourceState) -> None:
    """A gatekeeper's page is told apart from any other page (row N09)."""
    page = "<html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={}</script></body></html>"
    with pytest.raises(BlockedError) as caught:
        sources.parse(source("feed"), answer(page), state)
    assert caught.value.reason == "robot_check"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "empty", id="nothing"),
        pytest.param(b"   \n ", "empty", id="blanks"),
        pytest.param(b"\x89PNG\r\n\x1a\n0000", "not_a_feed", id="picture"),
        pytest.param(b'{"a": ' * 100_000, "broken_feed", id="deep JSON"),
        pytest.param(
            b'{"version": "https://jsonfeed.org/version/1", "items": [{"id": ' + b"9" * 6000 + b"}]}", "broken_feed", id="int"
        ),
        pytest.param(b'{"erreur": "quota"}', "not_a_feed", id="other JSON"),
        pytest.param(b"<?xml version='1.0'?><note>rien</note>", "not_a_feed", id="other XML"),
        pytest.param(b"Maintenance en cours", "not_a_feed", id="words"),
        pytest.param(b"\x00\x01\x02\x03" * 100, "not_a_feed", id="binary"),
    ],
)
def test_what_is_no_feed_is_an_error(body: bytes, reason: str, answer: Answer, source: MakeSource, state: SourceState) -> None:
    """Whatever is not a feed is refused with its reason, and is never an empty feed (rows F12, F17, N09)."""
    with pytest.raises(ParseError) as caught:
        sources.parse(source("feed"), answer(body), state)
    assert caught.value.reason == reason


@settings(max_examples=150)
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda words: RSS.format(words).encode("utf-8", "surrogatepass")))
def test_no_bytes_escape_as_another_error(body: bytes) -> None:
    """Reading any bytes ends in a result, a ParseError or a BlockedError (row F10)."""
    from datetime import UTC, datetime

    from watcher.model import Request

    result = FetchResult(
        request=Request(url="https://a.example/"), url="https://a.example/", status=200, body=body, fetched_at=datetime.now(UTC)
    )
    made = Source(id="a", kind="feed", name="A", url="https://a.example/", options=feed.Options())
    try:
        parsed = sources.parse(made, result, SourceState(source_id="a"))
    except (ParseError, BlockedError):
        return
    for item in parsed.items:
        for words in (item.title, item.summary, item.content):
            words.encode("utf-8")
            assert "\x00" not in words


# fmt: off
_PIECES = [
    "<p>", "</p>", "<br>", "<br/>", "<li>", "<td>", "<b>", "</b>", "<a href='x'>", "</a>", '<div class="y">', "<script>",
    "</script>", "<!-- c -->", "<svg>", "&nbsp;", "&amp;", "&amp;eacute;", "&lt;p&gt;", "&eacute;", "&", "<", ">", "3 < 5", "é",
    "’", "\xa0", "\n", "\r\n", "\t", "  ", "mot", "Mot :", "«\xa0x\xa0»", "\u200b", "e\u0301", "Ã©", "]]>", "<![CDATA[",
    "<P CLASS=X>", "<b x=<br>>", '<b x="<br/>">', "<b x='<p>'>",
    '<img alt="a>b">', "<h2>", "&#233;", "&copy", "<title>", "\x00", "\x85",
]
# fmt: on
_SOUP = st.lists(st.sampled_from(_PIECES), max_size=14).map("".join)


@settings(max_examples=600)
@given(_SOUP)
def test_the_fast_plain_text_is_the_plain_text(fragment: str) -> None:
    """The quick way from markup to words gives, character for character, what the thorough way gives."""
    assert prose.plain(fragment) == text.plain(fragment)
    assert prose.line(fragment) == text.clean_line(text.plain(fragment))


@pytest.mark.parametrize(
    ("pages", "wanted"),
    [("auto", ["court"]), ("always", ["court", "long"]), ("never", [])],
)
def test_pages_are_asked_for_as_the_option_says(
    pages: str, wanted: list[str], answer: Answer, source: MakeSource, state: SourceState
) -> None:
    """By default a page is read unless the feed carries the article; each request names its item."""
    whole = "<description>" + "Une phrase du texte entier. " * 80 + "</description>"
    encoded = whole.replace("description", "content:encoded")
    body = RSS.replace("<rss", '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"').format(
        ITEM.format("court", "") + ITEM.format("long", encoded)
    )
    parsed = sources.parse(source("feed", pages=pages), answer(body), state)
    assert [request.item_key for request in parsed.follow] == wanted
    assert all(request.read_as is ReadAs.DOCUMENT for request in parsed.follow)
    assert len(parsed.items[1].summary) <= 2_000


def test_the_next_pages_are_followed_back_to_the_last_poll(answer: Answer, source: MakeSource, state: SourceState) -> None:
    """A paged feed is followed when asked for, until what was read last time comes into sight (RFC 5005)."""
    result = answer((HERE / "feed" / "pagine.xml").read_bytes())
    assert not [r for r in sources.parse(source("feed"), result, state).follow if r.read_as is ReadAs.LISTING]
    first = [r.url for r in sources.parse(source("feed", paged=True), result, state).follow if r.read_as is ReadAs.LISTING]
    assert first == ["https://ateliers.example/flux?page=2"]
    read = SourceState(source_id="essai", last_success_at=result.fetched_at - timedelta(hours=1))
    assert not [r for r in sources.parse(source("feed", paged=True), result, read).follow if r.read_as is ReadAs.LISTING]


def test_the_validators_go_out_as_they_came(source: MakeSource) -> None:
    """The first request of a poll carries the stored validators byte for byte (row N22)."""
    state = SourceState(source_id="essai", etag='W/"a b"', last_modified="Thu, 32 Nov 2026")
    for kind in sources.KINDS:
        (request,) = sources.KINDS[kind].first(source(kind), state)
        assert (request.etag, request.last_modified) == ('W/"a b"', "Thu, 32 Nov 2026")


def test_fifty_thousand_entries_are_read_in_time(answer: Answer, source: MakeSource, state: SourceState) -> None:
    """Ten megabytes of entries are read, each once, well within the limit of processor time (row F03)."""
    import time

    body = RSS.format("".join(ITEM.format(n, "<description>" + "mot " * 21 + "</description>") for n in range(50_000)))
    assert len(body) > 10_000_000
    start = time.process_time()
    parsed = sources.parse(source("feed"), answer(body), state)
    assert len({item.url for item in parsed.items}) == len(parsed.items) == 50_000
    assert time.process_time() - start < 8
