"""Dates as publishers write them, and the periods that editions are named after.

`parse` reads ISO 8601, RFC 2822 and the words of French and English pages. Everything returned is aware and in UTC.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from watcher.model import Period

# fmt: off
_MONTHS = {
    "janvier": 1, "janv": 1, "jan": 1, "january": 1, "fevrier": 2, "fevr": 2, "fev": 2, "feb": 2, "february": 2,
    "mars": 3, "mar": 3, "march": 3, "avril": 4, "avr": 4, "apr": 4, "april": 4, "mai": 5, "may": 5,
    "juin": 6, "jun": 6, "june": 6, "juillet": 7, "juil": 7, "jul": 7, "july": 7, "aout": 8, "aou": 8, "aug": 8, "august": 8,
    "septembre": 9, "september": 9, "sept": 9, "sep": 9, "octobre": 10, "october": 10, "oct": 10,
    "novembre": 11, "november": 11, "nov": 11, "decembre": 12, "december": 12, "dec": 12,
}  # keys are folded: lower case, no accents
_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1, "cest": 2, "mest": 2, "eet": 2,
    "eest": 3, "msk": 3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "hne": -5, "hae": -4, "hnp": -8, "hap": -7, "ast": -4, "adt": -3, "jst": 9, "aest": 10, "aedt": 11,
}  # RFC 2822 (4.3), the European names that RFC leaves out, and the French Canadian ones
# fmt: on

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ]\s*(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?"
)
_BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(?:(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?")
_RFC = re.compile(
    r"(?:[^\W\d]{2,9}\.?,?\s*)?(\d{1,2})[ -]([^\W\d]{3,9})\.?[ -](\d{4}|\d\d)\s+(\d{1,2}):(\d\d)(?::(\d\d))?"
    r"\s*([+-]\d{4}|[A-Za-z]{1,4})?\s*(?:\([^()]{0,40}\))?"
)
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY_MONTH_YEAR = (
    rf"(?P<d1>\d{{1,2}})(?:er|ere|e|st|nd|rd|th)?[\s.-]*(?:de |of )?(?P<m1>{_NAMES})\b[.,]?[\s-]*(?:de )?(?P<y1>\d{{4}})\b"
)
_MONTH_DAY_YEAR = rf"\b(?P<m2>{_NAMES})\b\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{{4}})\b"
_ASCTIME = rf"\b(?P<m3>{_NAMES})\s+(?P<d3>\d{{1,2}})\s+(?P<t3>\d\d:\d\d:\d\d)\s+(?P<y3>\d{{4}})\b"
_YEAR_FIRST = r"(?<![\d/.-])(?P<y4>\d{4})[-/.](?P<m4>\d{1,2})[-/.](?P<d4>\d{1,2})(?![\d/])"
_NUMBERS = r"(?<![\d/.-])(?P<d5>\d{1,2})(?P<sep>[-/.])(?P<m5>\d{1,2})(?P=sep)(?P<y5>\d{4}|(?<=/)\d\d)(?![\d/])"
_WORDED = re.compile(rf"(?<!\d)(?:{_DAY_MONTH_YEAR}|{_ASCTIME}|{_MONTH_DAY_YEAR}|{_YEAR_FIRST}|{_NUMBERS})")
_YEARLESS = re.compile(rf"(?:[a-z]{{3,9}}\.?,? )?(\d{{1,2}})(?:er|st|nd|rd|th)? ({_NAMES})\.?(?!\w)(?![\s,]*\d{{4}})")
_CLOCK = re.compile(
    r"(?:\s|,|\(|-|–|—|\||·|:|t(?=\d)|a\b|at\b|vers\b)*"
    r"(?P<h>\d{1,2})(?:\s?(?:h|heures?)(?:\s?(?P<fm>\d\d))?(?:\s?(?:min|mn))?|:(?P<m>\d\d)(?::(?P<s>\d\d))?(?:[.,]\d+)?)(?!\d)"
    r"\s*(?P<half>[ap]\.?m\b\.?)?\s*\(?(?P<zone>(?:utc|gmt)?[+-]\d\d?(?::?\d\d)?(?!\d)|[a-z]{1,4}\b(?!['’]?\s*\w))?"
)
_UNIT = r"(\d{1,3}|une?|an?)\s*(min(?:ute)?s?|mn|h(?:eure|our)?s?|j(?:our)?s?|days?|semaines?|weeks?)"
_AGO = re.compile(rf"\bil y a {_UNIT}\b|\b{_UNIT} ago\b")
_DAYS_BACK = {"aujourd'hui": 0, "today": 0, "hier": 1, "yesterday": 1, "avant-hier": 2}
_NAMED_DAY = re.compile(r"(?:publie |posted |mis a jour |updated |le )*(aujourd'hui|avant-hier|hier|today|yesterday)\b")
_JOURNAL = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ].*|Z|[+-]\d\d:?\d\d)?|(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_EARLIEST, _AHEAD = 1900, 10
_LONGEST = 300
FIFTH_REPUBLIC = date(1958, 10, 4)


def parse(text: str, *, zone: ZoneInfo, now: datetime, day_first: bool = True) -> datetime | None:
    """Read a date and return it in UTC, or None when there is none that can be meant.

    A date without an offset is local to `zone`; one without an hour is that day's midnight there. `day_first` settles
    03/04/2026. Impossible dates (31 February, an offset of 99 hours) and years before 1900 or more than ten years after
    `now` are None (never an exception); whether a *publication* can be that old or that new is for `plausible` to say.
    """
    stripped = text[: 4 * _LONGEST].strip()
    try:
        when = _iso(stripped, zone) or _rfc(stripped, zone) or _words(stripped[:_LONGEST], zone, now, day_first)
        if when is None or not _EARLIEST <= when.year <= now.year + _AHEAD:
            return None
        return when.astimezone(UTC)
    except (ValueError, OverflowError):  # the calendar refused: 31 February, hour 25, a zone beyond 24 hours
        return None


def plausible(when: datetime | None, *, now: datetime) -> datetime | None:
    """Return `when` if an article can have been published then: from 1990 to three days after `now`; else None."""
    if when is None or when.year < 1990 or when > now + timedelta(days=3):
        return None
    return when


def journal_day(words: str, *, until: date | None = None) -> date | None:
    """Return the day of the Journal officiel that data sets write 2025-07-17 (an hour may follow) or 17/07/2025.

    None when it is none, lies before the fifth Republic (4 October 1958), or after `until`.
    """
    found = _journal_day(words.strip())
    return found if found is not None and found >= FIFTH_REPUBLIC and (until is None or found <= until) else None


@lru_cache(maxsize=4096)
def _journal_day(words: str) -> date | None:
    match = _JOURNAL.fullmatch(words)
    if match is None:
        return None
    figures = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
    try:
        return date(*map(int, figures))
    except ValueError:  # 31 February
        return None


def week(key: str, zone: ZoneInfo) -> Period:
    """Return the ISO 8601 week named `2026-W47`, from Monday to Monday at midnight in `zone`. Raises ValueError."""
    match = re.fullmatch(r"(\d{4})-W(\d\d)", key, re.ASCII)
    if match is None:
        raise ValueError(f"{key!r} is not an ISO week: write it like 2026-W47.")
    monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    return Period(key=key, start=_midnight(monday, zone), end=_midnight(monday + timedelta(days=7), zone))


def day(key: str, zone: ZoneInfo) -> Period:
    """Return the day named `2026-11-20`, from midnight to midnight in `zone`. Raises ValueError."""
    first = date.fromisoformat(key)
    return Period(key=first.isoformat(), start=_midnight(first, zone), end=_midnight(first + timedelta(days=1), zone))


def week_key(when: datetime, zone: ZoneInfo) -> str:
    """Name the ISO week that holds the aware instant `when` in `zone`: 31 December 2026 is in `2026-W53`."""
    year, number, _ = _local(when, zone).isocalendar()
    return f"{year:04d}-W{number:02d}"


def last_week(now: datetime, zone: ZoneInfo) -> Period:
    """Return the last ISO week that is over in `zone` at `now`."""
    return week(week_key(datetime.combine(_local(now, zone) - timedelta(days=7), time(12), zone), zone), zone)


def last_day(now: datetime, zone: ZoneInfo) -> Period:
    """Return the last day that is over in `zone` at `now`."""
    return day((_local(now, zone) - timedelta(days=1)).isoformat(), zone)


def _local(when: datetime, zone: ZoneInfo) -> date:
    if when.tzinfo is None:
        raise ValueError("An instant without a time zone cannot be placed in a week: give an aware datetime.")
    return when.astimezone(zone).date()


def _midnight(day_: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day_, time(), zone).astimezone(UTC)


# ------------------------------------------------------------------------------------------------------------ the formats


def _iso(text: str, zone: ZoneInfo) -> datetime | None:
    match = _ISO.fullmatch(text) or _BASIC.fullmatch(text)
    if match is None:
        return None
    year, month, day_, hour, minute, second, fraction, offset = match.groups()
    if hour is None:
        return datetime(int(year), int(month), int(day_), tzinfo=zone)
    micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
    return _build(int(year), int(month), int(day_), int(hour), int(minute), int(second or 0), micro, _zone(offset, zone))


def _rfc(text: str, zone: ZoneInfo) -> datetime | None:
    match = _RFC.fullmatch(text)
    month = _MONTHS.get(_fold(match[2])) if match else None
    if match is None or month is None:
        return None
    day_, _, year, hour, minute, second, offset = match.groups()
    return _build(_year(year), month, int(day_), int(hour), int(minute), int(second or 0), 0, _zone(offset, zone))


def _words(text: str, zone: ZoneInfo, now: datetime, day_first: bool) -> datetime | None:
    folded = _fold(text)
    found = list(_WORDED.finditer(folded))
    if not found:
        return _relative(folded, zone, now)
    # "Mis à jour le 14 mars 2026 (publié le 12 mars 2026)": the date of publication is the one that is meant.
    match = next(
        (m for m in found if re.search(r"(publie|publication|posted|published)\D{0,12}$", folded[: m.start()])), found[0]
    )
    part = {name.rstrip("12345"): value for name, value in match.groupdict().items() if value is not None}
    year, day_, month = _year(part["y"]), int(part["d"]), _MONTHS.get(part["m"]) or int(part["m"])
    if match["d5"] and (month > 12 or (day_ <= 12 and not day_first)):  # 03/25/2026 can only be the American order
        day_, month = month, day_
    return _with_clock(date(year, month, day_), part.get("t", "") + folded[match.end() :], folded[: match.start()], zone)


def _relative(folded: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Read what listing pages show of recent items: "hier à 14h30", "il y a 3 heures", "12 mars"."""
    today = _local(now, zone)
    if match := _NAMED_DAY.match(folded):
        return _with_clock(today - timedelta(days=_DAYS_BACK[match[1]]), folded[match.end() :], "", zone)
    if match := _AGO.search(folded):
        count, name = match[1] or match[3], match[2] or match[4]
        unit = {"m": "minutes", "h": "hours", "j": "days", "d": "days", "s": "weeks", "w": "weeks"}[name[0]]
        return now - timedelta(**{unit: int(count) if count.isdigit() else 1})
    if match := _YEARLESS.match(folded.removeprefix("publie ").removeprefix("le ")):
        month, day_ = _MONTHS[match[2]], int(match[1])
        year = today.year if (month, day_) <= ((soon := today + timedelta(days=3)).month, soon.day) else today.year - 1
        return _with_clock(date(year, month, day_), folded[folded.index(match[2]) + len(match[2]) :], "", zone)
    return None


