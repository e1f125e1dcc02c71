"""What an item is, next to what was known."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import changes
from watcher.model import ChangeKind, FirstFetch, Item, Known, Source, SourceState, TextStatus

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SINCE = datetime(2026, 11, 9, tzinfo=UTC)
SOURCE = Source(id="dares", kind="feed", name="Dares", url="https://dares.example/rss")
NEVER_READ = SourceState(source_id="dares")
READ_BEFORE = SourceState(source_id="dares", joined_at=NOW - timedelta(days=60), usual_items=20)


def article(n: int, **fields: object) -> Item:
    """Return the n-th article of the source."""
    base: dict[str, object] = {
        "guid": f"g{n}",
        "url": f"https://dares.example/article-{n}",
        "title": f"Article {n} sur les compétences",
        "published_at": NOW - timedelta(days=1),
    }
    return Item(**(base | fields))  # type: ignore[arg-type]


def stored(item: Item, **fields: object) -> Known:
    """Return what the archive would know of `item`."""
    key = changes.key_of(item, SOURCE.id)
    base: dict[str, object] = {
        "key": key,
        "guid": item.guid,
        "url": item.url,
        "title": item.title,
        "published_at": item.published_at,
        "fingerprint": "f",
        "version": 1,
        "status": TextStatus.FULL,
        "listed": changes.listed_hash(item),
    }
    return Known(**(base | fields))  # type: ignore[arg-type]


def kinds(items: list[Item], known: list[Known], state: SourceState = READ_BEFORE, source: Source = SOURCE) -> list[ChangeKind]:
    """Return the kind of change of each item."""
    return [c.kind for c in changes.decide(source, state, items, known, news_since=SINCE).changes]


def test_reading_the_same_listing_twice_changes_nothing() -> None:
    """What was listed before, and says the same, is known."""
    items = [article(n) for n in range(5)]
    assert kinds(items, []) == [ChangeKind.NEW] * 5
    assert kinds(items, [stored(item) for item in items]) == [ChangeKind.KNOWN] * 5


def test_a_first_fetch_brings_only_the_last_period_as_news() -> None:
    """A new source never floods the mail: what it published before the last period is backfill, undated items too."""
    items = [article(1), article(2, published_at=SINCE - timedelta(days=1)), article(3, published_at=None)]
    assert kinds(items, [], NEVER_READ) == [ChangeKind.NEW, ChangeKind.BACKFILL, ChangeKind.BACKFILL]
    everything = Source(id="dares", kind="feed", name="Dares", url=SOURCE.url, first_fetch=FirstFetch.ALL)
    assert kinds(items, [], NEVER_READ, everything) == [ChangeKind.NEW] * 3


def test_guids_that_change_at_each_fetch_make_no_new_documents() -> None:
    """The address identifies the article, whatever the guid (row F04)."""
    before = [article(n) for n in range(5)]
    after = [article(n, guid=f"other-{n}") for n in range(5)]
    assert kinds(after, [stored(item) for item in before]) == [ChangeKind.KNOWN] * 5


def test_one_guid_for_all_entries_still_gives_each_its_document() -> None:
    """A generator that stamps one guid everywhere loses nothing (row F04)."""
    items = [article(n, guid="same") for n in range(5)]
    decided = changes.decide(SOURCE, READ_BEFORE, items, [], news_since=SINCE)
    assert len({c.key for c in decided.changes}) == 5
    assert [c.kind for c in decided.changes] == [ChangeKind.NEW] * 5


def test_a_guid_reused_for_another_story_is_a_new_document() -> None:
    """A recycled guid does not bury a new story under an old one (row F04)."""
    old = article(1)
    new = article(2, guid="g1", title="Les ports bretons recrutent des soudeurs")
    assert kinds([new], [stored(old)]) == [ChangeKind.NEW]


def test_an_article_that_moved_keeps_its_document() -> None:
    """A new address with the same guid and much the same title is the same article (rows F04, F05)."""
    moved = article(1, url="https://dares.example/2026/article-un")
    decided = changes.decide(SOURCE, READ_BEFORE, [moved], [stored(article(1))], news_since=SINCE)
    assert [(c.kind, c.key) for c in decided.changes] == [(ChangeKind.KNOWN, "https://dares.example/article-1")]


def test_without_guid_or_address_title_and_day_identify() -> None:
    """A feed of bare titles still has stable documents; what has nothing to go by is counted (row F04, promise P13)."""
    bare = Item(title="Baromètre", published_at=NOW)
    again = Item(title="baromètre ", published_at=NOW + timedelta(minutes=5))
    assert changes.key_of(bare, "dares") == changes.key_of(again, "dares")
    decided = changes.decide(SOURCE, READ_BEFORE, [Item(summary="…")], [], news_since=SINCE)
    assert decided.changes == ()
    assert decided.rejected == {"no_identity": 1}


def test_tracking_parameters_and_http_do_not_make_two_articles() -> None:
    """The same article under two addresses in one answer is counted once (row F05)."""
    twice = [article(1, guid=None), article(1, guid=None, url="http://dares.example/article-1?utm_source=rss")]
    decided = changes.decide(SOURCE, READ_BEFORE, twice, [], news_since=SINCE)
    assert len(decided.changes) == 1
    assert decided.rejected == {"repeated": 1}


def test_an_edited_entry_is_revised_once_and_a_new_date_alone_is_not_an_edit() -> None:
    """An edit makes a version; a publisher that re-dates its entries does not (row F06)."""
    known = [stored(article(1))]
    assert kinds([article(1, summary="Chiffres corrigés.")], known) == [ChangeKind.REVISED]
    assert kinds([article(1, published_at=NOW, updated_at=NOW)], known) == [ChangeKind.KNOWN]


def test_another_source_listing_the_same_article_is_a_sighting_not_a_revision() -> None:
    """Two feeds that list one article in different words share one document."""
    known = [stored(article(1), sighted=False, listed="")]
    assert kinds([article(1, summary="Autre chapeau.")], known) == [ChangeKind.KNOWN]


def test_a_bulk_reimport_waits_for_a_person() -> None:
    """Five thousand old entries coming back as new are held, not mailed (row F09)."""
    items = [article(n) for n in range(5000)]
    assert set(kinds(items, [])) == {ChangeKind.BULK}
    assert set(kinds(items[:40], [])) == {ChangeKind.NEW}


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["g", None, "same"]), st.booleans()), max_size=30))
def test_every_item_is_counted_once(drawn: list[tuple[int, str | None, bool]]) -> None:
    """Whatever a feed lists, each item is one change or one counted rejection (promise P13)."""
    items = [
        Item(guid=f"{guid}{n}" if guid == "g" else guid, url=f"https://dares.example/{n}" if has_url else "", title=f"Titre {n}")
        for n, guid, has_url in drawn
    ]
    decided = changes.decide(SOURCE, READ_BEFORE, items, [], news_since=SINCE)
    assert len(decided.changes) + sum(decided.rejected.values()) == len(items)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://[::1", "mailto:a@b.example"])
def test_an_address_that_is_none_falls_back_to_the_guid(url: str) -> None:
    """A link that is no web address identifies nothing (row F11)."""
    key = changes.key_of(article(1, url=url), "dares")
    assert key is not None
    assert key.startswith("guid:dares:")
