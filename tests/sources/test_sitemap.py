"""The kind `sitemap`: bounded, newest first, indexes followed as far as they are fresh."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watcher import sources
from watcher.errors import ParseError
from watcher.model import FetchResult, ReadAs, Source, SourceState

HERE = Path(__file__).parent
Answer = Callable[..., FetchResult]
MakeSource = Callable[..., Source]

URLSET = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'
INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</sitemapindex>'


def test_a_compressed_sitemap_reads_as_the_plain_one(answer: Answer, source: MakeSource, state: SourceState) -> None:
    """gzip files are unpacked, whatever the server calls them."""
    plain = sources.parse(source("sitemap"), answer((HERE / "sitemap" / "actualites.xml").read_bytes()), state)
    packed = sources.parse(source("sitemap"), answer((HERE / "sitemap" / "comprime.xml.gz").read_bytes()), state)
    assert plain == packed


def test_a_bomb_is_refused_at_the_bound_of_the_protocol(answer: Answer, source: MakeSource, state: SourceState) -> None:
    """A small file that unpacks to more than 50 MiB is refused without being unpacked further (row N01)."""
    import io
    import zlib

    packed = io.BytesIO()
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    for _ in range(120):
        packed.write(squeeze.compress(b" " * 1024 * 1024))
    packed.write(squeeze.flush())
    with pytest.raises(ParseError) as caught:
        sources.parse(source("sitemap"), answer(packed.getvalue()), state)
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html><body>Oups</body></html>", "not_a_sitemap"),
        (b"", "not_a_sitemap"),
        (b"%PDF-1.4", "not_a_sitemap"),
        (URLSET.format("").encode(), "no_links"),
        (gzip.compress(b"<urlset/>", mtime=0)[:-9], "broken_sitemap"),
    ],
)
def test_what_is_no_sitemap_is_an_error(body: bytes, reason: str, answer: Answer, source: MakeSource, state: SourceState) -> None:
    """A page, nothing, an empty or broken file is a failure with its reason (rows F08, N09)."""
    with pytest.raises(ParseError) as caught:
        sources.parse(source("sitemap"), answer(body), state)
    assert caught.value.reason == reason


def test_the_newest_addresses_are_kept_and_the_others_counted(answer: Answer, source: MakeSource, state: SourceState) -> None:
    """Every address is kept or counted with its reason (promise P13)."""
    rows = "".join(f"<url><loc>https://a.example/x/{n}</loc><lastmod>2026-{n:02d}-01</lastmod></url>" for n in range(1, 12))
    other = "<url><loc>https://a.example/y/1</loc></url><url><loc>/x/relatif</loc></url>"
    made = source("sitemap", match="/x/", newest=3)
    parsed = sources.parse(made, answer(URLSET.format(rows + other), url="https://a.example/map.xml"), state)
    assert [item.url for item in parsed.items] == [f"https://a.example/x/{n}" for n in (11, 10, 9)]
    assert parsed.rejected == {"not_matching": 1, "older": 9}
    assert all(request.read_as is ReadAs.DOCUMENT for request in parsed.follow)


def test_an_index_asks_for_what_changed_since_the_last_poll(answer: Answer, source: MakeSource) -> None:
    """Of an index only fresh children are asked for, newest first, eight at most."""
    rows = "".join(
        f"<sitemap><loc>https://a.example/{n}.xml</loc><lastmod>2026-11-{n:02d}</lastmod></sitemap>" for n in range(1, 21)
    )
    known = SourceState(source_id="essai", last_success_at=datetime(2026, 11, 18, 12, tzinfo=UTC))
    fresh = sources.parse(source("sitemap"), answer(INDEX.format(rows)), known).follow
    assert [request.url for request in fresh] == [f"https://a.example/{n}.xml" for n in (20, 19, 18)]
    first = sources.parse(source("sitemap"), answer(INDEX.format(rows)), SourceState(source_id="essai")).follow
    assert len(first) == 8
    assert all(request.read_as is ReadAs.LISTING for request in first)


def test_entities_are_not_expanded(answer: Answer, source: MakeSource, state: SourceState) -> None:
    """A sitemap cannot read a file of ours (row F01)."""
    body = '<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + URLSET.format(
        "<url><loc>https://a.example/&x;</loc></url><url><loc>https://a.example/b</loc></url>"
    )
    parsed = sources.parse(source("sitemap"), answer(body), state)
    assert all("root" not in item.url for item in parsed.items)


def test_a_sitemap_of_fifty_thousand_addresses_is_read_in_time(answer: Answer, source: MakeSource, state: SourceState) -> None:
    """The largest sitemap the protocol allows is read within the limits (promise P7)."""
    import time

    rows = "".join(f"<url><loc>https://a.example/x/{n}</loc><lastmod>2026-11-01</lastmod></url>" for n in range(50_000))
    start = time.process_time()
    parsed = sources.parse(source("sitemap"), answer(URLSET.format(rows)), state)
    assert len(parsed.items) == 200
    assert time.process_time() - start < 9
