"""Generate articles for the farm: French words in made-up sentences, different in each, the same on every run."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from string import Template

from watcher.demo import moments

_WHO = (
    *("la branche", "le conseil régional", "l’observatoire", "une enquête récente", "le fabricant", "la fédération", "l’usine"),
    *(
        "un rapport",
        "le centre de formation",
        "la chambre consulaire",
        "l’opérateur de compétences",
        "une équipe",
        "le ministère",
    ),
    *(
        "la coopérative",
        "le club",
        "une association",
        "la commune",
        "l’entreprise",
        "un laboratoire",
        "le syndicat",
        "la filière",
    ),
    *("un groupement", "la direction", "le comité", "une étude", "l’agglomération", "le musée", "la station", "l’orchestre"),
)
_DOES = (
    *("annonce", "finance", "publie", "étudie", "prépare", "décrit", "défend", "mesure", "ouvre", "reporte", "adopte", "révise"),
    *("soutient", "observe", "confirme", "écarte", "présente", "compare", "accompagne", "transforme", "négocie", "retient"),
)
_WHAT = (
    *("des parcours de formation", "l’intelligence artificielle", "la robotisation", "un accord", "des compétences rares"),
    *("la maintenance prédictive", "le recrutement d’apprentis", "un plan d’investissement", "des données de production"),
    *("la cybersécurité industrielle", "un référentiel", "une certification", "le métier de régleur", "des postes vacants"),
    *("la rénovation du stade", "une exposition", "le prix des légumes", "la récolte", "un sentier", "le budget communal"),
    *(
        "des jumeaux numériques",
        "l’encadrement de proximité",
        "les reconversions",
        "la qualité des stages",
        "une ligne automatisée",
    ),
    *("le tutorat", "les horaires des cars", "un concert", "la piscine", "des bourses", "les tâches répétitives", "un chantier"),
)
_HOW = (
    *(
        "depuis le printemps",
        "à titre expérimental",
        "sans attendre",
        "avec prudence",
        "malgré les retards",
        "pour la première fois",
    ),
    *("dans trois départements", "auprès des salariés", "en petits groupes", "au prix d’un compromis", "selon ses auteurs"),
    *("avec deux lycées", "sous conditions", "après un long débat", "dans le bassin voisin", "chez les sous-traitants"),
)
_COUNTED = (
    "salariés",
    "apprentis",
    "communes",
    "heures",
    "machines",
    "stagiaires",
    "habitants",
    "dossiers",
    "entreprises",
    "élèves",
)
_LINK = (
    "En revanche,",
    "Par ailleurs,",
    "De son côté,",
    "L’an dernier,",
    "Désormais,",
    "Sur place,",
    "À l’inverse,",
    "En octobre,",
)

_PAGE = Template("""<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>$title | La Ferme $outlet</title><link rel="canonical" href="$url">
<meta name="description" content="$summary"><meta property="article:published_time" content="$iso"></head>
<body><div class="cookie-banner"><p>Nous utilisons des cookies.</p><button>Tout accepter</button><button>Refuser</button></div>
<header><a class="logo" href="/">La Ferme $outlet</a><nav class="menu"><ul>
<li><a href="/1">Emploi</a></li><li><a href="/2">Formation</a></li><li><a href="/3">Industrie</a></li>
<li><a href="/4">Régions</a></li><li><a href="/5">Sports</a></li><li><a href="/6">Culture</a></li></ul></nav></header>
<main><article><h1>$title</h1><p class="chapo"><strong>$summary</strong></p>
<div class="byline">Par <span class="author">La rédaction</span>, <time datetime="$iso">le $words</time></div>
<ul class="share-bar"><li><a href="#">Partager</a></li><li><a href="#">Imprimer</a></li></ul>
$body
<aside class="pub"><p>Publicité</p><a href="/regie">Offre d’abonnement à moitié prix</a></aside></article>
<section class="related"><h2>À lire aussi</h2><ul>$related</ul></section>
<section class="newsletter"><h2>Notre lettre</h2><p>Chaque matin dans votre boîte.</p></section></main>
<footer><a href="/mentions-legales">Mentions légales</a> <a href="/contact">Contact</a>
<p>Contenu fictif de démonstration</p></footer>
</body></html>
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """One generated article: its number, title, summary, paragraphs and date."""

    number: int
    title: str
    summary: str
    paragraphs: tuple[str, ...]
    published_at: datetime


def ear(number: int, now: datetime) -> Ear:
    """Return article `number` (from 0), published within the seven days before `now`; about 430 words."""
    chance = random.Random(number)  # noqa: S311 - a reproducible text, not a secret
    title = f"{_sentence(chance).rstrip('.')} ({number})"
    paragraphs = tuple(" ".join(_sentence(chance) for _ in range(5)) for _ in range(6))
    age = timedelta(minutes=1 + chance.randrange(7 * 24 * 60 - 1))
    return Ear(number=number, title=title, summary=_sentence(chance), paragraphs=paragraphs, published_at=now - age)


def page(article: Ear, url: str, outlet: int, related: tuple[tuple[str, str], ...]) -> bytes:
    """Return the HTML page of `article`, 5 to 6 kB, with links `(address, title)` to related ones."""
    body = "\n".join(f"<p>{escape(text, quote=False)}</p>" for text in article.paragraphs)
    links = "".join(f'<li><a href="{address}">{escape(title)}</a></li>' for address, title in related)
    return _PAGE.substitute(
        title=escape(article.title),
        summary=escape(article.summary),
        url=url,
        outlet=outlet,
        iso=moments.iso(article.published_at),
        words=moments.date_in_words(article.published_at),
        body=body,
        related=links,
    ).encode()


def feed(articles: tuple[tuple[Ear, str], ...], name: str, base: str) -> bytes:
    """Return an RSS 2.0 feed of `(article, address)`, newest first."""
    ordered = sorted(articles, key=lambda pair: pair[0].published_at, reverse=True)
    items = "\n".join(
        f"<item><title>{escape(article.title)}</title><link>{url}</link><guid>{url}</guid>"
        f"<pubDate>{moments.rfc2822(article.published_at)}</pubDate><description>{escape(article.summary)}</description></item>"
        for article, url in ordered
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(name)}</title><link>{base}/</link><description>{escape(name)}</description><language>fr</language>\n"
        f"{items}\n</channel></rss>\n"
    ).encode()


def _sentence(chance: random.Random) -> str:
    who, does, what, how = (chance.choice(words) for words in (_WHO, _DOES, _WHAT, _HOW))
    figure = f"{chance.randrange(12, 9800)} {chance.choice(_COUNTED)}"
    match chance.randrange(4):
        case 0:
            text = f"{who} {does} {what} {how}, pour {figure}."
        case 1:
            text = f"{chance.choice(_LINK)} {who} {does} {what} et concerne {figure} {how}."
        case 2:
            text = f"{how}, {who} {does} {what}, mais {chance.choice(_WHO)} compte {figure}."
        case _:
            text = f"avec {figure}, {who} {does} {what} {how}."
    return text[0].upper() + text[1:]
