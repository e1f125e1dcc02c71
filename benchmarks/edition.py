"""An edition of 5,000 candidates for 200 people with ten subscriptions, and what a large archive adds to it.

The candidates are sentences of the seeds and of the demo in random order, judged by the shipped classifier; the archive behind
them has 385 documents a week, for one year (20,000) or ten (200,000). Timed: reading, stories, choice, figures, and every mail
as bytes.
"""

import random
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from benchmarks.home import desk_of, lay_out_home
from benchmarks.measure import Figure, figure, in_turns, run, timed
from watcher import dates, digest
from watcher.model import Digest, Document, Recipient, TextStatus
from watcher.pipeline.desk import Desk

CANDIDATES, SMALL, LARGE, A_WEEK = 5000, 20_000, 200_000, 385
PEOPLE, SUBSCRIPTIONS, ROUNDS = 200, 10, 3
MOST_SECONDS, MOST_RATIO = 2.0, 1.3
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Paris")
DIGEST = Digest(id="bench", title="Veille")
ROOT = Path(__file__).resolve().parent.parent


def measure() -> tuple[Figure, ...]:
    """Return the seconds of the whole edition, and of composing it over both archives."""
    with tempfile.TemporaryDirectory() as folder:
        homes: list[Path] = []
        for size in (SMALL, LARGE):
            home = Path(folder) / str(size)
            lay_out_home(home, ["http://127.0.0.1:9/never-asked"])
            fill(home, size)
            homes.append(home)
        small, large, whole = in_turns(
            ROUNDS,
            lambda: run("benchmarks.edition", "compose", str(homes[0])),
            lambda: run("benchmarks.edition", "compose", str(homes[1])),
            lambda: run("benchmarks.edition", "whole", str(homes[1])),
        )
    seconds = median(sample.wall for sample in whole)
    few, many = (median(sample.wall for sample in some) for some in (small, large))
    rss = max(sample.rss_mb for sample in whole)
    name = f"edition of {CANDIDATES:,} candidates, {PEOPLE} people, {SUBSCRIPTIONS} subscriptions"
    return (
        figure(name, seconds, MOST_SECONDS, "s", required=1.0, at_most=True, rss=rss),
        figure(f"edition from {LARGE:,} documents, against {SMALL:,}", many, few, "s", required=MOST_RATIO, at_most=True),
    )


def fill(home: Path, archived: int) -> None:
    """Store `archived` older documents and this week's candidates in the home."""
    from watcher.store import documents, editions, schema

    with desk_of(str(home)) as desk:
        last = digest.build(_plan(NOW - timedelta(days=7)))
        desk.store.write(lambda tx: editions.freeze(tx, last, [], last.cutoff))
        first = NOW - timedelta(days=7 * (archived / A_WEEK) + 7)
        step = (NOW - timedelta(days=7) - first) / archived
        for start in range(0, archived, 5000):
            rows = [_row(number, first + step * number) for number in range(start, min(start + 5000, archived))]
            desk.store.write(lambda tx, rows=rows: tx.connection.execute(schema.documents.insert(), rows))
        fresh = [_document(number) for number in range(CANDIDATES)]
        verdicts = {one.key: desk.classifier.verdict(one.title, one.text) for one in fresh}
        desk.store.write(lambda tx: documents.save(tx, fresh, verdicts))


def compose(home: str) -> None:
    """Compose the edition, once."""
    from watcher.pipeline import composing

    with _desk_of(home) as desk:
        _warm(desk)
        timed(lambda: float(composing.compose(desk, DIGEST, dates.last_week(NOW, ZONE), templates_hash="")[0].read))


def whole(home: str) -> None:
    """Compose the edition and make every mail of it."""
    from watcher.pipeline import composing, held

    with _desk_of(home) as desk:
        _warm(desk)
        people = _people(desk)

        def work() -> float:
            templates = held.templates_of(desk.home)
            edition, _ = composing.compose(desk, DIGEST, dates.last_week(NOW, ZONE), templates_hash=templates.hash)
            return float(len(held.rendered(edition, people, {}, templates, desk.config.settings).posts))

        timed(work)


