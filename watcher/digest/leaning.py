"""Which sentences stand by themselves: quoted alone, they must not leave the reader asking who, what or which.

A sentence leans when its beginning points at the one before it (anaphora), when it asks instead of telling, when it holds one
end of a quotation only, or when it is the formula that opens a parliamentary question or the courtesy that opens its answer.
Rules of form, for French and a little English: where nothing else can be quoted, a leaning sentence still is.
"""

import re

NEAR = 60  # characters from the start within which a connector or a pronoun points backwards

_QUOTES = "«“\"‘'([ \u00a0\u202f"
_DAYS = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
# "Cette année" points at the calendar, not at a sentence.
_CALENDAR = (
    r"(?:semaine|mois|années?|an|matin|soir|rentrée|printemps|été|automne|hiver|week-end|"
    rf"{_DAYS}|derni[eè]re?s?|prochain)"
)
_VERBS = r"(?:a|ont|est|sont|était|étaient|sera|seront|peut|peuvent|doit|doivent|va|vont|fait|font|porte|vise|concerne|consiste)"
_OPENINGS = re.compile(
    r"(?:"
    # Pronouns, possessives and demonstratives.
    r"(?:ils?|elles?|lui|leurs?|eux|son|sa|ses|celui|celle|ceux|celles|ceci|cela|ça)\b|c['’](?:est|était|étaient|en)\b"
    rf"|(?:ce|cet|cette|ces)\b(?! {_CALENDAR}\b)"
    r"|(?:à|dans|pour|de|depuis|dès|avec|sans|sur|sous|par|parmi|après|avant|chez|entre|face à|grâce à|outre|"
    r"malgré|selon|d['’]après) "
    rf"(?:lui|elles?|eux|(?:ce|cet|cette|ces)(?! {_CALENDAR}\b)|cela|celui|celle|ceux|celles)\b"
    # One of several that were named before.
    r"|(?:(?:une?|les?|la|deux|trois|quatre|quelques|certaine?s|parmi les) |[dl]['’])autres?\b|autres?\b|l['’]une?\b|les uns\b"
    r"|(?:(?:le|la|les) )?second(?:e?s?)\b(?! (?:semestre|trimestre|tour|degré|guerre|main))"
    rf"|(?:le|la|les) (?:premi(?:er|ère)|deuxième|troisième|quatrième|derni(?:er|ère))s?(?:,| :|\u202f:|\u00a0:| {_VERBS}\b)"
    r"|(?:le|la|les) mêmes?\b|même\b|(?:tous|toutes)(?: deux|,| ont| sont| se)\b"
    r"|(?:chacune?|aucune?|certaine?s)(?:,| (?:a|ont|est|sont|se|s['’]\w+|y|n['’]\w+|ne|en|vont|font)\b)"
    # Connectors.
    r"|(?:mais|ou|et|ni|or|donc|car|ainsi|aussi|alors|enfin|ensuite|puis|toutefois|cependant|pourtant|néanmoins|sinon|autrement|"
    r"également|idem|résultat|conséquence|premièrement|deuxièmement|troisièmement|d['’]abord|oui|non|voilà|voici|là|ici|depuis,)"
    r"(?!['’\w])|(?:s['’](?:y|en|ajoute)|y\b|en (?:témoign|résult|découl|dédui))"
    r"|[\w’' -]{2,30} (?:plus tard|plus tôt|après|auparavant),"
    r"|le lendemain\b|à l['’]époque\b|reste(?:nt)? (?:à|que)\b"
    r"|(?:he|she|it|its|they|their|this|that|these|those|but|however|so|and|also|then|such|both|another|others?)\b"
    r")",
    re.IGNORECASE,
)
# Near the beginning, these join a sentence to the one before it.
_JOINS = re.compile(
    r"\b(?:en revanche|en effet|en outre|en conséquence|par ailleurs|par conséquent|par exemple|au contraire|à l['’]inverse|"
    r"pour autant|quant (?:à|aux?)|de (?:son|leur) côté|du coup|dès lors|c['’]est pourquoi|là encore|de même|de plus|"
    r"autrement dit|d['’]une part|d['’]autre part|(?:lui|elle|eux|elles) aussi|cependant|toutefois|pourtant|néanmoins|"
    r"however|moreover|in turn)\b"
    r"|\b(?:a|ont|est|sont) (?:même|aussi|également|ainsi|donc)\b"
    r"|\bl['’](?:a|ont|avait|avaient) \w+(?:é|i|u|is|it)\b"
    r"|\ben (?:déduit|déduisent|tire|tirent|conclut|concluent|demande|demandent|attend|attendent)\b",
    re.IGNORECASE,
)
# A subject that the words before it do not name: "Branchée sur un pupitre, elle a paralysé l'usine". "Il faut" has none to name.
_ABSENT = re.compile(
    r"(?!quand|lorsqu|si |s['’]il|comme |parce|puisqu|dès qu|tant qu|une? |les? |la |l['’])[^,]{3,140}, (?:ils?|elles?) "
    r"(?!s['’]agi|faut|faudr|y a|n['’]y a|exist|import|convien|suffi|rest|apparaît|semble)",
    re.IGNORECASE,
)
_THEIRS = re.compile(r"\b(?:leurs?|eux)\b", re.IGNORECASE)
_PLURAL = re.compile(
    r"\b(?:les|des|ces|ses|nos|aux|et|deux|trois|quatre|cinq|six|dix|plusieurs|chaque|chacun|on|qui|\d+)\b", re.IGNORECASE
)
_REMAINDER = re.compile(r"\b(?:(?:du|le|au) reste|(?:les|des|aux) (?:autres|deux))[.!…]?$", re.IGNORECASE)
_FORMULA = re.compile(
    r"(?:M|MM|Mmes?|Mlles?|Monsieur|Madame)\b\.? .{2,80}?"
    r"\b(?:attir|appel|alert|interrog|interpel|questionn|expos|rappel|demand|sollicit|souhait|fait part|s['’]inqui)\w* .{0,60}?"
    r"(?:\b(?:M|MM|Mmes?)\b\.? |\bministre|\bsecrétaire d['’]|\bGouvernement|\btermes de sa question)",
    re.IGNORECASE | re.DOTALL,
)

