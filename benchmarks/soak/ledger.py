"""Compare what was listed with what is stored, and what should have been mailed with what a real SMTP server took."""

import re
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.resilience import archive
from benchmarks.resilience.trials import Broken
from benchmarks.soak import publisher

ZONE = ZoneInfo("Europe/Paris")
# The hour of the edition, from the midnight that a week begins with in UTC, in winter.
MONDAY = timedelta(hours=6, minutes=30)
LATEST = timedelta(hours=48)
PEOPLE = 3
# What appears in the last hours may still be unread: the outlets are down at times.
UNREAD = timedelta(days=2)


@dataclass(kw_only=True)
class Account:
    """What became of all: counts, and what was broken, by promise."""

    listed: int = 0
    stored: int = 0
    editions: int = 0
    late: int = 0
    mails: int = 0
    entries: int = 0
    copies: int = 0
    resent: int = 0
    unknown: int = 0
    megabytes: float = 0.0
    broken: dict[str, list[str]] = field(default_factory=lambda: {f"P{number}": [] for number in range(1, 5)})
    damage: list[Broken] = field(default_factory=list[Broken])

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return not self.damage and not any(self.broken.values())


def account(database: Path, base: str, log: Path, mails: Path, *, begin: datetime, end: datetime) -> Account:
    """Draw up the account of a year from the database, the lines of the SMTP server and the mails it kept."""
    done = Account(damage=archive.damage(database) + archive.halves(database), megabytes=database.stat().st_size / 1e6)
    taken: dict[str, list[str]] = defaultdict(list)
    for line in log.read_text("ascii").splitlines():
        ident, digest = line.split()
        taken[ident].append(digest)
    with closing(sqlite3.connect(database)) as connection:
        _stored(done, connection, base, end)
        _hand_overs(done, connection, taken)
        _calendar(done, connection, begin, end)
        _looked_at(done, connection)
    _mailed(done, taken, mails)
    return done


def _stored(done: Account, connection: sqlite3.Connection, base: str, end: datetime) -> None:
    """Promise P1: whatever was listed is stored, once."""
    listed = {f"{base}{publisher.path(number)}" for number in publisher.out(end) if publisher.at(number) <= end - UNREAD}
    held = Counter(str(row[0]) for row in connection.execute("SELECT url FROM documents"))
    done.listed, done.stored = len(listed), held.total()
    done.broken["P1"] += [f"{url} was listed and is not stored" for url in sorted(listed - set(held))]
    done.broken["P2"] += [f"{url} is stored {count} times" for url, count in held.items() if count > 1]


def _hand_overs(done: Account, connection: sqlite3.Connection, taken: dict[str, list[str]]) -> None:
    """Promise P3: every mail was taken once, or is said to be of unknown fate; a second copy has the same bytes, no third."""
    query = "SELECT message_id, state, hand_overs FROM deliveries"
    rows: dict[str, tuple[str, int]] = {row[0]: (row[1], row[2]) for row in connection.execute(query)}
    wrong = done.broken["P3"]
    done.mails = len(rows)
    for ident, (state, hand_overs) in rows.items():
        copies = taken.get(ident, [])
        done.copies += len(copies)
        done.resent += hand_overs > 1
        done.unknown += state == "unknown"
        if state not in ("sent", "unknown"):
            wrong.append(f"{ident} is left {state}")
        if state == "sent" and not copies:
            wrong.append(f"{ident} is said to be sent, and was never taken")
        if len(copies) > hand_overs or len(copies) > 2:
            wrong.append(f"{ident} was taken {len(copies)} times, and {hand_overs} final dots are known")
        if len(set(copies)) > 1:
            wrong.append(f"{ident} had other bytes the second time")
    wrong += [f"{ident} was taken, and nobody knows it" for ident in taken if ident not in rows]


def _calendar(done: Account, connection: sqlite3.Connection, begin: datetime, end: datetime) -> None:
    """Promise P4: one edition for each Monday, within two days of its hour, with a mail for each person."""
    query = (
        "SELECT period, frozen_at, (SELECT count(*) FROM deliveries WHERE edition_id = editions.id) FROM editions"
        " WHERE digest = 'veille' ORDER BY number"
    )
    made: list[tuple[Any, ...]] = connection.execute(query).fetchall()
    frozen = {row[0]: datetime.fromisoformat(row[1]).replace(tzinfo=UTC) for row in made}
    done.editions = len(made)
    wanted = _mondays(begin, end)
    wrong = done.broken["P4"]
    wrong += [f"{key} is missing" for key in wanted if key not in frozen]
    wrong += [f"{key} is an edition too many" for key in frozen if key not in wanted]
    for key, hour in wanted.items():
        late = frozen.get(key, hour) - hour
        done.late += late > timedelta(hours=9)
        if not timedelta(0) <= late <= LATEST:
            wrong.append(f"{key} left {late} after its hour")
    done.broken["P3"] += [f"{row[0]} has {row[2]} mails" for row in made if row[2] != PEOPLE]


def _mondays(begin: datetime, end: datetime) -> dict[str, datetime]:
    """Return the hour of each edition that is due between `begin` and `end`, by the week it is of."""
    found: dict[str, datetime] = {}
    day = begin.astimezone(ZONE).date()
    while day <= end.astimezone(ZONE).date():
        hour = datetime(day.year, day.month, day.day, 7, 30, tzinfo=ZONE)
        if day.weekday() == 0 and begin < hour <= end:
            year, week, _ = (day - timedelta(days=7)).isocalendar()
            found[f"{year}-W{week:02d}"] = hour
        day += timedelta(days=1)
    return found


def _looked_at(done: Account, connection: sqlite3.Connection) -> None:
    """Promise P1, up to the reader: every document that was offered was looked at by an edition; a revised one may be again."""
    looked = connection.execute("SELECT coalesce(sum(json_extract(content, '$.read')), 0) FROM editions WHERE digest = 'veille'")
    query = "SELECT count(*) FROM documents WHERE offered_at <= (SELECT max(cutoff) FROM editions WHERE digest = 'veille')"
    read, offered = looked.fetchone()[0], connection.execute(query).fetchone()[0]
    if read < offered:
        done.broken["P1"].append(f"{offered} documents were offered, and editions looked at {read}")


def _mailed(done: Account, taken: dict[str, list[str]], mails: Path) -> None:
    """Promise P2, from without: no article is in two mails of one person, whatever the second copy of a mail."""
    seen: Counter[tuple[str, str]] = Counter()
    for digests in taken.values():
        mail = BytesParser(policy=policy.default).parsebytes((mails / digests[0]).read_bytes())
        part = mail.get_body(("plain",))
        if part is None:
            done.broken["P3"].append(f"{mail['Message-ID']} has no text")
            continue
        articles = set(re.findall(r"/articles/(\d+)\.html", part.get_content()))
        seen.update((str(mail["To"]), number) for number in articles)
    done.entries = len(seen)
    done.broken["P2"] += [
        f"article {number} was mailed {count} times to one person" for (_, number), count in seen.items() if count > 1
    ]
