"""What a poll did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


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
