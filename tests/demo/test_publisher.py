"""What every outlet of the press answers, asked with the plainest of clients."""

import gzip
import json
import re
import socket
import xml.etree.ElementTree as ET
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from watcher.demo.kiosk import PRESS
from watcher.demo.outlet import Ask as Request
from watcher.demo.outlet import Plan, Response
from watcher.demo.publisher import Publisher
from watcher.errors import WatcherError

Ask = Callable[..., Any]
FEEDS = ["fil-des-metiers", "competences-territoires", "atelier-numerique", "cyber-donnees-hebdo", "cahiers-alternance"]


@pytest.mark.parametrize("plan", PRESS, ids=[plan.id for plan in PRESS])
def test_an_outlet_serves_its_listing_and_each_of_its_pages(plan: Plan, publisher: Publisher, ask: Ask) -> None:
    """Robots, home page, listing and all articles answer 200 with a type; elsewhere is 404."""
    assert ask(publisher.base(plan.id) + "/robots.txt").text.startswith("User-agent: *\nDisallow: /compte")
    for url in (publisher.base(plan.id) + "/", publisher.url(plan.id)):
        assert ask(url).status == 200
    for article in publisher.newsroom.articles(plan.id):
        page = ask(publisher.address(article.slug))
        assert page.status == 200
        assert page.headers["content-type"].startswith(("text/html; charset=utf-8", "application/pdf"))
    assert ask(publisher.base(plan.id) + "/nulle-part").status == 404


@pytest.mark.parametrize("outlet", FEEDS)
def test_xml_feeds_are_well_formed_and_list_the_pages_newest_first(outlet: str, publisher: Publisher, ask: Ask) -> None:
    """Every listed link answers, tracking and all, and the order is that of publication."""
    root = ET.fromstring(ask(publisher.url(outlet)).body)
    items = [node for node in root.iter() if node.tag.rpartition("}")[2] in ("item", "entry")]
    links = [next(_link(node) for node in item if node.tag.endswith("link")) for item in items]
    known = [publisher.address(article.slug) for article in publisher.newsroom.listed(outlet)]
    assert [link.partition("?")[0] for link in links] == known
    assert all(ask(link).status == 200 for link in links)


def _link(node: ET.Element) -> str:
    return node.get("href") or node.text or ""


def test_the_four_forms_of_feed_are_what_they_say(publisher: Publisher, ask: Ask) -> None:
    """RSS 2.0, Atom, RDF and JSON Feed each carry the mark of their format."""
    assert b'<rss version="2.0"' in ask(publisher.url("fil-des-metiers")).body
    assert b'xmlns="http://www.w3.org/2005/Atom"' in ask(publisher.url("competences-territoires")).body
    assert b'xmlns="http://purl.org/rss/1.0/"' in ask(publisher.url("atelier-numerique")).body
    feed = json.loads(ask(publisher.url("formateurs")).body)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert all(item["content_html"].startswith("<p>") for item in feed["items"])


def test_named_zones_iso_dates_and_words_are_all_met(publisher: Publisher, ask: Ask) -> None:
    """One outlet writes CET, one an offset, one UTC, one French words without a machine form."""
    assert re.search(r"<pubDate>\w{3}, \d\d Nov 2026 \d\d:\d\d:00 CET</pubDate>", ask(publisher.url("cyber-donnees-hebdo")).text)
    assert re.search(r"<published>2026-11-\d\dT\d\d:\d\d:00\+01:00<", ask(publisher.url("competences-territoires")).text)
    assert re.search(r"<dc:date>2026-11-\d\dT\d\d:\d\d:00Z<", ask(publisher.url("atelier-numerique")).text)
    listing = ask(publisher.url("gazette-usine")).text
    assert "Publié le mercredi 11 novembre 2026" in listing
    assert "datetime=" not in listing


def test_the_listing_page_announces_no_feed_and_the_home_of_a_feed_does(publisher: Publisher, ask: Ask) -> None:
    """`watcher sources add` must find the feed where there is one, and the page itself where there is none."""
    assert 'rel="alternate"' not in ask(publisher.url("gazette-usine")).text
    assert 'type="application/rss+xml"' in ask(publisher.base("fil-des-metiers") + "/").text


