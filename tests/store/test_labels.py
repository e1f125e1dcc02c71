"""Labels and private seeds: what people teach, kept on both engines."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from tests.store.builders import NOW, document
from tests.store.test_migrations import made_by
from watcher.errors import StoreError
from watcher.model import Features, Label, Seed
from watcher.store import Store, Transaction, documents, label_tables, labels, private_seeds, retention

FEATURES = Features(version=2, dense={"group:ia": 1.25, "seed": 0.5}, words={17: 2, 262143: 1})


def label(**fields: object) -> Label:
    """Return a label with only what a test is about spelt out."""
    plain = Label(
        document="a", fingerprint="f", theme="ia-emploi", value=True, author="claire", labelled_at=NOW, features=FEATURES
    )
    return replace(plain, **fields)  # pyright: ignore[reportArgumentType]


def test_a_label_comes_back_whole(store: Store) -> None:
    """Author, instant, value and features are what was given, on both engines."""
    given = (label(), label(theme="relevance", value=False, labelled_at=NOW + timedelta(hours=1), author="Éloïse"))
    store.write(lambda tx: labels.save(tx, given))
    assert store.read(labels.every) == given
    assert store.read(lambda tx: labels.of_document(tx, "a")) == given
    assert store.read(lambda tx: labels.of_document(tx, "b")) == ()


def test_an_author_has_one_opinion_on_a_theme_in_a_version(store: Store) -> None:
    """A second opinion of the same author takes the place of the first; other authors and versions keep theirs."""
    store.write(lambda tx: labels.save(tx, [label(), label(author="paul"), label(fingerprint="g")]))
    changed = label(value=False, labelled_at=NOW + timedelta(days=1))
    store.write(lambda tx: labels.save(tx, [label(), changed]))
    found = store.read(labels.every)
    assert len(found) == 3
    assert changed in found
    assert label(author="paul", value=True) in found


def test_the_schema_refuses_a_second_opinion(store: Store) -> None:
    """Uniqueness is the table's, whatever the code does."""
    row = {"document": "a", "fingerprint": "f", "theme": "t", "author": "x", "value": True, "labelled_at": NOW, "features": "{}"}

    def twice(tx: Transaction) -> None:
        tx.connection.execute(label_tables.labels.insert(), [row])
        tx.connection.execute(label_tables.labels.insert(), [{**row, "value": False}])

    with pytest.raises((StoreError, IntegrityError)):
        store.write(twice)
    assert store.read(labels.every) == ()


def test_a_label_is_taken_back_by_its_author(store: Store) -> None:
    """Taking back forgets what one author said of a theme, in every version, and nothing else."""
    store.write(lambda tx: labels.save(tx, [label(), label(fingerprint="g"), label(author="paul"), label(theme="x")]))
    assert store.write(lambda tx: labels.remove(tx, "a", "ia-emploi", "claire")) == 2
    assert [(one.author, one.theme) for one in store.read(labels.every)] == [("paul", "ia-emploi"), ("claire", "x")]


def test_retention_leaves_labels_alone(sqlite_store: Store) -> None:
    """When the text of a document goes, what was said of it and its features stay (row S05)."""
    store = sqlite_store
    store.write(lambda tx: documents.save(tx, [document("a")], {}))
    store.write(lambda tx: labels.save(tx, [label()]))
    assert store.write(lambda tx: retention.purge_texts(tx, NOW + timedelta(days=1))) == 1
    assert store.read(labels.every) == (label(),)


def test_private_seeds_come_back_whole(store: Store) -> None:
    """A private seed is stored, replaced under its id, and forgotten."""
    seed = Seed(
        id="private:étude", title="Étude", publisher="", date=date(2026, 1, 2), url="", themes=("a", "b"), text="Un texte."
    )
    store.write(lambda tx: private_seeds.save(tx, [seed], now=NOW))
    newer = replace(seed, text="Un autre texte.")
    store.write(lambda tx: private_seeds.save(tx, [newer], now=NOW))
    assert store.read(private_seeds.every) == (newer,)
    assert store.write(lambda tx: private_seeds.remove(tx, seed.id))
    assert not store.write(lambda tx: private_seeds.remove(tx, seed.id))


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_from_the_second_schema(
    engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database of the second schema keeps its documents and gains labels (row D08)."""
    folder = tmp_path_factory.mktemp("second")
    url = f"sqlite:///{folder}/w.db" if engine == "sqlite" else request.getfixturevalue("new_postgres_database")()
    store = made_by("0002", url, monkeypatch)
    store.write(lambda tx: documents.save(tx, [document("a")], {}))
    store.close()
    store = Store.open(url)
    assert store.read(lambda tx: documents.get(tx, "a")) is not None
    store.write(lambda tx: labels.save(tx, [label()]))
    assert store.read(labels.every) == (label(),)
    store.close()
