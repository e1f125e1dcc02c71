"""Stories and editions: what a reader is shown, frozen."""

from dataclasses import dataclass
from datetime import datetime

from watcher.model.documents import Document, TextStatus
from watcher.model.themes import Evidence, SeedMatch, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The same news in one or several outlets. `id` is the key of its oldest document; `keys` are oldest first."""

    id: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A stretch of time that an edition is named after: `[start, end)` in UTC. `key` is an ISO week or a date."""

    key: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A stored document with its verdict, offered to an edition."""

    document: Document
    verdict: Verdict
    story_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of an edition, with all that a reader is shown, frozen with it.

    `key` is what is mailed at most once to a person: a document, or a story with its development number.
    """

    key: str
    document_key: str
    title: str
    url: str
    publisher: str
    published_at: datetime | None
    excerpts: tuple[str, ...]
    relevance: int
    score: float
    themes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    seed: SeedMatch | None = None
    seed_title: str | None = None
    also_in: tuple[tuple[str, str], ...] = ()
    status: TextStatus = TextStatus.FULL
    media_type: str = "text/html"
    pages: int | None = None
    language: str = "fr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The entries of one theme. `more` is how many were left out by the cap."""

    theme: str
    label: str
    colour: str
    entries: tuple[Entry, ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadSource:
    """A source that could not be read, for the line at the end of the mail. `reason` is a code, worded in templates."""

    id: str
    name: str
    reason: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One frozen, numbered issue of a digest. `cutoff` is the instant of freezing; `read` counts what was looked at."""

    digest: str
    title: str
    number: int
    period: Period
    cutoff: datetime
    sections: tuple[Section, ...]
    read: int
    sources_read: int
    unread: tuple[UnreadSource, ...] = ()
    templates_hash: str = ""
