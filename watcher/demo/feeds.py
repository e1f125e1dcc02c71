"""Write the listings of an outlet: RSS 2.0, Atom (RFC 4287), RDF (RSS 1.0), JSON Feed 1.1 and sitemaps (sitemaps.org)."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from xml.sax.saxutils import escape

from watcher.demo import moments, pages
from watcher.demo.articles import Article
from watcher.demo.site import Site

Writer = Callable[[Site, Sequence[Article], datetime], bytes]
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def rss(site: Site, listed: Sequence[Article], now: datetime) -> bytes:
    """Return RSS 2.0. Dates are RFC 2822, with a named zone where the site writes them so."""
    date = moments.rfc2822_named if site.named_zone else moments.rfc2822
    items = "\n".join(_rss_item(site, article, date(article.published)) for article in listed)
    return (
        f'{_XML}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f"<title>{escape(site.name)}</title>\n<link>{site.base}/</link>\n<description>{escape(site.tagline)}</description>\n"
        f'<atom:link href="{site.listing_url}" rel="self" type="application/rss+xml"/>\n'
        f"<language>fr-FR</language>\n<lastBuildDate>{date(_changed(listed, now))}</lastBuildDate>\n"
        f"{items}\n</channel>\n</rss>\n"
    ).encode()


def _rss_item(site: Site, article: Article, date: str) -> str:
    whole = f"<content:encoded><![CDATA[{pages.body(article.body)}]]></content:encoded>\n" if site.whole_text else ""
    return (
        f"<item>\n<title>{escape(article.title)}</title>\n<link>{escape(site.link(article))}</link>\n"
        f'<guid isPermaLink="false">{escape(site.name)}-{article.slug}</guid>\n<pubDate>{date}</pubDate>\n'
        f"<dc:creator>{escape(article.author)}</dc:creator>\n<category>{escape(article.rubric)}</category>\n"
        f"<description>{escape(f'<p>{escape(article.chapo)}</p>')}</description>\n{whole}</item>"
    )


def atom(site: Site, listed: Sequence[Article], now: datetime) -> bytes:
    """Return Atom 1.0 with `published` and `updated`."""
    entries = "\n".join(
        f"<entry>\n<title>{escape(article.title)}</title>\n"
        f'<link rel="alternate" type="text/html" href="{escape(site.link(article))}"/>\n'
        f"<id>tag:{_slug(site)}.example,2020:{article.slug}</id>\n<published>{moments.iso(article.published)}</published>\n"
        f"<updated>{moments.iso(article.modified)}</updated>\n<author><name>{escape(article.author)}</name></author>\n"
        f'<category term="{escape(article.rubric)}"/>\n<summary type="text">{escape(article.chapo)}</summary>\n</entry>'
        for article in listed
    )
    return (
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr">\n<title>{escape(site.name)}</title>\n'
        f"<subtitle>{escape(site.tagline)}</subtitle>\n<id>tag:{_slug(site)}.example,2020:fil</id>\n"
        f'<link rel="self" href="{site.listing_url}"/>\n<link rel="alternate" href="{site.base}/"/>\n'
        f"<updated>{moments.iso(_changed(listed, now))}</updated>\n{entries}\n</feed>\n"
    ).encode()


def rdf(site: Site, listed: Sequence[Article], now: datetime) -> bytes:
    """Return RSS 1.0, with the dates of Dublin Core in UTC."""
    sequence = "".join(f'<rdf:li rdf:resource="{escape(site.link(article))}"/>' for article in listed)
    items = "\n".join(
        f'<item rdf:about="{escape(site.link(article))}">\n<title>{escape(article.title)}</title>\n'
        f"<link>{escape(site.link(article))}</link>\n<description>{escape(article.chapo)}</description>\n"
        f"<dc:creator>{escape(article.author)}</dc:creator>\n<dc:subject>{escape(article.rubric)}</dc:subject>\n"
        f"<dc:date>{moments.iso_utc(article.published)}</dc:date>\n</item>"
        for article in listed
    )
    return (
        f'{_XML}<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/">\n<channel rdf:about="{site.listing_url}">\n'
        f"<title>{escape(site.name)}</title>\n<link>{site.base}/</link>\n<description>{escape(site.tagline)}</description>\n"
        f"<dc:language>fr</dc:language>\n<dc:date>{moments.iso_utc(_changed(listed, now))}</dc:date>\n"
        f"<items><rdf:Seq>{sequence}</rdf:Seq></items>\n</channel>\n{items}\n</rdf:RDF>\n"
    ).encode()


def json_feed(site: Site, listed: Sequence[Article], _now: datetime) -> bytes:
    """Return JSON Feed 1.1 (jsonfeed.org), the whole text in `content_html`."""
    value = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.name,
        "description": site.tagline,
        "home_page_url": f"{site.base}/",
        "feed_url": site.listing_url,
        "language": "fr-FR",
        "items": [
            {
                "id": site.url(article),
                "url": site.link(article),
                "title": article.title,
                "summary": article.chapo,
                "content_html": pages.body(article.body),
                "date_published": moments.iso(article.published),
                "date_modified": moments.iso(article.modified),
                "authors": [{"name": article.author}],
                "tags": [article.rubric],
            }
            for article in listed
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def sitemap(site: Site, listed: Sequence[Article], now: datetime) -> bytes:
    """Return a sitemap with the news extension for articles, and pages that are no articles."""
    news = "\n".join(
        f"<url><loc>{escape(site.link(article))}</loc><lastmod>{moments.iso(article.modified)}</lastmod>"
        f"{_news(site, article)}</url>"
        for article in listed
    )
    return (
        f'{_XML}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n'
        f"<url><loc>{site.base}/</loc><lastmod>{moments.iso(_changed(listed, now))}</lastmod></url>\n"
        f"<url><loc>{site.base}/a-propos</loc></url>\n{news}\n</urlset>\n"
    ).encode()


def _news(site: Site, article: Article) -> str:
    if article.media == "pdf":
        return ""
    return (
        f"<news:news><news:publication><news:name>{escape(site.name)}</news:name><news:language>fr</news:language>"
        f"</news:publication><news:publication_date>{moments.iso(article.published)}</news:publication_date>"
        f"<news:title>{escape(article.title)}</news:title></news:news>"
    )


def _slug(site: Site) -> str:
    return site.base.rpartition(":")[2]


def _changed(listed: Sequence[Article], now: datetime) -> datetime:
    return max((article.modified for article in listed), default=now)


WRITERS: Mapping[str, tuple[Writer, str]] = MappingProxyType(
    {
        "rss": (rss, "application/rss+xml; charset=utf-8"),
        "atom": (atom, "application/atom+xml; charset=utf-8"),
        "rdf": (rdf, "application/rdf+xml; charset=utf-8"),
        "json": (json_feed, "application/feed+json"),
        "sitemap": (sitemap, "application/xml"),
    }
)
