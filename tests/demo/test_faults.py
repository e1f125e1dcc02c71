"""The outlets that misbehave, each as promised."""

import time
import urllib.request
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree

from watcher.demo import faults
from watcher.demo.publisher import Publisher

Ask = Callable[..., Any]


def test_the_bomb_is_small_on_the_wire_and_opens_into_300_mebibytes(publisher: Publisher, ask: Ask) -> None:
    """A valid gzip member of zeros, a thousand times larger inside than outside (row N01)."""
    got = ask(publisher.url("archives-gonflees"))
    assert (got.status, got.headers["content-encoding"]) == (200, "gzip")
    assert len(got.body) < 400_000
    decoder = zlib.decompressobj(31)
    size, data = 0, got.body
    while data:
        piece = decoder.decompress(data, faults.MEBIBYTE)
        assert not piece.strip(b"\0")
        size, data = size + len(piece), decoder.unconsumed_tail
    assert decoder.eof  # the checksum and the length of the member were right
    assert size == faults.BOMB_SIZE == 300 * 1024 * 1024


def test_429_says_when_to_come_back(publisher: Publisher, ask: Ask) -> None:
    """Too many requests, with Retry-After in seconds; robots.txt has nothing against us (row N21)."""
    got = ask(publisher.url("journal-presse"))
    assert (got.status, got.headers["retry-after"]) == (429, "1800")
    assert ask(publisher.base("journal-presse") + "/robots.txt").status == 404


def test_redirects_lead_to_private_addresses(publisher: Publisher, ask: Ask) -> None:
    """One to the address of cloud metadata, one to a private network: both outside 127.0.0.0/8 (row N14)."""
    got = ask(publisher.url("passerelle-interne"))
    assert (got.status, urlsplit(str(got.headers["location"])).hostname) == (302, "169.254.169.254")
    other = ask(publisher.base("passerelle-interne") + "/interne")
    assert urlsplit(str(other.headers["location"])).hostname == "10.0.0.1"


def test_the_malformed_feed_can_be_half_read(publisher: Publisher, ask: Ask) -> None:
    """Not well-formed for a strict parser; a lenient one reads the entries before the cut, in order."""
    body = ask(publisher.url("breves-de-branche")).body
    with pytest.raises(ET.ParseError):
        ET.fromstring(body)
    lenient = etree.fromstring(body, etree.XMLParser(recover=True, resolve_entities=False))
    titles = [str(node.text) for node in lenient.iter("title")][1:]
    assert titles == [article.title for article in publisher.newsroom.articles("breves-de-branche")]
    assert len(list(lenient.iter("pubDate"))) == 3
    assert body.count(b"</item>") == 2


def test_a_page_stands_where_the_feed_was_and_tells_the_new_address(publisher: Publisher, ask: Ask) -> None:
    """HTML at a feed's address (rows N09, F17); the page announces the feed, and it is there."""
    got = ask(publisher.url("portail-competences"))
    assert (got.status, got.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert 'href="/nouveau-flux.xml"' in got.text
    assert ask(publisher.base("portail-competences") + "/nouveau-flux.xml").body.startswith(b"<?xml")


def test_the_reserve_refuses_every_robot(publisher: Publisher, ask: Ask) -> None:
    """robots.txt disallows all; what it protects exists, so that a reader who goes on is seen (row N26)."""
    assert ask(publisher.base("la-reserve") + "/robots.txt").text == "User-agent: *\nDisallow: /\n"
    assert ask(publisher.url("la-reserve")).status == 200


def test_behind_the_kiosk_are_a_wall_a_soft_404_and_a_reservation(publisher: Publisher, ask: Ask) -> None:
    """All three answer 200 (rows H04); only the last carries its text, with the headers of TDMRep."""
    wall, missing, reserved = (
        ask(publisher.address(slug))
        for slug in ("editeurs-manuels-relecteurs", "atelier-numerisation-ferme", "opco-fonds-mutualise-pme")
    )
    assert {wall.status, missing.status, reserved.status} == {200}
    assert "Accepter et accéder au site" in wall.text
    assert "relecteurs" not in wall.text
    assert "page introuvable" in missing.text
    assert reserved.headers["tdm-reservation"] == "1"
    assert reserved.headers["tdm-policy"].startswith(publisher.base("kiosque-regional"))
    assert "fonds consacré aux compétences rares" in reserved.text
    assert "tdm-reservation" not in ask(publisher.address("verrerie-apprentis-robots")).headers


def test_the_drip_never_ends_and_ends_with_the_publisher(publisher: Publisher) -> None:
    """One byte now and then (row N03); closing the publisher does not wait for it."""
    with urllib.request.urlopen(publisher.url("goutte-a-goutte"), timeout=5) as answer:
        assert answer.read(10) == b"<?xml vers"
        started = time.monotonic()
        publisher.close()
        assert time.monotonic() - started < 3
