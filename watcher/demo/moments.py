"""Resolve an article's `when:` against the anchor, and write an instant in the forms that outlets use."""

import re
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WHEN = re.compile(r"(?P<weeks>-\d+|0)w (?P<day>[a-z]{3}) (?P<hour>\d\d):(?P<minute>\d\d)")


def resolve(when: str, now: datetime) -> datetime:
    """Return the instant (UTC) that `-1w tue 09:10` names: weeks from the ISO week of `now`, day and hour in Paris.

    Raises ValueError when `when` is not of that form.
    """
    found = _WHEN.fullmatch(when)
    if found is None or found["day"] not in _WEEKDAYS:
        raise ValueError(f"{when!r} is not of the form '-1w tue 09:10'.")
    today = now.astimezone(PARIS).date()
    monday = today - timedelta(days=today.weekday())
    day = monday + timedelta(weeks=int(found["weeks"]), days=_WEEKDAYS.index(found["day"]))
    return datetime.combine(day, time(int(found["hour"]), int(found["minute"])), PARIS).astimezone(UTC)


def rfc2822(moment: datetime) -> str:
    """Write `Tue, 10 Nov 2026 09:10:00 +0100`."""
    return format_datetime(moment.astimezone(PARIS))


def rfc2822_named(moment: datetime) -> str:
    """Write `Tue, 10 Nov 2026 09:10:00 CET`: the named zones of RFC 822 are obsolete, and still common."""
    local = moment.astimezone(PARIS)
    return f"{format_datetime(local).rsplit(' ', 1)[0]} {local.tzname()}"


def http_date(moment: datetime) -> str:
    """Write the IMF-fixdate of RFC 9110, 5.6.7: `Tue, 10 Nov 2026 08:10:00 GMT`."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def iso(moment: datetime) -> str:
    """Write `2026-11-10T09:10:00+01:00`."""
    return moment.astimezone(PARIS).isoformat(timespec="seconds")


def iso_utc(moment: datetime) -> str:
    """Write `2026-11-10T08:10:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_in_words(moment: datetime) -> str:
    """Write `mardi 10 novembre`, with `1er` for the first of a month."""
    local = moment.astimezone(PARIS)
    return f"{_DAYS[local.weekday()]} {'1er' if local.day == 1 else local.day} {_MONTHS[local.month - 1]}"


def date_in_words(moment: datetime) -> str:
    """Write `mardi 10 novembre 2026`."""
    return f"{day_in_words(moment)} {moment.astimezone(PARIS).year}"


def moment_in_words(moment: datetime) -> str:
    """Write `10 novembre 2026 à 9 h 10`, with no-break spaces in the hour."""
    local = moment.astimezone(PARIS)
    date = date_in_words(moment).split(" ", 1)[1]
    return f"{date} à {local.hour}\u00a0h\u00a0{local.minute:02}"
