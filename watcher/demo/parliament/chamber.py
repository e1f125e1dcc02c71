"""An outlet of a chamber: data sets and a page per question, as of an issue of the Journal officiel that can be turned."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from watcher.demo import moments
from watcher.demo.newsroom import Newsroom
from watcher.demo.outlet import Ask, Outlet, Plan, Response, conditional, validated
from watcher.demo.parliament import questions
from watcher.demo.parliament.questions import LAST_ISSUE, Entry, last_day
from watcher.model import Chamber as House

ROBOTS = "User-agent: *\nDisallow: /agenda/\n"
_REBUILT = time(1, 12)
"""When the data sets are made anew each night (UTC)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What a chamber publishes at an issue: data sets and pages, by path."""

    data_sets: Mapping[str, Response]
    pages: Mapping[str, Response]


class Chamber:
    """Serve one chamber.

    It opens at issue 0. `next_issue` turns to the next one; so does a reader who comes back: when the first request for a
    data set shows the validators of an issue that this opening has not handed out, the reader was here at an earlier
    opening, and a night has passed since. The rest of an opening, the issue stays as it is, so that reading twice is a 304.
    """

    def __init__(
        self,
        ident: str,
        newsroom: Newsroom,
        entries: Callable[[int], tuple[Entry, ...]],
        publish: Callable[[Sequence[Entry], datetime], Publication],
    ) -> None:
        self._ident, self._newsroom = ident, newsroom
        self._entries, self._publish = entries, publish
        self._lock = threading.Lock()
        self._issue, self._handed_out = 0, False
        self._publications = self._built(None)

    @property
    def issue(self) -> int:
        """The number of the issue that is out."""
        with self._lock:
            return self._issue

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The questions as they stand, newest first."""
        return self._entries(self.issue)

    def next_issue(self) -> None:
        """Bring out the next issue: what was waiting for an answer gets it. After the last one, nothing changes."""
        with self._lock:
            self._issue = min(self._issue + 1, LAST_ISSUE)

    def shrink(self, keep: int) -> None:
        """Publish data sets of the `keep` newest questions only, well-formed, as if half of the night's work had failed."""
        with self._lock:
            self._publications = self._built(keep)

    def respond(self, ask: Ask) -> Response:
        """Answer robots.txt, then a failure that was asked for, then the data set or page at that path, or 404."""
        if ask.path == "/robots.txt":
            return Response(media_type="text/plain; charset=utf-8", body=ROBOTS.encode())
        failure = self._newsroom.failure(self._ident)
        if failure is not None:
            retry = (("Retry-After", failure.retry_after),) if failure.retry_after is not None else ()
            return Response(status=failure.status, headers=retry, body=b"<!doctype html><title>Erreur</title><h1>Erreur</h1>")
        with self._lock:
            self._turn(ask)
            out = self._publications[self._issue]
        missing = Response(status=404, body="<!doctype html><title>404</title><h1>Page non trouvée</h1>".encode())
        return out.data_sets.get(ask.path) or out.pages.get(ask.path, missing)

    def _turn(self, ask: Ask) -> None:
        if self._handed_out or ask.path not in self._publications[0].data_sets:
            return
        self._handed_out = True
        for number, publication in enumerate(self._publications):
            if conditional(publication.data_sets[ask.path], ask.headers).status == 304:
                self._issue = max(self._issue, min(number + 1, LAST_ISSUE))

    def _built(self, keep: int | None) -> tuple[Publication, ...]:
        return tuple(self._publish(self._entries(number)[:keep], self._rebuilt_at(number)) for number in range(LAST_ISSUE + 1))

    def _rebuilt_at(self, issue: int) -> datetime:
        """Return when the data sets of `issue` were made: the night before the anchor, and at the anchor."""
        now = self._newsroom.now
        night = datetime.combine(now.date(), _REBUILT, UTC)
        return now if issue else night if night <= now else night - timedelta(days=1)


def opened(house: House, publish: Callable[[Sequence[Entry], datetime], Publication]) -> Callable[[Plan, str, Newsroom], Outlet]:
    """Return how an outlet of `house` is opened, which serves what `publish` makes of its questions."""

    def build(plan: Plan, base: str, newsroom: Newsroom) -> Outlet:
        return Chamber(plan.id, newsroom, lambda issue: questions.entries(house, base, newsroom.now, issue), publish)

    return build


def dated(response: Response, entry: Entry, rebuilt: datetime) -> Response:
    """Give a question's page its validators: it changed on the day of the question or of its answer."""
    morning = datetime.combine(last_day(entry.question), time(6), moments.PARIS)
    return validated(response, min(morning, rebuilt))


def downloaded(body: bytes, media_type: str, rebuilt: datetime) -> Response:
    """Return a data set with its validators."""
    return replace(validated(Response(body=body), rebuilt), media_type=media_type)
