"""What the archive keeps of documents, and what it answers about them."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.store.builders import HOUR, NOW, document, edition, fingerprint, verdict
from watcher.errors import StoreError
from watcher.model import Candidate, Document, Sighting, Story, TextStatus, Verdict
from watcher.store import Store, documents, editions, search


def save(store: Store, *written: Document, verdicts: dict[str, Verdict] | None = None, now: datetime | None = None) -> None:
    store.write(lambda tx: documents.save(tx, written, verdicts or {}, now=now))


def load(store: Store, key: str) -> Candidate:
    found = store.read(lambda tx: documents.get(tx, key))
    assert found is not None
    return found


def sighting(key: str, guid: str | None = None, source: str = "outlet", listed: str = "h1") -> Sighting:
    return Sighting(source_id=source, document_key=key, guid=guid, listed=listed, seen_at=NOW)


def offered(store: Store, after: datetime | None, until: datetime, limit: int = 5000) -> list[str]:
    return [c.document.key for c in store.read(lambda tx: documents.candidates(tx, after, until, limit))]


class TestKeeping:
    def test_a_document_comes_back_as_it_went_in(self, store: Store) -> None:
        """Every field of a document and of its verdict is kept, accents, dates and evidence included."""
        whole = document(
            "https://example.org/été",
            title="L’œuvre : « à l'été »",
            text="Ligne une\n\nLigne deux 🙂",
            summary="Résumé",
            author="É. Ça",
            pages=12,
            media_type="application/pdf",
            reserved=None,
            guid="tag:1",
            language="fr",
        )
        save(store, whole, verdicts={whole.key: verdict()})
        assert load(store, whole.key) == Candidate(document=whole, verdict=verdict(), story_id=None)

    def test_an_unknown_key_is_none(self, store: Store) -> None:
        """A document that the archive does not hold is None, not an error."""
        assert store.read(lambda tx: documents.get(tx, "nowhere")) is None

    def test_without_a_verdict_it_is_plainly_unclassified(self, store: Store) -> None:
        """A document saved without a verdict has an empty one, and is found as stale."""
        save(store, document())
        assert load(store, document().key).verdict == Verdict(relevance=0, score=0.0, themes=(), language="fr", classifier="")
        assert [c.document.key for c in store.read(lambda tx: documents.stale(tx, "c1", 10))] == [document().key]

    def test_a_new_verdict_takes_the_place_of_the_old_one(self, store: Store) -> None:
        """Classifying again replaces the verdict, its themes and its counts; nothing of the old one is left."""
        save(store, document(), verdicts={document().key: verdict(themes=("ia-emploi", "formation"))})
        again = verdict(relevance=3, themes=("metiers",), classifier="c2")
        store.write(lambda tx: documents.classify(tx, {document().key: again, "unknown": again}))
        assert load(store, document().key).verdict == again
        assert store.read(lambda tx: documents.theme_counts(tx, NOW - HOUR)) == {"metiers": 1}
        assert store.read(lambda tx: documents.stale(tx, "c2", 10)) == ()

    def test_a_naive_instant_is_refused(self, store: Store) -> None:
        """An instant without a time zone never reaches the database (row D15)."""
        naive = datetime(2026, 11, 16, 6, 30)  # noqa: DTZ001
        with pytest.raises(StoreError, match="no time zone"):
            save(store, document(published_at=naive))
        assert store.read(documents.counts)["total"] == 0

    def test_instants_are_kept_to_the_microsecond_whatever_their_offset(self, store: Store) -> None:
        """An instant with an offset comes back as the same instant, in UTC (row D15)."""
        paris = datetime.fromisoformat("2026-03-29T02:59:59.123456+01:00")
        save(store, document(published_at=paris))
        back = load(store, document().key).document.published_at
        assert back == paris
        assert back is not None
        assert back.utcoffset() == timedelta(0)

    def test_numbers_beyond_32_bits_are_kept_and_beyond_64_refused(self, store: Store) -> None:
        """Both engines hold the same range of numbers, and name what does not fit (row D15)."""
        save(store, document(pages=2**40))
        assert load(store, document().key).document.pages == 2**40
        with pytest.raises(StoreError):
            save(store, document(pages=2**70))
        assert load(store, document().key).document.pages == 2**40

    def test_what_no_engine_stores_is_replaced_in_place(self, store: Store) -> None:
        """NUL and lone surrogates become U+FFFD one for one, in keys, texts and evidence (row F10)."""
        dirty = document("k\x00\ud800", title="a\x00b", text="x\udfffy 🙂", guid="g\x00", fingerprint="f")
        judged = replace(verdict(), language="f\x00r", classifier="c\ud800")
        save(store, dirty, verdicts={dirty.key: judged})
        store.write(lambda tx: documents.sight(tx, [sighting(dirty.key, dirty.guid)]))
        kept = load(store, dirty.key)
        assert (kept.document.key, kept.document.title, kept.document.text) == ("k\ufffd\ufffd", "a\ufffdb", "x\ufffdy 🙂")
        assert kept.verdict.classifier == "c\ufffd"
        assert kept.verdict.on == judged.on
        assert len(store.read(lambda tx: documents.known(tx, "outlet", [dirty.key], []))) == 1
        assert len(store.read(lambda tx: documents.known(tx, "outlet", [], ["g\x00"]))) == 1

    def test_a_hostile_text_is_only_text(self, store: Store) -> None:
        """Quotes, percents, colons, braces and backslashes of a page are stored as they are (row W07)."""
        text = "'; DROP TABLE documents; -- %s %(x)s :name ? {0} \\ \" `"
        save(store, document(title=text, text=text, author=text), verdicts={})
        assert load(store, document().key).document.title == text


class TestVersions:
    def test_a_changed_text_is_a_new_version_and_the_old_one_is_kept(self, store: Store) -> None:
        """An edited article becomes version 2; version 1 can still be read, with its own date (row F06)."""
        first = document(text="Avant.")
        save(store, first, verdicts={first.key: verdict()})
        edited = document(text="Après.", recorded_at=NOW + 2 * HOUR, version=7)
        save(store, edited, verdicts={first.key: verdict(classifier="c2")}, now=NOW + 5 * HOUR)
        save(store, document(text="Enfin."), verdicts={}, now=NOW + 9 * HOUR)
        now = load(store, first.key)
        assert (now.document.text, now.document.version, now.document.recorded_at) == ("Enfin.", 3, NOW)
        old = store.read(lambda tx: documents.versions(tx, first.key))
        assert [(v.text, v.version, v.recorded_at) for v in old] == [("Avant.", 1, NOW), ("Après.", 2, NOW + 5 * HOUR)]
        assert old[0] == first

    def test_a_verdict_does_not_outlive_the_text_it_judged(self, store: Store) -> None:
        """A changed text without a new verdict has none: evidence never points into another text."""
        save(store, document(text="Avant."), verdicts={document().key: verdict()})
        save(store, document(text="Après."))
        assert load(store, document().key).verdict.classifier == ""
        assert store.read(lambda tx: documents.theme_counts(tx, NOW - HOUR)) == {}

    def test_the_same_text_keeps_its_verdict_and_its_version(self, store: Store) -> None:
        """Saving again what is there changes nothing; a corrected date or author is not a new version."""
        save(store, document(), verdicts={document().key: verdict()})
        save(store, document(author="Une autre", published_at=NOW - 3 * HOUR))
        kept = load(store, document().key)
        assert (kept.document.author, kept.document.published_at, kept.document.version) == ("Une autre", NOW - 3 * HOUR, 1)
        assert kept.verdict == verdict()
        assert store.read(lambda tx: documents.versions(tx, document().key)) == ()

    @pytest.mark.parametrize("before", [TextStatus.PENDING, TextStatus.SUMMARY, TextStatus.PARTIAL])
    def test_the_text_that_was_still_to_come_is_no_new_version(self, store: Store, before: TextStatus) -> None:
        """A document whose page is read later is completed: same version, nothing kept of the stub."""
        save(store, document(text="Un début", status=before))
        save(store, document(text="Un début, et la suite."))
        kept = load(store, document().key).document
        assert (kept.status, kept.version, kept.text) == (TextStatus.FULL, 1, "Un début, et la suite.")
        assert store.read(lambda tx: documents.versions(tx, kept.key)) == ()

    def test_a_full_text_that_shrinks_is_kept_as_a_version(self, store: Store) -> None:
        """When only a summary is left of an article, the text that was read stays as a version (row F06)."""
        save(store, document(text="Le texte entier."))
        save(store, document(text="Un résumé.", status=TextStatus.SUMMARY))
        save(store, document(text="Le texte corrigé.", status=TextStatus.FULL))
        assert load(store, document().key).document.version == 2
        assert [v.text for v in store.read(lambda tx: documents.versions(tx, document().key))] == ["Le texte entier."]

    def test_a_late_stub_never_takes_the_place_of_a_text(self, store: Store) -> None:
        """A second process that saw the same item as new does not undo what the first has read (row D11)."""
        save(store, document(), verdicts={document().key: verdict()})
        save(store, document(text="", status=TextStatus.PENDING), verdicts={document().key: verdict(relevance=0)})
        kept = load(store, document().key)
        assert (kept.document.status, kept.document.text, kept.verdict.relevance) == (TextStatus.FULL, "Un texte entier.", 2)

    def test_one_call_may_hold_the_same_document_twice(self, store: Store) -> None:
        """The later of two writings in one call counts, as if they had come one after the other."""
        save(store, document(text="Un."), document("b"), document(text="Deux."))
        assert load(store, document().key).document.version == 2
        assert store.read(documents.counts)["total"] == 2

    def test_a_document_keeps_its_first_source_and_what_a_person_decided(self, store: Store) -> None:
        """Writing a document again, from another source, changes neither its source nor that it is held."""
        save(store, document(held=True))
        save(store, document(text="Autre.", source_id="other", held=False))
        kept = load(store, document().key).document
        assert (kept.source_id, kept.held) == ("outlet", True)


class TestKnowing:
    def test_known_by_key_or_by_guid_of_the_asking_source(self, store: Store) -> None:
        """An item is recognised by its key whoever listed it, by its guid only in the source that gave it (row F04)."""
        save(store, document("a", guid="1"), document("b", guid="2"), document("c"))
        store.write(
            lambda tx: documents.sight(tx, [sighting("a", "1", listed="ha"), sighting("b", "2", source="other"), sighting("c")])
        )
        found = {k.key: k for k in store.read(lambda tx: documents.known(tx, "outlet", ["b", "none"], ["1", "2"]))}
        assert set(found) == {"a", "b"}
        assert (found["a"].sighted, found["a"].listed, found["a"].guid) == (True, "ha", "1")
        assert (found["b"].sighted, found["b"].listed, found["b"].guid) == (False, "", None)
        assert found["a"].fingerprint == fingerprint("Un titre", "Un texte entier.")
        assert found["a"].status is TextStatus.FULL

    def test_thousands_of_keys_in_one_question(self, store: Store) -> None:
        """A listing of thousands of items is looked up at once, whatever the engine's limits."""
        save(store, *(document(f"k{n}") for n in range(1200)))
        keys = [f"k{n}" for n in range(4_000)]
        assert len(store.read(lambda tx: documents.known(tx, "outlet", keys, keys))) == 1200

    def test_a_sighting_is_the_last_one(self, store: Store) -> None:
        """What a source says of a document takes the place of what it said before."""
        save(store, document("a"))
        store.write(lambda tx: documents.sight(tx, [sighting("a", "1", listed="h1"), sighting("a", "9", listed="h2")]))
        (found,) = store.read(lambda tx: documents.known(tx, "outlet", ["a"], []))
        assert (found.listed, found.guid) == ("h2", "9")

    def test_a_sighting_of_nothing_is_refused(self, store: Store) -> None:
        """A sighting may come before its document in a transaction, not without it."""
        store.write(lambda tx: (documents.sight(tx, [sighting("a")]), documents.save(tx, [document("a")], {})))
        with pytest.raises(StoreError):
            store.write(lambda tx: documents.sight(tx, [sighting("nowhere")]))
        assert store.read(lambda tx: documents.known(tx, "outlet", ["a"], []))[0].sighted


