"""What an outlet looks like: the values that its pages and feeds share."""

from dataclasses import dataclass
from string import Template
from urllib.parse import quote

from watcher.demo import moments
from watcher.demo.articles import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One outlet's looks and habits.

    `layout` names a file of `layouts/`. `article_path` is a template of `$slug`, `$year` and `$month`. `feed` names the
    writer of its listing in `feeds.WRITERS`, served at `listing_path`; a `page` site is listed by its home page.
    `tracking` is added to the links of its feed, as many publishers do.
    """

    name: str
    tagline: str
    layout: str
    feed: str
    listing_path: str
    article_path: str = "/articles/$slug"
    base: str = ""
    menu: tuple[str, ...] = ("À la une", "Dossiers", "Entretiens", "Agenda", "Emploi")
    advert: str = "Salon de la formation : réservez votre entrée gratuite"
    tracking: str = ""
    whole_text: bool = False
    named_zone: bool = False
    tagged: bool = True

    def path(self, article: Article) -> str:
        """Return the path of an article's page, its extension included."""
        local = article.published.astimezone(moments.PARIS)
        path = Template(self.article_path).substitute(slug=quote(article.slug), year=local.year, month=f"{local.month:02}")
        return f"{path.removesuffix('.html')}.pdf" if article.media == "pdf" else path

    def url(self, article: Article) -> str:
        """Return the address of an article, without tracking."""
        return self.base + self.path(article)

    def link(self, article: Article) -> str:
        """Return the address of an article as the feed gives it."""
        return self.url(article) + self.tracking

    @property
    def listing_url(self) -> str:
        """The address of the feed, the sitemap or the listing page."""
        return self.base + self.listing_path
