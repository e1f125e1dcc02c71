"""The pulse of the running service: what it notes of itself, and what those who ask are told."""

import time
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True, kw_only=True)
class Pulse:
    """Written by the service, read by whoever answers. `period` is how often it ticks, in seconds.

    `problems` are sentences by their subject (`clock`, `configuration`, `poll`, `mail`, `outbox`, `telling`, `database`), for as
    long as they last.
    """

    version: str
    started_at: datetime
    period: float
    ticked: float | None = None
    last_poll_at: datetime | None = None
    last_edition_at: datetime | None = None
    configuration: str = ""
    configured_at: datetime | None = None
    problems: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def tick_age(self) -> float | None:
        """Seconds since the last tick, None before the first."""
        return None if self.ticked is None else time.monotonic() - self.ticked

    @property
    def beating(self) -> bool:
        """Whether a tick ran lately: within three periods."""
        age = self.tick_age
        return age is not None and age < 3 * self.period