class TestOffering:
    def test_news_recorded_since_the_last_cutoff(self, store: Store) -> None:
        """Candidates are the news recorded after one instant and up to another: no backfill, nothing held."""
        save(
            store,
            document("before", recorded_at=NOW - HOUR),
            document("at-start", recorded_at=NOW),
            document("inside", recorded_at=NOW + HOUR),
            document("at-end", recorded_at=NOW + 2 * HOUR),
            document("later", recorded_at=NOW + 3 * HOUR),
            document("backfill", recorded_at=NOW + HOUR, news=False),
            document("held", recorded_at=NOW + HOUR, held=True),
            verdicts={"inside": verdict()},
        )
        assert offered(store, NOW, NOW + 2 * HOUR) == ["inside", "at-end"]
        assert offered(store, None, NOW) == ["before", "at-start"]

    def test_when_there_are_too_many_the_best_are_offered(self, store: Store) -> None:
        """Beyond the limit it is the least relevant that are left out, not the latest."""
        many = [document(f"k{n}", recorded_at=NOW + n * HOUR) for n in range(6)]
        save(store, *many, verdicts={f"k{n}": verdict(relevance=n % 3, score=n / 10) for n in range(5)})
        assert offered(store, None, NOW + 9 * HOUR, 2) == ["k2", "k4"]

    def test_an_undated_document_placed_by_its_page_becomes_news_or_not(self, store: Store) -> None:
        """Completing a document may make it news, or backfill; when it was recorded stays."""
        save(store, document("a", status=TextStatus.PENDING, news=False), document("b", status=TextStatus.PENDING))
        assert offered(store, None, NOW + HOUR) == ["b"]
        save(store, document("a", news=True), document("b", news=False))
        assert offered(store, None, NOW + HOUR) == ["a"]

    def test_what_is_stored_after_the_cutoff_it_precedes_goes_to_the_next_edition(self, store: Store) -> None:
        """A document fetched just before an edition was frozen, and stored just after, is not lost between two editions."""
        store.write(lambda tx: editions.freeze(tx, edition(), [], NOW))
        save(store, document("late", recorded_at=NOW - HOUR))
        assert offered(store, NOW, NOW + HOUR) == ["late"]
        assert load(store, "late").document.recorded_at == NOW - HOUR

    def test_what_nobody_looked_at_goes_to_the_next_edition(self, store: Store) -> None:
        """A document stored while an edition was being made is offered to the next one; those looked at are not."""
        save(store, document("seen", recorded_at=NOW - HOUR), document("missed", recorded_at=NOW - HOUR))
        store.write(lambda tx: editions.freeze(tx, edition(), [], NOW, looked_at=["seen"]))
        assert offered(store, NOW, NOW + HOUR) == ["missed"]

    def test_recent_documents_for_stories(self, store: Store) -> None:
        """The last documents recorded since an instant, oldest first, backfill included, nothing held."""
        save(store, *(document(f"k{n}", recorded_at=NOW + n * HOUR, news=n != 2, held=n == 3) for n in range(5)))
        found = store.read(lambda tx: documents.recent(tx, NOW, 2))
        assert [c.document.key for c in found] == ["k2", "k4"]

    def test_a_story_is_remembered(self, store: Store) -> None:
        """A document keeps the id of the story it belongs to, until a merge gives it another."""
        save(store, document("a"), document("b"))
        store.write(lambda tx: documents.save_stories(tx, [Story(id="a", keys=("a", "b"))]))
        assert load(store, "b").story_id == "a"
        save(store, document("b", text="Autre."))
        assert load(store, "b").story_id == "a"