# What is said to a person before anything is said of the matter.
_COURTESY = re.compile(
    r"(?:(?:Madame|Monsieur|Mesdames|Messieurs)\b[^,.]{2,80}, *)?(?:je (?:vous|tiens à vous) remerci|merci\b|votre question\b|"
    r"vous (?:posez|soulevez|évoquez|rappelez|appelez|avez raison|m['’](?:interrogez|interpellez|avez)))",
    re.IGNORECASE,
)


def leans(sentence: str) -> bool:
    """Tell whether `sentence`, quoted alone, would ask for the one before it, or tells nothing by itself."""
    bare = sentence.strip().lstrip(_QUOTES)
    said = _FORMULA.match(bare) or _COURTESY.match(bare)
    return bool(_OPENINGS.match(bare) or said) or _points_back(bare) or asks(sentence) or torn(sentence)


def asks(sentence: str) -> bool:
    """Tell whether `sentence` is a question."""
    return sentence.rstrip(" \u00a0\u202f»”\"’')]").endswith("?")


def torn(sentence: str) -> bool:
    """Tell whether `sentence` holds one end of a quotation without the other."""
    pairs = (sentence.count("«") - sentence.count("»"), sentence.count("“") - sentence.count("”"), sentence.count('"') % 2)
    return any(pairs)


def _points_back(bare: str) -> bool:
    if (joined := _JOINS.search(bare[:NEAR])) and joined.start() < NEAR - 10:
        return True
    theirs = _THEIRS.search(bare[:NEAR])
    if theirs and not _PLURAL.search(bare[: theirs.start()]) and not re.search(r"\w[sx]\b", bare[: theirs.start()]):
        return True
    return bool(_ABSENT.match(bare)) or bool(_REMAINDER.search(bare))
