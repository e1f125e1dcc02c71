"""Dates as publishers write them, and the weeks and days that editions are named after."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import dates

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def parse(text: str, *, day_first: bool = True) -> datetime | None:
    return dates.parse(text, zone=PARIS, now=NOW, day_first=day_first)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # pyright: ignore[reportArgumentType]


ISO = {
    "2026-03-12": utc(2026, 3, 11, 23),
    "2026-07-12": utc(2026, 7, 11, 22),
    "2026-03-12T14:30:00Z": utc(2026, 3, 12, 14, 30),
    "2026-03-12t14:30:00z": utc(2026, 3, 12, 14, 30),
    "2026-03-12T14:30:00+01:00": utc(2026, 3, 12, 13, 30),
    "2026-03-12T14:30:00-0530": utc(2026, 3, 12, 20, 0),
    "2026-03-12T14:30+01": utc(2026, 3, 12, 13, 30),
    "2026-03-12 14:30:00": utc(2026, 3, 12, 13, 30),
    "2026-03-12 14:30:00 +0200": utc(2026, 3, 12, 12, 30),
    "2026-03-12T14:30:00.123456789Z": utc(2026, 3, 12, 14, 30, 0, 123456),
    "2026-03-12T14:30:00,5Z": utc(2026, 3, 12, 14, 30, 0, 500000),
    "2026-03-12T24:00:00Z": utc(2026, 3, 13),
    "2026-12-31T23:59:60Z": utc(2026, 12, 31, 23, 59, 59),
    "20260312T143000Z": utc(2026, 3, 12, 14, 30),
    "20260312": utc(2026, 3, 11, 23),
    "  2026-03-12T14:30:00Z\n": utc(2026, 3, 12, 14, 30),
    "2026-03-12T14:30:00+01:00[Europe/Paris]": utc(2026, 3, 12, 13, 30),
}

RFC = {
    "Thu, 12 Mar 2026 14:30:00 +0100": utc(2026, 3, 12, 13, 30),
    "Thu, 12 Mar 2026 14:30:00 GMT": utc(2026, 3, 12, 14, 30),
    "Thu, 12 Mar 2026 14:30 UT": utc(2026, 3, 12, 14, 30),
    "12 Mar 2026 14:30:00 +0000 (UTC)": utc(2026, 3, 12, 14, 30),
    "Fri, 12 Jun 2026 10:00:00 CEST": utc(2026, 6, 12, 8),
    "Mon, 12 Jan 2026 10:00:00 CET": utc(2026, 1, 12, 9),
    "Fri, 12 Jun 2026 10:00:00 BST": utc(2026, 6, 12, 9),
    "Mon, 12 Jan 2026 10:00:00 EST": utc(2026, 1, 12, 15),
    "Mon, 12 Jan 2026 10:00:00 PST": utc(2026, 1, 12, 18),
    "Mon, 12 Jan 2026 10:00:00 -0000": utc(2026, 1, 12, 10),
    "Mon, 12 Jan 2026 10:00:00 A": utc(2026, 1, 12, 10),
    "Mon, 12 Jan 2026 10:00:00": utc(2026, 1, 12, 9),
    "Mon, 12 Jan 26 10:00:00 +0100": utc(2026, 1, 12, 9),
    "Sunday, 06-Nov-94 08:49:37 GMT": utc(1994, 11, 6, 8, 49, 37),
    "Sun Nov  6 08:49:37 1994": utc(1994, 11, 6, 7, 49, 37),
    "jeu., 12 mars 2026 14:30:00 +0100": utc(2026, 3, 12, 13, 30),
    "mer, 12 août 2026 14:30:00 CEST": utc(2026, 8, 12, 12, 30),
    "mar, 15 déc. 2026 08:00:00 +0100": utc(2026, 12, 15, 7),
    "Thu Mar 12 2026 14:30:00 GMT+0100 (heure normale d’Europe centrale)": utc(2026, 3, 12, 13, 30),
}

WORDS = {
    "1er mars 2026": utc(2026, 2, 28, 23),
    "1ᵉʳ mars 2026": utc(2026, 2, 28, 23),
    "mardi 3 mars 2026 à 14 h 30": utc(2026, 3, 3, 13, 30),
    "mardi 3 mars 2026 à 14h": utc(2026, 3, 3, 13),
    "MARDI 3 MARS 2026": utc(2026, 3, 2, 23),
    "03/03/2026": utc(2026, 3, 2, 23),
    "3/3/26": utc(2026, 3, 2, 23),
    "12.03.2026 | 08:15": utc(2026, 3, 12, 7, 15),
    "le 17 juil. 2025": utc(2025, 7, 16, 22),
    "12 févr. 2026": utc(2026, 2, 11, 23),
    "12 fevrier 2026": utc(2026, 2, 11, 23),
    "12 de\u0301cembre 2025": utc(2025, 12, 11, 23),
    "5\u00a0août\u00a02026 à 9\u202fh\u202f05": utc(2026, 8, 5, 7, 5),
    "Publié le 12 mars 2026 à 14h30": utc(2026, 3, 12, 13, 30),
    "Mis à jour le 03/10/2024": utc(2024, 10, 2, 22),
    "Mis à jour le 14 mars 2026 à 9h (publié le 12 mars 2026 à 18:45)": utc(2026, 3, 12, 17, 45),
    "Publié le 12 mars 2026 - Mis à jour le 14 mars 2026": utc(2026, 3, 11, 23),
    "14:30, 12 mars 2026": utc(2026, 3, 12, 13, 30),
    "Par Anne Durand, le 12 mars 2026, 2 min de lecture": utc(2026, 3, 11, 23),
    "12 mars 2026 - 3 commentaires": utc(2026, 3, 11, 23),
    "Le colloque du 12 mars 2026 à 14:30 est complet": utc(2026, 3, 12, 13, 30),
    "March 12, 2026 2:30 PM EST": utc(2026, 3, 12, 19, 30),
    "Mar 12th, 2026": utc(2026, 3, 11, 23),
    "12 March 2026 at 12:05 am": utc(2026, 3, 11, 23, 5),
    "2026/03/12 08:00": utc(2026, 3, 12, 7),
    "03/25/2026": utc(2026, 3, 24, 23),
    "hier à 14h30": utc(2026, 11, 19, 13, 30),
    "Aujourd’hui à 8h": utc(2026, 11, 20, 7),
    "il y a 3 heures": utc(2026, 11, 20, 9),
    "Il y a une semaine": utc(2026, 11, 13, 12),
    "20 minutes ago": utc(2026, 11, 20, 11, 40),
    "12 mars": utc(2026, 3, 11, 23),
    "le 31 décembre": utc(2025, 12, 30, 23),
    "22 novembre à 10h": utc(2026, 11, 22, 9),
}

NONSENSE = [
    "", " ", "demain peut-être", "2026", "mars 2026", "n° 12", "0001-01-01", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
    "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 +0000", "31 février 2026", "31/02/2026", "2026-02-31",
    "2026-13-01", "2026-00-10", "00/00/0000", "0000-00-00 00:00:00", "13/13/2026", "32 mars 2026", "2026-03-12T25:00:00Z",
    "2026-03-12T14:61:00Z", "Thu, 12 Mar 2026 10:00:00 +9999", "2026-03-12T10:00:00+99:99", "2026-03-12T10:00:00-23:00",
    "12 mars 2026 à 25h00", "Thu, 31 Feb 2026 10:00:00 GMT", "1850-01-01", "2060-01-01", "Temps de lecture : 3 min",
    "3.11.07", "version 24.04.12", "01 23 45 67 89", "/etc/passwd", "٣١/٠٢/٢٠٢٦", "1" * 5000, "-" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("text", ISO)
def test_iso_8601_is_read(text: str) -> None:
    """A date of Atom, JSON Feed or an HTML attribute becomes an instant in UTC; without an offset it is local time."""
    assert parse(text) == ISO[text]


@pytest.mark.parametrize("text", RFC)
def test_rfc_2822_is_read_with_its_named_zones(text: str) -> None:
    """A date of RSS or of an HTTP header keeps its hour, in CEST too, and in French (row F07)."""
    assert parse(text) == RFC[text]


@pytest.mark.parametrize("text", WORDS)
def test_dates_are_read_inside_french_and_english_phrases(text: str) -> None:
    """A byline or a listing says when an article appeared, in words, with or without an hour (row F07)."""
    assert parse(text) == WORDS[text]


@pytest.mark.parametrize("text", NONSENSE, ids=lambda text: repr(text[:30]))
def test_nonsense_is_none(text: str) -> None:
    """What cannot be meant as a date is None, so that the instant of discovery is used instead (row F07)."""
    assert parse(text) is None


def test_the_order_of_day_and_month_is_settled_by_the_source() -> None:
    """03/04/2026 is in April in French, in March where the source says so; 25/03 can only be one of them."""
    assert parse("03/04/2026") == utc(2026, 4, 2, 22)
    assert parse("03/04/2026", day_first=False) == utc(2026, 3, 3, 23)
    assert parse("25/03/2026", day_first=False) == parse("03/25/2026") == utc(2026, 3, 24, 23)


def test_an_hour_that_summer_time_skips_or_repeats_is_still_an_instant() -> None:
    """On the nights when clocks change, a local hour is read as the earlier of its meanings."""
    assert parse("2027-03-28 02:30") == utc(2027, 3, 28, 1, 30)
    assert parse("2027-10-31 02:30") == utc(2027, 10, 31, 0, 30)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2026, 12, 31)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
)
def test_what_is_written_is_read_again(naive: datetime, minutes: int) -> None:
    """Any instant comes back from its ISO 8601 and RFC 2822 forms, whatever the offset."""
    when = naive.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert parse(when.isoformat()) == when
    assert parse(f"{when:%a, %d %b %Y %H:%M:%S %z}") == when


@given(st.text(max_size=200) | st.text(alphabet="0123456789/-:.+TZhàe marsjuiletéûcdnov", max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever a publisher sends, the answer is a date in UTC between 1900 and ten years from now, or None (row F07)."""
    when = parse(text)
    assert when is None or (when.tzinfo is UTC and 1899 <= when.year <= 2037)


