"""The phrases that walls and the feet of pages are recognised by, in French and in English."""

import re


def _any(*patterns: str, start: str = "", end: str = "", flags: int = 0) -> re.Pattern[str]:
    return re.compile(f"{start}(?:{'|'.join(patterns)}){end}", re.IGNORECASE | flags)


# ------------------------------------------------------------------------------------------------------------- the walls

NOT_FOUND_TITLE = _any(
    r"404\b",
    r"page (?:404|introuvable|non trouv[ée]e|inexistante|not found)",
    r"(?:cette|la) page (?:n['’]existe (?:pas|plus)|est introuvable)",
    r"(?:this |the )?page (?:not|could not be|can['’]?t be) found",
    r"not found$",
    r"(?:article|contenu|document|ressource) (?:introuvable|non trouv[ée]e?|supprim[ée]e?|indisponible|not found)",
    start=r"^(?:(?:oups|oops|d[ée]sol[ée]|erreur|error|http)[\s!:,.-]*)*",
)
NOT_FOUND = _any(
    r"(?:page|article|contenu|document) (?:que vous (?:recherchez|cherchez|demandez|avez demand[ée]e?)|demand[ée]e?)[^.]{0,60}"
    r"(?:n['’]existe|introuvable|supprim|d[ée]plac|n['’]est plus|n['’]a pas)",
    r"page you (?:requested|are looking for|were looking for)[^.]{0,60}(?:not|no longer|moved|removed)",
)
CONSENT = _any(
    r"tout accepter",
    r"accepter (?:et|les cookies|tous)",
    r"j['’]accepte\b",
    r"continuer sans accepter",
    r"refuser (?:et|tout|les cookies)",
    r"vos? (?:choix|pr[ée]f[ée]rences) (?:en mati[èe]re|de consentement|relatifs)",
    r"[ns]os (?:\d+ )?partenaires|ses (?:\d+ )?partenaires",
    r"d[ée]pos\w+ (?:des|de) (?:cookies|traceurs)",
    r"(?:utilis\w+|accept\w+|stock\w+) (?:des|les|de|nos) (?:cookies|traceurs)",
    r"consentement",
    r"vie priv[ée]e",
    r"accept (?:all|cookies|and continue)",
    r"manage (?:preferences|choices|consent)",
    r"our partners|your privacy|we value",
)
CONSENT_TITLE = _any(
    r"vie priv[ée]e",
    r"privacy",
    r"consent",
    r"avant de (?:continuer|poursuivre)",
    r"before you continue",
    r"cookies?$",
    r"vos donn[ée]es",
)
_GIVEN_TO = r"r[ée]serv[ée]e?s? (?:aux?|[àa] nos|[àa] ses) (?:abonn|adh[ée]rents|membres|souscript)"
_READ_ON = r"(?:la suite|l['’]int[ée]gralit[ée]|cet article|la totalit[ée])"
PAYWALL = _any(
    rf"(?:article|contenu|suite|lecture|acc[èe]s)[^.]{{0,40}}{_GIVEN_TO}",
    r"il vous reste \d+ ?%",
    rf"pour (?:lire|d[ée]couvrir|acc[ée]der [àa]|consulter) {_READ_ON}[^.]{{0,60}}(?:abonn|connect|inscri|souscri|compte)",
    r"(?:abonnez|connectez|inscrivez)-vous[^.]{0,40}pour (?:lire|acc[ée]der|poursuivre|continuer|consulter)",
    r"poursuivez (?:votre|la) lecture",
    r"cet article est r[ée]serv[ée]",
    r"d[ée]j[àa] abonn[ée]",
    r"subscribe to (?:read|continue|unlock)",
    r"this (?:article|content) is (?:for|reserved|only available)[^.]{0,30}(?:subscribers|members)",
    r"already a subscriber",
)
LOGIN = _any(
    r"mot de passe",
    r"identifiant",
    r"identifiez-vous",
    r"se connecter|connectez-vous|connexion",
    r"authentifi",
    r"espace (?:adh[ée]rent|membre|client|personnel)",
    r"log ?in\b|sign ?in\b|password",
)
SCRIPT = _any(
    r"(?:activer?|activez|autoriser?|n[ée]cessite|requiert|besoin de|d[ée]sactiv\w+)[^.<]{0,60}java ?script",
    r"(?:enable|requires?|turn on|without)[^.<]{0,60}java ?script",
    r"java ?script[^.<]{0,60}(?:d[ée]sactiv|n['’]est pas activ|doit [êe]tre activ|est (?:requis|n[ée]cessaire))",
    r"java ?script[^.<]{0,60}(?:disabled|enabled|required)",
)
ROBOT = _any(
    r"v[ée]rifi\w+[^.]{0,50}(?:que vous (?:[êe]tes|n['’][êe]tes)|humain|votre navigateur)",
    r"(?:vous|you)[^.]{0,30}(?:pas un|not a|[êe]tes un) robot",
    r"captcha",
    r"(?:are you|verify you are|prove you['’]?re) (?:a )?(?:human|robot)",
    r"checking your browser",
    r"trafic inhabituel|unusual traffic|activit[ée] suspecte",
    # "accès restreint aux services publics" is the subject of many an article: alone, the words must begin what is said.
    r"(?:\A|\n)\W*acc[èe]s (?:a [ée]t[ée] )?(?:temporairement )?(?:refus[ée]|bloqu[ée]|restreint)",
    r"acc[èe]s [àa] (?:cette page|ce site) (?:a [ée]t[ée] |est )?(?:temporairement )?(?:refus[ée]|bloqu[ée]|restreint)",
    r"access (?:to this page )?(?:has been )?denied",
    r"request blocked|pardon our interruption|ddos protection",
)

