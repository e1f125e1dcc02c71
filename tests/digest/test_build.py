"""What is in an edition, in which order, and what is left out."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.digest.builders import MONDAY, candidate, plan, score, seed
from watcher import digest
from watcher.digest.reasons import LEAST_SIMILARITY, nearest_seed
from watcher.model import Digest, Edition, Evidence, Recipient, SeedMatch, Story, TextStatus, Verdict


def keys(edition: Edition) -> dict[str, list[str]]:
    return {section.theme: [entry.key for entry in section.entries] for section in edition.sections}


def test_sections_follow_the_weights_of_the_themes() -> None:
    """The heaviest theme opens the edition; equal weights keep the order of the file."""
    edition = digest.build(
        plan(
            candidate("a", themes={"territoires": 0.9}),
            candidate("b", themes={"emploi": 0.9}),
            candidate("c", themes={"ia": 0.6}),
        )
    )
    assert [(s.theme, s.label, s.colour) for s in edition.sections] == [
        ("ia", "IA et compétences", "#5B21B6"),
        ("emploi", "Emploi", "#1D4ED8"),
        ("territoires", "Territoires", "#4D7C0F"),
    ]


def test_an_entry_appears_once_under_its_best_theme() -> None:
    """A document about two themes is filed under the one it scores best in, and keeps the names of both."""
    edition = digest.build(plan(candidate("a", themes={"ia": 0.7, "emploi": 0.8, "territoires": 0.2})))
    assert keys(edition) == {"emploi": ["a"]}
    assert edition.sections[0].entries[0].themes == ("emploi", "ia")


def test_relevance_comes_before_score_and_score_before_date() -> None:
    """What must be read is on top, whatever its probability."""
    edition = digest.build(
        plan(
            candidate("useful", relevance=2, score=0.99),
            candidate("late", relevance=3, score=0.7, day=2),
            candidate("early", relevance=3, score=0.7, day=1),
            candidate("sure", relevance=3, score=0.9),
            candidate("marginal", relevance=1, score=1.0),
        )
    )
    assert keys(edition) == {"ia": ["sure", "late", "early", "useful"]}


def test_the_caps_keep_the_best_and_count_the_rest() -> None:
    """Eight in a section, forty in all by default: what is left out is counted, and every section keeps its first."""
    many = [candidate(f"i{n}", score=n / 100) for n in range(6)] + [
        candidate(f"e{n}", score=n / 200, relevance=3, themes={"emploi": 0.9}) for n in range(5)
    ]
    wanted = Digest(id="veille", title="Veille", max_per_section=4, max_entries=5)
    edition = digest.build(plan(*many, digest=wanted))
    assert keys(edition) == {"ia": ["i5"], "emploi": ["e4", "e3", "e2", "e1"]}
    assert [section.more for section in edition.sections] == [5, 1]


def test_backfill_and_held_documents_are_never_mailed() -> None:
    """What a first fetch brought from before, and what waits for a person, stay out."""
    assert digest.build(plan(candidate("a", news=False), candidate("b", held=True))).sections == ()


def test_a_digest_with_themes_takes_only_what_is_above_their_thresholds() -> None:
    """A restricted digest never shows a document under a theme that it hardly touches."""
    wanted = Digest(id="emploi", title="Emploi", themes=("emploi",))
    candidates = (candidate("a", themes={"ia": 0.9, "emploi": 0.3}), candidate("b", themes={"ia": 0.9, "emploi": 0.6}))
    assert keys(digest.build(plan(*candidates, digest=wanted))) == {"emploi": ["b"]}


def test_a_relevant_document_without_a_theme_above_its_threshold_is_still_shown() -> None:
    """It is filed under the nearest theme: relevance decides what is shown, themes decide where."""
    assert keys(digest.build(plan(candidate("a", themes={"ia": 0.3, "emploi": 0.4})))) == {"emploi": ["a"]}


def test_a_story_is_one_entry_that_names_the_other_outlets() -> None:
    """The most relevant, most complete document stands for its story; each other outlet is named once."""
    group = (
        candidate("a", relevance=2, publisher="Agence"),
        candidate("b", relevance=3, publisher="Quotidien", status=TextStatus.SUMMARY, day=1),
        candidate("c", relevance=3, publisher="Hebdo", day=2),
        candidate("d", relevance=1, publisher="agence", day=3),
    )
    edition = digest.build(plan(*group, stories=(Story(id="a", keys=("a", "b", "c", "d")),)))
    (entry,) = edition.sections[0].entries
    assert (entry.key, entry.document_key, entry.publisher) == ("a", "c", "Hebdo")
    assert entry.also_in == (("Agence", "https://a.example/article"), ("Quotidien", "https://b.example/article"))


def test_a_copy_of_news_mailed_before_has_the_same_entry_key() -> None:
    """The key is the story's: next week's copy is recognised as mailed (promise P2, row F04)."""
    edition = digest.build(plan(candidate("copy"), stories=(Story(id="first", keys=("first", "copy")),)))
    recipient = Recipient(id="r", address="r@obs.example")
    assert keys(digest.for_recipient(edition, recipient, frozenset())) == {"ia": ["first"]}
    assert digest.for_recipient(edition, recipient, frozenset({"first"})).sections == ()


def test_a_far_seed_is_not_called_near() -> None:
    """Below the floor that docs/edition.md gives, no seed is named."""
    far, near = (SeedMatch(id="s1", passage="p", similarity=value) for value in (LEAST_SIMILARITY - 0.01, LEAST_SIMILARITY))
    assert nearest_seed([score("ia", 0.9, seed=far)], {"s1": "Une étude"}) == (None, None)
    assert nearest_seed([score("ia", 0.9, seed=near)], {"s1": "Une étude"}) == (near, "Une étude")


def test_why_shows_distinct_terms_heaviest_first_and_the_nearest_seed() -> None:
    """Plurals and parts of a longer term say nothing more; what counted against comes last."""
    terms = ("formation à l'IA", "IA", "compétences", "compétence", "atelier", "recette")
    evidence = tuple(
        Evidence(term=term, start=0, end=1, weight=weight) for term, weight in zip(terms, (3, 2.5, 2, 1.9, 1, -0.5), strict=True)
    )
    scores = (
        score("ia", 0.9, evidence=evidence, seed=SeedMatch(id="s1", passage="p", similarity=0.2)),
        score("emploi", 0.6, seed=SeedMatch(id="s2", passage="q", similarity=0.4)),
        score("territoires", 0.1, seed=SeedMatch(id="s3", passage="r", similarity=0.9)),
    )
    document = candidate("a").document
    verdict = Verdict(relevance=3, score=0.9, themes=scores, language="fr", classifier="test")
    found = replace(candidate("a"), document=document, verdict=verdict)
    edition = digest.build(plan(found, seeds=(seed("s1", "Un"), seed("s2", "Deux"), seed("s3", "Trois"))))
    (entry,) = edition.sections[0].entries
    assert [e.term for e in entry.evidence] == ["formation à l'IA", "compétences", "atelier", "recette"]
    assert (entry.seed_title, entry.seed) == ("Deux", scores[1].seed)


def test_titles_come_out_on_one_clean_line() -> None:
    """Control and bidirectional characters never reach an entry; a title that is none gives way to the address (row E06)."""
    edition = digest.build(plan(candidate("a", "Un\r\ntitre \u202epiégé\x00"), candidate("b", " \u200b ", score=0.1)))
    assert [entry.title for entry in edition.sections[0].entries] == ["Un titre piégé", "https://b.example/article"]


def test_a_week_without_anything_keeps_its_figures() -> None:
    """An empty edition says how much was read and what could not be (row E10)."""
    edition = digest.build(plan(candidate("a", relevance=0), read=87, sources_read=34))
    assert (edition.sections, edition.read, edition.sources_read, edition.number) == ((), 87, 34, 12)


@pytest.mark.parametrize(
    ("themes", "mailed", "expected"),
    [
        ((), frozenset[str](), {"ia": ["a", "b"], "emploi": ["c"]}),
        (("emploi",), frozenset[str](), {"ia": ["b"], "emploi": ["c"]}),
        (("ia",), frozenset({"b"}), {"ia": ["a"]}),
        (("territoires",), frozenset[str](), {}),
    ],
)
def test_a_recipient_reads_their_own_themes_and_nothing_twice(
    themes: tuple[str, ...], mailed: frozenset[str], expected: dict[str, list[str]]
) -> None:
    """A subscription keeps what touches its themes, whatever the section; the frozen edition stays as it is."""
    edition = digest.build(
        plan(
            candidate("a", themes={"ia": 0.9}),
            candidate("b", themes={"ia": 0.9, "emploi": 0.6}, score=0.5),
            candidate("c", themes={"emploi": 0.9}),
        )
    )
    before = edition
    own = digest.for_recipient(edition, Recipient(id="r", address="r@obs.example", themes=themes), mailed)
    assert keys(own) == expected
    assert edition is before
    assert keys(edition) == {"ia": ["a", "b"], "emploi": ["c"]}


@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1), st.sampled_from(["ia", "emploi", "territoires"])), max_size=30),
    st.integers(1, 6),
    st.integers(1, 12),
)
def test_nothing_is_lost_and_nothing_twice(documents: list[tuple[int, float, str]], per_section: int, in_all: int) -> None:
    """Every relevant document is an entry or is counted in `more`; the caps hold (row E10)."""
    found = [
        candidate(f"k{n}", relevance=relevance, score=value, themes={theme: 0.9}, published_at=MONDAY + timedelta(hours=n))
        for n, (relevance, value, theme) in enumerate(documents)
    ]
    wanted = Digest(id="veille", title="Veille", max_per_section=per_section, max_entries=in_all)
    edition = digest.build(plan(*found, digest=wanted))
    shown = [key for entries in keys(edition).values() for key in entries]
    assert len(shown) == len(set(shown)) <= in_all
    assert all(len(section.entries) <= per_section for section in edition.sections)
    relevant = sum(relevance >= wanted.min_relevance for relevance, _, _ in documents)
    assert len(shown) + sum(section.more for section in edition.sections) == relevant


def test_an_entry_knows_how_sure_its_theme_is() -> None:
    """The probability of the theme that an entry stands under is frozen with the threshold it was held against."""
    (entry,) = digest.build(plan(candidate("a", themes={"ia": 0.7, "emploi": 0.8}))).sections[0].entries
    assert (entry.themes[0], entry.theme_score, entry.threshold) == ("emploi", 0.8, 0.5)
