"""The formulas of parliamentary questions and the titles of ministers: words that stand in every text of the kind.

They name a minister, never a subject, and "ministre chargée de l'intelligence artificielle" stands in every question put to
that minister. What sets them aside before a text is judged or compared uses this one file.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

# The words that titles of ministers are made of, across governments. A title is read as far as these words go. Words that often
# follow a title ("sur", "avec", "politique") count only in the phrases that titles have them in.
_PORTFOLIO = (
    "négociations (?:internationales )?sur le climat|relations internationales sur le climat|relations avec|"
    "partenariats? avec|politique de la ville|"
    "politiques publiques|entre les (?:femmes|hommes) et les (?:femmes|hommes)|mise en [oœ]+e?uvre du plan de relance|"
    "droits de l['’]homme|droits des femmes|égalité des chances|égalité réelle|éducation populaire|éducation prioritaire|"
    "organisation territoriale|professions libérales|professions de santé|personnes en situation de handicap|"
    "(?:lutte )?contre (?:la pauvreté|l['’]exclusion|les discriminations)|accès aux soins|aide aux victimes|petite enfance|"
    "prévention des risques|promotion du tourisme|technologies vertes|pouvoir d['’]achat|sécurité du quotidien|"
    "service national universel|espace rural|économie maritime|vie démocratique|participation citoyenne|identité nationale|"
    "région capitale|réussite éducative|réussite scolaire|réforme de l['’][ée]tat|réforme territoriale|en charge|"
    "coordination gouvernementale|jeux olympiques et paralympiques|"
    "de|du|des|la|le|les|et|à|au|aux|auprès|[ée]tat|délégué|déléguée|délégués|déléguées|chargé|chargée|chargés|chargées|"
    "premier|première|ministre|ministres|secrétaire|travail|emploi|plein|insertion|formation|professionnelle|professionnels|"
    "professionnel|apprentissage|enseignement|enseignements|dialogue|social|santé|prévention|solidarité|solidarités|actives|"
    "familles|famille|autonomie|personnes|handicapées|handicapés|âgées|aînés|dépendance|retraites|enfance|égalité|femmes|hommes|"
    "diversité|lutte|contre|discriminations|économie|finances|relance|souveraineté|industrielle|industriel|industrie|énergie|"
    "énergétique|climat|nature|numérique|numériques|intelligence|artificielle|économique|redressement|productif|commerce|"
    "artisanat|consommation|petites|moyennes|entreprises|pme|tourisme|supérieur|recherche|innovation|prospective|évaluation|"
    "espace|éducation|nationale|jeunesse|engagement|sports|sport|vie|associative|culture|communication|transition|transitions|"
    "écologie|environnement|écologique|écologiques|solidaire|responsable|intéressement|participation|handicap|inclusion|"
    "développement|codéveloppement|durable|durables|transports|télécommunications|communications|électroniques|logement|habitat|"
    "urbanisme|ville|rénovation|urbaine|biodiversité|agriculture|agroalimentaire|agro-alimentaire|alimentation|alimentaire|pêche|"
    "mer|forêt|ruralité|territoires|cohésion|relations|collectivités|territoriales|aménagement|territoire|partenariat|"
    "partenariats|internationaux|international|coopération|décentralisation|outre-mer|outre-mers|intérieur|immigration|"
    "intégration|justice|libertés|garde|sceaux|armées|anciens|combattants|défense|mémoire|europe|européennes|affaires|étrangères|"
    "étrangère|étranger|extérieur|attractivité|francophonie|français|citoyenneté|action|comptes|publics|publique|publiques|budget|"
    "fonction|transformation|simplification|renouveau|démocratique|parlement|porte-parole|gouvernement|inclusive|sociale|sociales|"
    "services"
)
# What every title holds, and how far into the title: it is found many times faster than a pattern.
_OFFICES = {"inist": (1,), "ecréta": (1,), "ommissa": (6, 7), "INIST": (1,), "ECRÉTA": (1,), "ECRETA": (1,), "OMMISSA": (6, 7)}
_WORDS = "(?:" + _PORTFOLIO.replace(" ", r"[^\S\n]") + r")\b"
# A title stays in its line, and no article follows its commas: what comes in "la ministre du travail, l'apprentissage recule" is
# no part of it.
_TITLE = re.compile(
    r"(?<![^\W_])"
    r"(?i:ministres?|minist[èe]res?|secr[ée]taires? d['’][ée]tat|secr[ée]tariats? d['’][ée]tat|hauts?-commissa(?:ire|riat)s?)\b"
    rf"(?i:[^\S\n]+(?:[dl]['’]\s?)?{_WORDS}|,[^\S\n]+(?:et[^\S\n]+)?(?:d['’])?(?!l[ae]s?\b|et\b){_WORDS})+"
)
_OPENER = re.compile(
    r"\A.{0,160}?\b(?:attir|appel|alert|interrog|interpel|questionn|expos|rappel|demand|sollicit)\w+ (?:[\w'’]+ ){0,5}?"
    r"(?:M\.|MM\.|Mme|Mmes|Monsieur|Madame)\s(?P<addressee>.{0,420}?)"
    r"\b(?:sur|concernant|au sujet d\w+|à propos d\w+|quant (?:à|aux?)|aux fins de connaître)\s",
    re.DOTALL,
)
_FORMULA_BEGINS: Mapping[str, tuple[int, ...]] = dict.fromkeys(
    ("honorable parlementaire", "remercie ", "lui demande", "souhaite"), (0,)
)
_FORMULA = re.compile(
    r"honorable parlementaire|remercie \w+ de bien vouloir|lui demande(?: donc| ainsi)?|souhaite(?:rait)?(?:-t-(?:il|elle))? \w+"
)
# What leads to the point of a question. The point itself follows in the same sentence and stays.
_CLOSER = re.compile(
    r"(?:(?:aussi|ainsi|dès lors|par conséquent|en conséquence|c['’]est pourquoi|enfin|donc)\b,?\s+)?"
    r"(?:\b(?:il|elle)\s+(?:l['’]interroge|lui demande|(?:souhaite(?:rait)?|désire(?:rait)?|aimerait|voudrait)(?:\s+\w+){0,2}?\s+"
    r"(?:savoir|connaître|avoir connaissance))"
    r"|\b(?:souhaite(?:rait)?|demande|aimerait|voudrait)-t-(?:il|elle)(?:\s+(?:lui|savoir|connaître|donc)){0,2}"
    r"|\bque compte(?:nt)?(?:-t)?-(?:il|elle)s? faire\b)",
    re.IGNORECASE,
)

_OFFICE = re.compile(
    r"(?:premi(?:er|ère) ministre|ministre|secrétaire d['’]état|haute?-commissaire|garde des sceaux|porte-parole)\b",
    re.IGNORECASE,
)
# Where a minister who is asked something, rather than about something, is no longer being named.
_ASKED = re.compile(
    r",?\s(?:s['’]|si\s|qu['’]|que\s|quel(?:le)?s?\s|comment\s|pourquoi\s|de (?:bien vouloir|lui)\s).*", re.DOTALL
)

Range = tuple[int, int]


def titles(text: str) -> list[Range]:
    """Return the ranges of characters that hold titles of ministers: "ministre du travail et de l'emploi"."""
    return _spans(text, _OFFICES, _TITLE)


def _spans(text: str, stems: Mapping[str, tuple[int, ...]], pattern: re.Pattern[str]) -> list[Range]:
    """Return what `pattern` matches, left to right, where one of `stems` stands, so many characters into the match."""
    found: list[Range] = []
    for place, begins in sorted((place, begins) for stem, begins in stems.items() for place in _places(text, stem)):
        if not found or place >= found[-1][1]:
            matches = (pattern.match(text, place - back) for back in begins if place >= back)
            found += [match.span() for match in matches if match][:1]
    return found


def _places(text: str, stem: str) -> Iterator[int]:
    place = text.find(stem)
    while place >= 0:
        yield place
        place = text.find(stem, place + 1)


def addressee(text: str) -> str | None:
    """Return the office to which the opening of a question says that it is put, without a name or an article; None if none.

    "Mme Petit interroge Mme la secrétaire d'État chargée du numérique sur" gives "secrétaire d'État chargée du numérique".
    """
    opener = _OPENER.match(text)
    office = _OFFICE.search(opener["addressee"]) if opener else None
    return _ASKED.sub("", opener["addressee"][office.start() :]).strip(" ,") if opener and office else None


def polite(text: str) -> list[Range]:
    """Return the ranges of the formulas of a question or an answer, with the opening up to its subject ("... sur")."""
    ranges = _spans(text, _FORMULA_BEGINS, _FORMULA)
    if opener := _OPENER.match(text):
        ranges.append(opener.span())
    return ranges


def closing(text: str) -> list[Range]:
    """Return the ranges of the turns that lead to the point of a question: "Aussi souhaite-t-elle savoir"."""
    return [match.span() for match in _CLOSER.finditer(text)]


def without(text: str, ranges: Iterable[Range]) -> str:
    """Return `text` without what stands in `ranges`, which may overlap; each becomes one blank."""
    kept: list[str] = []
    position = 0
    for start, end in sorted(ranges):
        kept.append(text[position : max(start, position)])
        position = max(position, end)
    kept.append(text[position:])
    return " ".join(kept)
