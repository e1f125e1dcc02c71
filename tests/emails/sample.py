"""A full edition, a later one that compares and an empty one, with invented content: what the golden mails show."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from watcher.model import (
    AnswerDelay,
    Chamber,
    Edition,
    Entry,
    EventKind,
    Evidence,
    Figures,
    MailSettings,
    OverdueQuestion,
    Parliament,
    Period,
    QuestionEntry,
    QuestionLine,
    Recipient,
    RisingTerm,
    Section,
    SeedMatch,
    Settings,
    TextStatus,
    ThemeFigure,
    Told,
    UnreadSource,
)

TEMPLATES = Path(__file__).parents[2] / "templates"
PERIOD = Period(key="2026-W47", start=datetime(2026, 11, 15, 23, tzinfo=UTC), end=datetime(2026, 11, 22, 23, tzinfo=UTC))
CUTOFF = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
RECIPIENT = Recipient(id="r-7f3a", address="c.lemoine@observatoire.example", name="Claire Lemoine")
SETTINGS = Settings(
    mail=MailSettings(
        sender="veille@observatoire.example", sender_name="Veille emploi & compétences", reply_to="redaction@observatoire.example"
    )
)
THEMES = {
    "ia-competences": ("IA et compétences", "#5B21B6"),
    "ia-emploi": ("IA, emploi et métiers", "#1D4ED8"),
    "industrie-futur": ("Industrie du futur", "#0F766E"),
    "politiques-formation": ("Politiques et financement de la formation", "#B45309"),
    "territoires": ("Territoires", "#4D7C0F"),
}


def files() -> dict[str, str]:
    """Return the shipped templates, as an administrator would find them."""
    return {path.relative_to(TEMPLATES).as_posix(): path.read_text("utf-8") for path in sorted(TEMPLATES.rglob("*.j2"))}


def full() -> Edition:
    """Return a full week: five themes, every kind of entry, three sources that could not be read."""
    return Edition(
        digest="veille",
        title="Veille emploi, compétences et technologies",
        number=12,
        period=PERIOD,
        cutoff=CUTOFF,
        sections=(
            _section("ia-competences", _COMPETENCES, more=3),
            _section("ia-emploi", _EMPLOI),
            _section("industrie-futur", _INDUSTRIE),
            _section("politiques-formation", _POLITIQUES),
            _section("territoires", _TERRITOIRES, more=1),
        ),
        read=1212,
        sources_read=34,
        unread=(
            UnreadSource(id="dares", name="Dares, publications", reason="http_503", since=datetime(2026, 11, 19, 5, tzinfo=UTC)),
            UnreadSource(id="echo", name="L’Écho des ateliers", reason="not_a_feed", since=datetime(2026, 11, 1, 8, tzinfo=UTC)),
            UnreadSource(id="bassin", name="Bassin & métiers", reason="something_new", since=None),
        ),
        templates_hash="0" * 64,
        parliament=_parliament(),
    )


def second() -> Edition:
    """Return a later week: compared with the eight before, with terms that rise, and a story that has moved on."""
    entry = _COMPETENCES[1]
    told = Told(
        story=entry.key,
        development=1,
        title="France compétences consulte sur des blocs « usage raisonné de l’IA »",
        documents=(entry.key,),
        number=19,
        told_at=datetime(2026, 11, 16, 6, 30, tzinfo=UTC),
    )
    moved = replace(entry, key=f"{entry.key}#2", story=entry.key, development=2, follows=told)
    counts = (("ia-competences", 2, 3.5), ("ia-emploi", 3, 1.125), ("industrie-futur", 0, 2.0), ("territoires", 4, 4.0))
    return Edition(
        digest="veille",
        title="Veille emploi, compétences et technologies",
        number=21,
        period=PERIOD,
        cutoff=CUTOFF,
        sections=(_section("ia-competences", (_COMPETENCES[0], moved)), _section("ia-emploi", _EMPLOI)),
        read=1041,
        sources_read=34,
        repeated=2,
        figures=Figures(
            themes=tuple(
                ThemeFigure(theme=theme, label=THEMES[theme][0], colour=THEMES[theme][1], count=count, mean=mean)
                for theme, count, mean in counts
            ),
            rising=(
                RisingTerm(term="blocs de compétences", count=6, usual=1.4),
                RisingTerm(term="téléconseillers", count=3, usual=0.25),
            ),
            compared=8,
        ),
        already_sent=(_EMPLOI[1],),
    )


def at_once() -> Edition:
    """Return the one must-read that did not wait for Monday, as it is sent to those who asked for it."""
    section = full().sections[0]
    entry = section.entries[0]
    sent = datetime(2026, 11, 18, 7, 12, tzinfo=UTC)
    return replace(
        full(),
        digest="veille.at-once",
        number=31,
        period=Period(key=entry.key, start=sent - timedelta(seconds=1), end=sent),
        cutoff=sent,
        frequency="at_once",
        sections=(replace(section, entries=(entry,), more=0),),
        unread=(),
        parliament=Parliament(),
        figures=Figures(),
    )


def empty() -> Edition:
    """Return a week in which everything was read and nothing was worth a line."""
    return Edition(
        digest="veille",
        title="Veille emploi, compétences et technologies",
        number=13,
        period=PERIOD,
        cutoff=CUTOFF,
        sections=(),
        read=87,
        sources_read=34,
    )


def _parliament() -> Parliament:
    """Return every kind of line: one answer to three questions, a campaign, a transfer, a withdrawal, waiting ones, delays."""
    three = tuple(
        _question("SENAT", "QE", number, author, "Les Givres", place, date(2026, 9, day))
        for number, author, place, day in (
            ("90302", "Mme Ondine Verglas", "Gard", 3),
            ("90318", "M. Anatole Giboulée", "Manche", 10),
            ("90340", "Mme Sidonie Bruine", "Ariège", 17),
        )
    )
    many = tuple(
        _question("ASSEMBLEE", "QE", str(90201 + n), f"M. Colin Averse-{n}", "Les Ondées", "Aube", date(2026, 11, 17))
        for n in range(5)
    )
    return Parliament(
        answers=(
            _parliamentary(
                EventKind.ANSWERED,
                "Financement de l’apprentissage industriel",
                three,
                on=date(2026, 11, 19),
                days=77,
                page="5533",
                asked=("Les ateliers d’apprentis du Gard devront-ils fermer à la rentrée ?",),
                answered=(
                    "Un fonds de péréquation aidera pendant deux ans les ateliers d’une seule section.",
                    "Il ouvrira au 1er janvier.",
                ),
                terms="apprentissage, ateliers",
            ),
        ),
        asked=(
            _parliamentary(
                EventKind.ASKED,
                "Formation à l’IA des petites entreprises",
                many,
                on=date(2026, 11, 17),
                page="9731",
                asked=("Il demande si un diagnostic de deux journées est prévu pour les plus petites entreprises.",),
                terms="formation à l’IA",
            ),
        ),
        moved=(
            _parliamentary(
                EventKind.TRANSFERRED,
                "Certification des compétences numériques",
                three[:1],
                from_ministry="Ministère de l’éducation nationale",
                asked=("Elle souhaite savoir qui délivre ce titre.",),
            ),
        ),
        ended=(
            _parliamentary(
                EventKind.WITHDRAWN,
                "Métiers du doublage",
                three[1:2],
                on=date(2026, 11, 18),
                label="Retirée",
                asked=("La voix est un métier.",),
            ),
        ),
        more=2,
        overdue=(
            OverdueQuestion(question=three[2], title="Reconversion des sous-traitants", ministry="Industrie", days=163),
            OverdueQuestion(question=many[0], title="Avenir des métiers de la traduction", ministry="Culture", days=88),
        ),
        more_overdue=4,
        delays=(
            AnswerDelay(ministry="Travail et emploi", days=84, answers=31),
            AnswerDelay(ministry="Formation professionnelle et apprentissage", days=63, answers=12),
        ),
    )


def _question(chamber: str, kind: str, number: str, author: str, group: str, place: str, day: date) -> QuestionLine:
    return QuestionLine(
        key=f"question:{chamber.lower()}:17:{kind}:{number}",
        chamber=Chamber[chamber],
        kind=kind,
        number=number,
        url=f"https://www.{chamber.lower()}.example/questions/{number}",
        author=author,
        group=group,
        constituency=place,
        asked_on=day,
    )


def _parliamentary(
    kind: EventKind, title: str, questions: tuple[QuestionLine, ...], *, terms: str = "", **other: object
) -> QuestionEntry:
    values: dict[str, object] = {
        "key": f"{questions[0].key}#{kind.value}",
        "event": kind,
        "title": title,
        "url": questions[0].url,
        "questions": questions,
        "on": None,
        "days": None,
        "ministry": "Ministère du travail et des solidarités",
        "from_ministry": None,
        "page": None,
        "label": "",
        "asked": (),
        "answered": (),
        "relevance": 2,
        "score": 0.7,
        "themes": (),
        "evidence": tuple(Evidence(term=t.strip(), start=0, end=1, weight=1.0) for t in terms.split(",") if t.strip()),
    }
    return QuestionEntry(**(values | other))  # type: ignore[arg-type]  # values are those of QuestionEntry, in one place


def _section(theme: str, entries: tuple[Entry, ...], more: int = 0) -> Section:
    label, colour = THEMES[theme]
    return Section(theme=theme, label=label, colour=colour, entries=entries, more=more)


def _entry(
    slug: str,
    title: str,
    publisher: str,
    day: int | None,
    *excerpts: str,
    relevance: int = 2,
    score: float = 0.7,
    terms: str = "",
    seed: str | None = None,
    **other: object,
) -> Entry:
    values: dict[str, object] = {
        "key": f"https://{slug}.example/a",
        "document_key": f"https://{slug}.example/a",
        "title": title,
        "url": f"https://www.{slug}.example/2026/11/article?id=12&lang=fr",
        "publisher": publisher,
        "published_at": datetime(2026, 11, day, 9, tzinfo=UTC) if day else None,
        "excerpts": excerpts,
        "relevance": relevance,
        "score": score,
        "themes": (),
        "evidence": tuple(
            Evidence(term=term.strip(), start=0, end=1, weight=1 - rank / 10)
            for rank, term in enumerate(terms.split(","))
            if term.strip()
        ),
        "seed": SeedMatch(id="s", passage="p", similarity=0.6) if seed else None,
        "seed_title": seed,
        "theme_score": score,
        "threshold": 0.33,
    }
    return Entry(**(values | other))  # type: ignore[arg-type]  # values are those of Entry, in one place


_APEC = "L’IA et les cadres de l’industrie"
_SENAT = "Former les salariés à l’intelligence artificielle"
_HDF = "Hauts-de-France : expérimenter l’IA au service des compétences"
_FORMATEUR = "L’intelligence artificielle et le métier de formateur"
_USINE = "L’industrie 4.0 et la carte des emplois industriels"

_COMPETENCES = (
    _entry(
        "branche-metal",
        "Métallurgie : un salarié sur trois a déjà utilisé une IA générative, un sur douze y a été formé",
        "Le Fil des branches",
        17,
        "Parmi les 2 140 salariés interrogés, 34 % disent s’être servis d’un outil d’IA générative au travail, mais 8 % "
        "seulement ont suivi une formation.",
        "L’observatoire recommande un socle commun de quatorze heures, ouvert aux ateliers comme aux bureaux d’études.",
        relevance=3,
        score=0.97,
        terms="IA générative, formation, métallurgie, socle commun, ateliers",
        seed=_APEC,
        also_in=(("Industrie & Savoirs", "https://is.example/1"), ("La Gazette de l’Ouest", "https://gazette.example/2")),
    ),
    _entry(
        "certif",
        "France compétences ouvre la voie à des blocs « usage raisonné de l’IA »",
        "Formation Continue Info",
        18,
        "Les certificateurs pourront déposer dès janvier un bloc transversal, sans refondre le diplôme entier.",
        "Trois conditions sont posées : des mises en situation, une évaluation de l’esprit critique et une révision "
        "tous les deux ans.",
        relevance=3,
        score=0.91,
        terms="blocs de compétences, IA, certification",
        seed=_SENAT,
    ),
    _entry(
        "skills-eu",
        "AI literacy in small firms: what eleven regional pilots have learnt",
        "European Skills Review",
        16,
        "Firms that trained team leaders first saw twice as many employees use the tools three months later.",
        relevance=2,
        score=0.74,
        terms="AI literacy, training, small firms",
        seed=_HDF,
        language="en",
        media_type="application/pdf",
        pages=48,
    ),
)
_EMPLOI = (
    _entry(
        "comptables",
        "Cabinets comptables : la saisie disparaît, le conseil recrute",
        "Métiers Demain",
        19,
        "En deux ans, les offres d’assistant de saisie ont reculé de 41 %, quand celles de chargé de conseil "
        "progressaient de 27 %.",
        "« Nous ne supprimons pas des postes, nous changeons ce qu’ils contiennent », résume la directrice d’un réseau de "
        "soixante cabinets.",
        relevance=3,
        score=0.94,
        terms="automatisation des tâches, recrutement, métiers",
        seed=_USINE,
    ),
    _entry(
        "accord",
        "Un premier accord d’entreprise encadre l’IA dans la logistique",
        "Social Pratique",
        20,
        "Le texte prévoit une consultation avant tout déploiement et un droit à la reconversion financé par l’employeur.",
        relevance=2,
        score=0.82,
        terms="dialogue social, IA, reconversion",
        also_in=(("Transport Hebdo", "https://th.example/9"),),
    ),
    _entry(
        "abonnes",
        "Ce que les agents conversationnels changent au métier de téléconseiller",
        "Le Quotidien du travail",
        17,
        "Les appels simples ont diminué de moitié.",
        relevance=2,
        score=0.69,
        terms="téléconseiller, agents conversationnels",
        status=TextStatus.RESERVED,
    ),
)
_INDUSTRIE = (
    _entry(
        "cobots",
        "Cobots : la PME vendéenne qui a formé avant d’acheter",
        "L’Usine de l’Ouest",
        18,
        "Pendant six mois, huit opérateurs ont appris à programmer sur des bras prêtés par le lycée voisin.",
        "À l’arrivée des robots, aucun poste n’a été supprimé et l’atelier a ouvert une seconde équipe.",
        relevance=3,
        score=0.9,
        terms="cobot, opérateurs, formation, atelier",
        seed=_USINE,
    ),
    _entry(
        "jumeau",
        "Jumeaux numériques : les techniciens de maintenance changent d’outils, pas de métier",
        "Technique & Travail",
        16,
        "La lecture de plans reste la compétence la plus demandée, devant l’analyse de données.",
        relevance=2,
        score=0.71,
        terms="jumeau numérique, maintenance",
        pages=None,
    ),
    _entry(
        "batteries",
        "Gigafactories : 3 200 embauches prévues, des formations encore trop rares",
        "Industrie & Savoirs",
        20,
        "Les trois sites du Nord cherchent d’abord des conducteurs de ligne et des techniciens procédés.",
        relevance=2,
        score=0.66,
        terms="réindustrialisation, embauches, formations",
    ),
)
_POLITIQUES = (
    _entry(
        "cpf",
        "Compte personnel de formation : les parcours courts en IA passent sous contrôle renforcé",
        "Formation Continue Info",
        19,
        "Un contrôle sur place précédera désormais le référencement de toute formation de moins de vingt et une heures.",
        "Les organismes ont jusqu’au 1er mars pour déposer leurs programmes détaillés.",
        relevance=3,
        score=0.88,
        terms="CPF, organismes de formation, IA",
        seed=_SENAT,
    ),
    _entry(
        "budget",
        "Budget 2027 : l’enveloppe des transitions professionnelles stable, celle de l’alternance en baisse",
        "La Lettre du Parlement social",
        17,
        "Les crédits des transitions professionnelles restent à 498 millions d’euros.",
        relevance=2,
        score=0.75,
        terms="transitions professionnelles, engagement de développement de l’emploi et des compétences, crédits",
        media_type="application/pdf",
        pages=1,
    ),
)
_TERRITOIRES = (
    _entry(
        "hdf",
        "Hauts-de-France : 120 entreprises testent un diagnostic de compétences assisté par l’IA",
        "Nord Éco",
        20,
        "Le diagnostic compare les fiches de poste aux tâches réellement effectuées et propose des modules courts.",
        "La région publiera les résultats au printemps, secteur par secteur.",
        relevance=3,
        score=0.86,
        terms="diagnostic, compétences, IA, région",
        seed=_HDF,
    ),
    _entry(
        "bretagne",
        "En Bretagne, un campus partagé pour les métiers de la donnée",
        "Bretagne Active",
        None,
        "Le campus accueillera 300 apprentis à la rentrée, dont un tiers en reconversion.",
        relevance=2,
        score=0.64,
        terms="campus, reconversion, données",
        status=TextStatus.SUMMARY,
    ),
    _entry(
        "formateurs",
        "Les formateurs du Grand Est s’exercent à concevoir avec l’IA, sans lui céder le scénario",
        "Pédagogies",
        21,
        "« L’outil propose, le groupe dispose ! » : la règle est affichée dans chaque salle.",
        relevance=2,
        score=0.6,
        terms="formateurs, IA, ingénierie pédagogique",
        seed=_FORMATEUR,
    ),
)
