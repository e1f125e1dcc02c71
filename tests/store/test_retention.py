"""What is old is forgotten as the settings say, and what remains is still found."""

from dataclasses import replace
from datetime import timedelta

from tests.store.builders import HOUR, NOW, document, edition, post, verdict
from watcher.model import DeliveryState
from watcher.store import Store, Transaction, documents, editions, outbox, retention, search

DAY = timedelta(days=1)
OLD = NOW - 800 * DAY
LIMIT = NOW - 730 * DAY


def stored(store: Store, key: str, **fields: object) -> None:
    """Store one document with a verdict."""
    one = document(key, summary="Un chapeau convenable.", **fields)
    store.write(lambda tx: documents.save(tx, [one], {key: verdict()}, now=one.recorded_at))


def test_an_old_text_goes_and_what_says_what_it_was_stays(store: Store) -> None:
    """Title, address, verdict, themes and fingerprint stay; the publisher's words are gone, from the index too (row S05)."""
    stored(store, "https://e.org/old", title="La métallurgie recrute", text="Des soudeurs qualifiés.", recorded_at=OLD)
    stored(store, "https://e.org/new", title="Le bâtiment forme", text="Des soudeurs aussi.", recorded_at=NOW)
    before = store.read(lambda tx: documents.get(tx, "https://e.org/old"))
    assert store.write(lambda tx: retention.purge_texts(tx, LIMIT)) == 1
    assert store.write(lambda tx: retention.purge_texts(tx, LIMIT)) == 0
    after = store.read(lambda tx: documents.get(tx, "https://e.org/old"))
    assert before is not None
    assert after is not None
    assert after == replace(before, document=replace(before.document, text="", summary=""))

    def found(words: str) -> list[str]:
        return [hit.key for hit in store.read(lambda tx: search.find(tx, words)).hits]

    assert found("metallurgies") == ["https://e.org/old"]
    assert found("soudeur") == ["https://e.org/new"]
    assert found("chapeau") == ["https://e.org/new"]
    assert len(store.read(lambda tx: search.find(tx, "", theme="ia-emploi")).hits) == 2


def test_an_old_version_goes_before_its_document(store: Store) -> None:
    """A page edited lately keeps its text; what it said before the limit is forgotten (row S05)."""
    stored(store, "https://e.org/a", text="Première rédaction.", recorded_at=OLD)
    revised = document("https://e.org/a", text="Seconde rédaction.", recorded_at=OLD)
    store.write(lambda tx: documents.save(tx, [revised], {}, now=NOW))
    assert store.write(lambda tx: retention.purge_texts(tx, LIMIT)) == 0
    assert store.write(lambda tx: retention.purge_versions(tx, LIMIT)) == 1
    (former,) = store.read(lambda tx: documents.versions(tx, "https://e.org/a"))
    assert (former.text, former.summary, former.title) == ("", "", "Un titre")
    present = store.read(lambda tx: documents.get(tx, "https://e.org/a"))
    assert present is not None
    assert present.document.text == "Seconde rédaction."


def test_purging_goes_in_slices(store: Store) -> None:
    """A purge of years holds the writers up for a slice at a time (row D14)."""
    for number in range(5):
        stored(store, f"https://e.org/{number}", recorded_at=OLD)
    counts = [store.write(lambda tx: retention.purge_texts(tx, LIMIT, limit=2)) for _ in range(4)]
    assert counts == [2, 2, 1, 0]


def test_a_purged_document_that_is_read_again_has_its_text_again(store: Store) -> None:
    """Forgetting is no state: the same text read anew is the same version, stored and found."""
    stored(store, "https://e.org/a", text="Des soudeurs.", recorded_at=OLD)
    store.write(lambda tx: retention.purge_texts(tx, LIMIT))
    stored(store, "https://e.org/a", text="Des soudeurs.", recorded_at=NOW)
    again = store.read(lambda tx: documents.get(tx, "https://e.org/a"))
    assert again is not None
    assert again.document.text == "Des soudeurs."
    assert store.read(lambda tx: documents.versions(tx, "https://e.org/a")) == ()


def test_the_bytes_of_old_mails_go_and_their_trace_stays(store: Store) -> None:
    """A mail that was sent long ago is known by recipient and Message-ID; one that still waits keeps its bytes (row S05)."""
    one = edition()
    store.write(lambda tx: editions.freeze(tx, one, [post("a", one), post("b", one)], NOW))
    sent, waiting = store.read(lambda tx: outbox.due(tx, NOW, 10))

    def send(tx: Transaction) -> None:
        outbox.move(tx, sent.id, DeliveryState.HANDING_OVER, now=NOW)
        outbox.move(tx, sent.id, DeliveryState.SENT, now=NOW, reply="250 2.0.0 taken for a@example.org")

    store.write(send)
    assert store.write(lambda tx: retention.purge_mails(tx, NOW)) == 0
    assert store.write(lambda tx: retention.purge_mails(tx, NOW + HOUR)) == 1
    kept, other = (store.read(lambda tx, ident=mail.id: outbox.get(tx, ident)) for mail in (sent, waiting))
    assert kept is not None
    assert other is not None
    assert (kept.state, kept.raw, kept.reply, kept.message_id) == (DeliveryState.SENT, b"", None, sent.message_id)
    assert other.raw == waiting.raw
