"""The outlets of the ordinary press, each with its own form of listing, layout, addresses and dates."""

from collections.abc import Callable
from dataclasses import replace

from watcher.demo.newsroom import Newsroom
from watcher.demo.outlet import Outlet, Plan
from watcher.demo.press import Habits, Press
from watcher.demo.site import Site


def press(habits: Habits | None = None) -> Callable[[Plan, str, Newsroom], Outlet]:
    """Return what opens the site of a plan at the address it is given."""
    return lambda plan, base, newsroom: Press(plan, located(plan, base), newsroom, habits or Habits())


def located(plan: Plan, base: str) -> Site:
    """Return the site of `plan` at `base`. Raises ValueError when the plan has none."""
    if plan.site is None:
        raise ValueError(f"{plan.id} has no articles.")
    return replace(plan.site, base=base)


def _plan(ident: str, site: Site, purpose: str, habits: Habits | None = None, options: tuple[str, ...] = ()) -> Plan:
    kind = site.feed if site.feed in ("page", "sitemap") else "feed"
    return Plan(
        id=ident,
        name=site.name,
        kind=kind,
        path=site.listing_path,
        purpose=purpose,
        build=press(habits),
        site=site,
        options=options,
    )


FIL = Site(
    name="Le Fil des métiers",
    tagline="L’actualité de l’emploi et de la formation, chaque matin",
    layout="magazine",
    feed="rss",
    listing_path="/rss.xml",
    article_path="/$year/$month/$slug.html",
    tracking="?utm_source=rss&utm_medium=feed",
    menu=("Emploi", "Formation", "Branches", "Droit social", "Entreprises", "Abonnés"),
    advert="Formez-vous à l’intelligence artificielle en trois jours : 490 € au lieu de 690 €",
)
TERRITOIRES = Site(
    name="Compétences & Territoires",
    tagline="Le magazine des politiques régionales de l’emploi",
    layout="institution",
    feed="atom",
    listing_path="/atom.xml",
    article_path="/actualites/$slug",
    menu=("Régions", "Bassins d’emploi", "Orientation", "Financements", "Agenda"),
    advert="Rencontres régionales de l’orientation : inscriptions ouvertes",
)
ATELIER = Site(
    name="L’Atelier numérique",
    tagline="Technologies de production et gens de métier",
    layout="blog",
    feed="rdf",
    listing_path="/index.rdf",
    article_path="/$slug/",
    menu=("Robots", "Données", "Matériaux", "Énergie", "Reportages"),
    advert="Pinces, capteurs, automates : le catalogue de nos partenaires",
)
FORMATEURS = Site(
    name="Formateurs d’aujourd’hui",
    tagline="La revue de celles et ceux qui forment",
    layout="blog",
    feed="json",
    listing_path="/feed.json",
    article_path="/lire/$slug",
    menu=("Pratiques", "Outils", "Qualité", "Carrières", "Livres"),
    advert="Une plateforme pour vos parcours : essai gratuit de trente jours",
)
GAZETTE = Site(
    name="La Gazette de l’usine",
    tagline="Recruter, accueillir, garder",
    layout="magazine",
    feed="page",
    listing_path="/actualites",
    article_path="/actualites/$slug.html",
    menu=("Recrutement", "Ateliers", "Mixité", "Portraits", "Matières premières"),
    advert="Vêtements de travail : nouvelle collection",
)
OBSERVATOIRE = Site(
    name="Observatoire des mutations du travail",
    tagline="Études, notes et données sur les métiers",
    layout="institution",
    feed="sitemap",
    listing_path="/sitemap.xml",
    article_path="/publications/$slug.html",
    menu=("Publications", "Données", "Méthodes", "L’équipe", "Presse"),
    advert="Séminaire mensuel : programme et inscriptions",
)
CYBER = Site(
    name="Cyber & Données Hebdo",
    tagline="La sécurité numérique au travail",
    layout="magazine",
    feed="rss",
    listing_path="/flux.xml",
    article_path="/article/$slug",
    whole_text=True,
    named_zone=True,
    menu=("Menaces", "Industrie", "Droit", "Données personnelles", "Carrières"),
    advert="Gestionnaire de mots de passe : offre pour les PME",
)
QUOTIDIEN = Site(
    name="Le Quotidien du Val",
    tagline="Le journal de la vallée et du plateau",
    layout="magazine",
    feed="rss",
    listing_path="/une.rss",
    article_path="/$year/$month/$slug",
    tracking="?xtor=RSS-1",
    menu=("Communes", "Sports", "Faits divers", "Économie", "Avis de décès", "Météo"),
    advert="Soldes de saison : la zone commerciale ouvre dimanche",
)
CURIOSITES = Site(
    name="Le Cabinet de curiosités",
    tagline="Sciences, santé et culture en clair",
    layout="blog",
    feed="rss",
    listing_path="/feed/",
    article_path="/$year/$slug/",
    whole_text=True,
    menu=("Astronomie", "Santé", "Arts", "Terre", "Livres"),
    advert="Télescopes d’occasion : bourse d’échange",
)
ALTERNANCE = Site(
    name="Les Cahiers de l’alternance",
    tagline="Apprentis, tuteurs, entreprises",
    layout="institution",
    feed="atom",
    listing_path="/fil.atom",
    article_path="/cahiers/$slug",
    menu=("Apprentis", "Maîtres d’apprentissage", "CFA", "Textes"),
    advert="Concours des meilleurs carnets de liaison",
)
KIOSQUE = Site(
    name="Kiosque régional",
    tagline="La presse des régions en un coup d’œil",
    layout="magazine",
    feed="rss",
    listing_path="/derniers-articles.xml",
    article_path="/kiosque/$slug",
    menu=("Nord", "Ouest", "Sud", "Est", "Mon compte"),
    advert="Trois mois d’essai pour 1 €",
)

PRESS: tuple[Plan, ...] = (
    _plan("fil-des-metiers", FIL, "RSS 2.0; the wire story of the week; links carry tracking"),
    _plan("competences-territoires", TERRITOIRES, "Atom; prints the wire story almost word for word"),
    _plan("atelier-numerique", ATELIER, "RDF (RSS 1.0)"),
    _plan("formateurs", FORMATEURS, "JSON Feed with whole texts"),
    _plan("gazette-usine", GAZETTE, "a listing page without a feed; dates in words"),
    _plan("observatoire-mutations", OBSERVATOIRE, "a sitemap; one publication is a PDF", options=("match: /publications/",)),
    _plan("cyber-donnees-hebdo", CYBER, "RSS 2.0 with whole texts; named time zones (CET, CEST)"),
    _plan("quotidien-du-val", QUOTIDIEN, "a local daily: mostly off-topic; rewrites the wire story"),
    _plan("cabinet-curiosites", CURIOSITES, "science and culture: off-topic, with tempting words"),
    _plan(
        "cahiers-alternance",
        ALTERNANCE,
        "Atom; Last-Modified alone; never changes after the first reading (304)",
        Habits(etag=False, frozen=True),
    ),
    _plan("kiosque-regional", KIOSQUE, "RSS 2.0; its pages: a consent wall, a soft 404, one with mining rights reserved"),
)
