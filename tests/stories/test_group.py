"""Which documents tell the same news."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.digest.builders import candidate
from watcher import stories
from watcher.model import Candidate, Story

WIRE = (
    "La région a présenté mardi un plan de formation à l'intelligence artificielle destiné aux salariés de la plasturgie. "
    "Doté de quatre millions d'euros, il doit toucher 2 500 personnes en deux ans, en priorité dans les ateliers. "
    "Les branches professionnelles fourniront les formateurs, les lycées prêteront leurs plateaux techniques le samedi. "
    "Selon la vice-présidente chargée de l'emploi, aucune entreprise de moins de cinquante salariés ne devra avancer de frais. "
    "Les premières sessions ouvriront en février à Oyonnax, puis dans trois autres bassins avant l'été."
)
BAROMETER = (
    "Le baromètre mensuel des offres d'emploi industrielles, établi avec les agences du réseau, montre une tendance {trend}. "
    "Les annonces publiées en {month} progressent de {figure} % par rapport au mois précédent, tirées par la maintenance. "
    "Les métiers de la soudure restent les plus difficiles à pourvoir, devant l'usinage et la conduite de ligne. "
    "Les entreprises interrogées disent chercher d'abord des profils débutants, qu'elles forment elles-mêmes en interne. "
    "La prochaine édition paraîtra le premier mardi du mois suivant, avec un encadré consacré à l'apprentissage."
)
REGION = (
    "Le diagnostic assisté par l'IA compare les fiches de poste aux tâches réelles. En {place}, {n} entreprises l'essaient "
    "jusqu'au printemps avec l'appui des chambres consulaires. Les résultats seront publiés secteur par secteur."
)


def grouped(*candidates: Candidate, known: tuple[Candidate, ...] = ()) -> list[set[str]]:
    return [set(story.keys) for story in stories.group(candidates, known)]


SAME = {
    "a wire copy under another title": (
        candidate("a", "Plasturgie : la région forme 2 500 salariés à l'IA", WIRE),
        candidate("b", "Formation à l'intelligence artificielle : plan pour la plasturgie", WIRE),
    ),
    "a copy with a sentence added and one removed": (
        candidate("a", "Plan de formation à l'IA dans la plasturgie", WIRE),
        candidate(
            "b", "Plan de formation à l'IA dans la plasturgie", WIRE.partition("Les premières")[0] + "Le vote aura lieu jeudi."
        ),
    ),
    "the same article with a new guid and a moved date (row F04)": (
        candidate("a", "Plan de formation à l'IA", WIRE),
        candidate("b", "Plan de formation à l'IA", WIRE, day=4, guid="new"),
    ),
    "an article edited after publication (row F06)": (
        candidate("a", "Plasturgie : un plan de formation à l'IA", WIRE),
        candidate(
            "b", "Plasturgie : un plan de formation à l'IA [mise à jour]", WIRE.replace("mardi", "ce mardi 17 novembre matin")
        ),
    ),
    "two outlets telling it in their own words": (
        candidate(
            "a",
            "France Travail va former 10 000 conseillers à l'intelligence artificielle",
            "France Travail annonce la formation de 10 000 conseillers à l'intelligence artificielle d'ici à 2027. Deux jours "
            "d'atelier par agence sont prévus, avec des cas pratiques tirés de l'accueil du public.",
        ),
        candidate(
            "b",
            "Intelligence artificielle : 10 000 conseillers de France Travail vont être formés",
            "D'ici à 2027, 10 000 conseillers de France Travail suivront une formation à l'intelligence artificielle. Chaque "
            "agence organisera deux jours d'atelier, annonce l'opérateur, avec des cas pratiques.",
            day=1,
        ),
    ),
}
OTHER = {
    "the same barometer a month later": (
        candidate(
            "a", "Baromètre de l'emploi industriel : octobre", BAROMETER.format(trend="à la hausse", month="octobre", figure=4)
        ),
        candidate(
            "b",
            "Baromètre de l'emploi industriel : novembre",
            BAROMETER.format(trend="stable", month="novembre", figure="1,2"),
            day=20,
            source_id="source-a",
        ),
    ),
    "the same programme in two regions": (
        candidate("a", "120 entreprises bretonnes essaient le diagnostic IA", REGION.format(place="Bretagne", n=120)),
        candidate("b", "90 entreprises normandes essaient le diagnostic IA", REGION.format(place="Normandie", n=90)),
    ),
    "the same programme in two regions, without a figure": (
        candidate("a", "En Bretagne, les entreprises essaient le diagnostic IA", REGION.format(place="Bretagne", n="des")),
        candidate("b", "En Normandie, les entreprises essaient le diagnostic IA", REGION.format(place="Normandie", n="des")),
    ),
    "two studies under the same headline": (
        candidate(
            "a",
            "L'intelligence artificielle va-t-elle remplacer les formateurs ?",
            "Une enquête auprès de 900 stagiaires conclut que la présence humaine reste la première attente, loin devant la "
            "souplesse des horaires.",
        ),
        candidate(
            "b",
            "L'intelligence artificielle va-t-elle remplacer les formateurs ?",
            "Un économiste démonte trois idées reçues sur la productivité des organismes et rappelle que les coûts tiennent "
            "surtout aux locaux.",
        ),
    ),
    "a bill and its adoption": (
        candidate(
            "a",
            "Alternance : le gouvernement dépose son projet de loi",
            "Le texte déposé mercredi prévoit une aide unique pour les employeurs d'apprentis. L'examen en commission commencera "
            "en décembre.",
        ),
        candidate(
            "b",
            "Alternance : les députés adoptent le projet de loi",
            "Par 301 voix contre 190, les députés ont adopté le texte après trois nuits de débat. Le Sénat l'examinera ensuite.",
            day=12,
        ),
    ),
    "the same wire a month apart": (
        candidate("a", "Plan de formation à l'IA", WIRE),
        candidate("b", "Plan de formation à l'IA", WIRE, day=25),
    ),
    "two short notices with a common formula": (
        candidate("a", "Agenda", "Rendez-vous jeudi à 14 h."),
        candidate("b", "Agenda", "Rendez-vous jeudi à 14 h."),
    ),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME.keys())
def test_the_same_news_is_one_story(pair: tuple[Candidate, Candidate]) -> None:
    """Copies, new guids, moved dates, edited articles and other outlets' words make one entry (rows F04 to F06)."""
    assert grouped(*pair) == [{"a", "b"}]


