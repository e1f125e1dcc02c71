"""Make an archive of written questions as the Assemblée publishes it: its shapes and its oddities, with prose of our own.

The same arguments give the same bytes. Half of the answers are given to several questions, as in the real archives; a few
members are lists where others are objects, empty in one of three ways, or broken HTML. `revised` says which questions have
moved on since: they are answered in the second archive.
"""

import json
import random
import zipfile
from collections.abc import Collection
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from watcher.sources.assemblee_nodes import Node

FIRST_DAY = date(2024, 10, 1)
NAMESPACE = "http://schemas.assemblee-nationale.fr/referentiel"
NIL: tuple[Node, ...] = ({"@xsi:nil": "true"}, None, "")
MINISTRIES = (
    ("PO847643", "Intérieur", "Ministère de l'intérieur"),
    ("PO855051", "Travail", "Ministère du travail, de l'emploi et de l'insertion"),
    (
        "PO855052",
        "Travail et emploi",
        "Ministère auprès de la ministre du travail, de la santé, de la solidarité et des familles, chargé du travail et de "
        "l'emploi",
    ),
    ("PO855053", "Éducation nationale", "Ministère de l'éducation nationale"),
    ("PO855054", "Numérique", "Secrétariat d'État chargé de l'intelligence artificielle et du numérique"),
    ("PO855055", "Industrie", "Ministère auprès du ministre de l'économie, des finances et de la relance, chargé de l'industrie"),
    ("PO855056", "Santé", "Ministère de la santé et de l'accès aux soins"),
    ("PO855057", "Agriculture", "Ministère de l'agriculture et de la souveraineté alimentaire"),
)
RUBRICS = ("formation professionnelle et apprentissage", "emploi et activité", "numérique", "santé", "agriculture", "transports")


class Matter(NamedTuple):
    """What questions are about: titles, who has a trouble, and which."""

    subjects: tuple[str, ...]
    who: tuple[str, ...]
    what: tuple[str, ...]


# fmt: off
OURS = Matter(
    ("Avenir des centres de formation d'apprentis", "Usage de l'intelligence artificielle dans les services publics",
     "Prise en charge des contrats d'apprentissage", "Reconversion des salariés de la fonderie",
     "Certification des formations à distance"),
    ("les artisans du bâtiment", "les apprentis des métiers de bouche", "les salariés des fonderies",
     "les organismes de formation", "les agents des greffes"),
    ("la baisse des niveaux de prise en charge", "le recours croissant aux outils d'intelligence artificielle",
     "le manque de formateurs qualifiés", "la complexité des démarches en ligne"),
)
# Few questions of a legislature are on our themes: 4 in 100 of the real oral ones are alerts. Here it is one in OURS_EVERY.
OURS_EVERY = 12
OTHERS = Matter(
    ("Fermeture d'une ligne ferroviaire de proximité", "Accès aux soins en zone rurale", "Aide à l'installation des éleveurs",
     "Qualité de l'accueil dans les préfectures", "Prolifération du frelon asiatique", "Remboursement des prothèses auditives",
     "Stationnement des gens du voyage", "Retraite des anciens combattants d'Algérie", "Taxe foncière des logements vacants",
     "Pollution de la rivière par les nitrates", "Délais de délivrance des passeports", "Protection du trait de côte"),
    ("les communes rurales", "les soignants de nuit", "les éleveurs de montagne", "les riverains de l'aérodrome",
     "les apiculteurs", "les locataires du parc social", "les sapeurs-pompiers volontaires", "les veuves de guerre",
     "les pêcheurs à pied", "les usagers du train", "les propriétaires de meublés", "les patients atteints d'une maladie rare"),
    ("l'allongement des délais d'instruction", "la hausse du coût de l'énergie", "la disparition des guichets de proximité",
     "le retrait des dotations", "la prolifération des nuisibles", "le déremboursement annoncé", "l'érosion de la dune",
     "la sécheresse des trois derniers étés", "le bruit des survols de nuit", "la revalorisation trop tardive des pensions"),
)
WHERE = (
    "dans la vallée de la Sorgue", "en Haute-Marne", "dans le bassin de Breval", "sur le littoral normand", "dans le Morvan",
    "dans les quartiers nord de la ville", "en zone de revitalisation",
)
# fmt: on
CLAIMS = (
    "Selon les personnes rencontrées, {who} subissent de plein fouet {what} {where}.",
    "Or {what} met en difficulté {who}, dont le nombre a reculé de {n} % en {m} ans.",
    "Un courrier signé de {n}00 habitants montre que {what} inquiète durablement {who} {where}.",
    "Les représentants de la filière demandent un calendrier clair, des moyens stables et une évaluation tous les {m} ans.",
    "Plusieurs maires ont fait savoir que {who} {where} n'avaient reçu aucune réponse à leurs courriers depuis {n} semaines.",
    "Cette situation contraste avec les annonces faites il y a {m} ans, qui devaient protéger {who} contre {what}.",
)
REPLIES = (
    "Le Gouvernement est attentif à la situation que rencontrent {who} {where}.",
    "Un décret pris le {m} mars fixe les conditions dans lesquelles {what} est compensé, à hauteur de {n} % des dépenses.",
    "Une concertation avec {who} s'est ouverte ; ses conclusions seront rendues avant la fin de l'année.",
    "Par ailleurs, {n} millions d'euros ont été ouverts pour accompagner {who}, en particulier {where}.",
    "S'agissant de {what}, une mission d'inspection a remis un rapport dont {m} recommandations sont déjà appliquées.",
    "Les services déconcentrés ont reçu pour instruction de recevoir {who} dans un délai de {n} jours.",
)


