"""Steps of the clock: whether the time of day may be believed, by comparing it with clocks that nobody sets.

Everything here takes readings and returns a judgement; whoever calls reads the clocks.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from watcher.store.service import TOLERANCE

# A step ahead of more than a day, unless the machine slept, is a mistake more often than not: it has to last.
FAR = timedelta(days=1)
DOUBT = 600.0


class Trust(StrEnum):
    """What may be done with the time of day: work; work, but it moved; nothing, it is behind; nothing yet, it leapt ahead."""

    RIGHT = "right"
    STEPPED = "stepped"
    BEHIND = "behind"
    DOUBTED = "doubted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One look at the clocks: the time of day, and the seconds since the machine started, sleep included."""

    wall: datetime
    running: float


class Steps:
    """Judges reading after reading. `stamp` is the latest instant that was stored: time does not run back behind it."""

    def __init__(self, stamp: datetime | None) -> None:
        self._stamp = stamp
        self._last: Reading | None = None
        self._doubted_since: float | None = None

    @property
    def stamp(self) -> datetime | None:
        """The latest instant that was believed."""
        return self._stamp

    def look(self, now: Reading) -> Trust:
        """Return how far `now` can be trusted. Only what can is remembered as the latest instant (row T03)."""
        if self._stamp is not None and now.wall < self._stamp - TOLERANCE:
            return Trust.BEHIND
        stepped = self._step(now)
        if stepped > FAR and not self._lasted(now):
            return Trust.DOUBTED
        moved = abs(stepped) > TOLERANCE
        self._doubted_since = None
        self._last = now
        self._stamp = max(now.wall, self._stamp) if self._stamp else now.wall
        return Trust.STEPPED if moved else Trust.RIGHT

    def _step(self, now: Reading) -> timedelta:
        """Return how much further the time of day went than the time that passed."""
        if self._last is None:
            return timedelta(0)
        return (now.wall - self._last.wall) - timedelta(seconds=now.running - self._last.running)

    def _lasted(self, now: Reading) -> bool:
        if self._doubted_since is None:
            self._doubted_since = now.running
        return now.running - self._doubted_since >= DOUBT
