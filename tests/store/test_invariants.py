"""Whatever the order in which documents are saved, what the archive says of them stays true."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.builders import NOW, document, undone, verdict
from watcher.model import Document, Sighting, TextStatus
from watcher.store import Store, Transaction, documents, search

written = st.builds(
    document,
    st.sampled_from(["a", "b", "c"]),
    text=st.sampled_from(["alpha", "beta", "gamma", ""]),
    status=st.sampled_from(list(TextStatus)),
    news=st.booleans(),
    held=st.booleans(),
    source_id=st.sampled_from(["x", "y"]),
)


@settings(max_examples=30)
@given(batches=st.lists(st.lists(written, max_size=4), max_size=5))
def test_sequences_of_saves(lasting: Store, batches: list[list[Document]]) -> None:
    """Saved once or ten times: one row a key, versions without gaps, one key known, words of the present text only."""

    def work(tx: Transaction) -> None:
        total = documents.counts(tx)["total"]
        first: dict[str, Document] = {}
        for batch in batches:
            documents.save(tx, batch, {one.key: verdict() for one in batch if one.news})
            for one in batch:
                first.setdefault(one.key, one)
                seen = Sighting(source_id=one.source_id, document_key=one.key, guid=f"g{one.key}", listed="h", seen_at=NOW)
                documents.sight(tx, [seen])
        assert documents.counts(tx)["total"] == total + len(first)
        for key, began in first.items():
            _check(tx, key, began)
        offered = {c.document.key for c in documents.candidates(tx, None, NOW)}
        for key in first:
            kept = documents.get(tx, key)
            assert kept is not None
            assert (key in offered) == (kept.document.news and not kept.document.held)

    undone(lasting, work)


def _check(tx: Transaction, key: str, began: Document) -> None:
    kept = documents.get(tx, key)
    assert kept is not None
    old = documents.versions(tx, key)
    now = kept.document
    assert [one.version for one in (*old, now)] == list(range(1, now.version + 1))
    assert (now.recorded_at, now.source_id, now.held) == (began.recorded_at, began.source_id, began.held)
    assert all(one.status is not TextStatus.PENDING for one in old)
    assert began.status is TextStatus.PENDING or now.status is not TextStatus.PENDING
    for source in ("x", "y"):
        found = documents.known(tx, source, [key], [f"g{key}"])
        assert [one.key for one in found] == [key]
        assert found[0].fingerprint == now.fingerprint
    for word in ("alpha", "beta", "gamma"):
        hits = {hit.key for hit in search.find(tx, word).hits}
        assert (key in hits) == (word in now.text and not now.held)


@settings(max_examples=40)
@given(text=st.text(), title=st.text(), author=st.none() | st.text())
def test_any_text_is_kept(lasting: Store, text: str, title: str, author: str | None) -> None:
    """Any text comes back with the same length, and as it was unless no engine can hold it (row F10)."""

    def work(tx: Transaction) -> None:
        whole = document("any", text=text, title=title, author=author, fingerprint="f")
        documents.save(tx, [whole], {})
        kept = documents.get(tx, "any")
        assert kept is not None
        assert len(kept.document.text) == len(text)
        if not any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in text + title + (author or "")):
            assert kept.document == whole
        assert replace(kept.document, text="", title="", author=None) == replace(whole, text="", title="", author=None)

    undone(lasting, work)
