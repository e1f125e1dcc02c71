"""The phases by their names: a module each, whose `rows(most)` tries the points and judges."""

from importlib import import_module

from benchmarks.resilience import judge, trials

NAMES = ("reload", "hand_over", "backup", "edition", "poll", "migrate")


def rows(name: str, most: int | None) -> tuple[trials.Row | judge.Row, ...]:
    """Try `most` points of one phase and return its lines of the table."""
    found: tuple[trials.Row | judge.Row, ...] = import_module(f"benchmarks.resilience.{name}").rows(most)
    return found
