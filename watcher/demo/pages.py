"""Write the HTML pages of an outlet, with the noise of real ones: menus, banners, bylines, related links, comments."""

import json
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from watcher.demo import moments
from watcher.demo.articles import Article
from watcher.demo.site import Site

_FEED_TYPES = {
    "rss": "application/rss+xml",
    "rdf": "application/rdf+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}
_COMMENTS = (
    ("Lectrice attentive", "Merci pour ces précisions, on en parlait justement hier au bureau."),
    ("J.-P. M.", "Et les petites structures, qui y pense ? On attend de voir."),
    ("Un abonné", "L’infographie ne s’affiche pas chez moi, est-ce normal ?"),
    ("Nadège", "Article intéressant, mais un peu court. Une suite est-elle prévue ?"),
)


def article_page(site: Site, article: Article, related: Sequence[Article]) -> bytes:
    """Return the page of `article`; `related` are the links under it."""
    updated = ""
    if article.updated_at is not None:
        updated = f" · <span class='maj'>Mis à jour le {moments.moment_in_words(article.updated_at)}</span>"
    values = _common(site, article.published.astimezone(moments.PARIS).year) | {
        "title": escape(article.title),
        "chapo": escape(article.chapo),
        "author": escape(article.author),
        "rubric": escape(article.rubric),
        "url": escape(site.url(article)),
        "iso": moments.iso(article.published),
        "modified_iso": moments.iso(article.modified),
        "words": moments.moment_in_words(article.published),
        "updated": updated,
        "body": body(article.body),
        "related": _links(site, related),
        "comments": _comments(article.slug),
        "json_ld": _json_ld(site, article),
    }
    return _layout(site.layout).substitute(values).encode()


def home_page(site: Site, listed: Sequence[Article], year: int) -> bytes:
    """Return the home page, which is also the listing of an outlet without a feed: dates in words, no machine form."""
    entries = "\n".join(_entry(site, article) for article in listed)
    values = _common(site, year) | {"heading": "Les dernières nouvelles", "entries": entries}
    return _layout("home").substitute(values).encode()


def consent_wall(site: Site) -> bytes:
    """Return the page shown instead of an article to those who have not said yes to cookies."""
    return _layout("consent").substitute(site=escape(site.name)).encode()


def not_found(site: Site) -> bytes:
    """Return the error page; a soft 404 when it is served with status 200."""
    return _layout("missing").substitute(site=escape(site.name), menu=_menu(site)).encode()


def about_page(site: Site, year: int) -> bytes:
    """Return a page that is not an article, as sitemaps list them too."""
    entries = f"<p>{escape(site.name)} est un titre imaginaire, écrit pour une démonstration.</p>"
    return _layout("home").substitute(_common(site, year) | {"heading": "À propos", "entries": entries}).encode()


def body(text: str) -> str:
    """Turn the small Markdown of `content/` (paragraphs, `## `, `> `, `- `) into HTML."""
    return "\n".join(_block(block) for block in re.split(r"\n\s*\n", text.strip()))


def _block(block: str) -> str:
    lines = [escape(line.strip(), quote=False) for line in block.splitlines()]
    if block.startswith("## "):
        return f"<h2>{lines[0].removeprefix('## ')}</h2>"
    if block.startswith("> "):
        return f"<blockquote><p>{' '.join(line.removeprefix('&gt; ') for line in lines)}</p></blockquote>"
    if block.startswith("- "):
        return "<ul>" + "".join(f"<li>{line.removeprefix('- ')}</li>" for line in lines) + "</ul>"
    return f"<p>{' '.join(lines)}</p>"


def _common(site: Site, year: int) -> dict[str, str]:
    kind = _FEED_TYPES.get(site.feed)
    link = f'<link rel="alternate" type="{kind}" title="{escape(site.name)}" href="{site.listing_path}">' if kind else ""
    return {
        "site": escape(site.name),
        "tagline": escape(site.tagline),
        "menu": _menu(site),
        "advert": escape(site.advert),
        "feed_link": link,
        "year": str(year),
    }


def _menu(site: Site) -> str:
    return "".join(f'<li><a href="/rubrique/{number}">{escape(name)}</a></li>' for number, name in enumerate(site.menu, 1))


def _links(site: Site, related: Sequence[Article]) -> str:
    return "".join(f'<li><a href="{site.path(article)}">{escape(article.title)}</a></li>' for article in related)


def _comments(slug: str) -> str:
    """Return two comments, always the same for one article."""
    start = sum(slug.encode()) % len(_COMMENTS)
    chosen = (_COMMENTS[start], _COMMENTS[(start + 1) % len(_COMMENTS)])
    return "".join(f'<div class="comment"><cite>{name}</cite><p>{text}</p></div>' for name, text in chosen)


def _entry(site: Site, article: Article) -> str:
    return (
        f'<article class="vignette"><p class="rubrique">{escape(article.rubric)}</p>'
        f'<h2><a href="{site.path(article)}">{escape(article.title)}</a></h2>'
        f'<p class="date">Publié le {moments.date_in_words(article.published)}</p>'
        f'<p class="resume">{escape(article.chapo)}</p></article>'
    )


def _json_ld(site: Site, article: Article) -> str:
    value = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": moments.iso(article.published),
        "dateModified": moments.iso(article.modified),
        "author": {"@type": "Person", "name": article.author},
        "publisher": {"@type": "Organization", "name": site.name},
        "mainEntityOfPage": site.url(article),
    }
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")


@cache
def _layout(name: str) -> Template:
    return Template(files("watcher.demo").joinpath("layouts", f"{name}.html").read_text("utf-8"))
