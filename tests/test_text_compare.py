"""When two texts are the same, when they are alike, and in which language they are."""

import hashlib
import re
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import text
from watcher.text.repair import readable

# Latin-1 and its neighbours, and what folds, composes or separates in ways of its own.
FRENCH = st.text(
    st.one_of(
        st.characters(max_codepoint=0xFF),
        st.sampled_from("’‘ʼ“”«»„–—‑…œŒæÆǽßẞµμŸŉİſ\u212a\u0301\u0327\u0085\u00a0\u2028\u202f\x1c\x1f"),
    ),
    max_size=60,
)

TITLE = "L'IA : quels métiers demain ?"
BODY = 'Selon l\'étude "Métiers 2035", 1 000 postes - au moins - évoluent...\n\nLa suite compte.'

TYPOGRAPHY = [
    ("L’IA\u00a0: quels métiers demain\u202f?", BODY),
    (TITLE, "Selon l’étude «\u00a0Métiers 2035\u00a0», 1\u202f000 postes – au moins – évoluent… La suite compte."),
    ("L'IA: quels Métiers demain?", BODY.upper()),
    (TITLE, BODY.replace("é", "e\u0301").replace("\n\n", "\r\n")),
    (TITLE + " ", "\u200b" + BODY + "\ufeff"),
]
EDITS = [
    ("L'IA : quels emplois demain ?", BODY),
    (TITLE, BODY.replace("1 000", "1 100")),
    (TITLE, BODY + " Et la fin."),
    (TITLE, BODY.replace("évoluent", "n'évoluent pas")),
    ("", f"{TITLE} {BODY}"),
]


@pytest.mark.parametrize("edited", TYPOGRAPHY, ids=range(len(TYPOGRAPHY)))
def test_typography_makes_no_new_version(edited: tuple[str, str]) -> None:
    """Quotes, dashes, blanks, case and Unicode form may change; the article is the same (row F06)."""
    assert text.fingerprint(*edited) == text.fingerprint(TITLE, BODY)


@pytest.mark.parametrize("edited", EDITS, ids=range(len(EDITS)))
def test_a_changed_word_makes_a_new_version(edited: tuple[str, str]) -> None:
    """A word, a figure or a sentence more is a new version of the article (row F06)."""
    assert text.fingerprint(*edited) != text.fingerprint(TITLE, BODY)


@given(st.text(max_size=100), st.text(max_size=100))
def test_any_text_has_a_fingerprint(title: str, body: str) -> None:
    """A fingerprint is 64 hexadecimal figures, whatever was published."""
    assert len(bytes.fromhex(text.fingerprint(title, body))) == 32


@given(FRENCH, FRENCH)
def test_fingerprints_in_the_archive_stay_right(title: str, body: str) -> None:
    """A fingerprint is the SHA-256 of the words as NFC and case folding leave them, however fast it is worked out."""
    assert text.fingerprint(title, body) == hashlib.sha256(f"{_said(title)}\n{_said(body)}".encode()).hexdigest()


@given(FRENCH)
def test_case_is_folded_as_unicode_says(words: str) -> None:
    """Latin-1 texts are folded byte by byte, to what Unicode's case folding gives."""
    assert text.casefold(words) == words.casefold()


def _said(words: str) -> str:
    folded = unicodedata.normalize("NFC", readable(words).casefold())
    for plain, marks in {"'": "’‘ʼ", '"': "“”«»„", "-": "–—‑", "...": "…", "oe": "œ", "ae": "æ"}.items():
        folded = re.sub(f"[{marks}]", plain, folded)
    return "".join(folded.split())


def test_shingles_tell_how_much_two_texts_share() -> None:
    """A copy with one word changed shares most of its shingles, another text none."""
    original = "un grand nombre de salariés se forment aux outils numériques dans leur entreprise chaque année en France"
    copy = original.replace("outils", "métiers")
    assert len(text.shingles(original)) == 17 - 4
    assert len(text.shingles(original) & text.shingles(copy)) == 17 - 4 - 5
    assert not text.shingles(original) & text.shingles("le ministre a répondu hier à une question orale du sénateur de la Creuse")
    assert text.shingles(original.upper().replace(" ", ", ")) == text.shingles(original)


def test_a_short_text_has_one_shingle_and_an_empty_one_none() -> None:
    """Texts of less than five words are compared as a whole."""
    assert len(text.shingles("trois mots ici")) == 1
    assert text.shingles("trois mots ici") == text.shingles("Trois mots, ici !")
    assert text.shingles(" … ") == frozenset()
    assert len(text.shingles("a b c d", size=2)) == 3


def test_shingles_are_the_same_in_another_process() -> None:
    """Hashes are kept in the store, so they cannot depend on the process that made them; they fit 64 bits."""
    code = "from watcher import text; print(*sorted(text.shingles('un deux trois quatre cinq six sept')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    here = sorted(text.shingles("un deux trois quatre cinq six sept"))
    assert [int(figure) for figure in done.stdout.split()] == here
    assert all(0 <= figure < 2**64 for figure in here)


LANGUAGES = {
    "L’intelligence artificielle transforme les métiers de demain": "fr",
    "LES CADRES FACE À L'INTELLIGENCE ARTIFICIELLE EN ENTREPRISE": "fr",
    "Artificial intelligence is changing the skills that employers want": "en",
    "Künstliche Intelligenz verändert die Arbeit in vielen Berufen": "de",
    "La inteligencia artificial transforma los empleos en toda Europa": "es",
    "L'intelligenza artificiale sta cambiando il lavoro nelle imprese": "it",
}


@pytest.mark.parametrize("passage", LANGUAGES)
def test_the_language_of_a_sentence_is_told(passage: str) -> None:
    """From five words on, the text says its language, whatever the source says."""
    assert text.language(passage, "xx") == LANGUAGES[passage]


@pytest.mark.parametrize("passage", ["PLF 2027", "", "Budget : the skills gap", "IA et emploi"])
def test_a_short_text_is_in_the_language_of_its_source(passage: str) -> None:
    """Under five words a guess is worse than what the administrator wrote."""
    assert text.language(passage, "fr") == "fr"