def test_an_article_is_neither_older_than_the_web_nor_from_next_week() -> None:
    """A publication before 1990 or more than three days ahead is not believed; it would stay on top for ever (row F07)."""
    assert dates.plausible(None, now=NOW) is None
    assert dates.plausible(utc(1989, 12, 31), now=NOW) is None
    assert dates.plausible(NOW + timedelta(days=3, seconds=1), now=NOW) is None
    for when in (utc(1990, 1, 1), NOW, NOW + timedelta(days=3)):
        assert dates.plausible(when, now=NOW) == when


def test_a_week_runs_from_monday_to_monday_in_local_time() -> None:
    """The week of a time change has 167 or 169 hours, and starts at local midnight (row T01)."""
    spring, autumn = dates.week("2027-W12", PARIS), dates.week("2027-W43", PARIS)
    assert (spring.start, spring.end) == (utc(2027, 3, 21, 23), utc(2027, 3, 28, 22))
    assert spring.end - spring.start == timedelta(hours=167)
    assert (autumn.start, autumn.end) == (utc(2027, 10, 24, 22), utc(2027, 10, 31, 23))
    assert autumn.end - autumn.start == timedelta(hours=169)


def test_the_last_week_of_a_year_has_its_own_key() -> None:
    """2026 has 53 ISO weeks: the first days of January 2027 belong to the last of them (row T04)."""
    assert dates.week_key(utc(2026, 12, 31, 12), PARIS) == "2026-W53"
    assert dates.week_key(utc(2027, 1, 3, 22, 59), PARIS) == "2026-W53"
    assert dates.week_key(utc(2027, 1, 3, 23), PARIS) == "2027-W01"
    assert dates.week("2026-W53", PARIS).end == dates.week("2027-W01", PARIS).start
    assert dates.last_week(utc(2027, 1, 4, 6, 30), PARIS).key == "2026-W53"