def _with_clock(day_: date, after: str, before: str, zone: ZoneInfo) -> datetime:
    clock = _CLOCK.match(after) or re.fullmatch(rf"(?:.*\s)?{_CLOCK.pattern}\s*(?:,|-|\||le)?\s*", before)
    if clock is None:
        return datetime.combine(day_, time(), zone)
    hour, minute = int(clock["h"]), int(clock["m"] or clock["fm"] or 0)
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"].startswith("p") else 0)
    offset = clock["zone"] if clock["zone"] and (clock["zone"] in _HOURS or clock["zone"][-1].isdigit()) else None
    return _build(day_.year, day_.month, day_.day, hour, minute, int(clock["s"] or 0), 0, _zone(offset, zone))


# -------------------------------------------------------------------------------------------------------------- the parts


def _build(
    year: int, month: int, day_: int, hour: int, minute: int, second: int, micro: int, where: ZoneInfo | timezone
) -> datetime:
    if hour == 24 and not minute and not second:  # ISO 8601: the end of a day
        return datetime(year, month, day_, tzinfo=where) + timedelta(days=1)
    return datetime(year, month, day_, hour, minute, 59 if second == 60 else second, micro, where)


def _zone(name: str | None, zone: ZoneInfo) -> ZoneInfo | timezone:
    """Return the zone of an offset or a name; `zone` when there is none or nobody knows it. Raises ValueError beyond 14 h."""
    return (_fixed(name) or zone) if name else zone


