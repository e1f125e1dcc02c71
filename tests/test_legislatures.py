"""The table of legislatures: dates in order, days that belong to none."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import legislatures
from watcher.legislatures import LEGISLATURES


def test_legislatures_follow_each_other() -> None:
    """Numbers go up by one, none begins before the one before has ended, only the last one lasts."""
    for before, after in itertools.pairwise(LEGISLATURES):
        assert after.number == before.number + 1
        assert before.ends is not None
        assert before.begins < before.ends < after.begins
    assert [one.number for one in LEGISLATURES if one.ends is None] == [LEGISLATURES[-1].number]


def test_a_term_hands_over_the_next_day_and_a_dissolution_does_not() -> None:
    """Between a dissolution and the first sitting of those elected there is no Assemblée."""
    for before, after in itertools.pairwise(LEGISLATURES):
        assert before.ends is not None
        gap = (after.begins - before.ends).days
        assert gap == 1 if before.how == "term" else gap > 20


@pytest.mark.parametrize(
    ("day", "number"),
    [
        (date(2017, 6, 20), 14),
        (date(2017, 6, 21), 15),
        (date(2022, 6, 21), 15),
        (date(2024, 6, 9), 16),
        (date(2024, 6, 10), None),
        (date(2024, 7, 17), None),
        (date(2024, 7, 18), 17),
        (date(2026, 11, 20), 17),
        (date(1970, 1, 1), None),
    ],
)
def test_a_day_belongs_to_a_legislature_or_to_none(day: date, number: int | None) -> None:
    """First and last days are inside."""
    found = legislatures.at(day)
    assert (found.number if found else None) == number


@given(st.dates(min_value=LEGISLATURES[0].begins, max_value=date(2100, 1, 1)))
def test_what_began_last_is_what_sits_or_what_was_dissolved(day: date) -> None:
    """`at` is `last_begun` but for the weeks after a dissolution."""
    last = legislatures.last_begun(day)
    assert last is not None
    assert legislatures.of(last.number) == last
    if legislatures.at(day) is None:
        assert last.how == "dissolution"
        assert last.ends is not None
        assert timedelta(0) < day - last.ends < timedelta(days=60)
    else:
        assert legislatures.at(day) == last


def test_an_unknown_number_is_none() -> None:
    """A legislature that the table does not hold is nobody's."""
    assert legislatures.of(99) is None
    assert legislatures.last_begun(date(1900, 1, 1)) is None