@pytest.mark.parametrize("key", ["2027-W53", "2026-W00", "2026-47", "2026-W7", "W47", "", "2026-W47 ", "٢٠٢٦-W47"])
def test_a_week_that_does_not_exist_is_refused(key: str) -> None:
    """A mistyped week names no edition."""
    with pytest.raises(ValueError, match=r"\w"):
        dates.week(key, PARIS)


def test_the_last_day_is_yesterday_where_the_reader_lives() -> None:
    """At half past midnight in Paris, the day that is over is the one that has just ended there, not in UTC."""
    period = dates.last_day(utc(2026, 7, 13, 22, 30), PARIS)
    assert (period.key, period.start, period.end) == ("2026-07-13", utc(2026, 7, 12, 22), utc(2026, 7, 13, 22))
    assert dates.day("2026-07-13", PARIS) == period


@given(st.datetimes(datetime(1991, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_instant_is_in_exactly_the_week_of_its_key(when: datetime) -> None:
    """Weeks neither overlap nor leave a gap, and the last complete one ends where the present one starts (row T08)."""
    period = dates.week(dates.week_key(when, PARIS), PARIS)
    assert period.start <= when < period.end
    assert dates.last_week(when, PARIS).end == period.start
    assert dates.last_day(when, PARIS).end <= when < dates.last_day(when, PARIS).end + timedelta(hours=25)


def test_an_instant_without_a_zone_is_refused() -> None:
    """A naive instant would be read in the zone of the machine."""
    with pytest.raises(ValueError, match="aware"):
        dates.week_key(datetime(2026, 1, 1), PARIS)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2024-10-03", date(2024, 10, 3)),
        (" 2024-10-03T00:00:00.000+02:00 ", date(2024, 10, 3)),
        ("2024-10-03 00:00", date(2024, 10, 3)),
        ("2024-10-03+02:00", date(2024, 10, 3)),
        ("2024-10-03Z", date(2024, 10, 3)),
        ("03/10/2024", date(2024, 10, 3)),
        ("3/1/2024", date(2024, 1, 3)),
        ("04/10/1958", date(1958, 10, 4)),
        ("03/10/1958", None),
        ("31/02/2024", None),
        ("2024-13-01", None),
        ("4 octobre 2024", None),
        ("", None),
    ],
)
def test_a_day_of_the_journal_officiel(words: str, day: date | None) -> None:
    """Both chambers write days in two forms; what is no day, or lies before the fifth Republic, is none."""
    assert dates.journal_day(words) == day


def test_a_day_of_the_journal_officiel_lies_no_later_than_asked() -> None:
    """A slip of the pen that dates an answer from next century is no date."""
    assert dates.journal_day("2126-01-01", until=date(2026, 11, 20)) is None
    assert dates.journal_day("2026-11-20", until=date(2026, 11, 20)) == date(2026, 11, 20)
