"""The one door to the network: guarded, bounded, polite."""

import os
import ssl
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from watcher.errors import FetchError
from watcher.fetch.answers import REDIRECTS, Answer, Refusal, refusal
from watcher.fetch.asking import NETWORK, UNANSWERED, Asker, Pairs
from watcher.fetch.guard import Resolve
from watcher.fetch.limits import Failure, Limits
from watcher.fetch.site import Sites
from watcher.fetch.targets import Trail, target, without_credentials
from watcher.model import FetchResult, HostState, ReadAs, Request, Settings

_ACCEPT = {
    ReadAs.LISTING: (
        "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, application/json;q=0.9, "
        "text/xml;q=0.9, text/html;q=0.8, */*;q=0.5"
    ),
    ReadAs.DOCUMENT: "text/html, application/xhtml+xml, application/pdf;q=0.9, */*;q=0.5",
}


class Client:
    """Fetch addresses, one at a time per origin, as an async context manager.

    `hosts` is what the store knew of each origin; `changed_hosts` gives back what is new. `downloads` is the folder for bodies
    that are wanted in files. `limits`, `tls` (a context that trusts other authorities) and `resolve` (host, port to addresses)
    are for tests and special installations.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        hosts: Mapping[str, HostState],
        now: Callable[[], datetime],
        downloads: Path | None = None,
        limits: Limits = Limits(),  # noqa: B008  frozen
        tls: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        self._asker = Asker(settings=settings, hosts=hosts, now=now, limits=limits, tls=tls, resolve=resolve)
        self._sites = Sites(self._asker)
        self._limits = limits
        self._now = now
        self._downloads = downloads

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._asker.aclose()

    async def fetch(self, request: Request) -> FetchResult:
        """Fetch `request` and return the answer, read to its end; a 304 to a conditional request is a result too.

        Raises FetchError with one of these reasons, none of which names credentials:

        - rules of ours: `bad_url`, `bad_scheme`, `blocked_address`, `no_contact`, `not_before`, `robots`;
        - the way there: `dns`, `connect`, `timeout`, `tls`, `proxy`, `protocol`, `headers`;
        - redirects: `bad_redirect`, `redirects`, `redirect_loop`, `downgrade`;
        - the answer: `gone`, `odd_304`, `http_NNN`, `truncated`, `too_large`, `ratio`, `encoding`.
        """
        try:
            start = target(request.url)
            trail = Trail(here=start, seen={start.text})
            if not request.spool:
                return await self._follow(request, trail)
            return await self._spooled(request, trail)
        except Failure as failure:
            refused = failure if isinstance(failure, Refusal) else None
            raise FetchError(
                failure.sentence,
                reason=failure.reason,
                url=without_credentials(request.url),
                status=refused.status if refused else None,
                retry_after=refused.retry_after if refused else None,
                transient=failure.transient,
            ) from failure

    def changed_hosts(self) -> tuple[HostState, ...]:
        """Return the origins whose state changed since the last call."""
        return self._asker.hosts.changed()

    async def _spooled(self, request: Request, trail: Trail) -> FetchResult:
        """Fetch into a file of its own, which is gone again when there is no new body."""
        handle, name = tempfile.mkstemp(prefix="download-", dir=self._downloads)
        path = Path(name)
        try:
            with os.fdopen(handle, "wb") as sink:
                result = await self._follow(request, trail, sink)
        except BaseException:
            _remove(path)
            raise
        if result.not_modified:
            _remove(path)
            return result
        return replace(result, file=path)

    async def _follow(self, request: Request, trail: Trail, sink: BinaryIO | None = None) -> FetchResult:
        conditional = request.etag is not None or request.last_modified is not None
        headers = _headers(request)
        most = request.max_bytes or self._limits.body
        allowed = request.max_seconds or self._limits.total
        seconds = 0.0
        while True:
            answer, took = await self._hop(trail, headers, most=most, seconds=allowed - seconds, sink=sink)
            seconds += took
            if answer.status not in REDIRECTS:
                break
            trail.step(answer.status, answer.header("location"), self._limits.redirects)
        refused = refusal(answer, conditional=conditional, now=self._now(), limits=self._limits)
        if refused is not None:
            raise refused
        return FetchResult(
            request=request,
            url=trail.here.text,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            fetched_at=self._now(),
            not_modified=answer.status == 304,
            moved_to=trail.here.text if trail.hops and trail.permanent else None,
            reserved=await self._sites.reserved(trail.here, answer, request.read_as),
            seconds=seconds,
        )

    async def _hop(
        self, trail: Trail, headers: Pairs, *, most: int, seconds: float, sink: BinaryIO | None
    ) -> tuple[Answer, float]:
        try:
            await self._sites.check_robots(trail.here)
            return await self._asker.ask(trail.here, headers, most=most, seconds=seconds, sink=sink)
        except Failure as failure:
            if trail.upgraded and failure.reason in UNANSWERED:
                raise Failure(
                    "downgrade",
                    f"The site sends readers from https to http, and does not answer over https there ({failure.sentence})",
                ) from failure
            raise


def is_network(error: BaseException) -> bool:
    """Tell whether `error` looks the way it does when our own network is down: no name, no connection, no answer at all.

    One such error says nothing; many independent hosts at once do.
    """
    return isinstance(error, FetchError) and error.status is None and error.reason in NETWORK


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _headers(request: Request) -> Pairs:
    """Return what is sent beside Host and User-Agent; validators go out byte for byte as they came in."""
    accept = request.accept or _ACCEPT[request.read_as]
    headers = [(b"accept", accept.encode("ascii", "replace")), (b"accept-encoding", b"gzip")]
    if request.etag is not None:
        headers.append((b"if-none-match", request.etag.encode("latin-1", "replace")))
    if request.last_modified is not None:
        headers.append((b"if-modified-since", request.last_modified.encode("latin-1", "replace")))
    return headers
