"""The same words find the same documents in the same order, on both engines."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.store.builders import HOUR, NOW, document, verdict
from watcher.model import Document, Sighting
from watcher.store import Store, Transaction, documents, search
from watcher.store.search import SearchPage
from watcher.store.words import groups_of
from watcher.text import Indexed, storable, words

ARTICLES = [
    ("coeur", "Le cœur du métier", "Les œuvres des chevaux de trait et l'élevage.", 1),
    ("loyers", "Des loyers encadrés", "Le loyer moyen des logements étudiants.", 2),
    ("ia", "L'intelligence artificielle au travail", "Les travaux d'une équipe sur l'IA générative et les emplois.", 3),
    ("formation", "Former les formatrices", "Aujourd’hui, la formation professionnelle des formateurs d'adultes.", 4),
    ("senat", "Les sénatrices débattent", "Une proposition de loi sur l'apprentissage a été déposée.", 5),
    ("chiffres", "PLF 2027 : 12,5 % de crédits", "Le budget 2027 de la mission travail-emploi, art. L. 6111-1.", 6),
    ("anglais", "Skills and jobs", "The future of work: naïve forecasts & co-operation.", 7),
    ("titre", "Loi travail", "Rien d'autre à signaler ici.", 8),
    ("majuscules", "ÉTAT DES LIEUX", "L’ÉCOLE DE L’ŒUVRE, À ÉVRY.", 9),
    ("vide", "", "Un texte sans titre, qui parle de robots.", 10),
    ("grec", "Ψηφιακή εκπαίδευση", "Цифровая экономика и 仕事 の 未来.", 11),
]

# What is asked, and the keys of what must be found, in order: those whose title holds it all first, then the newest.
QUESTIONS: list[tuple[str, list[str]]] = [
    ("coeur", ["coeur"]),
    ("cœur", ["coeur"]),
    ("cheval", ["coeur"]),
    ("CHEVAUX", ["coeur"]),
    ("loyer", ["loyers"]),
    ("loyers étudiant", ["loyers"]),
    ("l'intelligence", ["ia"]),
    ("d’intelligence artificielle", ["ia"]),
    ("travail", ["ia", "titre", "chiffres"]),
    ("loi", ["titre", "senat"]),
    ("l'IA", ["ia"]),
    ("formateur", ["formation"]),
    ("formatrice", ["formation"]),
    ("sénateur", ["senat"]),
    ("ecole oeuvre", ["majuscules"]),
    ("état", ["majuscules"]),
    ("2027", ["chiffres"]),
    ("naive cooperation", []),
    ("naive", ["anglais"]),
    ("robot", ["vide"]),
    ("ψηφιακη", ["grec"]),
    ("экономика", ["grec"]),
    ("introuvable", []),
    ("loi introuvable", []),
]


def article(key: str, title: str, text: str, hours: int) -> Document:
    return document(key, title=title, text=text, published_at=NOW - hours * HOUR, summary="")


@pytest.fixture
def archive(store: Store) -> Store:
    written = [article(*one) for one in ARTICLES]
    store.write(lambda tx: documents.save(tx, written, {}))
    return store


def ask(store: Store, words: str, **filters: object) -> SearchPage:
    return store.read(lambda tx: search.find(tx, words, **filters))  # pyright: ignore[reportArgumentType]


def keys(page: SearchPage) -> list[str]:
    return [hit.key for hit in page.hits]


@pytest.mark.parametrize(("words", "expected"), QUESTIONS, ids=[words for words, _ in QUESTIONS])
def test_accents_case_plurals_and_elisions_do_not_matter(archive: Store, words: str, expected: list[str]) -> None:
    """A question finds the same documents in the same order on SQLite and on PostgreSQL (row D15)."""
    page = ask(archive, words)
    assert (keys(page), page.total) == (expected, len(expected))


def test_the_index_follows_the_document(store: Store) -> None:
    """What a document no longer says, it is no longer found by; what it says now, it is."""
    store.write(
        lambda tx: documents.save(tx, [article("k", "Avant", "Des moulins.", 1), article("other", "Autre", "Moulin", 2)], {})
    )
    assert keys(ask(store, "moulin")) == ["k", "other"]
    store.write(lambda tx: documents.save(tx, [article("k", "Après", "Des barrages.", 1)], {}))
    assert keys(ask(store, "moulin")) == ["other"]
    assert keys(ask(store, "barrage")) == ["k"]
    assert keys(ask(store, "avant")) == []
    assert keys(ask(store, "après")) == ["k"]


def test_filters_and_pages(store: Store) -> None:
    """Theme, source, date and kind narrow what is found; without words they list the newest; pages follow each other."""
    written = [article(f"k{n}", "Robots", "Un robot.", n) for n in range(5)]
    written.append(document("pdf", title="Robots", media_type="application/pdf", published_at=None))
    written.append(document("held", title="Robots", held=True))
    themes = {"k1": verdict(themes=("ia-emploi",)), "k3": verdict(themes=("formation", "ia-emploi"))}

    def fill(tx: Transaction) -> None:
        documents.save(tx, written, themes)
        documents.sight(tx, [Sighting(source_id="relais", document_key="k2", guid=None, listed="h", seen_at=NOW)])

    store.write(fill)
    assert keys(ask(store, "robot")) == ["k0", "k1", "k2", "k3", "k4", "pdf"]
    assert keys(ask(store, "")) == ["k0", "k1", "k2", "k3", "k4", "pdf"]
    assert keys(ask(store, "", theme="ia-emploi")) == ["k1", "k3"]
    assert [hit.themes for hit in ask(store, "robot", theme="ia-emploi").hits] == [("ia-emploi",), ("formation", "ia-emploi")]
    assert [hit.relevance for hit in ask(store, "", limit=2).hits] == [0, 2]
    assert keys(ask(store, "robot", source="relais")) == ["k2"]
    assert len(keys(ask(store, "", source="outlet"))) == 6
    assert keys(ask(store, "", since=NOW - HOUR)) == ["k0", "k1", "pdf"]
    assert keys(ask(store, "robot", kind="application/pdf")) == ["pdf"]
    page = ask(store, "robot", limit=2, offset=1)
    assert (keys(page), page.total) == (["k1", "k2"], 6)
    assert keys(ask(store, "robot", offset=10**30)) == []
    assert keys(ask(store, "robot", limit=0)) == []


class TestSnippets:
    def test_the_passage_around_the_first_word(self, store: Store) -> None:
        """A hit shows the surroundings of what was looked for, on one line, with the offsets of each word found."""
        text = "Du bruit. " * 40 + "\nPuis les travaux\nde l'équipe, et un travail. " + "Encore du bruit. " * 40
        store.write(lambda tx: documents.save(tx, [article("k", "Titre", text, 1)], {}))
        (hit,) = ask(store, "travail équipe").hits
        assert [hit.snippet[start:end] for start, end in hit.marks] == ["travaux", "équipe", "travail"]
        assert "Puis les travaux de l'équipe, et un travail." in hit.snippet
        assert hit.snippet.startswith("… ")
        assert hit.snippet.endswith(" …")
        assert "\n" not in hit.snippet
        assert len(hit.snippet) <= 250

    def test_a_beginning_when_only_the_title_answers(self, store: Store) -> None:
        """Without a match in the text, its beginning is shown, or the summary when there is no text."""
        written = [article("k", "Robots", "  Un début court.", 1), document("s", title="Robots", text="", summary="Un résumé.")]
        store.write(lambda tx: documents.save(tx, written, {}))
        assert {hit.key: (hit.snippet, hit.marks) for hit in ask(store, "robot").hits} == {
            "k": ("Un début court.", ()),
            "s": ("Un résumé.", ()),
        }

    def test_a_word_of_the_summary(self, store: Store) -> None:
        """What only the summary says is found too, and shown."""
        store.write(lambda tx: documents.save(tx, [document("k", summary="Des éoliennes en mer.")], {}))
        (hit,) = ask(store, "éolienne").hits
        assert [hit.snippet[start:end] for start, end in hit.marks] == ["éoliennes"]


HOSTILE = [
    '"', "'", "*", "%", "NEAR(", "a NEAR/2 b", "title:a", "{title}: a", "a AND", "OR", "NOT", "(((", ")", "^a", "a*", "-a", "--",
    "a & b", "a | !b", "<->", ":*", "\\", "'; DROP TABLE documents; --", "%s %(x)s", ":name", "?", "\x00", "a\x00b", "\ud800",
    "🙂", "\u202e", "'a':A", "/.*/", "[a-z]+", "é" * 9_999, "mot " * 2_500, "a" * 10_000, " ".join(f"m{n}" for n in range(999)),
]  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_no_question_is_an_error(archive: Store, words: str) -> None:
    """Operators, quotes, wildcards, control characters and 10 kB of anything are words or nothing, never an error (row W06)."""
    page = ask(archive, words)
    assert page.total == len(page.hits)


@pytest.fixture(scope="module")
def small_archive(sqlite_template: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path_factory.mktemp('search')}/watcher.db")
    store.write(lambda tx: documents.save(tx, [article(*one) for one in ARTICLES], {}))
    yield store
    store.close()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(max_size=60))
def test_any_question_has_an_answer(small_archive: Store, words: str) -> None:
    """Whatever characters are typed, the search answers (row W06)."""
    page = ask(small_archive, words)
    assert 0 <= len(page.hits) <= page.total
    for hit in page.hits:
        assert all(0 <= start < end <= len(hit.snippet) for start, end in hit.marks)


@settings(max_examples=100)
@given(text=st.text(min_size=1, max_size=200))
@example(text="Ꭰ")
def test_a_document_is_found_by_each_of_its_own_words(small_archive: Store, text: str) -> None:
    """Whatever its characters, a text is found by what it says: the index and the question read words alike."""
    store = small_archive
    store.write(lambda tx: documents.save(tx, [document("any", title="", text=text, summary="")], {}))
    for word in words(storable(text))[:3]:
        assert "any" in keys(ask(store, word.text, limit=500)) or not groups_of(word.text)


def test_a_very_long_document_is_searchable_at_its_beginning(store: Store) -> None:
    """A text of megabytes, or a word of kilobytes, is stored whole and found by its beginning on both engines."""
    text = "Introduction robotique. " + " ".join(f"mot{n}" for n in range(5_000)) * 30 + " " + "x" * 5_000
    store.write(lambda tx: documents.save(tx, [document("long", text=text)], {}))
    assert keys(ask(store, "robotique")) == ["long"]
    kept = store.read(lambda tx: documents.get(tx, "long"))
    assert kept is not None
    assert len(kept.document.text) == len(text)


def test_words_that_a_worker_made_up_are_made_fit(store: Store) -> None:
    """What an engine would refuse in its index (quotes, NUL, endless words, too many) costs its document nothing else."""
    made_up = Indexed("l\x00oi 'titre\\ " + "x" * 3000, " ".join(f"mot{number}" for number in range(120_000)))
    store.write(lambda tx: documents.save(tx, [document("a")], {}, indexed={document("a").key: made_up}))
    assert keys(ask(store, "mot7")) == [document("a").key]
