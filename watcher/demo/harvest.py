"""Generate articles for the farm: French words in made-up sentences, different in each, the same on every run."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from string import Template

from watcher.demo import moments


@dataclass(frozen=True, slots=True)
class _Subject:
    """What sentences are made of: who does what, and how."""

    who: tuple[str, ...]
    does: tuple[str, ...]
    what: tuple[str, ...]
    how: tuple[str, ...]


_WORK = _Subject(
    who=(
        *("la branche", "le conseil régional", "l’observatoire", "une enquête récente", "le fabricant", "la fédération"),
        *("l’usine", "un rapport", "le centre de formation", "la chambre consulaire", "l’opérateur de compétences", "une équipe"),
        *("le ministère", "la coopérative", "l’entreprise", "un laboratoire", "le syndicat", "la filière", "un groupement"),
    ),
    does=(
        *("annonce", "finance", "publie", "étudie", "prépare", "décrit", "défend", "mesure", "ouvre", "reporte", "adopte"),
        *("révise", "soutient", "observe", "confirme", "écarte", "présente", "compare", "accompagne", "transforme", "négocie"),
    ),
    what=(
        *("des parcours de formation", "l’intelligence artificielle", "la robotisation", "un accord", "des compétences rares"),
        *("la maintenance prédictive", "le recrutement d’apprentis", "un plan d’investissement", "des données de production"),
        *("la cybersécurité industrielle", "un référentiel", "une certification", "le métier de régleur", "des postes vacants"),
        *("des jumeaux numériques", "l’encadrement de proximité", "les reconversions", "la qualité des stages", "le tutorat"),
        *("une ligne automatisée", "les tâches répétitives", "un chantier", "des bourses"),
    ),
    how=(
        *("depuis le printemps", "à titre expérimental", "sans attendre", "avec prudence", "malgré les retards"),
        *("dans trois départements", "auprès des salariés", "en petits groupes", "au prix d’un compromis", "selon ses auteurs"),
        *("avec deux lycées", "sous conditions", "après un long débat", "dans le bassin voisin", "chez les sous-traitants"),
    ),
)
_TOWN = _Subject(
    who=(
        *("la commune", "le club", "l’orchestre", "le musée", "la station", "une association", "l’agglomération", "la fanfare"),
        *("le maire", "un promeneur", "la gardienne du phare", "le comité des fêtes", "la troupe", "le maraîcher", "la rivière"),
        *("le capitaine de l’équipe", "une habitante du port", "le vainqueur de l’étape", "la météo", "le chœur", "le cuisinier"),
    ),
    does=(
        *("célèbre", "retrouve", "attend", "raconte", "repeint", "accueille", "quitte", "traverse", "remporte", "prépare"),
        *("admire", "abandonne", "fête", "photographie", "cherche", "découvre", "réclame", "perd", "garde", "dessine"),
    ),
    what=(
        *("la rénovation du stade", "une exposition", "le prix des légumes", "la récolte", "un sentier", "le budget communal"),
        *("les horaires des cars", "un concert", "la piscine", "une tempête", "le marché de Noël", "la vieille halle"),
        *("un match nul", "le passage à niveau", "des huîtres", "la fête du village", "une fuite d’eau", "le pont de pierre"),
        *("un roman policier", "la course à pied", "des hérissons", "le carnaval", "une recette de famille", "la plage"),
    ),
    how=(
        *("sous la pluie", "devant un public nombreux", "au bord du canal", "dimanche matin", "comme chaque année", "en silence"),
        *("à deux pas de l’église", "sans tambour ni trompette", "avec le sourire", "pour la première fois", "jusqu’à la nuit"),
        *("malgré le brouillard", "dans la bonne humeur", "au pied des remparts", "après un long hiver"),
    ),
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
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="description" content="$summary">
<meta property="og:type" content="article"><meta property="og:title" content="$title"><meta property="og:url" content="$url">
<meta property="og:description" content="$summary"><meta property="article:published_time" content="$iso">
<link rel="stylesheet" href="/a.css"><link rel="icon" href="/i.svg">
<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle", "datePublished": "$iso"}</script>
$furniture</head>
<body class="article-page"><div class="cookie-banner"><p>Nous utilisons des cookies.</p><button>Tout accepter</button>
<button>Refuser</button></div>
<header class="site-header"><a class="logo" href="/">La Ferme $outlet</a><nav class="menu"><ul>$menu</ul></nav></header>
<nav class="breadcrumb"><ol><li><a href="/">Accueil</a></li><li><a href="/1">Emploi</a></li><li>Article</li></ol></nav>
<main><article class="story"><h1 class="story__title">$title</h1><p class="chapo"><strong>$summary</strong></p>
<div class="byline">Par <span class="author">La rédaction</span>, <time datetime="$iso">le $words</time></div>
<ul class="share-bar"><li><a href="#">Partager</a></li><li><a href="#">Imprimer</a></li><li><a href="#">Envoyer</a></li></ul>
$body
<aside class="pub"><p>Publicité</p><a href="/regie">Offre d’abonnement à moitié prix</a></aside></article>
<section class="related"><h2>À lire aussi</h2><ul>$related</ul></section>
<section class="newsletter"><h2>Notre lettre</h2><p>Chaque matin dans votre boîte.</p><form action="/lettre" method="post">
<label for="mail">Adresse</label><input id="mail" type="email" name="mail"><button>Recevoir</button></form></section></main>
<aside class="sidebar"><h2>Les plus lus</h2><ol>$related</ol></aside>
<footer class="site-footer"><div class="columns"><ul>$foot</ul></div><a href="/mentions-legales">Mentions légales</a>
<p>Contenu fictif de démonstration</p></footer>
<script>window.dataLayer = window.dataLayer || []; $script</script></body></html>
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
    """Return article `number` (from 0), published within the seven days before `now`; about 430 words.

    One in four speaks of work and skills, the others of what else fills a newspaper.
    """
    chance = random.Random(number)  # noqa: S311 - a reproducible text, not a secret
    subject = _TOWN if number % 4 else _WORK
    title = f"{_sentence(chance, subject).rstrip('.')} ({number})"
    paragraphs = tuple(" ".join(_sentence(chance, subject) for _ in range(5)) for _ in range(6))
    age = timedelta(minutes=1 + chance.randrange(7 * 24 * 60 - 1))
    return Ear(number=number, title=title, summary=_sentence(chance, subject), paragraphs=paragraphs, published_at=now - age)


def page(article: Ear, url: str, outlet: int, related: tuple[tuple[str, str], ...]) -> bytes:
    """Return the HTML page of `article` with links `(address, title)` to related ones, some 30 kB: what surrounds an article
    on the site of a newspaper (menus, scripts, lists of links) weighs ten times its text.
    """
    cards = "".join(
        f'<li class="card"><a class="card__link" href="{address}"><span class="card__media"><img src="/v/{n}.jpg" alt="" '
        f'loading="lazy" width="320" height="180"></span><span class="card__title">{escape(title)}</span></a></li>'
        for n, (address, title) in enumerate(related)
    )
    return _PAGE.substitute(
        title=escape(article.title),
        summary=escape(article.summary),
        url=url,
        outlet=outlet,
        iso=moments.iso(article.published_at),
        words=moments.date_in_words(article.published_at),
        body=_body(article, url),
        related=cards,
        menu=_MENU,
        foot=_FOOT,
        furniture=_FURNITURE,
        script=_SCRIPT,
    ).encode()


def _body(article: Ear, url: str) -> str:
    """Return the paragraphs as an editor lays them out: a picture, headings, a link here and there."""
    parts = [
        f'<figure class="story__media"><img src="{url}.jpg" alt="" width="960"><figcaption>Illustration</figcaption></figure>'
    ]
    for number, words in enumerate(article.paragraphs):
        if number in (2, 4):
            parts.append(f"<h2>{escape(article.paragraphs[number - 1].split('.')[0], quote=False)}</h2>")
        first, _, rest = escape(words, quote=False).partition(" ")
        parts.append(f'<p class="story__text"><a href="/dossiers/{number}">{first}</a> {rest}</p>')
    return "\n".join(parts)


def _links(rubrics: int, each: int, prefix: str) -> str:
    """Return a menu of two levels, as the headers and footers of newspapers hold."""
    inner = (
        "".join(
            f'<li class="{prefix}__item"><a class="{prefix}__link" href="/{prefix}/{rubric}/{n}">'
            f"<span>Rubrique {rubric}.{n}</span></a></li>"
            for n in range(each)
        )
        for rubric in range(rubrics)
    )
    return "".join(
        f'<li class="{prefix}__group"><a href="/{prefix}/{n}">Rubrique {n}</a><ul>{items}</ul></li>'
        for n, items in enumerate(inner)
    )


_MENU = _links(8, 8, "menu")
_FOOT = _links(5, 8, "foot")
_FURNITURE = "<style>" + "".join(f".story__part-{n}{{margin:0 0 {n}px;color:#12{n:02d}34}}" for n in range(60)) + "</style>"
_SCRIPT = "".join(f"dataLayer.push({{event:'view',slot:{n},size:[300,250]}});" for n in range(80))


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


def _sentence(chance: random.Random, subject: _Subject) -> str:
    who, does, what, how = (chance.choice(words) for words in (subject.who, subject.does, subject.what, subject.how))
    figure = f"{chance.randrange(12, 9800)} {chance.choice(_COUNTED)}"
    match chance.randrange(6):
        case 0:
            text = f"{who} {does} {what} {how}, pour {figure}."
        case 1:
            text = f"{how}, {who} {does} {what}, mais {chance.choice(subject.who)} compte {figure}."
        case 2:
            text = f"{chance.choice(_LINK)} {who} {does} {what} {how}, et {chance.choice(subject.who)} {does} {what}."
        case 3:
            text = f"{how}, {who} {does} {what} ; {chance.choice(subject.who)} {chance.choice(subject.does)} aussi."
        case 4:
            text = f"{chance.choice(_LINK)} {who} {does} {what} {how}, avant {chance.choice(subject.what)}."
        case _:
            text = f"ce que {who} {does}, c’est {what}, {how}."
    return text[0].upper() + text[1:]