class TestHolding:
    def test_releasing_a_hold_offers_it_to_the_next_edition(self, store: Store) -> None:
        """What a person accepts is offered to the next edition, even when one was frozen in between (row F09)."""
        save(store, document("a", held=True), document("b", held=True, news=False), document("c", held=True, source_id="other"))
        assert store.read(documents.held) == {"other": 1, "outlet": 2}
        assert offered(store, None, NOW + HOUR) == []
        store.write(lambda tx: editions.freeze(tx, edition(cutoff=NOW + HOUR), [], NOW))
        assert store.write(lambda tx: documents.release(tx, "outlet")) == 2
        assert offered(store, NOW + HOUR, NOW + 2 * HOUR) == ["a"]
        assert store.read(documents.held) == {"other": 1}

    def test_discarding_a_hold_keeps_it_known_and_never_mailed(self, store: Store) -> None:
        """What a person rejects stays in the archive as backfill, so that the next poll does not see it as new (row F09)."""
        save(store, document("a", held=True))
        assert store.read(lambda tx: search.find(tx, "titre")).total == 0
        assert store.write(lambda tx: documents.discard(tx, "outlet")) == 1
        assert offered(store, None, NOW + 9 * HOUR) == []
        assert len(store.read(lambda tx: documents.known(tx, "outlet", ["a"], []))) == 1
        assert store.read(lambda tx: search.find(tx, "titre")).total == 1


def test_counts(store: Store) -> None:
    """Documents are counted once as news, backfill or held, and once by how much of their text there is."""
    save(
        store,
        document("a"),
        document("b", news=False, status=TextStatus.SUMMARY),
        document("c", held=True, status=TextStatus.PENDING),
        document("d", recorded_at=NOW - 2 * HOUR),
        verdicts={key: verdict(themes=("ia-emploi", "formation")) for key in "abcd"},
    )
    counted = {"total": 4, "news": 2, "backfill": 1, "held": 1, "full": 2, "pending": 1, "summary": 1}
    assert store.read(documents.counts) == counted
    assert store.read(lambda tx: documents.theme_counts(tx, NOW)) == {"formation": 2, "ia-emploi": 2}
