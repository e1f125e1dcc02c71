"""What stands in every text of a kind and says nothing of its subject: parliamentary formulas, titles of ministers."""

import re

# The words that titles of ministers are made of, across governments. A title is read as far as these words go.
_PORTFOLIO = (
    "de|du|des|la|le|les|et|à|aux|auprès|d'état|état|délégué|déléguée|délégués|déléguées|chargé|chargée|chargés|chargées|premier|"
    "ministre|secrétaire|travail|emploi|plein|insertion|formation|professionnelle|professionnels|enseignement|enseignements|"
    "dialogue|social|santé|prévention|solidarité|solidarités|familles|famille|autonomie|personnes|handicapées|âgées|enfance|"
    "égalité|femmes|hommes|lutte|contre|discriminations|économie|finances|relance|souveraineté|industrielle|industriel|industrie|"
    "énergie|numérique|numériques|intelligence|artificielle|économique|redressement|productif|commerce|artisanat|consommation|"
    "petites|moyennes|entreprises|pme|tourisme|supérieur|recherche|innovation|espace|éducation|nationale|jeunesse|sports|sport|"
    "vie|associative|culture|communication|transition|transitions|écologique|écologiques|solidaire|handicap|inclusion|développement|durable|transports|"
    "télécommunications|communications|électroniques|logement|ville|rénovation|urbaine|biodiversité|agriculture|alimentation|"
    "alimentaire|pêche|mer|forêt|ruralité|territoires|cohésion|relations|collectivités|territoriales|aménagement|territoire|"
    "partenariat|décentralisation|outre-mer|outre-mers|intérieur|justice|garde|sceaux|armées|anciens|combattants|défense|mémoire|"
    "europe|affaires|étrangères|étranger|extérieur|attractivité|francophonie|français|citoyenneté|action|comptes|publics|publique|"
    "publiques|budget|fonction|transformation|simplification|parlement|porte-parole|gouvernement|inclusive|sociale|sociales"
)
_TITLE = re.compile(
    r"(?:[Mm]inist(?:re|ère)s?|[Ss]ecrétaires? d['’][ÉEé]tat|[Hh]auts?-commissaires?)\b"
    rf"(?i:,?\s+(?:[dl]['’])?(?:{_PORTFOLIO})\b)+"
)
_OPENER = re.compile(
    r"\A.{0,160}?\b(?:attir|appel|alert|interrog|interpel|questionn|expos|rappel|demand|sollicit)\w+ (?:[\w'’]+ ){0,5}?"
    r"(?:M\.|MM\.|Mme|Mmes|Monsieur|Madame)\s.{0,420}?"
    r"\b(?:sur|concernant|au sujet d\w+|à propos d\w+|quant (?:à|aux?)|aux fins de connaître)\s",
    re.DOTALL,
)
_FORMULA = re.compile(
    r"honorable parlementaire|remercie \w+ de bien vouloir|lui demande(?: donc| ainsi)?|souhaite(?:rait)?(?:-t-(?:il|elle))? \w+"
)


def set_aside(text: str, kind: str) -> tuple[tuple[int, int], ...]:
    """Return the ranges of characters of `text` that are not read, sorted, from the wording of `kind`.

    Titles of ministers are set aside everywhere; the opening and the closing formulas only in parliamentary questions
    (`kind` "question"), where they name a minister, never a subject.
    """
    ranges = [match.span() for match in _TITLE.finditer(text)]
    if kind == "question":
        ranges += [match.span() for match in _FORMULA.finditer(text)]
        if opener := _OPENER.match(text):
            ranges.append(opener.span())
    return tuple(sorted(ranges))
