"""The clock is believed only as far as other clocks bear it out (row T03)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.service.steps import DOUBT, FAR, TOLERANCE, Reading, Steps, Trust

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)


def at(seconds: float, step: timedelta = timedelta(0)) -> Reading:
    """Return a reading `seconds` after noon, on a clock that was set by `step`."""
    return Reading(wall=NOON + timedelta(seconds=seconds) + step, running=500 + seconds)


def test_time_that_passes_is_believed() -> None:
    """Half a minute is half a minute on both clocks; what a time server mends is no step."""
    steps = Steps(None)
    assert [steps.look(at(30 * n, timedelta(milliseconds=40 * n))) for n in range(100)] == [Trust.RIGHT] * 100


def test_an_hour_ahead_is_noticed_and_believed() -> None:
    """One hour ahead, an NTP step: noticed once, then work goes on (row T03)."""
    steps = Steps(NOON)
    steps.look(at(0))
    ahead = timedelta(hours=1)
    assert steps.look(at(30, ahead)) is Trust.STEPPED
    assert steps.look(at(60, ahead)) is Trust.RIGHT


@pytest.mark.parametrize("step", [timedelta(hours=-1), NOON.replace(year=1970) - NOON], ids=["an hour", "1970"])
def test_a_clock_behind_the_last_stamp_is_refused_until_it_passes_it(step: timedelta) -> None:
    """Nothing is done on a clock that shows a time before the last work, at start as in between (row T03)."""
    steps = Steps(NOON)
    assert steps.look(at(30, step)) is Trust.BEHIND
    assert steps.stamp == NOON
    assert steps.look(at(60)) is Trust.RIGHT


def test_ten_years_ahead_is_doubted_until_it_lasts() -> None:
    """A leap of years does nothing for ten minutes; put right before, it leaves no trace; lasting, it is believed (row T03)."""
    steps = Steps(NOON)
    steps.look(at(0))
    leap = timedelta(days=3650)
    assert steps.look(at(30, leap)) is Trust.DOUBTED
    assert steps.look(at(60)) is Trust.RIGHT
    assert steps.stamp == at(60).wall
    assert steps.look(at(90, leap)) is Trust.DOUBTED
    assert steps.look(at(90 + DOUBT - 1, leap)) is Trust.DOUBTED
    assert steps.look(at(90 + DOUBT, leap)) is Trust.STEPPED
    assert steps.look(at(120 + DOUBT, leap)) is Trust.RIGHT


def test_a_machine_that_slept_is_believed() -> None:
    """After a suspend both clocks have gone on: the clock that is asked counts sleep (row T03)."""
    steps = Steps(NOON)
    steps.look(at(0))
    assert steps.look(at(5 * 86_400)) is Trust.RIGHT


def _walks() -> st.SearchStrategy[list[tuple[float, float]]]:
    passing = st.floats(min_value=0, max_value=4000, allow_nan=False)
    set_by = st.sampled_from([0.0, 0.0, 0.0, 5.0, -5.0, 3600.0, -3600.0, 4e8, -4e8])
    return st.lists(st.tuples(passing, set_by), max_size=40)


@given(_walks())
def test_the_stamp_never_goes_back_and_no_leap_is_believed_at_once(walk: list[tuple[float, float]]) -> None:
    """Whatever is done to the clock, work is stamped in order, and never far ahead of the time that passed (row T03)."""
    steps = Steps(None)
    steps.look(at(0))
    before: tuple[Reading, datetime | None] = (at(0), steps.stamp)
    for reading in _readings(walk):
        trust = steps.look(reading)
        last, stamp = before
        assert stamp is not None
        assert steps.stamp is not None
        assert steps.stamp >= stamp
        if trust in (Trust.RIGHT, Trust.STEPPED):
            assert reading.wall >= stamp - TOLERANCE
            gone = timedelta(seconds=reading.running - last.running)
            assert reading.wall - last.wall - gone <= FAR or gone.total_seconds() >= DOUBT
            before = (reading, steps.stamp)


def _readings(walk: list[tuple[float, float]]) -> Iterator[Reading]:
    seconds, off = 0.0, 0.0
    for passed, step in walk:
        seconds, off = seconds + passed, off + step
        yield at(seconds, timedelta(seconds=off))
