"""The farm that benchmarks measure against."""

import http.client
import itertools
import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from watcher.demo import harvest
from watcher.demo.farm import Farm

Ask = Callable[..., Any]
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def farm() -> Iterator[Farm]:
    """A small farm: 70 articles, so that the last of three feeds is short, on two origins."""
    with Farm(70, 2, now=NOW) as running:
        yield running


def test_each_article_is_listed_once_and_answers(farm: Farm, ask: Ask) -> None:
    """Three feeds of at most 30 entries list the 70 pages, each on the origin of its feed."""
    listed: list[str] = []
    for url in farm.feeds:
        links = [node.findtext("link") or "" for node in ET.fromstring(ask(url).body).iter("item")]
        assert {link.rpartition("/articles")[0] for link in links} == {url.rpartition("/feeds")[0]}
        listed += links
    assert sorted(listed) == sorted(farm.pages)
    assert len(set(farm.ports)) == 2
    pages = [ask(url) for url in farm.pages]
    assert {page.status for page in pages} == {200}
    assert len({page.body for page in pages}) == 70
    assert all(25_000 < len(page.body) < 40_000 for page in pages)


def test_both_validators_give_304(farm: Farm, ask: Ask) -> None:
    """On feeds and pages alike; a stale tag hides the date."""
    for url in (farm.feeds[0], farm.pages[0]):
        first = ask(url)
        tag, modified = first.headers["etag"], first.headers["last-modified"]
        assert ask(url, If_None_Match=tag).status == ask(url, If_Modified_Since=modified).status == 304
        assert ask(url, If_None_Match='"x"', If_Modified_Since=modified).status == 200


def test_connections_are_kept_and_answers_are_counted(farm: Farm) -> None:
    """Many requests on one connection, pipelined or not; unknown paths and methods have their status."""
    before = farm.counts()
    connection = http.client.HTTPConnection("127.0.0.1", farm.ports[0], timeout=5)
    statuses: list[int] = []
    for method, path in (("GET", "/robots.txt"), ("GET", "/nowhere"), ("POST", "/robots.txt"), ("GET", "/articles/0.html?x=1")):
        connection.request(method, path)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()
    assert statuses == [200, 404, 405, 200]
    after = farm.counts()
    assert {status: after[status] - before.get(status, 0) for status in (200, 404, 405)} == {200: 2, 404: 1, 405: 1}


def test_two_farms_with_the_same_clock_differ_by_their_ports_alone(farm: Farm, ask: Ask) -> None:
    """The articles are generated from their numbers."""
    with Farm(70, 2, now=NOW) as other:
        assert _portless(ask(other.pages[69]).text) == _portless(ask(farm.pages[69]).text)
        assert _portless(ask(other.feeds[2]).text) == _portless(ask(farm.feeds[2]).text)


def _portless(text: str) -> str:
    return re.sub(r"127\.0\.0\.1:\d+", "HOST", text)


def test_latency_is_waited_and_more_feeds_than_articles_can_be_had(ask: Ask) -> None:
    """For the steady state: many feeds over few articles, each answer late by the same time."""
    with Farm(40, 20, latency=0.1, feeds=60, now=NOW) as farm:
        assert len(farm.feeds) == len(set(farm.feeds)) == 60
        started = time.monotonic()
        assert ask(farm.feeds[59]).text.count("<item>") == 30
        assert time.monotonic() - started >= 0.1


def test_the_farm_ends_with_who_started_it() -> None:
    """No process stays behind."""
    with Farm(1, 1, now=NOW) as farm:
        pid = farm.pid
        assert pid > 0
    with pytest.raises(ValueError, match="not running"):
        _ = farm.pid


def test_articles_are_unlike_each_other_and_of_the_last_seven_days() -> None:
    """Generated texts must not look like copies of one story, or grouping would be measured instead of reading."""
    ears = [harvest.ear(number, NOW) for number in range(60)]
    assert all(0 < (NOW - ear.published_at).total_seconds() < 7 * 86400 for ear in ears)
    shingles = [_shingles(" ".join(ear.paragraphs)) for ear in ears]
    assert max(len(one & two) / len(one | two) for one, two in itertools.combinations(shingles, 2)) < 0.1


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + 5]) for start in range(len(words) - 4)}
