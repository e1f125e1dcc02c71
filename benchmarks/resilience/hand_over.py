"""The phase of hand-over: three mails to a real SMTP server, killed at every point, then run again twice, an hour apart."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks.handover import NOW, posts, sink
from benchmarks.home import lay_out_home
from benchmarks.resilience import judge, points
from benchmarks.resilience.points import Point
from watcher.cli.common import opened
from watcher.model import Edition, MailSettings, Period
from watcher.pipeline import mail
from watcher.pipeline.desk import Desk
from watcher.store import editions

MAILS = 3


def rows(most: int | None = None) -> tuple[judge.Row, ...]:
    """Try every point, or a sample of `most`, with both values of `on_unknown`."""
    return tuple(_row(policy, most) for policy in ("resend", "hold"))


def _row(policy: str, most: int | None) -> judge.Row:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        log = folder / "taken"
        with sink(log) as port:
            _prepare(folder / "first", port, policy)
            trial = _fresh(folder)
            every = points.found(lambda: _deliver(trial, port, policy, hours=0, wait=True), folder)
            tried = points.sampled(every) if most is None else points.sampled(every)[:: max(1, len(every) // most)]
            fates: list[judge.Fate] = []
            for point in tried:
                fates += _fates(point, folder, log, port, policy)
    return judge.judged(f"hand-over, `on_unknown: {policy}`", fates, of=len(every))


def _fates(point: Point, folder: Path, log: Path, port: int, policy: str) -> list[judge.Fate]:
    trial = _fresh(folder)
    log.write_bytes(b"")
    points.killed_at(point, lambda: _deliver(trial, port, policy, hours=0, wait=True))
    left = _states(trial)
    for hours in (1, 2):
        code = points.finished(_later(trial, port, policy, hours))
        if code:
            raise RuntimeError(f"the run after a kill at {point} fails (exit {code})")
    taken = [tuple(line.split()) for line in log.read_text("utf-8").splitlines()]
    return [
        judge.Fate(
            point=point,
            copies=tuple((name, hash_) for name, hash_ in taken if name == ident),
            state=state,
            left=left[ident],
        )
        for ident, state in _states(trial).items()
    ]


def _later(home: Path, port: int, policy: str, hours: int) -> Callable[[], None]:
    return lambda: _deliver(home, port, policy, hours=hours, wait=True)


def _prepare(home: Path, port: int, policy: str) -> None:
    """Lay out a home whose outbox holds the mails, in a child: what it opens does not follow into the trials."""
    lay_out_home(home, ("https://bench.example/feed",), pages="never")

    def fill() -> None:
        points.ready()
        with opened(str(home)) as desk:
            period = Period(key="first", start=NOW, end=NOW)
            edition = Edition(digest="bench", title="B", number=1, period=period, cutoff=NOW, sections=(), read=0, sources_read=1)
            desk.store.write(lambda tx: editions.freeze(tx, edition, posts(MAILS, "trial"), now=NOW))
            _mailing(desk, port, policy, hours=0)

    if points.finished(fill):
        raise RuntimeError("the home could not be laid out")


def _mailing(desk: Desk, port: int, policy: str, *, hours: int) -> Desk:
    smtp = MailSettings(
        mode="smtp", sender="v@bench.example", host="127.0.0.1", port=port, security="none", on_unknown=policy, key="k" * 64
    )
    config = replace(desk.config, settings=replace(desk.config.settings, mail=smtp), digests=())
    now = NOW + timedelta(hours=hours)
    return replace(desk, config=config, now=lambda: now)


def _deliver(home: Path, port: int, policy: str, *, hours: int, wait: bool) -> None:
    with opened(str(home)) as desk:
        ours = _mailing(desk, port, policy, hours=hours)
        if wait:
            points.ready()
        done = mail.deliver_due(ours)
        if done.held:
            raise RuntimeError(done.held)


def _fresh(folder: Path) -> Path:
    """Return the home as it was before anything left. It stands at the same place each time, as a home does."""
    trial = folder / "trial"
    shutil.rmtree(trial, ignore_errors=True)
    shutil.copytree(folder / "first", trial)
    return trial


def _states(home: Path) -> dict[str, str]:
    with closing(sqlite3.connect(home / "var" / "watcher.db")) as connection:
        return dict(connection.execute("SELECT message_id, state FROM deliveries ORDER BY id"))
