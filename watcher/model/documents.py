"""What sources list and pages hold: items, documents, and what changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from watcher.model.parliament import Question
from watcher.model.sources import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry as a source lists it, before its page is read.

    `guid` is the source's own identifier, None when it gave none. `url` is absolute or empty. `summary` and `content` are
    plain text (markup removed); `content` is filled when the source carries the whole article.
    """

    guid: str | None = None
    url: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    author: str | None = None
    language: str | None = None
    categories: tuple[str, ...] = ()
    question: Question | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a source kind understood of one answer.

    `rejected` counts entries that were set aside, by reason. `cursor` replaces the kind's own memory when not None.
    `follow` lists further requests: LISTING ones are fetched in the same poll, DOCUMENT ones become pending requests.
    `set_aside` names the records of a data set that could not be read, each with its reason.
    """

    items: tuple[Item, ...] = ()
    follow: tuple[Request, ...] = ()
    cursor: Mapping[str, str] | None = None
    rejected: Mapping[str, int] = field(default_factory=dict[str, int])
    title: str | None = None
    set_aside: tuple[tuple[str, str], ...] = ()


class TextStatus(StrEnum):
    """How much of a document's text we hold."""

    FULL = "full"
    PARTIAL = "partial"
    SUMMARY = "summary"
    RESERVED = "reserved"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What the extractor read in a page or a PDF. `kept_ratio` is extracted over visible characters, 1.0 when unknown."""

    title: str | None = None
    text: str = ""
    author: str | None = None
    publisher: str | None = None
    published_at: datetime | None = None
    canonical_url: str | None = None
    language: str | None = None
    pages: int | None = None
    kept_ratio: float = 1.0
    media_type: str = "text/html"
    status: TextStatus = TextStatus.FULL
    question: Question | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An article, a PDF or a parliamentary paper as the archive keeps it.

    `key` identifies it for ever: its canonical address, else its guid in its source (docs/architecture.md). `news` is False
    for what a first fetch brought from before the last period: searchable, never mailed. `held` is True while a bulk
    re-import waits for a person. `fingerprint` is the hash of its normalised title and text; `version` starts at 1.
    `recorded_at` is when we first stored it, the only clock that editions look at.
    """

    key: str
    source_id: str
    url: str
    title: str
    text: str = ""
    summary: str = ""
    author: str | None = None
    publisher: str = ""
    published_at: datetime | None = None
    recorded_at: datetime
    language: str = "fr"
    media_type: str = "text/html"
    pages: int | None = None
    status: TextStatus = TextStatus.PENDING
    reserved: str | None = None
    news: bool = True
    held: bool = False
    fingerprint: str = ""
    version: int = 1
    guid: str | None = None
    question: Question | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The little that must be known of a stored document to decide whether an item is new.

    `listed` is the hash of what the asking source's listing said of it last time, empty when that source never listed it
    (`sighted` is then False: the document came from another source).
    """

    key: str
    guid: str | None
    url: str
    title: str
    published_at: datetime | None
    fingerprint: str
    version: int
    status: TextStatus
    listed: str = ""
    sighted: bool = True


class ChangeKind(StrEnum):
    """What an item is, next to what was known."""

    NEW = "new"
    BACKFILL = "backfill"
    REVISED = "revised"
    KNOWN = "known"
    BULK = "bulk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One item against what was known of it. `key` is the document's key, existing or to be; `listed` its listing's hash."""

    kind: ChangeKind
    key: str
    item: Item
    listed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """That a source listed a document: under which guid, and the hash of what it said of it."""

    source_id: str
    document_key: str
    guid: str | None
    listed: str
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A page that is still to be read, kept in the store until it is, or until it failed three times."""

    source_id: str
    document_key: str
    url: str
    attempts: int = 0
    not_before: datetime | None = None
    published_at: datetime | None = None
    news: bool = True
