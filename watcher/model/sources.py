"""What is polled, what is asked of it, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path


class FirstFetch(StrEnum):
    """What the first successful poll of a source brings as news."""

    PERIOD = "period"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One entry of `sources:` in sources.yaml.

    `options` is the frozen pydantic `Options` of the source's kind; only the file of that kind looks inside.
    `themes` restricts what the source may be filed under (empty: all themes). `was` names the id the source had before.
    """

    id: str
    kind: str
    name: str
    url: str
    language: str = "fr"
    every: timedelta = timedelta(hours=6)
    enabled: bool = True
    themes: tuple[str, ...] = ()
    first_fetch: FirstFetch = FirstFetch.PERIOD
    weight: float = 1.0
    was: str | None = None
    options: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the store remembers of a source between two polls.

    `etag` and `last_modified` are kept exactly as received and are saved only after a complete parse (RFC 9110, 13.1).
    `cursor` is private to the source's kind. `usual_items` is a running mean of items per full answer; `failures` counts
    consecutive failed polls; `moved_to` is proposed after `moved_seen` identical 301/308 answers.
    """

    source_id: str
    joined_at: datetime | None = None
    next_poll_at: datetime | None = None
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    cursor: Mapping[str, str] = field(default_factory=dict[str, str])
    usual_items: float = 0.0
    failures: int = 0
    last_error: str | None = None
    failing_since: datetime | None = None
    moved_to: str | None = None
    moved_seen: int = 0
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """What politeness needs to remember of an origin (scheme, host, port), kept across restarts.

    `robots` is the text of robots.txt (empty: everything allowed; None: never asked); `robots_refuse` is set while
    robots.txt answers 5xx or cannot be reached, which RFC 9309 (2.3.1.4) reads as a complete disallow.
    """

    origin: str
    not_before: datetime | None = None
    robots: str | None = None
    robots_refuse: bool = False
    robots_read_at: datetime | None = None
    tdm_policy: str | None = None
    failures: int = 0


class ReadAs(StrEnum):
    """Who reads the answer: the source's kind, or the extractor of documents."""

    LISTING = "listing"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One thing to ask for. `item_key` ties a detail page to the item it completes.

    `max_bytes` and `max_seconds` raise the limits of the client for one kind's data sets; None keeps them. `spool` asks for
    the body in a file instead of memory (`FetchResult.file`).
    """

    url: str
    read_as: ReadAs = ReadAs.LISTING
    item_key: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    accept: str | None = None
    max_bytes: int | None = None
    spool: bool = False
    max_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """An answer that was read to its end. `not_modified` is a normal outcome: the body is then empty.

    `headers` are lower-case names in order of arrival. `moved_to` is where a chain made only of 301/308 ended.
    `reserved` gives the reason when text and data mining is reserved for this answer (TDMRep, `noai`), else None. `file` holds
    the body of a request that asked for it (`spool`); `body` is then empty, and whoever asked removes the file.
    """

    request: Request
    url: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    file: Path | None = None
    fetched_at: datetime
    not_modified: bool = False
    moved_to: str | None = None
    reserved: str | None = None
    seconds: float = 0.0

    def header(self, name: str) -> str | None:
        """Return the first value of header `name` (any case), or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), None)
