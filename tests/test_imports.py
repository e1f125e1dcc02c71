"""Which room may know which: the bands of docs/architecture.md, and one outside library per module."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "watcher"

ONLY_IN = {
    "httpx": {"fetch"},
    "httpcore": {"fetch"},
    "trafilatura": {"extract/html.py"},
    "pypdfium2": {"extract/pdf.py"},
    "sklearn": {"classify/train.py"},
    "jinja2": {"render.py", "render"},
    "pebble": {"sandbox"},
    "msgspec": {"sandbox/envelope.py"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "click": {"cli"},
    "rich": {"cli"},
    "smtplib": {"deliver/smtp.py", "deliver/wire.py"},
    "feedparser": {"sources"},
    "apscheduler": {"service"},
    "prometheus_client": {"web"},
    "starlette": {"web"},
    "structlog": {"logs.py"},
    "uvicorn": {"web"},
}

HEAVY = (
    "sqlalchemy", "alembic", "httpx", "trafilatura", "sklearn", "numpy", "apscheduler", "feedparser",
    "jinja2", "rich", "simplemma", "lxml", "pydantic", "ruamel", "pebble", "css_inline",
    "prometheus_client", "starlette", "structlog", "uvicorn",
)  # fmt: skip


@cache
def _imported(path: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return frozenset(names)


@pytest.mark.parametrize("library", ONLY_IN)
def test_an_outside_library_is_named_in_one_room_only(library: str) -> None:
    """A library that dies or changes is replaced in one place."""
    rooms = ONLY_IN[library]
    for path in PACKAGE.rglob("*.py"):
        inside = path.relative_to(PACKAGE).as_posix()
        if library in _imported(path):
            assert any(inside == room or inside.startswith(f"{room}/") for room in rooms), f"{inside} imports {library}"


def test_help_imports_nothing_heavy() -> None:
    """`watcher --help` answers at once: none of the heavy libraries is imported for it."""
    code = "import sys; sys.argv = ['watcher', '--help']\ntry:\n import watcher.cli as c; c.main()\nexcept SystemExit: pass\n"
    code += "print('|' + ','.join(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = {name.split(".")[0] for name in done.stdout.rpartition("|")[2].strip().split(",")}
    assert "click" in modules
    assert not modules & set(HEAVY)


def test_the_bands_hold() -> None:
    """Imports point down: words, tools, stages, outside, pipeline, edges (the contracts are in pyproject.toml)."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
