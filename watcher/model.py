"""Every noun that travels between stages.

All of them are frozen, slotted, keyword-only dataclasses made of plain values, so that a stage can be called, tested and
sent to another process without anything else being there. Dates are aware and in UTC; collections are tuples.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

# ------------------------------------------------------------------------------------------------------------- settings


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """How mail leaves. `mode` is `spool` (one .eml file each) or `smtp`; `security` is `starttls`, `tls` or `none`.

    `on_unknown` is what happens to a mail whose hand-over was cut at the final dot: `resend` once, or `hold`.
    """

    mode: str = "spool"
    sender: str = "veille@localhost"
    sender_name: str = "Veille"
    reply_to: str | None = None
    host: str = "localhost"
    port: int = 587
    security: str = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    on_unknown: str = "resend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The `settings:` of sources.yaml, joined with secrets from the environment or the credentials directory.

    `gap` is in seconds, between two requests to one origin. `excerpt` is the number of characters that may be quoted of one
    article in a mail. `allow_private` lists the networks (CIDR) that may be reached although they are not public.
    """

    contact: str = ""
    timezone: str = "Europe/Paris"
    gap: float = 2.0
    excerpt: int = 420
    keep_texts: timedelta = timedelta(days=730)
    keep_logs: timedelta = timedelta(days=30)
    allow_private: tuple[str, ...] = ()
    proxy: str | None = None
    database: str | None = field(default=None, repr=False)
    web_base_url: str | None = None
    mail: MailSettings = MailSettings()


# --------------------------------------------------------------------------------------------------- sources and requests


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

    `max_bytes` and `max_seconds` raise the limits of the client for one kind's data sets; None keeps them.
    """

    url: str
    read_as: ReadAs = ReadAs.LISTING
    item_key: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    accept: str | None = None
    max_bytes: int | None = None
    max_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """An answer that was read to its end. `not_modified` is a normal outcome: the body is then empty.

    `headers` are lower-case names in order of arrival. `moved_to` is where a chain made only of 301/308 ended.
    `reserved` gives the reason when text and data mining is reserved for this answer (TDMRep, `noai`), else None.
    """

    request: Request
    url: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    fetched_at: datetime
    not_modified: bool = False
    moved_to: str | None = None
    reserved: str | None = None
    seconds: float = 0.0

    def header(self, name: str) -> str | None:
        """Return the first value of header `name` (any case), or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), None)


# ------------------------------------------------------------------------------------------------------ items and documents


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a source kind understood of one answer.

    `rejected` counts entries that were set aside, by reason. `cursor` replaces the kind's own memory when not None.
    `follow` lists further requests: LISTING ones are fetched in the same poll, DOCUMENT ones become pending requests.
    """

    items: tuple[Item, ...] = ()
    follow: tuple[Request, ...] = ()
    cursor: Mapping[str, str] | None = None
    rejected: Mapping[str, int] = field(default_factory=dict[str, int])
    title: str | None = None


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


# ------------------------------------------------------------------------------------------------------- themes and verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word or phrase of a theme; `exact` keeps case and accents (`IA`). Weights of excluding terms count against it."""

    pattern: str
    weight: float = 1.0
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One theme of seeds/themes.yaml. `threshold` overrides the one the model chose; None leaves it."""

    id: str
    label: str
    description: str
    weight: float = 1.0
    colour: str = "#334155"
    threshold: float | None = None
    terms: tuple[Term, ...] = ()
    excludes: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """One record of seeds/*.md: an account, in our own words, of a document that defines what is followed."""

    id: str
    title: str
    publisher: str
    date: date
    url: str
    themes: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One labelled text of seeds/examples.jsonl, or one correction by staff."""

    id: str
    kind: str
    title: str
    text: str
    themes: tuple[str, ...]
    maybe: tuple[str, ...] = ()
    relevance: int
    ambiguous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A term that moved a score. `start` and `end` are character offsets in the title or the text, as `field` says."""

    term: str
    start: int
    end: int
    weight: float
    field: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedMatch:
    """The passage of the seed corpus that is nearest to a text. `similarity` is a cosine in [0, 1]."""

    id: str
    passage: str
    similarity: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeScore:
    """The verdict on one theme: a probability, the threshold it is held against, and the reasons."""

    theme: str
    score: float
    on: bool
    threshold: float
    evidence: tuple[Evidence, ...] = ()
    seed: SeedMatch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the classifier says of one text. `relevance` is 0 to 3 (see docs/classification.md), `score` its probability."""

    relevance: int
    score: float
    themes: tuple[ThemeScore, ...]
    language: str
    classifier: str

    @property
    def on(self) -> tuple[str, ...]:
        """The ids of the themes above their threshold, best first."""
        return tuple(t.theme for t in sorted(self.themes, key=lambda t: -t.score) if t.on)


# ------------------------------------------------------------------------------------------------------ stories and editions


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One entry of `digests:` in sources.yaml. `day` and `at` are when it leaves, in the configured zone."""

    id: str
    title: str
    frequency: str = "weekly"
    day: str = "monday"
    at: str = "07:30"
    themes: tuple[str, ...] = ()
    recipients: tuple["Recipient", ...] = ()
    max_per_section: int = 8
    max_entries: int = 40
    min_relevance: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person who receives a digest. `themes` empty: all of them. `id` is opaque: the address is never logged."""

    id: str
    address: str
    name: str | None = None
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One mail, as the frozen bytes that are handed over, with what was rendered for those who look at it."""

    message_id: str
    subject: str
    html: str
    text: str
    raw: bytes


class DeliveryState(StrEnum):
    """Where a mail is (architecture, section 8)."""

    QUEUED = "queued"
    HANDING_OVER = "handing_over"
    SENT = "sent"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One row of the outbox: a message for one recipient, and how far it got. `hand_overs` counts final dots."""

    id: int
    edition_id: int
    recipient_id: str
    address: str
    message_id: str
    raw: bytes
    state: DeliveryState
    attempts: int = 0
    hand_overs: int = 0
    not_before: datetime | None = None
    reply: str | None = None
    updated_at: datetime | None = None


# --------------------------------------------------------------------------------------------------------------- reports


class PollStatus(StrEnum):
    """How the poll of one source ended."""

    READ = "read"
    NOT_MODIFIED = "not_modified"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class PollReport:
    """What one poll of one source did. fetched = new + known + revised + backfill + sum(rejected) + sum(failed).

    `failed` counts items; a failure of the whole source is `status`, `reason` (a code) and `error` (a sentence).
    """

    source: str
    status: PollStatus
    fetched: int = 0
    new: int = 0
    known: int = 0
    revised: int = 0
    backfill: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict[str, int])
    failed: Mapping[str, int] = field(default_factory=dict[str, int])
    reason: str | None = None
    error: str | None = None
    seconds: float = 0.0
