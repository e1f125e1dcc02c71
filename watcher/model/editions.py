"""Stories and editions: what a reader is shown, frozen."""

from dataclasses import dataclass
from datetime import date, datetime

from watcher.model.documents import Document, TextStatus
from watcher.model.parliament import Chamber, EventKind
from watcher.model.themes import Evidence, SeedMatch, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The same news in one or several outlets. `id` is the key of its oldest document; `keys` are oldest first.

    `development` counts its tellings: 1 at first, one more each time it has moved on since it was `told`. Where it is that of
    `told`, nothing has.
    """

    id: str
    keys: tuple[str, ...]
    development: int = 1
    told: "Told | None" = None

    @property
    def entry_key(self) -> str:
        """The key of its entry: the story, with its development number from the second on."""
        return self.id if self.development == 1 else f"{self.id}#{self.development}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an edition said of a story: `number` and `told_at` (the cut-off) are the edition's, `title` and `documents` the
    entry's."""

    story: str
    development: int
    title: str
    documents: tuple[str, ...]
    number: int
    told_at: datetime


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

    `key` is what is mailed at most once to a person: a document, or a story with its development number. `documents` are those
    of the story that this edition looked at; `follows` is what an earlier edition said of it, when it has moved on since.
    `story` is empty in editions frozen before developments were counted: the key is then the story. `theme_score` is the
    probability of the first of `themes`, `threshold` what it is held against; None in editions that knew neither.
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
    theme_score: float | None = None
    threshold: float | None = None
    also_in: tuple[tuple[str, str], ...] = ()
    status: TextStatus = TextStatus.FULL
    media_type: str = "text/html"
    pages: int | None = None
    language: str = "fr"
    story: str = ""
    development: int = 1
    documents: tuple[str, ...] = ()
    follows: Told | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The entries of one theme. `more` is how many were left out by the cap."""

    theme: str
    label: str
    colour: str
    entries: tuple[Entry, ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionLine:
    """A parliamentary question as it is cited. `url` leads to its page."""

    key: str
    chamber: Chamber
    kind: str
    number: str
    url: str
    author: str
    group: str = ""
    constituency: str = ""
    asked_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionEntry:
    """What happened to a question, or to several that got one answer or that many members put, for the parliamentary part.

    `key` is what is mailed at most once to a person: the oldest question with the event. `url` leads to the passage quoted.
    `ministry` is the one that answered, else the one in charge; `from_ministry` the one that had it before a transfer.
    `page` is that of the Journal officiel; `label` the source's own word for how it ended; `recalls` the number of the question
    that this one reminds of. `theme_score` and `threshold` are as in an Entry. `before` counts the questions like these that were
    put in earlier weeks, the first on `before_since`.
    """

    key: str
    event: EventKind
    title: str
    url: str
    questions: tuple[QuestionLine, ...]
    on: date | None
    days: int | None
    ministry: str
    from_ministry: str | None
    page: str | None
    label: str
    asked: tuple[str, ...]
    answered: tuple[str, ...]
    relevance: int
    score: float
    themes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    seed: SeedMatch | None = None
    seed_title: str | None = None
    theme_score: float | None = None
    threshold: float | None = None
    recalls: str | None = None
    before: int = 0
    before_since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueQuestion:
    """A question whose term of two months is over: `days` since it was asked."""

    question: QuestionLine
    title: str
    ministry: str
    days: int
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDelay:
    """How long a ministry takes to answer: the median in days, over `answers` of the last twelve months."""

    ministry: str
    days: int
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parliament:
    """The parliamentary part of an edition. `more` and `more_overdue` count what its caps left out."""

    answers: tuple[QuestionEntry, ...] = ()
    asked: tuple[QuestionEntry, ...] = ()
    moved: tuple[QuestionEntry, ...] = ()
    ended: tuple[QuestionEntry, ...] = ()
    more: int = 0
    overdue: tuple[OverdueQuestion, ...] = ()
    more_overdue: int = 0
    delays: tuple[AnswerDelay, ...] = ()

    @property
    def entries(self) -> tuple[QuestionEntry, ...]:
        """All entries, in the order in which they are shown."""
        return (*self.answers, *self.asked, *self.moved, *self.ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadSource:
    """A source that could not be read, for the line at the end of the mail. `reason` is a code, worded in templates."""

    id: str
    name: str
    reason: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeFigure:
    """How much there is on a theme: `count` stories, against the `mean` of earlier editions (None: too few to compare)."""

    theme: str
    label: str
    colour: str
    count: int
    mean: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RisingTerm:
    """A term that more stories hold than usual: `count` of them, where earlier editions lead to expect `usual`.

    `themes` are those of the stories that hold it.
    """

    term: str
    count: int
    usual: float
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The edition in figures. `compared` says with how many earlier editions.

    `stories` and `terms` are what later editions are compared with: how many stories were looked at, and how many of them
    hold each term (lemmas; those that only one holds are left out).
    """

    themes: tuple[ThemeFigure, ...] = ()
    rising: tuple[RisingTerm, ...] = ()
    compared: int = 0
    stories: int = 0
    terms: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One frozen, numbered issue of a digest. `cutoff` is the instant of freezing; `read` counts what was looked at.

    `frequency` is the pace it left at: `weekly`, `daily` or `at_once`; one sent at once holds one entry and is named after it.

    `repeated` counts the stories that earlier ones told and that have not moved on. `already_sent` is what its reader was sent
    at once since the previous one: a line each, no more.
    """

    digest: str
    title: str
    number: int
    period: Period
    cutoff: datetime
    frequency: str = "weekly"
    sections: tuple[Section, ...]
    read: int
    sources_read: int
    unread: tuple[UnreadSource, ...] = ()
    templates_hash: str = ""
    parliament: Parliament = Parliament()
    figures: Figures = Figures()
    repeated: int = 0
    already_sent: tuple[Entry | QuestionEntry, ...] = ()
