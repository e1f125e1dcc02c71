"""The judge: what became of each mail at each point, and whether a promise was broken."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.resilience.points import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """One mail after a kill at `point` and the runs that followed: the copies that the relay took, as (Message-ID, hash), the
    state the outbox ends in, and the state the kill left."""

    point: Point
    copies: tuple[tuple[str, str], ...]
    state: str
    left: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. `silent` counts mails that are lost and said to be sent, or said to be nothing; `outside` second
    copies of mails that were not around their final dot; `third` third copies; `differing` copies that are not the same."""

    phase: str
    points: int
    of: int
    mails: int
    fates: Counter[str] = field(default_factory=Counter[str])
    silent: int = 0
    outside: int = 0
    third: int = 0
    differing: int = 0

    @property
    def kept(self) -> bool:
        """Whether promise P3 held at every point."""
        return not (self.silent or self.outside or self.third or self.differing)


def judged(phase: str, fates: Sequence[Fate], *, of: int) -> Row:
    """Count the fates of all mails at all points; `of` is how many points there are."""
    return Row(
        phase=phase,
        points=len({fate.point for fate in fates}),
        of=of,
        mails=len(fates),
        fates=Counter(_word(fate) for fate in fates),
        silent=sum(not fate.copies and fate.state != "unknown" for fate in fates),
        outside=sum(len(fate.copies) > 1 and fate.left != "handing_over" for fate in fates),
        third=sum(len(fate.copies) > 2 for fate in fates),
        differing=sum(len(set(fate.copies)) > 1 for fate in fates),
    )


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table."""
    titles = ("phase", "points tried", "mails judged", "delivered once", "twice, around the final dot", "never", "unknown, told",
              "silent losses", "twice outside the window", "a third time")  # fmt: skip
    lines = [titles, ("---",) * len(titles), *(_cells(row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    counted = [row.fates[word] for word in ("once", "twice", "never", "unknown")]
    numbers = (row.mails, *counted, row.silent, row.outside, row.third)
    return (row.phase, f"{row.points} of {row.of}", *map(str, numbers))


def _word(fate: Fate) -> str:
    if fate.state == "unknown":
        return "unknown"
    return {0: "never", 1: "once"}.get(len(fate.copies), "twice")
