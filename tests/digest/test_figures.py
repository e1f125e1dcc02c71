"""The edition in figures, and the order of its entries."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.digest.builders import PERIOD, candidate, plan
from watcher import digest
from watcher.digest import ranking
from watcher.digest.chosen import represented
from watcher.digest.figures import FEWEST_HOLDING, MOST_RISING, own_figures, rising
from watcher.digest.terms import tally, terms
from watcher.model import Candidate, Edition, Figures, RisingTerm, Story, ThemeFigure


def week(*titles: str, start: int = 0, **changed: object) -> Edition:
    """Return the edition of articles with these titles, on one theme."""
    found = [candidate(f"k{start}-{n}", title, f"{title}. Un texte sans rapport.") for n, title in enumerate(titles)]
    return digest.build(plan(*found, **changed))


ORDINARY = ("Apprentissage : les contrats", "Soudure : les contrats", "Reconversion : les contrats")
EARLIER = tuple(week(*ORDINARY, start=n) for n in range(4))


def test_counts_stand_against_the_mean_of_earlier_editions() -> None:
    """What the caps leave out counts; a theme that usually has something is there with nothing."""
    usual = tuple(digest.build(plan(*(candidate(f"{w}{n}", themes={"emploi": 0.9}) for n in range(w)))) for w in (1, 2, 3))
    edition = week("Un titre", "Un autre", earlier=usual)
    assert [(f.theme, f.count, f.mean) for f in edition.figures.themes] == [("ia", 2, 0.0), ("emploi", 0, 2.0)]
    assert edition.figures.compared == 3


def test_two_earlier_editions_are_too_few_to_compare() -> None:
    """A mean of two says nothing: no mean, no rising term."""
    edition = week(*["Robots : la vague"] * 9, earlier=EARLIER[:2])
    assert (edition.figures.compared, edition.figures.themes[0].mean, edition.figures.rising) == (0, None, ())


def test_a_term_that_more_stories_hold_than_usual_rises() -> None:
    """Its count, and what earlier editions lead to expect; what is always there does not rise."""
    edition = week(*(f"Exosquelettes : les contrats de {name}" for name in ("Brest", "Lens", "Pau", "Tarbes")), earlier=EARLIER)
    assert [(term.term, term.count, term.themes) for term in edition.figures.rising] == [("exosquelettes", 4, ("ia",))]
    assert edition.figures.rising[0].usual == 0.67


def test_a_term_that_only_two_stories_hold_does_not_rise() -> None:
    """A floor on counts: two articles are a coincidence."""
    assert FEWEST_HOLDING == 3
    assert week("Exosquelettes ici", "Exosquelettes ailleurs", "Autre", earlier=EARLIER).figures.rising == ()


def test_a_term_that_stands_in_no_title_does_not_rise() -> None:
    """What only texts say in passing is no subject of the week."""
    found = [candidate(f"x{n}", f"Dossier {n}", "Les vérandas sont vertes.") for n in range(6)]
    assert digest.build(plan(*found, earlier=EARLIER)).figures.rising == ()


def test_terms_are_counted_by_their_dictionary_form_and_shown_as_written() -> None:
    """Plurals and articles meet in one lemma; the reader sees the form that texts use; pairs are terms too."""
    found = terms("La maintenance prédictive des machines : l'IA et la maintenance.")
    assert found["maintenance"] == "maintenance"
    assert "maintenance prédictive" in found.values()
    assert found["ia"] == "IA"
    assert not {"la", "des", "et"} & found.keys()
    counted = tally([("ia", candidate("a", "Le robot").document), ("ia", candidate("b", "Les robots").document)])
    assert (counted.counts["robot"], counted.stories) == (2, 2)


def test_a_term_inside_another_is_said_once() -> None:
    """ "intelligence" beside "intelligence artificielle" says nothing more."""
    titles = [f"Intelligence artificielle à {name}" for name in ("Brest", "Lens", "Pau", "Tarbes")]
    shown = [term.term for term in week(*titles, earlier=EARLIER).figures.rising]
    assert sum("intelligence" in term.lower() for term in shown) == 1


@given(st.dictionaries(st.sampled_from(["robot", "drone", "cobot"]), st.integers(0, 30)), st.integers(0, 8))
def test_rising_is_a_matter_of_counts_alone(counts: dict[str, int], editions: int) -> None:
    """Never more than six, never below the floor, never what is as frequent as it was."""
    now = tally([("ia", candidate(f"{w}{n}", f"Le {w}").document) for w, count in counts.items() for n in range(count)])
    before = [Figures(stories=now.stories, terms=tuple(sorted((w, c) for w, c in counts.items() if c > 1)))] * editions
    found = rising(now, before)
    assert len(found) <= MOST_RISING
    assert all(term.count >= FEWEST_HOLDING for term in found)
    assert not [term for term in found if editions >= 3 and now.stories]


def test_a_recipient_reads_the_figures_of_their_themes() -> None:
    """Bars and terms follow the subscription, as entries do."""
    lines = tuple(ThemeFigure(theme=theme, label=theme, colour="#000000", count=1) for theme in ("ia", "emploi"))
    terms_ = (RisingTerm(term="robots", count=3, usual=0, themes=("ia",)), RisingTerm(term="cadres", count=3, usual=0))
    both = Figures(themes=lines, rising=terms_)
    assert own_figures(both, frozenset()) == both
    own = own_figures(both, frozenset({"ia"}))
    assert ([figure.theme for figure in own.themes], [term.term for term in own.rising]) == (["ia"], ["robots"])


# ------------------------------------------------------------------------------------------------------- the order


def merit(*group: Candidate, **changed: object) -> float:
    story = Story(id="s", keys=tuple(one.document.key for one in group))
    made = plan(*group, stories=(changed.pop("story", story),), **changed)
    (chosen,) = represented(made)
    return ranking.merit(chosen, made)


def test_each_further_outlet_adds_a_tenth_up_to_three() -> None:
    """News that many carry comes before news that one does; six outlets are no more than four."""
    group = [candidate(f"k{n}", publisher=f"Journal {n}") for n in range(6)]
    alone = merit(group[0])
    assert [round(merit(*group[:n]) / alone, 6) for n in (1, 2, 4, 6)] == [1, 1.1, 1.3, 1.3]


def test_the_weight_of_the_source_counts() -> None:
    """An outlet of weight 2 comes before one of weight 1 with the same score; relevance still comes first."""
    assert merit(candidate("a"), weights={"source-a": 2.0}) == 2 * merit(candidate("a"))
    edition = digest.build(
        plan(
            candidate("a", score=0.5),
            candidate("b", score=0.4),
            candidate("c", score=0.1, relevance=3),
            weights={"source-b": 1.5},
        )
    )
    assert [entry.key for entry in edition.sections[0].entries] == ["c", "b", "a"]


def test_what_is_new_comes_before_what_moved_on_and_what_came_late() -> None:
    """A development loses a tenth, what was published more than a week before the period a fifth."""
    one = candidate("a")
    again = Story(id="a", keys=("a",), development=2)
    assert round(merit(one, story=again) / merit(one), 6) == 0.9
    late = replace(one, document=replace(one.document, published_at=PERIOD.start.replace(month=10)))
    assert round(merit(late) / merit(one), 6) == 0.8
