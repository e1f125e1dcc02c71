"""Measure whole workloads, each in a process of its own, in turns, and compare medians."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

CPU_OF = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run of a workload: `amount` of units done in `wall` seconds with `cpu` seconds, children included.

    `start_cpu` is what the process took before its first request: interpreter and imports. `whole_cpu` counts all of it, a
    warming pass included. `rss_mb` is the peak of the main process.
    """

    amount: float
    wall: float
    cpu: float
    start_cpu: float = 0.0
    whole_cpu: float = 0.0
    rss_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `ratio` is held against `required`; None where a figure is only shown."""

    name: str
    ours: float
    reference: float
    ratio: float
    required: float | None
    at_most: bool
    unit: str
    peak_rss_mb: float | None

    @property
    def met(self) -> bool | None:
        """Whether the figure is what was promised; None when nothing was."""
        if self.required is None:
            return None
        return self.ratio <= self.required if self.at_most else self.ratio >= self.required


def figure(
    name: str,
    ours: float,
    reference: float,
    unit: str,
    *,
    required: float | None,
    at_most: bool = False,
    rss: float | None = None,
) -> Figure:
    """Return the figure `name`, its ratio being ours over the reference."""
    return Figure(
        name=name,
        ours=ours,
        reference=reference,
        ratio=ours / reference if reference else 0.0,
        required=required,
        at_most=at_most,
        unit=unit,
        peak_rss_mb=rss,
    )


def timed(work: Callable[[], float], *, start_cpu: float = 0.0) -> None:
    """Run `work` in this process and print its Sample as JSON; `work` returns the units done. For workload processes."""
    cpu, wall = _cpu(), time.perf_counter()
    amount = work()
    wall, cpu = time.perf_counter() - wall, _cpu() - cpu
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"amount": amount, "wall": wall, "cpu": cpu, "start_cpu": start_cpu, "rss_mb": rss}))


def run(module: str, *arguments: str) -> Sample:
    """Run the workload `python -m module arguments` and return what it printed, with the CPU of the whole process."""
    before = _children()
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True, env=dict(os.environ), check=True
    )
    return Sample(**json.loads(done.stdout.splitlines()[-1]), whole_cpu=_children() - before)


def in_turns(times: int, *workloads: Callable[[], Sample]) -> tuple[tuple[Sample, ...], ...]:
    """Run `workloads` one after the other, `times` rounds, so that a machine that slows down slows them all."""
    rounds = [tuple(workload() for workload in workloads) for _ in range(times)]
    return tuple(zip(*rounds, strict=True))


def median(samples: tuple[Sample, ...], of: Callable[[Sample], float]) -> float:
    """Return the median of one quantity of `samples`."""
    return statistics.median(of(sample) for sample in samples)


def _cpu() -> float:
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, CPU_OF))


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
