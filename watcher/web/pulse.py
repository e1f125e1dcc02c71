"""The pulse of the running service: what it notes of itself, and what those who ask are told."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# What often ends by itself is told to people once it has lasted; the rest, at once.
LASTING = {subject: timedelta(minutes=15).total_seconds() for subject in ("poll", "clock", "database")}
# While these last, no mail is made either: they are told afterwards.
TOLD_AFTERWARDS = frozenset(("clock", "database"))


@dataclass(slots=True, kw_only=True)
class Pulse:
    """Written by the service, read by whoever answers. `period` is how often it ticks, in seconds.

    `problems` are sentences by their subject (`clock`, `configuration`, `poll`, `mail`, `outbox`, `telling`, `database`, `rows`),
    for as long as they last.
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
    _since: dict[str, float] = field(default_factory=dict[str, float])
    _untold: dict[str, str] = field(default_factory=dict[str, str])

    def note(self, subject: str, sentence: str) -> bool:
        """Note a problem that lasts; return whether it is news."""
        fresh = self.problems.get(subject) != sentence
        self._since.setdefault(subject, _running())
        self.problems[subject] = sentence
        return fresh

    def over(self, subject: str) -> None:
        """Note that `subject` is well again."""
        sentence, since = self.problems.pop(subject, None), self._since.pop(subject, None)
        if sentence and since is not None and subject in TOLD_AFTERWARDS and self._lasted(subject, since):
            self._untold[subject] = sentence

    def to_tell(self) -> dict[str, str]:
        """Return the problems that people are told of: those that have lasted, and those that kept mails from being made."""
        now = {s: said for s, said in self.problems.items() if self._lasted(s, self._since.get(s, float("-inf")))}
        return self._untold | now

    def told(self, problems: dict[str, str]) -> None:
        """Note that these problems were told."""
        for subject in problems:
            self._untold.pop(subject, None)

    def _lasted(self, subject: str, since: float) -> bool:
        return _running() - since >= LASTING.get(subject, 0)

    @property
    def tick_age(self) -> float | None:
        """Seconds since the last tick, None before the first."""
        return None if self.ticked is None else time.monotonic() - self.ticked

    @property
    def beating(self) -> bool:
        """Whether a tick ran lately: within three periods."""
        age = self.tick_age
        return age is not None and age < 3 * self.period


def _running() -> float:
    """Return the seconds on a clock that nobody sets and that goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