def test_the_sitemap_lists_articles_the_pdf_and_pages_that_are_none(publisher: Publisher, ask: Ask) -> None:
    """The PDF is at an address of its own kind and the pages without news are there too."""
    text = ask(publisher.url("observatoire-mutations")).text
    locations = [node.text or "" for node in ET.fromstring(text).iter() if node.tag.endswith("}loc")]
    assert len(locations) == 5
    assert sum(location.endswith(".pdf") for location in locations) == 1
    assert all(ask(location).status == 200 for location in locations)


def test_pages_carry_the_noise_of_real_ones_and_say_that_they_are_fiction(publisher: Publisher, ask: Ask) -> None:
    """Menu, cookie banner, related links, newsletter, comments, footer; and the text itself."""
    page = ask(publisher.address("offres-cadres-industrie-ia")).text
    for noise in (
        "cookie-banner",
        "<nav",
        "À lire aussi",
        "newsletter",
        "share-bar",
        "byline",
        "comments",
        "Publicité",
        "<footer",
    ):
        assert noise in page, noise
    assert "Une annonce de cadre sur vingt-deux" in page
    for article in ("jumeau-numerique-operateurs", "note-exposition-professions", "permis-conduire-delais"):
        assert "Contenu fictif de démonstration" in ask(publisher.address(article)).text


def test_one_story_is_told_by_three_outlets(publisher: Publisher, ask: Ask) -> None:
    """A wire story, a near-verbatim copy under another title, and a rewriting."""
    wire, copy, rewritten = (
        publisher.newsroom.article(slug)
        for slug in ("accord-composites-passeport-ia", "composites-accord-historique", "composites-usine-breval-formation")
    )
    assert len({wire.outlet, copy.outlet, rewritten.outlet}) == 3
    assert wire.title != copy.title
    shared = set(wire.body.split("\n\n")) & set(copy.body.split("\n\n"))
    assert len(shared) >= 4
    assert not set(wire.body.split("\n\n")) & set(rewritten.body.split("\n\n"))
    assert "12\u202f400" in rewritten.body


@pytest.mark.parametrize("plan", PRESS, ids=[plan.id for plan in PRESS])
def test_validators_are_honoured(plan: Plan, publisher: Publisher, ask: Ask) -> None:
    """A second reading with the validators of the first is a 304 without a body; a wrong one is a 200."""
    first = ask(publisher.url(plan.id))
    modified = first.headers["last-modified"]
    answers = [ask(publisher.url(plan.id), If_Modified_Since=modified)]
    if plan.id == "cahiers-alternance":
        assert "etag" not in first.headers
    else:
        tag = first.headers["etag"]
        answers += [ask(publisher.url(plan.id), If_None_Match=tag), ask(publisher.url(plan.id), If_None_Match=f'"x", W/{tag}')]
        assert ask(publisher.url(plan.id), If_None_Match='"stale"', If_Modified_Since=modified).status == 200
    for answer in answers:
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["last-modified"] == modified


def test_a_quarterly_never_changes_once_it_was_read(publisher: Publisher, ask: Ask) -> None:
    """The outlet that is always unchanged answers 304 to any validator, even after an edit."""
    publisher.edit("alternance-industrie-ruptures")
    assert ask(publisher.url("cahiers-alternance"), If_Modified_Since="Mon, 09 Nov 2026 10:00:00 GMT").status == 304
    assert ask(publisher.url("cahiers-alternance")).status == 200


