"""The nouns of serving: what is asked, what is answered, and what an outlet is."""

import gzip
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from watcher.demo import moments
from watcher.demo.newsroom import Newsroom
from watcher.demo.site import Site

_COMPRESS_FROM = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request: `path` without its query, `headers` by lower-case name."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer. `stream` is called for a body that is made while it is sent; `body` is then ignored."""

    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    body: bytes = b""
    stream: Callable[[], Iterator[bytes]] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    etag: str | None = None
    last_modified: str | None = None


class Outlet(Protocol):
    """Whatever can answer at an origin of its own."""

    def respond(self, ask: Ask) -> Response:
        """Answer one request; called from several threads at once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How an outlet is opened and how sources.yaml names it.

    `build` gets the plan, the base address (`http://127.0.0.1:8471`) and the newsroom. `purpose` becomes a comment of the
    source; `options` are further keys of the source, as YAML lines. `site` is there when the outlet has articles.
    """

    id: str
    name: str
    kind: str
    path: str
    purpose: str
    build: Callable[["Plan", str, Newsroom], Outlet]
    site: Site | None = None
    options: tuple[str, ...] = ()
    enabled: bool = True


def validated(response: Response, modified: datetime, *, etag: bool = True) -> Response:
    """Give `response` a Last-Modified and, unless refused, a strong entity tag made of its bytes."""
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:20]}"' if etag else None
    return replace(response, etag=tag, last_modified=moments.http_date(modified))


def conditional(response: Response, headers: Mapping[str, str]) -> Response:
    """Answer 304 when the validators of the request still hold (RFC 9110, 13.2.2: If-None-Match hides If-Modified-Since)."""
    if response.status != 200:
        return response
    if "if-none-match" in headers:
        tags = {tag.strip().removeprefix("W/") for tag in headers["if-none-match"].split(",")}
        unchanged = response.etag is not None and (response.etag.removeprefix("W/") in tags or "*" in tags)
    else:
        unchanged = response.last_modified is not None and headers.get("if-modified-since") == response.last_modified
    return replace(response, status=304, body=b"", stream=None) if unchanged else response


def compressed(response: Response, headers: Mapping[str, str]) -> Response:
    """Encode a large enough body with gzip when the request takes it. The tag becomes weak: the bytes are not the same."""
    if len(response.body) < _COMPRESS_FROM or "gzip" not in headers.get("accept-encoding", ""):
        return response
    body = gzip.compress(response.body, 6, mtime=0)
    encoding = (("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
    return replace(response, body=body, headers=(*response.headers, *encoding), etag=response.etag and f"W/{response.etag}")
