"""The scripts: clean for shellcheck, harmless with --dry-run, and the launcher drops to the user of the service."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
SCRIPTS = (*sorted(DEPLOY.glob("*.sh")), *(DEPLOY / "debian" / name for name in ("postinst", "prerm", "postrm")))
PLACES = ("/opt/watcher", "/etc/watcher", "/var/lib/watcher", "/usr/bin/watcher", "/usr/lib/systemd/system/watcher.service")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck_says_nothing(script: Path) -> None:
    """Every script is read by the shell, and by shellcheck where it is there."""
    assert os.access(script, os.X_OK)
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
    if shutil.which("shellcheck"):
        done = subprocess.run(["shellcheck", script], capture_output=True, text=True, check=False)
        assert done.stdout == ""


@pytest.mark.parametrize("words", [(), ("--remove",)])
def test_a_dry_run_changes_nothing(words: tuple[str, ...]) -> None:
    """`install.sh --dry-run` says what it would do, whoever runs it, and no place of the machine has changed."""
    before = [_stamp(place) for place in PLACES]
    done = subprocess.run([DEPLOY / "install.sh", "--dry-run", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "would run" in done.stdout
    assert [_stamp(place) for place in PLACES] == before


def test_an_unknown_option_is_refused() -> None:
    """A misspelt option is named, and nothing is done."""
    done = subprocess.run([DEPLOY / "install.sh", "--dry-rnu"], capture_output=True, text=True, check=False)
    assert (done.returncode, "--dry-rnu" in done.stderr) == (2, True)


def _stamp(place: str) -> float | None:
    path = Path(place)
    return path.stat().st_mtime if path.exists() else None


@pytest.fixture
def launcher(tmp_path: Path) -> Path:
    """Lay the launcher out with a program, an `id` and a `setpriv` that say how they were called, and a secret."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tmp_path / "watcher.smtp-password").write_text("secret-42\n", "utf-8")
    said = 'echo "as=$AS home=${WATCHER_HOME:-} state=${WATCHER_STATE:-} secret=${WATCHER_SMTP_PASSWORD:-} words=$*"\n'
    for name, body in (
        ("program", f"#!/bin/sh\n{said}"),
        ("id", '#!/bin/sh\necho "$UID_SEEN"\n'),
        ("setpriv", '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nAS=watcher exec "$@"\n'),
    ):
        (tools / name).write_text(body, "utf-8")
        (tools / name).chmod(0o755)
    text = (DEPLOY / "launcher.sh").read_text("utf-8")
    text = text.replace("/opt/watcher/current/bin/watcher", str(tools / "program")).replace("/etc/credstore", str(tmp_path))
    path = tmp_path / "watcher"
    path.write_text(text, "utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("user", "words", "told"),
    [
        ("0", "status --json", "as=watcher home=/etc/watcher state=/var/lib/watcher secret=secret-42 words=status --json"),
        ("1000", "status", "as=caller home=/etc/watcher state=/var/lib/watcher secret= words=status"),
        ("0", "--home trial status", "as=caller home= state= secret= words=--home trial status"),
        ("0", "init veille", "as=caller home= state= secret= words=init veille"),
        ("0", "restore x.tar.gz --home y", "as=caller home= state= secret= words=restore x.tar.gz --home y"),
        ("0", "--help", "as=caller home= state= secret= words=--help"),
    ],
)
def test_who_runs_what(launcher: Path, user: str, words: str, told: str) -> None:
    """Root works on the installed home as the user of the service, with its secret; on another home, as root (row S01)."""
    path = f"{launcher.parent / 'tools'}:/usr/bin:/bin"
    done = subprocess.run(
        [launcher, *words.split()],
        env={"PATH": path, "UID_SEEN": user, "AS": "caller"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == told
