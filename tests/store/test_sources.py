"""What is remembered of sources and hosts between two polls."""

from dataclasses import replace

import pytest

from tests.store.builders import HOUR, NOW, document
from watcher.errors import StoreError
from watcher.model import HostState, Pending, PollReport, PollStatus, Sighting, SourceState
from watcher.store import Store, Transaction, documents, meta, pending, schema, sources

STATE = SourceState(
    source_id="outlet",
    joined_at=NOW,
    next_poll_at=NOW + HOUR,
    last_polled_at=NOW,
    last_success_at=NOW,
    etag='W/"a b"',
    last_modified="Mon, 16 Nov 2026 06:30:00 GMT",
    body_sha256="00ff",
    cursor={"page": "2", "clé": "é"},
    usual_items=12.5,
    failures=3,
    last_error="timeout",
    failing_since=NOW - HOUR,
    moved_to="https://new.example/",
    moved_seen=2,
    gone=True,
)
HOST = HostState(
    origin="https://example.org:8443",
    not_before=NOW + HOUR,
    robots="User-agent: *\nDisallow: /é\n",
    robots_refuse=True,
    robots_read_at=NOW,
    tdm_policy="https://example.org/policy",
    failures=2,
)


def test_states_come_back_and_are_replaced(store: Store) -> None:
    """The state of a source is kept to the letter, validators byte for byte, and replaced as a whole (rows N22, N24)."""
    other = SourceState(source_id="other")
    store.write(lambda tx: sources.save_states(tx, [STATE, other]))
    assert store.read(sources.states) == {"outlet": STATE, "other": other}
    after = replace(STATE, etag=None, cursor={}, failures=0, failing_since=None, gone=False)
    store.write(lambda tx: sources.save_states(tx, [replace(STATE, failures=9), after]))
    assert store.read(sources.states) == {"outlet": after, "other": other}


def test_hosts_come_back_and_are_replaced(store: Store) -> None:
    """What an origin asked for is kept across restarts: Retry-After, robots.txt, its refusal (row N21)."""
    bare = HostState(origin="http://other.example")
    store.write(lambda tx: sources.save_hosts(tx, [HOST, bare]))
    store.write(lambda tx: sources.save_hosts(tx, [replace(HOST, not_before=None), replace(HOST, robots="")]))
    assert store.read(sources.hosts) == {HOST.origin: replace(HOST, robots=""), bare.origin: bare}


def test_nothing_to_save_is_nothing(store: Store) -> None:
    """Saving no state, host or report is not an error."""
    store.write(lambda tx: (sources.save_states(tx, []), sources.save_hosts(tx, []), sources.log_polls(tx, [], NOW)))
    assert store.read(sources.states) == {}
    assert store.read(sources.last_reports) == {}


def test_a_renamed_source_keeps_its_history(store: Store) -> None:
    """`was: old-id` moves the state, the documents, the sightings and the waiting pages, once; what is new stays."""

    def fill(tx: Transaction) -> None:
        sources.save_states(tx, [STATE])
        sources.log_polls(tx, [PollReport(source="outlet", status=PollStatus.READ, fetched=2)], NOW)
        documents.save(tx, [document("a"), document("b")], {})
        seen = [("outlet", "a", "old"), ("outlet", "b", "old"), ("renamed", "b", "new")]
        documents.sight(tx, [Sighting(source_id=s, document_key=k, guid=g, listed=g, seen_at=NOW) for s, k, g in seen])
        pending.add(tx, [Pending(source_id="outlet", document_key="a", url="u")])

    store.write(fill)
    for _ in range(2):
        store.write(lambda tx: sources.rename(tx, "outlet", "renamed"))
        assert store.read(sources.states) == {"renamed": replace(STATE, source_id="renamed")}
        known = store.read(lambda tx: documents.known(tx, "renamed", ["a", "b"], []))
        assert {k.key: k.guid for k in known} == {"a": "old", "b": "new"}
        assert [p.source_id for p in store.read(lambda tx: pending.due(tx, NOW, 9))] == ["renamed"]
        assert set(store.read(sources.last_reports)) == {"renamed"}
        kept = store.read(lambda tx: documents.get(tx, "a"))
        assert kept is not None
        assert kept.document.source_id == "renamed"
    store.write(lambda tx: sources.rename(tx, "renamed", "renamed"))
    assert set(store.read(sources.states)) == {"renamed"}


def test_a_rename_onto_a_source_that_was_polled_keeps_its_own_state(store: Store) -> None:
    """When the new id has a state of its own already, the old one yields."""
    own = SourceState(source_id="renamed", etag="own")
    store.write(lambda tx: sources.save_states(tx, [STATE, own]))
    store.write(lambda tx: sources.rename(tx, "outlet", "renamed"))
    assert store.read(sources.states) == {"renamed": own}


