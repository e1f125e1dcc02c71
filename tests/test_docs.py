"""The documentation is run: its commands work, its YAML is accepted."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli.conftest import shorten
from watcher import config, seeds
from watcher.cli import COMMANDS, group
from watcher.cli.init import lay_out
from watcher.demo.publisher import Publisher

TOP = Path(__file__).parent.parent
PAGES = (
    "docs/adding-a-source.md",
    "docs/operating.md",
    "docs/mail.md",
    "docs/installing.md",
    "docs/backup.md",
    "docs/classification.md",
    "docs/parliament.md",
    "docs/edition.md",
    "docs/service.md",
    "README.md",
)
BLOCK = re.compile(r"^ *```(\w+)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


def blocks(page: str, language: str) -> list[str]:
    """Return the fenced blocks of `page` written in `language`."""
    return [body for name, body in BLOCK.findall((TOP / page).read_text("utf-8")) if name == language]


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """Run the demo publisher."""
    with Publisher(now=datetime.now(UTC)) as running:
        yield running


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_shown_work(page: str, publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every `$ watcher ...` line of a page runs, in order, on a home that reads the demo publisher."""
    home = tmp_path / "home"
    lay_out(home, skip=("sources.yaml",))
    for name in ("negatives.jsonl.gz", seeds.UNSEEN):
        shorten(home / "seeds" / name, 60)
    (home / "sources.yaml").write_text(publisher.sources_yaml(), "utf-8")
    monkeypatch.setenv("WATCHER_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    feed = publisher.url(publisher.outlets[0])
    lines = [line[2:] for block in blocks(page, "console") for line in block.splitlines() if line.strip().startswith("$ watcher")]
    for shown in lines:
        line = shown.replace("https://www.example.org/feed.xml", feed)
        args = shlex.split(line, comments=True)[1:]
        if args == ["run"]:
            assert started_and_stopped(home) == 0, line
            continue
        done = CliRunner().invoke(group, args)
        # The demo has sources that cannot be read, on purpose: `poll` says so with exit code 1.
        assert done.exit_code == 0 or (" poll" in line and done.exit_code == 1), f"{line}\n{done.output}\n{done.exception!r}"


def started_and_stopped(home: Path) -> int:
    """Start the service of `home`, which by itself never ends, stop it as systemd does, and return its exit code."""
    command = [sys.executable, "-m", "watcher", "--home", str(home), "run"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr is not None
        assert any("started" in line for line in service.stderr), "it ended by itself"
        service.terminate()
        service.stderr.read()
        return service.wait()


@pytest.mark.parametrize(("page", "number"), [(page, n) for page in PAGES for n in range(len(blocks(page, "yaml")))])
def test_the_yaml_shown_is_accepted(page: str, number: int, tmp_path: Path) -> None:
    """Every YAML example of a page is valid in a whole sources.yaml."""
    text = blocks(page, "yaml")[number]
    for section, default in (("settings", "settings: {}"), ("sources", "sources: []"), ("digests", "digests: []")):
        if not re.search(rf"^{section}:", text, re.MULTILINE):
            text = f"{default}\n{text}" if section == "settings" else f"{text}\n{default}\n"
    (tmp_path / "sources.yaml").write_text(f"{text}# end of sources.yaml\n", "utf-8")
    loaded = config.load(config.Home(tmp_path), {"WATCHER_SMTP_PASSWORD": "not-a-real-one"})
    assert loaded.settings.timezone == "Europe/Paris"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    """`watcher COMMAND --help` explains itself and shows an example."""
    shown = CliRunner().invoke(group, [name, "--help"])
    assert shown.exit_code == 0
    assert f"watcher {name}" in shown.output or f"--home {name}" in shown.output
    assert "Example" in shown.output
