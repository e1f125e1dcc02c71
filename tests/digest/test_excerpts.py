"""Which sentences are quoted."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.digest.builders import candidate
from watcher.digest.excerpts import RESERVED_LIMIT, telling
from watcher.digest.leaning import leans
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


@pytest.mark.parametrize(
    "sentence",
    [
        "Leur rapport, discuté lundi devant une centaine de directeurs, prend cette idée à revers.",
        "Second enseignement : les ateliers qui forment avant d'installer gardent leurs opérateurs.",
        "La seconde, à simplifier l'abondement des petites entreprises par un versement unique.",
        "Le second est la formation du maître d'apprentissage dans les trois premiers mois.",
        "D'autres mutualisent un formateur à l'échelle d'un département avec leur opérateur.",
        "Branchée sur un pupitre pour mettre à jour un automate, elle a paralysé l'usine quatre jours.",
        "Apparaissent en revanche des profils d'architecte de parcours et de responsable d'évaluation.",
        "Une étude menée auprès de 210 professionnels tente de dire ce qu'il advient du reste.",
        "Les entreprises attendent-elles des embauches de ces journées portes ouvertes ?",
        "Voltamer leur propose un parcours d'évolution vers la robotique et une école commune.",
        "Dix-huit mois plus tard, 160 automaticiens ont suivi un parcours de six jours.",
        "Pour cette raison, la branche finance deux journées de formation par salarié.",
        "Ici, tout le monde connaît l'histoire des vingt-trois soudeurs de la vallée.",
        "« Le métier ne disparaît pas, il change de main, résume la directrice du centre.",
        "M. Luc Hervé attire l'attention de Mme la ministre du travail sur le financement des centres.",
        "Madame la sénatrice, vous posez une question juste sur les métiers de demain.",
        "Je vous remercie de votre question, qui touche à la formation des apprentis.",
        "However, the training plan was never funded by the branch in the end.",
    ],
)
def test_sentences_that_lean_on_another_are_known(sentence: str) -> None:
    """A pronoun, a rank, a connector, a question, half a quotation, a formula: quoted alone, they leave the reader asking."""
    assert leans(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "La région finance 400 parcours de reconversion vers les métiers de la maintenance.",
        "Les premiers stagiaires entreront en formation en janvier prochain à Cholet.",
        "Cette année, 34 % des salariés déclarent utiliser un outil génératif au travail.",
        "Le second semestre verra s'ouvrir douze ateliers de découverte dans la vallée.",
        "En 2026, il faut compter six mois pour recruter un automaticien dans le Val.",
        "« Aucune ligne de code ne discrimine », explique l'auditrice de la chaîne de magasins.",
        "Onze communes et quatre lycées partagent leurs données sur l'emploi industriel.",
        "Les chefs d'équipe et leur direction ont signé un accord sur les plannings calculés.",
        "Soixante entreprises du Val ont ouvert leurs portes à des collégiens samedi.",
        "Madame la ministre du travail, en visite à Lille, a signé l'accord des centres.",
        "L'usine de Cholet, créée en 1986, compte onze robots collaboratifs depuis mars.",
    ],
)
def test_sentences_that_stand_by_themselves_are_not_called_leaning(sentence: str) -> None:
    """What names its own subject may be quoted, whatever words it has in common with the others."""
    assert not leans(sentence)


def test_a_leaning_sentence_is_left_out_when_another_can_be_quoted() -> None:
    """Were it full of reasons, it is not quoted alone; it is where there is nothing else."""
    body = "Le centre ouvre en mars à Cholet.\nLe second est la formation à l'IA des opérateurs, financée par la branche."
    assert excerpts(candidate("a", "Titre", body, terms="formation à l'IA")) == ("Le centre ouvre en mars à Cholet.",)
    alone = body.partition("\n")[2]
    assert excerpts(candidate("a", "Titre", alone, terms="formation à l'IA")) == (alone,)


def test_a_leaning_sentence_may_follow_the_one_it_leans_on() -> None:
    """Quoted together, they are one passage, as the text has them."""
    body = "Le centre de Cholet ouvre en mars aux apprentis. Il donnera une formation à l'IA de trois jours."
    assert excerpts(candidate("a", "Titre", body, terms="centre, formation à l'IA")) == (body,)


def test_a_question_put_to_the_government_is_not_quoted_by_its_formula() -> None:
    """The opening formula names a minister, not the matter: the sentence that tells it is quoted."""
    formula = "Mme Anne Petit appelle l'attention de M. le ministre du travail sur la formation des apprentis."
    told = "Trois centres de formation du Gard ont fermé une section faute de financement."
    found = candidate("a", "Centres du Gard", f"{formula}\n{told}", terms="formation des apprentis")
    assert excerpts(found) == (told,)


def test_nothing_is_cut_inside_a_quotation() -> None:
    """A cut leaves no quotation mark open: the quotation goes whole (row S07)."""
    body = "Le plan de la branche, présenté jeudi, prévoit « une mesure et " + "une autre mesure et " * 20 + "rien »."
    (quoted,) = excerpts(candidate("a", "Plan", body), limit=100)
    assert quoted == "Le plan de la branche, présenté jeudi, prévoit […]"
