"""Let a year pass in minutes with kills all the time, print what became of every promise, write it down: `make soak`."""

import argparse
import re
import statistics
import sys
from pathlib import Path

from benchmarks.soak import driver
from benchmarks.soak.driver import Course
from benchmarks.soak.ledger import Account

PAGE = Path(__file__).parents[2] / "docs" / "resilience.md"
BEGIN, END = "<!-- soak: begin -->", "<!-- soak: end -->"
WEEKS, LEAST_KILLS = 52, 200
TOLD = """\
## A year, killed all the time

`make soak` lets 52 weeks pass in minutes. The service polls two outlets on loopback, which correct titles, dates and guids, list
an article twice and are down at times; it publishes and hands over to a real SMTP server. Its process is killed with `kill -9`
four times a week, 0.05 to 2 s of real time after a random instant or the hour of the edition, and one kill in ten is followed by
an outage of up to 34 hours. In the end, everything that the outlets listed is looked for in the archive, and everything that the
archive says of mails is compared with what the server took: by Message-ID, by bytes, by the articles in each mail.

{begin}
{end}
"""


def main(arguments: list[str]) -> int:
    """Run, print and write; return 1 when a promise was broken or too few kills were made."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--weeks", type=int, default=WEEKS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    course, account = driver.run(options.weeks, seed=options.seed)
    table = _table(options.weeks, course, account)
    print(table, end="")
    broken = [f"{promise}: {what}" for promise, some in account.broken.items() for what in some]
    broken += [f"{one.kind}: {one.detail}" for one in (*course.broken, *account.damage)]
    for one in broken:
        print(one)
    for problem, count in course.problems.most_common():
        print(f"told {count} times: {problem}")
    if options.weeks == WEEKS:
        _write(table)
    return 1 if broken or (options.weeks == WEEKS and course.kills < LEAST_KILLS) else 0


def _table(weeks: int, course: Course, account: Account) -> str:
    rows = {
        "simulated weeks, in seconds": f"{weeks} in {course.seconds:.0f}",
        "kills": course.kills,
        "ticks done": course.ticks,
        "outages of up to 34 hours": course.outages,
        "articles listed, stored": f"{account.listed} due by the end, {account.stored}",
        "editions, of which late": f"{account.editions}, {account.late}",
        "mails, copies taken": f"{account.mails}, {account.copies}",
        "handed over a second time, around the final dot": account.resent,
        "of unknown fate, told": account.unknown,
        "articles mailed, counted by person": account.entries,
        "P1: lost": len(account.broken["P1"]),
        "P2: stored or mailed twice": len(account.broken["P2"]),
        "P3: silently missing, a third copy, other bytes": len(account.broken["P3"]),
        "P4: editions missing, too many, or over 48 hours late": len(account.broken["P4"]),
        "damage, halves": len(course.broken) + len(account.damage),
        "complaints of the service": course.problems.total(),
        "memory after the third tick of a life, slope": _memory(course),
        "database in the end": f"{account.megabytes:.1f} MB",
    }
    return "| what | figure |\n| --- | --- |\n" + "".join(f"| {name} | {value} |\n" for name, value in rows.items())


def _memory(course: Course) -> str:
    if len(course.memory) < 3:
        return "too few lives to tell"
    weeks, sizes = zip(*course.memory, strict=True)
    return f"{statistics.median(sizes):.0f} MB, {statistics.linear_regression(weeks, sizes).slope * 52:+.1f} MB a year"


def _write(table: str) -> None:
    text = PAGE.read_text("utf-8") if PAGE.exists() else "# Resilience\n"
    if BEGIN not in text:
        text = f"{text.rstrip()}\n\n{TOLD.format(begin=BEGIN, end=END)}"
    between = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    PAGE.write_text(between.sub(lambda _: f"{BEGIN}\n{table}{END}", text), "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
