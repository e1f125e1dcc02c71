"""Try the points of every phase, print the table, and write it into docs/resilience.md: `make resilience`."""

import re
import sys
import time
from importlib import import_module
from pathlib import Path

from benchmarks.resilience import judge, points

PHASES = ("hand_over",)
PAGE = Path(__file__).parents[2] / "docs" / "resilience.md"
BEGIN, END = "<!-- kill points: begin -->", "<!-- kill points: end -->"
TOLD = """\
# What survives

## Killed at every point

`make resilience` runs a hand-over of three mails to a real SMTP server, in a process that is killed with `kill -9` at the entry
of every system call that changes something (files, database, network), one after the other. After each kill the home is run
again twice, an hour apart, as an operator or the service would. Then it counts, for each mail, the copies that the server took.

{begin}
{end}

A second copy has the same bytes and the same Message-ID, and leaves only where the process died around the final dot: between
the commit that announces it and the answer. `on_unknown: hold` leaves those mails to a person instead.
"""


def main(names: tuple[str, ...]) -> int:
    """Try, print and write; return 1 when a promise was broken."""
    if (reason := points.available()) is not None:
        print(f"Not run: {reason}.")
        return 0
    started = time.monotonic()
    rows = [row for name in names for row in import_module(f"benchmarks.resilience.{name}").rows()]
    print(judge.table(rows), end="")
    print(f"{sum(row.points for row in rows)} points in {time.monotonic() - started:.0f} s.")
    _write(judge.table(rows))
    return 0 if all(row.kept for row in rows) else 1


def _write(table: str) -> None:
    text = PAGE.read_text("utf-8") if PAGE.exists() else TOLD.format(begin=BEGIN, end=END)
    if BEGIN not in text:
        text += "\n" + TOLD.partition("\n\n")[2].format(begin=BEGIN, end=END)
    between = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    PAGE.write_text(between.sub(f"{BEGIN}\n{table}{END}", text), "utf-8")


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:]) or PHASES))
