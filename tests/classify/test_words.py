"""The words that are read of a text: which, where they stand, and how far."""

from hypothesis import given
from hypothesis import strategies as st

from watcher import text as texts
from watcher.classify.boilerplate import set_aside
from watcher.classify.themes import Rule
from watcher.classify.words import MOST_WORDS, Keys, pieces_for, words_of
from watcher.model import Term, Theme

TERMS = (Term(pattern="apprentissage"), Term(pattern="ministre"))
PIECES = pieces_for((Theme(id="theme", label="Thème", description="", terms=TERMS),), Rule())
SAID = st.sampled_from(
    [
        "l'apprentissage",
        "recule",
        "la ministre du travail",
        "de",
        "savoir-faire",
        "données\u00a0: l'IA",
        "lui demande",
        "\n",
        "l'honorable parlementaire",
        "secrétaire d'État chargée du numérique,",
        "",
        "—",
        "aujourd’hui",
        "e\u0301cole",
    ]
)


@given(st.lists(SAID, max_size=30).map(" ".join), st.sampled_from(["article", "question"]), st.integers(0, 2))
def test_words_are_read_once_each_outside_what_is_set_aside(text: str, kind: str, long: int) -> None:
    """Every word that is no link and begins outside the ranges is read, at its place, up to the 3,000th; no other is."""
    text = f"{'mot ' * (long * 1_495)}{'a-b-c ' * long}{text}"
    read = words_of(text, kind, PIECES)
    ranges, keys = set_aside(text, kind), Keys()
    spans = [span for piece, at in placed(text) for span in moved(texts.spans(piece), at)][:MOST_WORDS]
    left = [
        (keys[word], start) for word, start, _ in spans if keys[word] and not any(begin <= start < end for begin, end in ranges)
    ]
    assert list(zip(read.keys, read.starts(), strict=True)) == left
    assert read.length == len(spans)
    firsts = [(read.span(spot)[1], keys[read.span(spot)[0]]) for spot in read.firsts()]
    assert firsts == [(start, key) for key, start in left if key in ("apprentissage", "ministre")]


def test_what_comes_after_the_last_word_read_is_not_looked_at() -> None:
    """A page of two million characters of titles costs what its first words cost."""
    text = "La\u00a0ministre\u00a0du\u00a0travail\u00a0a\u00a0dit." * 60_000
    assert words_of(text, "article", PIECES).length == MOST_WORDS


def placed(text: str) -> list[tuple[str, int]]:
    """Return what stands between blanks, and where it begins."""
    found: list[tuple[str, int]] = []
    at = 0
    for piece in text.split(" "):
        found.append((piece, at))
        at += len(piece) + 1
    return found


def moved(spans: list[tuple[str, int, int]], at: int) -> list[tuple[str, int, int]]:
    return [(word, at + start, at + end) for word, start, end in spans]