def record(number: int, *, legislature: int = 17, revision: int = 0) -> dict[str, Node]:
    """Return the tree of one question. `revision` 1 is the same question later: answered."""
    chance = random.Random(f"{legislature}/{number}")
    asked = FIRST_DAY + timedelta(days=7 * (number // 170))
    ministry, later = chance.choice(MINISTRIES), chance.choice(MINISTRIES)
    moved, answered = chance.random() < 0.15, revision > 0 or chance.random() < 0.7
    withdrawn = not answered and chance.random() < 0.05
    empty = chance.choice(NIL)
    matter = _matter(number)
    subject = f"{chance.choice(matter.subjects)} ({number % 97})"
    opener = f"M. Camille Exemple attire l'attention de M. le ministre chargé de {ministry[1].lower()} sur "
    text = _speech(chance, matter, CLAIMS, 10, opener)
    attributions = [_attribution(asked, ministry)]
    if moved:
        attributions.append(_attribution(asked + timedelta(days=40), later))
    answer_day = asked + timedelta(days=90 + 7 * chance.randrange(20) + 7 * revision)
    return {
        "question": {
            "@xmlns": NAMESPACE,
            "@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "@xsi:type": "QuestionEcrite_Type",
            "uid": f"QANR5L{legislature}QE{number}",
            "identifiant": {"numero": str(number), "regime": "5eme Republique", "legislature": str(legislature)},
            "type": "QE",
            "indexationAN": {
                "rubrique": chance.choice(RUBRICS),
                "teteAnalyse": None,
                "analyses": {"analyse": [subject, "calendrier"] if number % 11 == 0 else subject},
            },
            "auteur": {
                "identite": {"acteurRef": f"PA{720000 + number % 577}", "mandatRef": f"PM{840000 + number % 577}"},
                "groupe": {"organeRef": "PO845401", "abrege": "GE", "developpe": "Groupe d'exemple"},
            },
            "minInt": _body(ministry),
            "minAttribs": {"minAttrib": attributions if moved else attributions[0]},
            "textesQuestion": {"texteQuestion": {"infoJO": _journal(asked, 1000 + number), "texte": text}},
            "textesReponse": _answer(number, answer_day) if answered else empty,
            "cloture": _closing(answer_day, answered) if answered or withdrawn else empty,
            "signalement": {"dateSignalement": str(asked + timedelta(days=70))} if chance.random() < 0.03 else empty,
        }
    }


def write(path: Path, count: int, *, legislature: int = 17, revised: Collection[int] = frozenset(), as_xml: bool = False) -> Path:
    """Write an archive of `count` questions and return `path`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(1, count + 1):
            tree = record(number, legislature=legislature, revision=int(number in revised))
            name = f"QANR5L{legislature}QE{number}"
            if as_xml:
                _add(archive, f"xml/{name}.xml", xml(tree))
            else:
                _add(archive, f"json/{name}.json", json.dumps(tree, ensure_ascii=False))
    return path


def xml(tree: dict[str, Node]) -> str:
    """Return the tree of a question as the XML of the same data set, its dates as 03/10/2024."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element("question", tree["question"])}'


def _add(archive: zipfile.ZipFile, name: str, content: str) -> None:
    entry = zipfile.ZipInfo(name, (2026, 11, 20, 1, 0, 0))  # the real ones carry the night of their making
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def _element(name: str, value: Node) -> str:
    if isinstance(value, dict):
        attributes = "".join(f' {key[1:]}="{one}"' for key, one in value.items() if key.startswith("@"))
        inside = "".join(_element(key, one) for key, one in value.items() if not key.startswith("@"))
        return f"<{name}{attributes}>{inside}</{name}>" if inside else f"<{name}{attributes}/>"
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if value is None or value == "":
        return f"<{name}/>"
    words = str(value)
    if name.startswith("date"):
        words = "/".join(reversed(words.split("-")))
    return f"<{name}>{escape(words)}</{name}>"


def _matter(number: int) -> Matter:
    return OTHERS if number // 8 % OURS_EVERY else OURS  # those that share an answer share their matter


def _speech(chance: random.Random, matter: Matter, sentences: tuple[str, ...], count: int, opener: str = "") -> str:
    said = [
        chance.choice(sentences).format(
            who=chance.choice(matter.who),
            what=chance.choice(matter.what),
            where=chance.choice(WHERE),
            n=chance.randint(12, 98),
            m=chance.randint(2, 9),
        )
        for _ in range(count)
    ]
    closer = " Il lui demande quelles mesures il entend prendre, et selon quel calendrier." if opener else ""
    return (opener + said[0][:1].lower() + said[0][1:] if opener else said[0]) + " " + " ".join(said[1:]) + closer


def _answer(number: int, on: date) -> Node:
    """Return the answer: every second one is given, word for word, to four questions."""
    chance = random.Random(f"answer {number // 8 if number % 8 < 4 else number}")
    text = _speech(chance, _matter(number), REPLIES, 22)
    if number % 5 == 0:
        text = text.replace(". ", ". <br />").replace("œ", "&#339;").replace(" ;", "&#160;;")
    if number % 100 == 0:
        text += " <!-- DEBTAB --><table border='1'><tr><th rowspan=2\">ANNÉE</th><td>12&#160;400</td></tr></table><!-- FINTAB -->"
    one = {"infoJO": _journal(on, 3000 + number), "texte": text}
    return {"texteReponse": [one] if number % 13 == 0 else one}


def _closing(on: date, answered: bool) -> Node:
    code, label = ("REP_PUB", "Réponse publiée") if answered else ("RET", "Retirée à l'initiative de l'auteur")
    return {"codeCloture": code, "libelleCloture": label, "dateCloture": str(on), "infoJO": _journal(on, 3000)}


def _attribution(on: date, ministry: tuple[str, str, str]) -> Node:
    return {"infoJO": _journal(on, None), "denomination": _body(ministry)}


def _body(ministry: tuple[str, str, str]) -> Node:
    return {"organeRef": ministry[0], "abrege": ministry[1], "developpe": ministry[2]}


def _journal(on: date, page: int | None) -> Node:
    number = None if page is None else str(page)
    return {
        "typeJO": "JO_QUESTION",
        "dateJO": str(on),
        "pageJO": number,
        "numJO": None,
        "urlLegifrance": None,
        "referenceNOR": None,
    }
