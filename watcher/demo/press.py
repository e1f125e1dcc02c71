"""An outlet of the ordinary press: a home page, a listing, a page per article, robots.txt, and honest validators."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from watcher.demo import feeds, pages, pdf
from watcher.demo.articles import Article
from watcher.demo.newsroom import Newsroom
from watcher.demo.outlet import Ask, Plan, Response, validated
from watcher.demo.site import Site

ROBOTS = "User-agent: *\nDisallow: /compte\nDisallow: /recherche\n"
CLOSED = "User-agent: *\nDisallow: /\n"
_TDM_POLICY = "/conditions-fouille.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How an outlet serves. `etag` False leaves Last-Modified alone; `frozen` answers 304 to whoever shows a validator."""

    etag: bool = True
    frozen: bool = False
    robots: str = ROBOTS


class Press:
    """Serve one outlet. Its pages are built once and again after each change of the newsroom."""

    def __init__(self, plan: Plan, site: Site, newsroom: Newsroom, habits: Habits) -> None:
        self.plan, self.site, self.newsroom, self.habits = plan, site, newsroom, habits
        self._lock = threading.Lock()
        self._built: tuple[int, Mapping[str, Response]] = (-1, {})

    def respond(self, ask: Ask) -> Response:
        """Answer the robots file, then a failure that was asked for, then the page at that path, or 404."""
        if ask.path == "/robots.txt":
            return Response(media_type="text/plain; charset=utf-8", body=self.habits.robots.encode())
        failure = self.newsroom.failure(self.plan.id)
        if failure is not None:
            retry = (("Retry-After", failure.retry_after),) if failure.retry_after is not None else ()
            return Response(status=failure.status, headers=retry, body=b"<!doctype html><title>Erreur</title><h1>Erreur</h1>")
        answer = self._pages().get(ask.path, self._missing())
        if self.habits.frozen and answer.status == 200 and ask.headers.keys() & {"if-none-match", "if-modified-since"}:
            return replace(answer, status=304, body=b"")
        return answer

    def listing(self, listed: Sequence[Article]) -> Response:
        """Return the feed, the sitemap or the listing page that shows `listed`."""
        if self.site.feed == "page":
            return Response(body=pages.home_page(self.site, listed, self.newsroom.now.year))
        write, media_type = feeds.WRITERS[self.site.feed]
        return Response(media_type=media_type, body=write(self.site, listed, self.newsroom.now))

    def page(self, article: Article, related: Sequence[Article]) -> Response:
        """Return what the address of `article` answers."""
        if article.media == "pdf":
            return Response(media_type="application/pdf", body=pdf.document(article, self.site.name))
        if article.access == "consent":
            return Response(body=pages.consent_wall(self.site))
        if article.access == "missing":
            return Response(body=pages.not_found(self.site))
        body = pages.article_page(self.site, article, related)
        if article.access == "reserved":
            policy = ("tdm-policy", self.site.base + _TDM_POLICY)
            return Response(body=body, headers=(("tdm-reservation", "1"), policy))
        return Response(body=body)

    def _pages(self) -> Mapping[str, Response]:
        with self._lock:
            changes = self.newsroom.changes
            if self._built[0] != changes:
                self._built = (changes, self._build())
            return self._built[1]

    def _build(self) -> Mapping[str, Response]:
        out, listed = self.newsroom.articles(self.plan.id), self.newsroom.listed(self.plan.id)
        modified = max((article.modified for article in out), default=self.newsroom.now)
        year, etag = self.newsroom.now.year, self.habits.etag
        built = {
            "/": validated(Response(body=pages.home_page(self.site, listed, year)), modified, etag=etag),
            "/a-propos": Response(body=pages.about_page(self.site, year)),
            self.site.listing_path: validated(self.listing(listed), modified, etag=etag),
        }
        for article in out:
            related = [other for other in out if other.slug != article.slug][:4]
            built[self.site.path(article)] = validated(self.page(article, related), article.modified, etag=etag)
        return built

    def _missing(self) -> Response:
        return Response(status=404, body=pages.not_found(self.site))