@lru_cache(maxsize=256)
def _fixed(name: str) -> timezone | None:
    folded = name.lower()
    if folded in _HOURS:
        return UTC if not _HOURS[folded] else timezone(timedelta(hours=_HOURS[folded]))
    digits = folded.removeprefix("utc").removeprefix("gmt")
    if digits[:1] not in ("+", "-"):
        return UTC if len(folded) == 1 else None  # RFC 2822 (4.3): the military letters mean nothing
    figures = digits[1:].replace(":", "")
    hours, minutes = (int(figures), 0) if len(figures) <= 2 else (int(figures[:-2]), int(figures[-2:]))
    if minutes > 59 or hours * 60 + minutes > 14 * 60:
        raise ValueError(f"{name!r} is not an offset in use.")
    return timezone((-1 if digits[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def _year(figures: str) -> int:
    """Read a year of two or four figures (RFC 2822, 4.3: 00 to 49 are after 2000)."""
    return int(figures) if len(figures) == 4 else int(figures) + (2000 if int(figures) < 50 else 1900)


def _fold(text: str) -> str:
    if not text.isascii():
        kept = unicodedata.normalize("NFKD", text.replace("’", "'"))
        text = "".join(c for c in kept if not unicodedata.combining(c))
    return " ".join(text.lower().split())