def test_three_strikes_and_out(store: Store) -> None:
    """A content that stopped its reader three times is quarantined, by its hash, whatever the reasons (rows P08, H06)."""
    strikes = [store.write(lambda tx, why=why: sources.strike(tx, "bad", why, NOW)) for why in ("cpu", "memory")]
    assert strikes == [1, 2]
    assert store.read(sources.quarantined) == set()
    assert store.write(lambda tx: sources.strike(tx, "bad", "cpu", NOW + HOUR)) == 3
    store.write(lambda tx: sources.strike(tx, "once", "cpu", NOW))
    assert store.read(sources.quarantined) == {"bad"}
    assert store.read(lambda tx: sources.quarantined(tx, ["once", "bad", "never"])) == {"bad"}
    assert store.read(lambda tx: sources.quarantined(tx, ["once"])) == set()


def test_the_last_report_of_each_source(store: Store) -> None:
    """Reports add up, the last one of each source is shown with its instant, old ones are forgotten."""
    first = PollReport(source="a", status=PollStatus.READ, fetched=3, new=1, known=1, rejected={"no_identity": 1})
    last = PollReport(source="a", status=PollStatus.FAILED, reason="timeout", error="Pas de réponse.", seconds=1.5)
    other = PollReport(source="b", status=PollStatus.NOT_MODIFIED, failed={"parser_cpu": 2})
    store.write(lambda tx: sources.log_polls(tx, [first, other], NOW))
    store.write(lambda tx: sources.log_polls(tx, [last], NOW + HOUR))
    assert store.read(sources.last_reports) == {"a": (last, NOW + HOUR), "b": (other, NOW)}
    assert store.write(lambda tx: sources.purge_polls(tx, NOW + HOUR)) == 2
    assert store.read(sources.last_reports) == {"a": (last, NOW + HOUR)}


def test_a_database_knows_which_one_it_is(store: Store) -> None:
    """Each database draws an id of its own at creation, and says which schema it has."""
    told = store.read(meta.read)
    assert told.schema_version == schema.VERSION
    assert len(told.instance_id) == 36
    assert told == store.read(meta.read)


class TestPending:
    def test_news_first_then_the_newest(self, store: Store) -> None:
        """Pages that may be read now come news first, newest first, undated ones last."""
        pages = [
            Pending(source_id="a", document_key="old", url="u1", published_at=NOW - HOUR),
            Pending(source_id="a", document_key="new", url="u2", published_at=NOW),
            Pending(source_id="b", document_key="undated", url="u3"),
            Pending(source_id="a", document_key="backfill", url="u4", published_at=NOW + HOUR, news=False),
            Pending(source_id="a", document_key="later", url="u5", not_before=NOW + HOUR),
        ]
        store.write(lambda tx: pending.add(tx, pages))
        assert [p.document_key for p in store.read(lambda tx: pending.due(tx, NOW, 9))] == ["new", "old", "undated", "backfill"]
        assert [p.document_key for p in store.read(lambda tx: pending.due(tx, NOW, 2, ("a",)))] == ["new", "old"]
        assert store.read(lambda tx: pending.due(tx, NOW, 9, ())) == ()
        assert pages[4] in store.read(lambda tx: pending.due(tx, NOW + HOUR, 9))
        assert store.read(pending.count) == 5

    def test_a_page_waits_until_it_is_read(self, store: Store) -> None:
        """A page that failed waits for its next turn; listing it again does not give it new tries; once read it is gone."""
        page = Pending(source_id="a", document_key="k", url="u", published_at=NOW)
        later = replace(page, attempts=2, not_before=NOW + HOUR)
        store.write(lambda tx: (pending.add(tx, [page]), pending.postpone(tx, later)))
        store.write(lambda tx: pending.add(tx, [replace(page, url="u2"), replace(page, url="u3", news=False)]))
        assert store.read(lambda tx: pending.due(tx, NOW, 9)) == ()
        assert store.read(lambda tx: pending.due(tx, NOW + HOUR, 9)) == (replace(later, url="u3", news=False),)
        store.write(lambda tx: pending.done(tx, [Pending(source_id="a", document_key="k", url="")]))
        assert store.read(pending.count) == 0


def test_a_reading_transaction_cannot_write(store: Store) -> None:
    """A write inside a read is refused on both engines, and writing goes on afterwards (row D15)."""
    with pytest.raises(StoreError):
        store.read(lambda tx: sources.save_states(tx, [STATE]))
    store.write(lambda tx: sources.save_states(tx, [STATE]))
    assert store.read(sources.states) == {"outlet": STATE}
