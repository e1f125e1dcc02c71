"""The phase of hand-over: three mails to a real SMTP server, killed at every point, then run again twice, an hour apart."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks.handover import posts, sink
from benchmarks.resilience import judge, points, trials
from benchmarks.resilience.place import NOW, Place, laid_out
from benchmarks.resilience.points import Point
from watcher.config import Config
from watcher.model import Edition, MailSettings, Period
from watcher.pipeline import mail
from watcher.store import editions

MAILS = 3


def rows(most: int | None = None) -> tuple[judge.Row, ...]:
    """Try every point, or a sample of `most`, with both values of `on_unknown`."""
    with tempfile.TemporaryDirectory() as folder:
        place = laid_out(Path(folder), ("https://bench.example/feed",))
        return tuple(_row(place, policy, most) for policy in ("resend", "hold"))


def _row(place: Place, policy: str, most: int | None) -> judge.Row:
    log = place.folder / "taken"
    log.touch()
    with sink(log) as port:
        ours = replace(place, config=_smtp(place, port, policy))
        shutil.rmtree(place.home.var)
        ours.in_child(lambda: _fill(ours))
        ours.keep()
        every = points.found(lambda: _deliver(ours, hours=0), place.folder)
        tried = trials.sampled(every, most or points.MOST)
        fates: list[judge.Fate] = []
        for point in tried:
            fates += _fates(ours, point, log)
    return judge.judged(f"hand-over, `on_unknown: {policy}`", fates, of=len(every))


def _fates(place: Place, point: Point, log: Path) -> list[judge.Fate]:
    place.fresh()
    log.write_bytes(b"")
    points.killed_at(point, lambda: _deliver(place, hours=0))
    left = _states(place)
    for hours in (1, 2):
        if code := points.finished(_later(place, hours)):
            raise RuntimeError(f"the run after a kill at {point} fails (exit {code})")
    taken = [tuple(line.split()) for line in log.read_text("utf-8").splitlines()]
    return [
        judge.Fate(
            point=point,
            copies=tuple((name, hash_) for name, hash_ in taken if name == ident),
            state=state,
            left=left[ident],
        )
        for ident, state in _states(place).items()
    ]


def _later(place: Place, hours: int) -> Callable[[], None]:
    return lambda: _deliver(place, hours=hours)


def _smtp(place: Place, port: int, policy: str) -> Config:
    smtp = MailSettings(
        mode="smtp", sender="v@bench.example", host="127.0.0.1", port=port, security="none", on_unknown=policy, key="k" * 64
    )
    return replace(place.config, settings=replace(place.config.settings, mail=smtp), digests=())


def _fill(place: Place) -> None:
    """Put the mails into the outbox."""
    period = Period(key="first", start=NOW, end=NOW)
    edition = Edition(digest="bench", title="B", number=1, period=period, cutoff=NOW, sections=(), read=0, sources_read=1)
    with place.desk(lambda: NOW) as desk:
        desk.store.write(lambda tx: editions.freeze(tx, edition, posts(MAILS, "trial"), now=NOW))


def _deliver(place: Place, *, hours: int) -> None:
    with place.desk(lambda: NOW + timedelta(hours=hours)) as desk:
        points.ready()
        done = mail.deliver_due(desk)
        if done.held:
            raise RuntimeError(done.held)


def _states(place: Place) -> dict[str, str]:
    with closing(sqlite3.connect(place.database)) as connection:
        return dict(connection.execute("SELECT message_id, state FROM deliveries ORDER BY id"))
