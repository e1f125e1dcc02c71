"""When articles are out, and how their dates are written."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.demo import moments
from watcher.demo.newsroom import Newsroom
from watcher.demo.publisher import PLANS

ANCHORS = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2035, 12, 31)).map(lambda d: d.replace(tzinfo=UTC))  # noqa: DTZ001 - made aware


def _last_week(now: datetime) -> tuple[datetime, datetime]:
    local = now.astimezone(moments.PARIS)
    monday = (local - timedelta(days=local.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    return monday - timedelta(days=7), monday


def test_a_weekday_is_taken_in_the_week_and_zone_of_the_anchor() -> None:
    """`-1w tue 09:10` is the Tuesday of the ISO week before, at ten past nine in Paris, winter or summer."""
    assert moments.resolve("-1w tue 09:10", datetime(2026, 11, 22, 22, 59, tzinfo=UTC)) == datetime(
        2026, 11, 10, 8, 10, tzinfo=UTC
    )
    assert moments.resolve("-1w tue 09:10", datetime(2026, 11, 22, 23, 1, tzinfo=UTC)) == datetime(
        2026, 11, 17, 8, 10, tzinfo=UTC
    )
    assert moments.resolve("0w mon 07:00", datetime(2026, 7, 15, 12, 0, tzinfo=UTC)) == datetime(2026, 7, 13, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize("wrong", ["", "last tuesday", "-1w lun 09:10", "1w tue 09:10", "-1w tue 9:10", "-1w tue 25:00"])
def test_a_moment_that_cannot_be_read_is_refused(wrong: str) -> None:
    """A slip in the head of an article is an error, never a silent date."""
    with pytest.raises(ValueError, match=r"hour|form"):
        moments.resolve(wrong, datetime(2026, 11, 21, tzinfo=UTC))


@given(now=ANCHORS)
def test_last_week_is_always_full(now: datetime) -> None:
    """Whatever the day, 30 articles or more are out, most of them in the last ISO week, and none is from the future."""
    newsroom = Newsroom(now)
    dates = [article.published for plan in PLANS for article in newsroom.articles(plan.id)]
    start, end = _last_week(now)
    assert len(dates) >= 45
    assert all(date <= now for date in dates)
    assert sum(start <= date < end for date in dates) >= 35
    assert sum(date < start for date in dates) == 4


def test_dates_are_written_in_the_forms_that_outlets_use() -> None:
    """RFC 2822 with an offset or a named zone, ISO 8601, and French words, all for one instant."""
    winter, summer = datetime(2026, 11, 10, 8, 10, tzinfo=UTC), datetime(2026, 7, 1, 22, 5, tzinfo=UTC)
    assert moments.rfc2822(winter) == "Tue, 10 Nov 2026 09:10:00 +0100"
    assert moments.rfc2822_named(winter) == "Tue, 10 Nov 2026 09:10:00 CET"
    assert moments.rfc2822_named(summer) == "Thu, 02 Jul 2026 00:05:00 CEST"
    assert moments.http_date(winter) == "Tue, 10 Nov 2026 08:10:00 GMT"
    assert moments.iso(winter) == "2026-11-10T09:10:00+01:00"
    assert moments.iso_utc(winter) == "2026-11-10T08:10:00Z"
    assert moments.date_in_words(winter) == "mardi 10 novembre 2026"
    assert moments.date_in_words(datetime(2026, 3, 1, 12, tzinfo=UTC)) == "dimanche 1er mars 2026"
    assert moments.moment_in_words(summer) == "2 juillet 2026 à 0\u00a0h\u00a005"
