"""Which sentences are quoted."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.digest.builders import candidate
from watcher.digest.excerpts import RESERVED_LIMIT, telling
from watcher.model import Candidate, TextStatus

BODY = (
    "Accueil\n"
    "L'usine de Cholet a fêté ses quarante ans la semaine dernière, devant trois cents invités.\n"
    "Elle compte désormais onze robots collaboratifs. Cela change tout pour les équipes de nuit.\n"
    "Pour s'y préparer, 84 opérateurs ont suivi une formation à l'IA de trois jours, financée par la branche. "
    "Les chefs d'équipe en demandent davantage.\n"
    "À lire aussi : notre dossier"
)


def excerpts(found: Candidate, limit: int = 420) -> tuple[str, ...]:
    evidence = [e for s in found.verdict.themes for e in s.evidence]
    return telling(found.document, evidence, limit)


def test_the_sentence_that_holds_the_reasons_is_quoted_first() -> None:
    """Weighty terms choose the sentences; headings, links and leaning sentences are not quoted; the text's order is kept."""
    found = candidate("a", "Des robots à Cholet", BODY, terms="formation à l'IA, opérateurs, robots collaboratifs")
    first, second = excerpts(found)
    assert first.startswith("L'usine de Cholet")
    assert second == "Pour s'y préparer, 84 opérateurs ont suivi une formation à l'IA de trois jours, financée par la branche."


def test_two_sentences_that_follow_each_other_are_one_excerpt() -> None:
    """A quotation is not torn where the text is not."""
    body = "La région finance 400 parcours de reconversion. Les premiers stagiaires entreront en formation en janvier."
    assert excerpts(candidate("a", "Reconversion", body, terms="reconversion, formation")) == (body,)


def test_a_sentence_that_repeats_the_title_is_not_quoted() -> None:
    """Under its own title, it would say nothing."""
    title = "La région finance 400 parcours de reconversion"
    body = f"{title}. Les premiers stagiaires entreront en formation en janvier prochain."
    assert excerpts(candidate("a", title, body)) == ("Les premiers stagiaires entreront en formation en janvier prochain.",)


def test_a_reserved_text_is_never_quoted() -> None:
    """Of a publisher that reserves its texts, one short sentence of the summary it distributes, no more (rows S06, S07)."""
    summary = "La branche annonce un plan de formation. Il sera présenté jeudi aux entreprises de la région."
    found = candidate("a", "Titre", BODY, terms="opérateurs", status=TextStatus.RESERVED, summary=summary)
    assert excerpts(found) == ("La branche annonce un plan de formation.",)
    endless = candidate("a", "Titre", BODY, status=TextStatus.RESERVED, summary="La branche " + "annonce et " * 60 + "agit.")
    (quoted,) = excerpts(endless)
    assert len(quoted) <= RESERVED_LIMIT


def test_without_a_text_the_summary_is_quoted() -> None:
    """A page that could not be read still has what its feed said of it."""
    found = candidate("a", "Titre", "", status=TextStatus.SUMMARY, summary="Le campus accueillera 300 apprentis à la rentrée.")
    assert excerpts(found) == ("Le campus accueillera 300 apprentis à la rentrée.",)


def test_an_endless_sentence_is_cut_after_a_word_and_marked() -> None:
    """Where no sentence fits, the cut shows (row S07)."""
    body = "Le plan " + "prévoit une mesure et " * 40 + "s'arrête."
    (quoted,) = excerpts(candidate("a", "Plan", body), limit=120)
    assert len(quoted) <= 120
    assert quoted.endswith(" […]")
    assert body.startswith(quoted.removesuffix(" […]"))


def test_offsets_that_fit_nothing_do_no_harm() -> None:
    """Evidence of another version of the text is left aside."""
    found = candidate("a", "Titre", BODY, terms="opérateurs")
    shorter = replace(found, document=replace(found.document, text="Une seule phrase assez longue pour être citée."))
    assert excerpts(shorter) == ("Une seule phrase assez longue pour être citée.",)


@given(st.text(alphabet="ab cé.!?…«»\n\u00a0'", max_size=400), st.integers(0, 200), st.sampled_from(list(TextStatus)))
def test_quotations_stay_within_the_limit_and_come_from_the_text(body: str, limit: int, status: TextStatus) -> None:
    """Never more characters than the settings allow, never a word that is not in the text (row S07)."""
    found = candidate("a", "Titre", body, status=status, summary=body)
    quoted = excerpts(found, limit=limit)
    assert sum(len(q) for q in quoted) <= limit
    assert len(quoted) <= 2
    squeezed = " ".join(body.split())
    for q in quoted:
        assert " ".join(q.removesuffix(" […]").split()) in squeezed
