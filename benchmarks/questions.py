"""The whole history of the Sénat in the store, 529,000 questions: what `watcher questions` takes to answer.

The store is filled by the path that a load takes (`questions.save`); the documents around the questions are written plainly.
The command is run as people run it, in a process of its own, with its bytecode compiled as an installation has it.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

from benchmarks.home import lay_out_home
from benchmarks.measure import Figure, figure
from watcher.model import Answer, Chamber, Document, Member, Ministry, Question, QuestionStatus, TextStatus
from watcher.store import Store, questions, rows, schema
from watcher.store.questions import Filter

COUNT = 529_000
BATCH = 5_000
ROUNDS = 20
MOST_SECONDS, MOST_LOAD_SECONDS = 1.0, 120.0
TODAY = datetime.now(UTC).date()
FIRST = date(1978, 4, 2)
OPEN_SINCE = TODAY - timedelta(days=540)
NOW = datetime.now(UTC)
SENTENCE = "attire l'attention du Gouvernement sur la formation des salariés de l'industrie, dont les métiers changent vite. "
MINISTRIES = tuple(f"Ministère chargé du domaine {n}, de l'emploi et des territoires" for n in range(40))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the generated store is, and how long it took to save its questions, in seconds."""

    home: Path
    load: float


def measure() -> tuple[Figure, ...]:
    """Return the load, the command on what is overdue, and the questions asked of the store behind it."""
    with tempfile.TemporaryDirectory() as folder:
        place = fill(Path(folder) / "home", COUNT)
        _command(place.home)
        command = _95th([_command(place.home) for _ in range(ROUNDS)])
        store = Store.open(_address(place.home))
        asked = [_asked(store, name, work) for name, work in _QUESTIONS]
        store.close()
    return (
        figure(f"{COUNT:,} questions, load", place.load, MOST_LOAD_SECONDS, "s", required=1.0, at_most=True),
        figure("watcher questions --overdue, p95, whole process", command, MOST_SECONDS, "s", required=1.0, at_most=True),
        *asked,
    )


def fill(home: Path, count: int) -> Place:
    """Lay out a home whose store holds `count` questions."""
    lay_out_home(home, ["https://bench.example/feed"])
    store = Store.open(_address(home))
    generated, load = enumerate(_generated(count)), 0.0
    while batch := list(islice(generated, BATCH)):
        store.write(lambda tx, batch=batch: tx.connection.execute(schema.documents.insert(), [_document(q) for _, q in batch]))
        filed = [{"document_id": n + 1, "theme": "ia-emploi", "score": 0.8} for n, _ in batch if n % 20 == 0]
        store.write(lambda tx, filed=filed: tx.connection.execute(schema.document_themes.insert(), filed))
        started = time.perf_counter()
        store.write(lambda tx, batch=batch: questions.save(tx, [q for _, q in batch], now=NOW))
        load += time.perf_counter() - started
    store.close()
    return Place(home=home, load=load)


def _asked(store: Store, name: str, work: Callable[[Store], object]) -> Figure:
    took = [_seconds(lambda: work(store)) for _ in range(ROUNDS)]
    required = 1.0 if name in _PROMISED else None
    return figure(f"questions, {name}, p95", _95th(took), MOST_SECONDS, "s", required=required, at_most=True)


def _find(wanted: Filter) -> Callable[[Store], object]:
    return lambda store: store.read(lambda tx: questions.find(tx, wanted))


_PROMISED = ("overdue", "overdue of a theme", "newest", "median delays of a year")
_YEAR = TODAY - timedelta(days=365)
_QUESTIONS: tuple[tuple[str, Callable[[Store], object]], ...] = (
    ("overdue", _find(Filter(overdue=TODAY))),
    ("overdue of a theme", _find(Filter(overdue=TODAY, theme="ia-emploi"))),
    ("newest", _find(Filter())),
    ("a ministry by its words", _find(Filter(ministry="domaine 7"))),
    ("an author", _find(Filter(author="autrice 1234"))),
    ("a chamber and a status", _find(Filter(chamber=Chamber.SENAT, status=QuestionStatus.WITHDRAWN))),
    ("median delays of a year", lambda store: store.read(lambda tx: questions.median_delays(tx, _YEAR, TODAY))),
    ("median delays of it all", lambda store: store.read(lambda tx: questions.median_delays(tx, FIRST, TODAY))),
)


def _command(home: Path) -> float:
    line = [sys.executable, "-m", "watcher", "--home", str(home), "questions", "--overdue"]
    compiled = {"PYTHONPYCACHEPREFIX": str(home.parent / "bytecode")}
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | compiled
    return _seconds(lambda: subprocess.run(line, stdout=subprocess.DEVNULL, check=True, env=env))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _95th(took: list[float]) -> float:
    return sorted(took)[max(0, -(-len(took) * 95 // 100) - 1)]


def _address(home: Path) -> str:
    return f"sqlite:///{home / 'var' / 'watcher.db'}"


def _generated(count: int) -> Iterator[Question]:
    step = (TODAY - FIRST).days / count
    return (_question(n, FIRST + timedelta(days=int(n * step))) for n in range(count))


def _question(n: int, asked: date) -> Question:
    ministry = Ministry(label=MINISTRIES[n % 40], id=f"domaine-{n % 40}" if n % 10 else None)
    status, answer = QuestionStatus.WITHDRAWN if n % 3 else QuestionStatus.LAPSED, None
    if asked >= OPEN_SINCE and n % 5 < 3:
        status = QuestionStatus.OPEN
    elif n % 20 < 17:
        on = min(asked + timedelta(days=40 + n % 260), TODAY)
        status, answer = QuestionStatus.ANSWERED, Answer(text=f"Réponse {n // 2}. {SENTENCE * 12}", published_on=on)
    return Question(
        chamber=Chamber.SENAT if n % 4 else Chamber.ASSEMBLEE,
        legislature=6 + n // 48_000,
        kind="QE" if n % 9 else "QG",
        number=str(n),
        title=f"Question {n} sur les compétences",
        text=f"Question {n} : M. le sénateur {SENTENCE * 9}",
        author=Member(name=f"Autrice {n % 3000}", civility="Mme", group="Groupe", constituency="Eure"),
        asked_on=asked,
        asked_ministry=ministry,
        ministry=ministry,
        status=status,
        answer=answer,
        addresses=(f"https://www.senat.fr/questions/base/{asked.year}/qSEQ{asked:%y%m}{n:06}.html",),
    )


def _document(question: Question) -> dict[str, object]:
    around = Document(
        key=question.key, source_id="senat", url=question.addresses[0], title=question.title, recorded_at=NOW, news=False
    )
    return {
        **rows.columns_of(around, schema.documents),
        "revised_at": NOW,
        "status": TextStatus.FULL,
        "classifier": "",
        "text": question.text,
    }
