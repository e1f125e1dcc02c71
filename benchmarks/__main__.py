"""Run the benchmarks, print their table, and write benchmarks/latest.json: `make bench`, or `python -m benchmarks NAME`."""

import argparse
import json
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from benchmarks.measure import Figure

ALL = ("parsing", "ingest", "steady", "classifying", "edition", "handover")
LARGE = ("archive", "questions")  # minutes each
LATEST = Path(__file__).parent / "latest.json"


def main(arguments: list[str]) -> int:
    """Measure, print, and return 1 when a required ratio is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(ALL)} (those by default), {', '.join(LARGE)}")
    names: list[str] = parser.parse_args(arguments).names
    if unknown := [name for name in names if name not in (*ALL, *LARGE)]:
        parser.error(f"there is no benchmark {unknown[0]!r}: choose from {', '.join((*ALL, *LARGE))}")
    figures: list[Figure] = []
    print(f"{'figure':52} {'ours':>10} {'reference':>10} {'ratio':>7} {'required':>9}  unit")
    for name in names or ALL:
        for figure in import_module(f"benchmarks.{name}").measure():
            figures.append(figure)
            print(_line(figure), flush=True)
    LATEST.write_text(json.dumps([asdict(f) | {"met": f.met} for f in figures], indent=1) + "\n", "utf-8")
    return 1 if any(figure.met is False for figure in figures) else 0


def _line(figure: Figure) -> str:
    wanted = "-" if figure.required is None else f"{'<=' if figure.at_most else '>='} {figure.required:g}"
    mark = {True: "", False: "  MISSED", None: ""}[figure.met]
    numbers = f"{figure.ours:10.4g} {figure.reference:10.4g} {figure.ratio:7.2f} {wanted:>9}"
    return f"{figure.name:52} {numbers}  {figure.unit}{mark}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