# ------------------------------------------------------------------------------------------------- the feet of articles

_MARKS = r"^[\W_]*"
_THINGS = r"(?:articles?|contenus?|sujets?|actualit[ée]s?|posts?)"
_ALIKE = r"(?:li[ée]e?s?|similaires?|connexes?|r[ée]cents?|associ[ée]e?s?|recommand[ée]s?|populaires?)"
# From one of these on nothing belongs to the article any more, if no long paragraph follows.
LAST = _any(
    r"(?:[àa] )?(?:lire|voir|d[ée]couvrir|consulter|relire|[ée]couter) (?:aussi|[ée]galement)\b",
    r"sur le m[êe]me (?:sujet|th[èe]me)",
    r"dans la m[êe]me (?:rubrique|cat[ée]gorie)",
    rf"{_THINGS} {_ALIKE}",
    r"pour aller plus loin",
    r"voir plus|plus d['’]articles|ces articles",
    r"vous (?:aimerez|pourriez|devriez)\b",
    r"nos (?:autres )?(?:articles|r[ée]alisations|actualit[ée]s|derniers)",
    r"les plus lus|[àa] la une\b",
    r"derni[èe]res (?:actualit[ée]s|nouvelles|publications)",
    r"recevez\b|inscrivez-vous|abonnez-vous|suivez-nous",
    r"(?:la |notre )?newsletter\b",
    r"commentaires?\b|laisse[rz] un commentaire|r[ée]agir\b|r[ée]actions\b",
    r"partage[rz]?\b",
    r"[ée]tiquettes?\b|mots[- ]cl[ée]s?\b|tags?\b",
    r"sources? ?:",
    r"cr[ée]dits? ?(?:photos?)? ?:",
    r"page mise [àa] jour|(?:derni[èe]re )?mise [àa] jour",
    r"c['’]est tout frais",
    r"article (?:pr[ée]c[ée]dent|suivant)",
    r"imprimer\b|haut de page|retour (?:[àa] la liste|aux? |en haut)",
    r"tous droits r[ée]serv[ée]s|©|copyright",
    r"(?:read|see) (?:also|more|next)|related\b|share (?:this|on)|you may also|more from\b|leave a (?:reply|comment)|filed under",
    start=_MARKS,
)
# Alone on their line anywhere in the text, these are tools of the page.
TOOL = _any(
    r"partager(?: (?:sur|cet article|la page|par).{0,40})?",
    r"imprimer",
    r"t[ée]l[ée]charger(?: (?:le pdf|l['’]article))?",
    r"copier le lien",
    r"[ée]couter (?:l['’]article|cet article)",
    r"facebook|twitter|linkedin|whatsapp|bluesky",
    r"envoyer par (?:e-?mail|courriel)",
    r"publicit[ée]",
    r"loader image",
    r"lecture [:\d].{0,20}|temps de lecture.{0,20}|\d+ (?:min|minutes?) de lecture",
    start=_MARKS,
    end=r"[\W_]*$",
)
INLINE = _any(
    r"(?:[àa] )?lire (?:aussi|[ée]galement)", r"(?:voir|[ée]couter) aussi", r"read also", start=_MARKS, end=r" ?[:›»>-].{5,200}$"
)
