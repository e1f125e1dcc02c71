"""Words and the tokens under which they are searched: forms of one word meet, strangers do not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import text

MEET = [
    ("cœur", "coeur"), ("Œuvre", "oeuvres"), ("loyer", "loyers"), ("travaux", "travail"), ("compétences", "compétence"),
    ("compétences", "competence"), ("formatrice", "formateur"), ("formatrices", "formateurs"), ("métiers", "metier"),
    ("données", "donnée"), ("emplois", "emploi"), ("salariée", "salarié"), ("nationaux", "nationale"), ("énergies", "energie"),
    ("sénatrices", "sénateur"),
    ("développeuse", "développeurs"), ("technicienne", "techniciens"), ("numériques", "NUMÉRIQUE"), ("génératives", "générative"),
    ("réseaux", "reseau"), ("régionaux", "regional"), ("recrutent", "recruter"), ("apprentie", "apprentis"), ("l'IA", "IA"),
    ("IA", "ia"), ("BTS", "bts"), ("R&D", "r&d"), ("d’apprentissage", "apprentissages"), ("prud'homme", "prud’hommes"),
    ("aujourd'hui", "AUJOURD’HUI"), ("e\u0301cole", "écoles"), ("ŒUVRES", "œuvre"), ("succès", "succes"), ("OpenAI's", "OpenAI"),
    ("directrice", "directeurs"), ("conseillères", "conseiller"),
]  # fmt: skip
STRANGERS = [
    ("loi", "loyer"), ("don", "données"), ("métier", "méthode"), ("IA", "IAE"), ("cadre", "cadrage"), ("matrice", "mateur"),
    ("robot", "robe"), ("formation", "forme"), ("cap", "capital"), ("paris", "parité"),
]  # fmt: skip


def found(query: str, passage: str) -> bool:
    """Search as the stores do: every word of the query by one of its tokens."""
    index = set(text.search_tokens(passage).split())
    alternatives = text.query_tokens(query)
    return bool(alternatives) and all(index.intersection(tokens) for tokens in alternatives)


@pytest.mark.parametrize(("one", "other"), MEET)
def test_the_forms_of_a_word_find_each_other(one: str, other: str) -> None:
    """Number, gender, accents, ligatures, case and elision do not hide an article from a search, in either direction."""
    assert found(one, f"Voici {other}, entre autres.")
    assert found(other, f"Voici {one}, entre autres.")


@pytest.mark.parametrize(("one", "other"), STRANGERS)
def test_different_words_do_not_meet(one: str, other: str) -> None:
    """A short stem joins strangers ("loi" is the stem of "loyer"): it is not used."""
    assert not found(one, other)
    assert not found(other, one)


def test_a_query_needs_all_of_its_telling_words() -> None:
    """Function words are not asked for, the others all are; a query of function words alone is taken as it is."""
    passage = "L’intelligence artificielle transforme les métiers du soin."
    assert found("le métier et l'intelligence", passage)
    assert found("transformer les soins", passage)
    assert not found("métiers du bâtiment", passage)
    assert text.query_tokens("de la") == (("de",), ("le", "la"))
    assert text.query_tokens(" ?! ") == ()
    assert text.query_tokens("IA ia l'IA") == (("ia",),)


def test_tokens_are_what_every_search_engine_splits_alike() -> None:
    """Nothing but folded letters and figures reaches an index, an acronym is one token (row D15)."""
    assert text.search_tokens("L'IA, la R&D et le C.V.") == "ia le rd et le c v"
    assert text.search_tokens("") == ""
    assert text.search_tokens('"NEAR(x*" OR %_') == "near x or"


@given(st.text(max_size=200))
def test_any_text_gives_plain_tokens(anything: str) -> None:
    """No text breaks the tokens, and a query never asks for what an index cannot hold (row W06)."""
    assert all(token.isalnum() and token == token.lower() for token in text.search_tokens(anything).split())
    for tokens in text.query_tokens(anything):
        assert tokens
        assert all(token.isalnum() for token in tokens)
    assert len(text.query_tokens(anything * 50)) <= 32


@given(st.text(max_size=200))
def test_a_text_is_found_by_its_own_words(anything: str) -> None:
    """What was read in an article finds that article."""
    query = " ".join(word.text for word in text.words(anything)[:10])
    assert not text.query_tokens(query) or found(query, anything)


@given(st.text(max_size=300) | st.text(alphabet="lLdDqu'’ʼ&-_ aéIAœ\u0301s.", max_size=60))
def test_words_know_where_they_stand(anything: str) -> None:
    """Offsets are those of the original, so that evidence can be shown in place; words follow each other."""
    previous = 0
    for word in text.words(anything):
        assert anything[word.start : word.end] == word.text != ""
        assert word.start >= previous
        previous = word.end


def test_elisions_fall_away_and_words_with_an_apostrophe_stay_whole() -> None:
    """L'IA is IA, aujourd'hui and prud'hommes are words, hyphens separate."""
    phrase = "L'IA d’aujourd'hui, qu'un prud'homme (R&D) n’a jusqu'ici pas sous-traitée 2030 OpenAI's"
    assert [word.text for word in text.words(phrase)] == [
        "IA", "aujourd'hui", "un", "prud'homme", "R&D", "a", "ici", "pas", "sous", "traitée", "2030", "OpenAI",
    ]  # fmt: skip


