"""Trials of one phase: at each point the work is killed, what is left is judged, the work is run again and judged again."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.resilience import points
from benchmarks.resilience.place import Place
from benchmarks.resilience.points import Point

# What can be wrong, in the order of the table.
KINDS = ("damaged", "lost", "twice", "half", "left behind", "stuck")
BEFORE, BETWEEN, DONE = "before", "between", "done"


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that may not be, of one of the KINDS."""

    kind: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """What is killed and what it is held to.

    `work` marks itself ready and does the one thing; `again` does it later, to its end. `left` says how far a kill let it come
    and what is wrong right then, `ended` what is wrong after `again`.
    """

    name: str
    work: Callable[[], None]
    again: Callable[[], None]
    left: Callable[[], tuple[str, Sequence[Broken]]]
    ended: Callable[[], Sequence[Broken]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: how many points, how far the kills let the work come, what was wrong."""

    phase: str
    points: int
    of: int
    came: Counter[str] = field(default_factory=Counter[str])
    broken: Counter[str] = field(default_factory=Counter[str])
    details: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether every promise held at every point."""
        return not self.broken.total()


def tried(phase: Phase, place: Place, most: int | None = None) -> Row:
    """Try the points of `phase`, `most` of them at most (all of them, up to the harness' own bound, by default)."""
    place.fresh()
    every = points.found(phase.work, place.folder)
    came, broken = Counter[str](), list[tuple[Point, Broken]]()
    reached = 0
    for point in sampled(every, most or points.MOST):
        place.fresh()
        if not points.killed_at(point, phase.work):
            continue  # what several threads do is not counted alike in each run: this one ended before
        reached += 1
        how_far, found = phase.left()
        came[how_far] += 1
        broken += [(point, one) for one in found]
        if code := points.finished(phase.again):
            broken.append((point, Broken("stuck", f"it fails when it is run again (exit {code})")))
        else:
            broken += [(point, one) for one in phase.ended()]
    return Row(
        phase=phase.name,
        points=reached,
        of=len(every),
        came=came,
        broken=Counter(one.kind for _, one in broken),
        details=tuple(f"{phase.name} at {point}: {one.kind}: {one.detail}" for point, one in broken),
    )


def sampled(every: Sequence[Point], most: int, seed: int = 7) -> tuple[Point, ...]:
    """Return `most` points, the same each time: the first and last call of each name, and others by chance."""
    if len(every) <= most:
        return tuple(every)
    names = {point.name for point in every}
    ends = {end(point for point in every if point.name == name) for name in names for end in (min, max)}
    rest = [point for point in every if point not in ends]
    chance = random.Random(seed)
    chosen = chance.sample(sorted(ends), min(most, len(ends))) + chance.sample(rest, max(0, most - len(ends)))
    return tuple(sorted(chosen))


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table."""
    titles = ("phase", "points tried", "left as before", "left between, resumed", "left done", *KINDS)
    lines = [titles, ("---",) * len(titles), *(_cells(row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    came = (row.came[word] for word in (BEFORE, BETWEEN, DONE))
    broken = (row.broken[kind] for kind in KINDS)
    return (row.phase, f"{row.points} of {row.of}", *map(str, came), *map(str, broken))
