"""Read what administrators write in words: durations, days, times of day, zones, ids.

Each function returns a value or raises the error of `wrong()`, which holds the problem and the remedy apart.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic_core import PydanticCustomError

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS_FR = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_DAY_WORDS = {word: DAYS[i % 7] for i, word in enumerate((*DAYS, *_DAYS_FR))}

_UNITS = {
    "s sec second seconds seconde secondes": 1,
    "min minute minutes": 60,
    "h hour hours heure heures": 3600,
    "d day days j jour jours": 86_400,
    "week weeks semaine semaines": 7 * 86_400,
    "month months mois": 30 * 86_400,
    "year years an ans": 365 * 86_400,
}
_SECONDS = {word: seconds for words, seconds in _UNITS.items() for word in words.split()}


def wrong(problem: str, remedy: str = "") -> PydanticCustomError:
    """Return the error that says `problem` and, apart from it, what to write instead."""
    return PydanticCustomError("watcher", "{problem}", {"problem": problem, "remedy": remedy})


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "Did you mean `x`?", or the list of what is known when nothing comes near and it is short, or nothing."""
    words = sorted(known)
    near = get_close_matches(word.casefold(), words, n=1, cutoff=0.6)
    if near:
        return f"Did you mean `{near[0]}`?"
    return f"Known: {', '.join(f'`{w}`' for w in words)}." if 0 < len(words) <= 30 else ""


def duration(value: object) -> timedelta:
    """Return the length of `6 h`, `90 min`, `1 day`, `1 h 30 min`. A month is 30 days, a year 365; zero needs no unit."""
    remedy = "Write a number and a unit: `90 min`, `6 h`, `1 day`, `2 weeks`, `18 months`, `2 years`."
    if value == 0 and not isinstance(value, bool):
        return timedelta(0)
    if not isinstance(value, str):
        raise wrong(f"a duration needs a unit, got `{value}`.", remedy)
    pieces = re.findall(r"(\d{1,9}(?:\.\d{1,3})?)\s*([a-z]+)", value.strip().lower())
    rest = re.sub(r"\d{1,9}(?:\.\d{1,3})?\s*[a-z]+", "", value.strip().lower()).strip()
    if not pieces or rest or any(unit not in _SECONDS for _, unit in pieces):
        raise wrong(f"`{clip(value)}` is not a duration.", remedy)
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in pieces)
    if seconds > 100 * 365 * 86_400:
        raise wrong("this is more than a hundred years.", remedy)
    return timedelta(seconds=seconds)


def duration_words(length: timedelta) -> str:
    """Return `length` as `duration()` reads it: `6 h`, `90 min`, `1 day`."""
    seconds = length.total_seconds()
    for size, one, many in ((86_400, "day", "days"), (3600, "h", "h"), (60, "min", "min")):
        if seconds and seconds % size == 0:
            count = int(seconds // size)
            return f"{count} {one if count == 1 else many}"
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + " s"


def day(value: str) -> str:
    """Return the English name of a day written in English or French, any case."""
    word = value.strip().casefold()
    if word not in _DAY_WORDS:
        raise wrong(f"`{clip(value)}` is not a day of the week.", did_you_mean(word, _DAY_WORDS))
    return _DAY_WORDS[word]


def time_of_day(value: str) -> str:
    """Return `HH:MM` from `07:30`, `7:30`, `7 h 30` or `7h`."""
    match = re.fullmatch(r"(\d{1,2})(?::(\d{2})|\s*h\s*(\d{2})?)", value.strip().lower())
    hour, minute = (int(match[1]), int(match[2] or match[3] or 0)) if match else (99, 0)
    if hour > 23 or minute > 59:
        raise wrong(f"`{clip(value)}` is not a time of day.", "Write hours and minutes, from 00:00 to 23:59: `07:30`.")
    return f"{hour:02}:{minute:02}"


def time_zone(value: str) -> str:
    """Return the name of a time zone of the IANA database, as it was written."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        names = {name.casefold(): name for name in available_timezones()}
        near = names.get(value.casefold()) or next(iter(get_close_matches(value, names.values(), n=1, cutoff=0.5)), None)
        remedy = f"Did you mean `{near}`?" if near else "Write a name such as `Europe/Paris`."
        raise wrong(f"the time zone `{clip(value)}` is not known.", remedy) from error
    return value


def identifier(value: str) -> str:
    """Return an id made of a-z, 0-9 and single hyphens, at most 64 characters."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) or len(value) > 64:
        remedy = f"Use a to z, 0 to 9 and hyphens, at most 64: `{slug(value)}`."
        raise wrong(f"`{clip(value)}` is not an id.", remedy)
    return value


def language(value: str) -> str:
    """Return a language code of ISO 639, in lower case."""
    if not re.fullmatch(r"[a-z]{2,3}", value):
        raise wrong(f"`{clip(value)}` is not a language code.", "Write that of ISO 639: `fr`, `en`, `de`.")
    return value


def slug(text: str) -> str:
    """Return an id made from any text: `Céreq – actualités` gives `cereq-actualites`; `source` when nothing is left."""
    folded = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe")).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", folded))[:64].strip("-") or "source"


def line(value: str) -> str:
    """Return a text of one line, outer spaces removed; it may stand in a mail header (RFC 5322, 2.2)."""
    text = value.strip()
    if not text:
        raise wrong("the text is empty.")
    if any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in text):
        raise wrong("the text holds a line break, a tab or a control character.", "Write it on one line.")
    if len(text) > 300:
        raise wrong(f"the text has {len(text)} characters.", "At most 300.")
    return text


def clip(text: str, limit: int = 60) -> str:
    """Return `text` short enough for a message, control characters shown as dots."""
    clean = "".join("·" if unicodedata.category(c)[0] == "C" else c for c in text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
