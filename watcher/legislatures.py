"""The legislatures of the Assemblée nationale under the Fifth Republic, by their dates. No other file holds their numbers.

Dates as published by the Assemblée nationale. Questions of both chambers are numbered afresh with each legislature, at the
Sénat some days after it begins.
"""

from datetime import date
from typing import Literal, NamedTuple


class Legislature(NamedTuple):
    """One legislature. `ends` is its last day, None while it lasts; `how` says why it ended, or will if nothing happens."""

    number: int
    begins: date
    ends: date | None
    how: Literal["term", "dissolution"] = "term"


# To add one: give the last line its end, and add a line.
LEGISLATURES: tuple[Legislature, ...] = (
    Legislature(6, date(1978, 4, 3), date(1981, 5, 22), "dissolution"),
    Legislature(7, date(1981, 7, 2), date(1986, 4, 1)),
    Legislature(8, date(1986, 4, 2), date(1988, 5, 14), "dissolution"),
    Legislature(9, date(1988, 6, 23), date(1993, 4, 1)),
    Legislature(10, date(1993, 4, 2), date(1997, 4, 21), "dissolution"),
    Legislature(11, date(1997, 6, 12), date(2002, 6, 18)),
    Legislature(12, date(2002, 6, 19), date(2007, 6, 19)),
    Legislature(13, date(2007, 6, 20), date(2012, 6, 19)),
    Legislature(14, date(2012, 6, 20), date(2017, 6, 20)),
    Legislature(15, date(2017, 6, 21), date(2022, 6, 21)),
    Legislature(16, date(2022, 6, 22), date(2024, 6, 9), "dissolution"),
    Legislature(17, date(2024, 7, 18), None),
)


def at(day: date) -> Legislature | None:
    """Return the legislature that sits on `day`, None between a dissolution and the next one, and before the table begins."""
    last = last_begun(day)
    return last if last is not None and (last.ends is None or day <= last.ends) else None


def last_begun(day: date) -> Legislature | None:
    """Return the legislature that began last on or before `day`, dissolved since or not; None before the table begins."""
    return next((one for one in reversed(LEGISLATURES) if one.begins <= day), None)


def of(number: int) -> Legislature | None:
    """Return legislature `number`, None when the table does not hold it."""
    return next((one for one in LEGISLATURES if one.number == number), None)
