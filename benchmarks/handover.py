"""Hand-over: 200 mails of real size from the outbox to a sink, against smtplib sending the same bytes over one connection."""

import json
import re
import smtplib
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.home import desk_of, lay_out_home
from benchmarks.measure import Figure, figure, in_turns, median, run, timed
from watcher.model import Edition, MailSettings, Message, Period, Recipient
from watcher.pipeline.desk import Desk

MAILS, WARMING, ROUNDS = 200, 3, 5
REAL = Path(__file__).parents[1] / "tests" / "emails" / "full.eml"
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


def measure() -> tuple[Figure, ...]:
    """Return mails a second, ours against smtplib."""
    with sink() as port, tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        lay_out_home(home, ("https://bench.example/feed",), pages="never")
        mine, bare = in_turns(
            ROUNDS,
            lambda: run("benchmarks.handover", "ours", json.dumps([str(home), port])),
            lambda: run("benchmarks.handover", "bare", json.dumps([str(home), port])),
        )
    rss = max(sample.rss_mb for sample in mine)
    return (
        figure(
            "hand-over against bare smtplib, one connection",
            MAILS / median(mine, lambda sample: sample.wall),
            MAILS / median(bare, lambda sample: sample.wall),
            "mails/s",
            required=0.7,
            rss=rss,
        ),
    )


@contextmanager
def sink(log: Path | None = None, folder: Path | None = None) -> Generator[int]:
    """Run the sink in a process of its own and give its port."""
    command = [sys.executable, "-m", "benchmarks.sink", *(str(path) for path in (log, folder) if path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=10)


def posts(count: int, name: str) -> list[tuple[Recipient, Message, tuple[str, ...]]]:
    """Return mails of real size to `count` people."""
    raw = REAL.read_bytes()
    made: list[tuple[Recipient, Message, tuple[str, ...]]] = []
    for number in range(count):
        ident = f"<{name}.{number}@bench.example>"
        own = re.sub(rb"(?m)^Message-ID: .*?\r\n", f"Message-ID: {ident}\r\n".encode(), raw, count=1)
        message = Message(message_id=ident, subject="", html="", text="", raw=own)
        made.append((Recipient(id=f"{number:016x}", address=f"p{number}@bench.example"), message, (f"entry-{number % 40}",)))
    return made


def ours(home: str, port: int) -> None:
    """Hand over what is queued, a new edition each time, by a process that has handed a few mails over, as a service has."""
    from watcher.pipeline import mail

    with desk_of(home) as opened:
        smtp = MailSettings(mode="smtp", sender="v@bench.example", host="127.0.0.1", port=port, security="none")
        settings = replace(opened.config.settings, mail=smtp)
        desk = replace(opened, config=replace(opened.config, settings=settings, digests=()))
        _queue(desk, WARMING)
        mail.deliver_due(desk)
        _queue(desk, MAILS)
        timed(lambda: float(sum(mail.deliver_due(desk).counts.values())))


def _queue(desk: Desk, count: int) -> None:
    """Freeze an edition of `count` mails."""
    from watcher.store import editions

    last = desk.store.read(lambda tx: editions.last(tx, "bench"))
    number = last.edition.number + 1 if last else 1
    period = Period(key=f"n{number}", start=NOW, end=NOW)
    edition = Edition(digest="bench", title="B", number=number, period=period, cutoff=NOW, sections=(), read=0, sources_read=1)
    queued = [(who, message, ()) for who, message, _ in posts(count, f"n{number}")]
    desk.store.write(lambda tx: editions.freeze(tx, edition, queued, now=NOW))


def bare(_home: str, port: int) -> None:
    """Send the same bytes with smtplib and nothing else."""
    mails = [(person.address, message.raw) for person, message, _ in posts(MAILS, "bare")]

    def work() -> float:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="bench.example") as smtp:
            for address, raw in mails:
                smtp.sendmail("v@bench.example", [address], raw)
        return float(len(mails))

    timed(work)


if __name__ == "__main__":
    {"ours": ours, "bare": bare}[sys.argv[1]](*json.loads(sys.argv[2]))
