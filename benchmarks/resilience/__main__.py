"""Try the points of every phase, print the tables, and write them into docs/resilience.md: `make resilience`."""

import argparse
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.resilience import judge, phases, points, trials

PAGE = Path(__file__).parents[2] / "docs" / "resilience.md"
BEGIN, END = "<!-- kill points: begin -->", "<!-- kill points: end -->"
AT_ONCE = 2
TOLD = """\
## Killed at every point

`make resilience` runs one piece of work in a process of its own and kills it with `kill -9` at the entry of a system call that
changes something (files, database, network), then judges what is left, runs the same work again, and judges that. Where a phase
has more points than are tried, the first and the last of each call are, and others by chance. What parses foreign bytes runs in
the same process here: it stores nothing.

{begin}
{end}

*Damaged*: `integrity_check` complains, or a row points at nothing. *Lost*: something that was stored, or the way back, is gone.
*Twice*, *half*: an edition, a document, a version, a backup or a copy that there are two of, or part of. *Left behind*: files of
the killed run that the next one did not remove. *Stuck*: the same work does not end well when it is run again.

A hand-over is three mails to a real SMTP server; after each kill it is run again twice, an hour apart. A second copy has the same
bytes and the same Message-ID, and leaves only where the process died around the final dot: between the commit that announces it
and the answer. `on_unknown: hold` leaves those mails to a person instead.
"""


def main(arguments: list[str]) -> int:
    """Try, print and write; return 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resilience", description=__doc__)
    parser.add_argument("phases", nargs="*", metavar="PHASE", help=f"{', '.join(phases.NAMES)}; all of them by default")
    parser.add_argument("--points", type=int, help=f"how many points of a phase; by default all of them, up to {points.MOST}")
    options = parser.parse_args(arguments)
    if (reason := points.available()) is not None:
        print(f"Not run: {reason}.")
        return 0
    started = time.monotonic()
    names: list[str] = options.phases or list(phases.NAMES)
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as pool:
        begun = [pool.submit(phases.rows, name, options.points) for name in names]
        # A phase that cannot be tried at all does not take the figures of the others with it.
        failed = [
            f"{name} was not tried: {error!r}" for name, one in zip(names, begun, strict=True) if (error := one.exception())
        ]
        rows = [row for one in begun if not one.exception() for row in one.result()]
    states = [row for row in rows if isinstance(row, trials.Row)]
    mails = [row for row in rows if isinstance(row, judge.Row)]
    tables = "\n".join(table for table in (trials.table(states) if states else "", judge.table(mails) if mails else "") if table)
    tables += f"\n{sum(row.points for row in rows)} points in {time.monotonic() - started:.0f} s.\n"
    print(tables, end="")
    for detail in (*failed, *(detail for row in states for detail in row.details)):
        print(detail)
    if not options.phases and not failed:
        _write(tables)
    return 0 if not failed and all(row.kept for row in rows) else 1


def _write(tables: str) -> None:
    text = PAGE.read_text("utf-8") if PAGE.exists() else "# Resilience\n"
    if BEGIN not in text:
        text += "\n" + TOLD.format(begin=BEGIN, end=END)
    between = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    PAGE.write_text(between.sub(lambda _: f"{BEGIN}\n{tables}{END}", text), "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
