"""Parliamentary questions, from the day they are asked to the day they are answered, withdrawn or lapse.

A question is contained in a document, whose key is the question's. Dates are days of the Journal officiel, hence `date`:
they have no hour and no zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Chamber(StrEnum):
    """One of the two assemblies."""

    SENAT = "senat"
    ASSEMBLEE = "assemblee"


class QuestionStatus(StrEnum):
    """How far a question is. CLOSED is closed without an answer for a reason nobody has told us the meaning of."""

    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    CONVERTED = "converted"
    LAPSED = "lapsed"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class EventKind(StrEnum):
    """What can happen to a question. OVERDUE is derived from the date, LAPSED may be; CLOSED is an end that nobody knows."""

    ASKED = "asked"
    SIGNALLED = "signalled"
    RENEWED = "renewed"
    TRANSFERRED = "transferred"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    ERRATUM = "erratum"
    CONVERTED = "converted"
    RECALLED = "recalled"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ministry:
    """A ministry as it was called that day. `ref` is the Assemblée's `organeRef`; `id` its identity through renamings."""

    label: str = ""
    ref: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of parliament. `name` is "Prénom Nom", empty until `ref` (`acteurRef`) is resolved; `group` as printed."""

    name: str = ""
    civility: str = ""
    group: str = ""
    constituency: str = ""
    ref: str | None = None
    group_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """That another ministry took a question over. `on` is None where the source gives no date (the Sénat's pages)."""

    to: Ministry
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a question. `page` is that of the Journal officiel."""

    text: str = ""
    published_on: date | None = None
    page: str | None = None
    ministry: Ministry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question as one source shows it at one time. What the source does not say is empty, never guessed.

    `kind` is QE, QOSD, QG, QOAD, QOAE or QC; `number` has no leading zeros and no letter. `status_label` is the source's own
    word, kept whatever we make of it. `asked_on` is the day of its publication, `sitting_on` that of the sitting for a
    question put there. `recalls` and `converted_to` are keys of other questions, or their addresses while only these are
    known. `addresses` are all the forms under which its page was met, the first one being the one to show.
    """

    chamber: Chamber
    legislature: int
    kind: str
    number: str
    title: str = ""
    text: str = ""
    author: Member | None = None
    asked_on: date | None = None
    sitting_on: date | None = None
    page: str | None = None
    asked_ministry: Ministry | None = None
    ministry: Ministry | None = None
    rubric: str | None = None
    subjects: tuple[str, ...] = ()
    status: QuestionStatus = QuestionStatus.UNKNOWN
    status_label: str = ""
    signalled_on: date | None = None
    renewed_on: tuple[date, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    errata: tuple[date, ...] = ()
    answer: Answer | None = None
    closed_on: date | None = None
    converted_to: str | None = None
    recalls: str | None = None
    addresses: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The key of the question and of its document: the number alone starts again with each legislature."""
        return f"question:{self.chamber}:{self.legislature}:{self.kind}:{self.number}"

    @property
    def latest_on(self) -> date | None:
        """The later of the days of the question and of its answer: a late answer brings an old question back to the reader."""
        return max(self._days, default=None)

    def latest_until(self, last: date) -> date | None:
        """Return the later of both days, those after `last` left out."""
        return max((day for day in self._days if day <= last), default=None)

    @property
    def _days(self) -> tuple[date, ...]:
        answered_on = self.answer.published_on if self.answer else None
        return tuple(day for day in (self.asked_on, answered_on) if day is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionEvent:
    """One thing that happened to a question. Stored once: (`question`, `kind`, `detail`) is unique.

    `on` is None when it is known to have happened and not when. `detail` tells two events of one kind apart (the rank of a
    transfer, of an erratum); it is empty where there can be only one. `days` is the delay of an answer, or what has passed
    when a question is overdue. `linked` is the key (or address) of the other question of a CONVERTED or RECALLED one.
    `read_from` is the address, or the member of an archive, where it was read; `recorded_at` when we first knew of it.
    """

    question: str
    kind: EventKind
    on: date | None = None
    detail: str = ""
    from_ministry: str | None = None
    to_ministry: str | None = None
    page: str | None = None
    days: int | None = None
    linked: str | None = None
    label: str = ""
    read_from: str = ""
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveMember:
    """One file of an archive: its path inside, and the CRC-32 and size by which a change is told (bytes, unpacked)."""

    name: str
    crc: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MinistryName:
    """That a ministry which is called something like this, between two days, is the ministry `id`.

    `words` are folded words that the label must hold, all of them; `without` words that it must not hold.
    """

    id: str
    label: str
    words: tuple[str, ...]
    without: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Names for references: members by `acteurRef` (PA...), groups and bodies by `organeRef` (PO...), ministries by name."""

    members: Mapping[str, Member] = field(default_factory=dict[str, Member])
    bodies: Mapping[str, str] = field(default_factory=dict[str, str])
    ministries: tuple[MinistryName, ...] = ()