@pytest.mark.parametrize("pair", OTHER.values(), ids=OTHER.keys())
def test_news_that_only_look_alike_stay_apart(pair: tuple[Candidate, Candidate]) -> None:
    """A wrong merge hides an article from its readers: other figures, places, months and texts are other stories."""
    assert grouped(*pair) == [{"a"}, {"b"}]


def test_a_story_is_named_after_its_oldest_document() -> None:
    """The document stored first gives the id, whatever date a later one claims."""
    first = candidate("a", "Plan de formation à l'IA", WIRE, day=1)
    later = candidate("b", "Plan de formation à l'IA", WIRE, day=2, published_at=first.document.published_at)
    assert stories.group([later, first], ()) == (Story(id="a", keys=("a", "b")),)


def test_a_copy_of_last_weeks_news_joins_its_story() -> None:
    """Known documents lend their story's id, so that what was mailed is recognised."""
    known = candidate("a", "Plan de formation à l'IA", WIRE, day=-7, story_id="older-still")
    copy = candidate("b", "Plan de formation à l'IA", WIRE)
    assert stories.group([copy], [known]) == (Story(id="older-still", keys=("a", "b")),)


def test_a_document_that_ties_two_stories_merges_them_under_the_older_id() -> None:
    """A merge keeps the older id."""
    one = candidate("a", "Plan de formation à l'IA", WIRE, day=-7, story_id="a")
    other = candidate("b", "Rien à voir", "Un tout autre texte.", day=-6, story_id="b")
    both = candidate("c", "Plan de formation à l'IA", WIRE, story_id="b")
    assert stories.group([both], [one, other]) == (Story(id="a", keys=("a", "b", "c")),)


def test_what_no_theme_is_about_is_not_compared() -> None:
    """Off-topic documents are stories of their own: comparing them would cost time and show nobody anything."""
    assert grouped(candidate("a", "Titre", WIRE, relevance=0), candidate("b", "Titre", WIRE, relevance=0)) == [{"a"}, {"b"}]


@given(st.permutations(range(6)), st.integers(0, 6))
def test_every_candidate_is_in_exactly_one_story_whatever_the_order(order: list[int], split: int) -> None:
    """Order of arrival changes nothing; known documents appear only beside a candidate."""
    everything = [candidate(f"k{n}", "Plan de formation à l'IA", WIRE if n % 2 else f"{n} " * 40, day=n) for n in range(6)]
    candidates, known = [everything[n] for n in order[:split]], [everything[n] for n in order[split:]]
    found = stories.group(candidates, known)
    members = [key for story in found for key in story.keys]
    assert len(members) == len(set(members))
    assert {c.document.key for c in candidates} <= set(members)
    for story in found:
        assert any(c.document.key in story.keys for c in candidates)
        assert all(one < other for one, other in pairwise(story.keys))
    again = stories.group([replace(c) for c in reversed(candidates)], list(reversed(known)))
    assert sorted(again, key=lambda s: s.id) == sorted(found, key=lambda s: s.id)