LEMMAS = {
    "travaux": "travail", "Métiers": "metier", "formatrices": "formateur", "cœur": "coeur", "IA": "ia", "BTS": "bts",
    "llms": "llms", "génératives": "generatif", "competences": "competence", "reseaux": "reseau", "données": "donner",
    "donnée": "donner", "sont": "etre", "matrice": "matrice", "": "",
}  # fmt: skip


@pytest.mark.parametrize("word", LEMMAS)
def test_the_lemma_is_folded_and_final(word: str) -> None:
    """Forms of one word have one lemma, without accents; a word in capitals keeps its S."""
    assert text.lemma(word) == LEMMAS[word]


def test_the_stem_is_folded() -> None:
    """The stem is what Snowball gives, without accents."""
    assert text.stem("compétences") == text.stem("COMPÉTENCE") == "competent"
    assert text.stem("recrutements") == text.stem("recruter") == "recrut"


def test_folding_leaves_letters_only_in_their_plainest_form() -> None:
    """Accents, ligatures and typographic signs do not count when texts are compared."""
    assert text.fold("Œuvre DÉJÀ l’été – Łódź ﬁn") == "oeuvre deja l'ete - lodz fin"
    assert text.fold("Straße") == "strasse"
    assert text.fold("Ꭰ") == text.fold("ꭰ") == "ꭰ"


@given(st.text(max_size=100))
def test_folding_is_final(anything: str) -> None:
    """Folding what is folded changes nothing, whatever the script."""
    assert text.fold(text.fold(anything)) == text.fold(anything)


def test_a_thousand_articles_are_tokenised_in_a_second_or_so() -> None:
    """Articles of 500 words become tokens at 1,000 a second on one core; a quarter of it is asked of a busy machine (row L01)."""
    sentence = "Les compétences des salariés évoluent avec l’intelligence artificielle, selon une enquête menée en 2026. "
    article = sentence * 36
    assert len(text.words(article)) >= 500
    text.search_tokens(article)
    begin = time.process_time()
    for _ in range(300):
        text.search_tokens(article)
    assert 300 / (time.process_time() - begin) > 250


def test_an_endless_word_costs_no_more_than_its_length() -> None:
    """A million letters without a blank neither hang the program nor fill its memory (rows H01, H03)."""
    begin = time.process_time()
    word = "éa" * 500_000
    assert text.search_tokens(word) == text.lemma(word) == text.stem(word) == "ea" * 500_000
    assert time.process_time() - begin < 8