def test_bodies_are_compressed_for_those_who_take_it(publisher: Publisher, ask: Ask) -> None:
    """gzip is one layer over the same bytes, with a weak form of the same tag that still gives a 304."""
    plain, packed = ask(publisher.url("formateurs")), ask(publisher.url("formateurs"), Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["etag"] == f"W/{plain.headers['etag']}"
    assert ask(publisher.url("formateurs"), If_None_Match=packed.headers["etag"]).status == 304


def test_head_has_the_headers_and_no_body(publisher: Publisher, ask: Ask) -> None:
    """HEAD tells the length that GET would send."""
    head, get = ask(publisher.url("fil-des-metiers"), method="HEAD"), ask(publisher.url("fil-des-metiers"))
    assert (head.status, head.body) == (200, b"")
    assert head.headers == get.headers


def test_the_same_anchor_and_ports_serve_the_same_bytes(anchor: datetime, ask: Ask) -> None:
    """Two starts cannot be told apart, header by header and byte by byte."""

    def everything(publisher: Publisher) -> list[object]:
        urls = [publisher.url(plan.id) for plan in PRESS]
        urls += [publisher.address(article.slug) for plan in PRESS for article in publisher.newsroom.articles(plan.id)]
        return [(url, ask(url)) for url in urls]

    with Publisher(anchor) as first:
        ports, was = first.ports, everything(first)
    with Publisher(anchor, ports) as second:
        assert second.ports == ports
        assert everything(second) == was


def test_a_port_that_is_taken_is_named_and_nothing_stays_open(anchor: datetime) -> None:
    """The message says which port, and the ports before it are free again."""
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as free:
        port, before = taken.getsockname()[1], free.getsockname()[1]
        free.close()
        with pytest.raises(WatcherError, match=f"Port {port} of 127.0.0.1"), Publisher(anchor, [before, port]):
            pass
        socket.create_server(("127.0.0.1", before)).close()


def test_an_anchor_without_a_zone_is_refused() -> None:
    """Dates are aware everywhere."""
    with pytest.raises(ValueError, match="time zone"):
        Publisher(datetime(2026, 11, 21))  # noqa: DTZ001 - the mistake under test


def test_requests_are_logged_in_order_with_their_headers(publisher: Publisher, ask: Ask) -> None:
    """Tests of politeness count on the log: method, outlet, path with query, headers, time."""
    ask(publisher.url("formateurs") + "?x=1", User_Agent="essai/1")
    ask(publisher.base("quotidien-du-val") + "/", method="HEAD")
    first, second = publisher.requests
    assert (first.method, first.outlet, first.path, first.header("user-agent")) == (
        "GET",
        "formateurs",
        "/feed.json?x=1",
        "essai/1",
    )
    assert (second.method, second.outlet, second.path) == ("HEAD", "quotidien-du-val", "/")
    assert first.at <= second.at
    assert publisher.hits("formateurs") == (first,)
    publisher.forget_requests()
    assert publisher.requests == ()


def test_many_readers_at_once_are_all_answered(publisher: Publisher, ask: Ask) -> None:
    """Threads share the built pages; the log loses none."""
    urls = [publisher.url(plan.id) for plan in PRESS] * 5
    with ThreadPoolExecutor(12) as pool:
        assert {got.status for got in pool.map(ask, urls)} == {200}
    assert len(publisher.requests) == len(urls)


def test_closing_cuts_the_connections_that_are_kept_open(anchor: datetime) -> None:
    """A reader that keeps its connection does not hold the publisher back."""
    with Publisher(anchor) as publisher, socket.create_connection(("127.0.0.1", publisher.ports[0]), timeout=5) as held:
        held.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n")
        assert held.recv(4096).startswith(b"HTTP/1.1 200")
        publisher.close()
        assert held.recv(4096) == b""


def test_an_outlet_that_crashes_fails_the_story_it_is_in(anchor: datetime, ask: Ask) -> None:
    """A mistake in an outlet is not mistaken for a fault that was meant."""

    class Broken:
        def respond(self, ask: Request) -> Response:
            raise RuntimeError(f"broken outlet at {ask.path}")

    broken = Plan(id="x", name="X", kind="feed", path="/", purpose="", build=lambda _plan, _base, _newsroom: Broken())
    with pytest.raises(RuntimeError, match="broken outlet at /"), Publisher(anchor, plans=[broken]) as publisher:
        assert _hung_up(ask, publisher.url("x"))


def _hung_up(ask: Ask, url: str) -> bool:
    try:
        ask(url)
    except OSError:
        return True
    return False
