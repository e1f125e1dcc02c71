"""Hold what is out at each outlet, and the changes that a test tells as a story: publish, edit, withdraw, empty, fail."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watcher.demo import articles, moments
from watcher.demo.articles import Article

_CORRECTION = "Précision de la rédaction : ce passage a été complété après la parution de l’article (modification n° {count})."


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What an outlet answers instead of its content. `retry_after` is the header's value, as it is sent."""

    status: int
    retry_after: str | None = None


class Newsroom:
    """The articles as they stand. Safe to change while the publisher serves.

    At the anchor `now` an article is out when its `when:` has passed; those of the current week that are still to come, and
    those marked `reserve`, wait for `publish`.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._lock = threading.Lock()
        self._drafts = dict(articles.load())
        self._out = {article.slug: article for article in _out_at(self._drafts.values(), now)}
        self._emptied: set[str] = set()
        self._failures: dict[str, Failure] = {}
        self._changes = 0

    @property
    def changes(self) -> int:
        """The number of changes made so far; an outlet rebuilds its pages when it moves."""
        with self._lock:
            return self._changes

    def articles(self, outlet: str) -> tuple[Article, ...]:
        """Return what `outlet` has out, newest first, whether or not its listing was emptied."""
        with self._lock:
            mine = [article for article in self._out.values() if article.outlet == outlet]
        return tuple(sorted(mine, key=lambda article: (article.published, article.slug), reverse=True))

    def listed(self, outlet: str) -> tuple[Article, ...]:
        """Return what the listing of `outlet` shows, newest first: nothing once it was emptied."""
        with self._lock:
            emptied = outlet in self._emptied
        return () if emptied else self.articles(outlet)

    def article(self, slug: str) -> Article:
        """Return the article that is out under `slug`. Raises KeyError when there is none."""
        with self._lock:
            return self._out[slug]

    def failure(self, outlet: str) -> Failure | None:
        """Return what `outlet` was told to fail with, if anything."""
        with self._lock:
            return self._failures.get(outlet)

    # ------------------------------------------------------------------------------------------------ changes

    def publish(self, slug: str, at: datetime | None = None) -> Article:
        """Bring out a held article (or again a withdrawn one) at `at`, the anchor by default."""
        with self._lock:
            self._changes += 1
            self._out[slug] = articles.out_at(self._drafts[slug], at or self.now)
            return self._out[slug]

    def write(self, *new: Article) -> None:
        """Bring out articles that are not of the package; each must carry its `published_at`."""
        with self._lock:
            self._changes += 1
            for article in new:
                self._drafts[article.slug] = article
                self._out[article.slug] = replace(article, published_at=article.published)

    def edit(self, slug: str, *, title: str | None = None, body: str | None = None, at: datetime | None = None) -> Article:
        """Change an article that is out; without a title or body, add a paragraph of correction to it."""
        with self._lock:
            self._changes += 1
            was = self._out[slug]
            if title is None and body is None:
                body = f"{was.body}\n\n{_CORRECTION.format(count=self._changes)}"
            when = at or self.now + timedelta(seconds=self._changes)
            self._out[slug] = replace(was, title=title or was.title, body=body or was.body, updated_at=when)
            return self._out[slug]

    def withdraw(self, slug: str) -> None:
        """Take an article off: its page is not found and its listing no longer names it."""
        with self._lock:
            self._changes += 1
            del self._out[slug]

    def empty(self, outlet: str) -> None:
        """Make the listing of `outlet` answer 200 with no entry; its pages stay."""
        with self._lock:
            self._changes += 1
            self._emptied.add(outlet)

    def fail(self, outlet: str, status: int, *, retry_after: str | None = None) -> None:
        """Make every address of `outlet` but robots.txt answer `status`."""
        with self._lock:
            self._changes += 1
            self._failures[outlet] = Failure(status=status, retry_after=retry_after)

    def mend(self, outlet: str) -> None:
        """Undo `empty` and `fail`."""
        with self._lock:
            self._changes += 1
            self._emptied.discard(outlet)
            self._failures.pop(outlet, None)


def _out_at(drafts: Iterable[Article], now: datetime) -> Iterable[Article]:
    for draft in drafts:
        if draft.when == articles.RESERVE:
            continue
        moment = moments.resolve(draft.when, now)
        if moment <= now:
            yield articles.out_at(draft, moment)