@contextmanager
def _desk_of(home: str) -> Generator[Desk]:
    """Open the home on the Monday of the edition: what is later than the clock would not be in it."""
    with desk_of(home) as desk:
        yield replace(desk, now=lambda: NOW)


def _warm(desk: Desk) -> None:
    """Compose the edition of the week before: a service that runs for weeks has, its libraries and templates are loaded."""
    from watcher.pipeline import composing, held

    before = replace(desk, now=lambda: NOW - timedelta(days=7, hours=1))
    composing.compose(
        before, DIGEST, dates.last_week(before.now(), ZONE), templates_hash="", since=before.now() - timedelta(days=1)
    )
    held.rendered(digest.build(_plan(NOW)), _people(desk)[:1], {}, held.templates_of(desk.home), desk.config.settings)


def _plan(cutoff: datetime) -> digest.Plan:
    """Return the plan of the edition before, of an empty week."""
    return digest.Plan(
        digest=DIGEST,
        number=1,
        period=dates.last_week(cutoff, ZONE),
        cutoff=cutoff,
        candidates=(),
        stories=(),
        themes=(),
        seeds=(),
        read=0,
        sources_read=1,
        unread=(),
        excerpt=420,
        templates_hash="",
    )


def _people(desk: Desk) -> tuple[Recipient, ...]:
    themes = [theme.id for theme in desk.seeds.themes]
    wanted = [tuple(themes[start : start + 3]) for start in range(SUBSCRIPTIONS - 1)]
    choices = ((), *wanted)
    return tuple(
        Recipient(id=f"r{number}", address=f"r{number}@bench.example", themes=choices[number % SUBSCRIPTIONS])
        for number in range(PEOPLE)
    )


def _row(number: int, when: datetime) -> dict[str, object]:
    """Return the row of an archived document, of the length of a press release."""
    chance = random.Random(f"old {number}")
    text = " ".join(chance.choice(_sentences()) for _ in range(8))
    return {
        "key": f"https://old.example/{number}",
        "source_id": f"s{number % 40}",
        "recorded_at": when,
        "revised_at": when,
        "offered_at": when,
        "published_at": when,
        "news": True,
        "held": False,
        "status": "full",
        "version": 1,
        "fingerprint": f"{number:064x}",
        "language": "fr",
        "media_type": "text/html",
        "relevance": number % 4,
        "score": (number % 100) / 100,
        "classifier": "bench",
        "url": f"https://old.example/{number}",
        "title": _title(chance),
        "publisher": f"Journal {number % 40}",
        "summary": "",
        "text": text,
    }


def _document(number: int) -> Document:
    chance = random.Random(f"new {number}")
    when = NOW - timedelta(days=6) + timedelta(days=5.9) * (number / CANDIDATES)
    return Document(
        key=f"https://new.example/{number}",
        source_id=f"s{number % 40}",
        url=f"https://new.example/{number}",
        title=_title(chance),
        text=" ".join(chance.choice(_sentences()) for _ in range(14)),
        publisher=f"Journal {number % 40}",
        published_at=when,
        recorded_at=when,
        status=TextStatus.FULL,
        fingerprint=f"{number:064d}",
    )


def _title(chance: random.Random) -> str:
    words = chance.choice(_sentences()).split()
    start = chance.randrange(max(1, len(words) - 9))
    return " ".join(words[start : start + 9])


_KEPT: list[str] = []


def _sentences() -> list[str]:
    """Return the sentences of the seeds and of the demo's articles."""
    if not _KEPT:
        from watcher import text

        for path in (*sorted((ROOT / "seeds").glob("*.md")), *sorted((ROOT / "watcher" / "demo" / "content").glob("*.md"))):
            body = path.read_text("utf-8").split("---")[-1]
            _KEPT.extend(span.text for span in text.sentences(body) if 40 < len(span.text) < 300)
    return _KEPT


if __name__ == "__main__":
    {"compose": compose, "whole": whole}[sys.argv[1]](sys.argv[2])
