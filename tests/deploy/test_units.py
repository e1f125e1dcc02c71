"""The units as systemd reads them: nothing to complain about, closed in, and the same in every file that names them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = ("watcher.service", "watcher-backup.service", "watcher-backup.timer")
SERVICES = UNITS[:2]
# systemd's own scale, times ten: 0 is closed, 100 open.
MOST_EXPOSED = 15

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not there")


def keys(unit: str) -> dict[str, list[str]]:
    """Return the settings of a unit."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / unit).read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@needs_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_verify_says_nothing(unit: str, tmp_path: Path) -> None:
    """`systemd-analyze verify` has not one word about the units; it ends with 0 on unknown keys, so its words count (row P06)."""
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n", "utf-8")
    program.chmod(0o755)
    for name in UNITS:
        text = (DEPLOY / name).read_text("utf-8").replace("/opt/watcher/current/bin/watcher", str(program))
        (tmp_path / name).write_text(text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_verify_would_have_spoken(tmp_path: Path) -> None:
    """The same check on a unit with a misspelt key has something to say."""
    text = (DEPLOY / "watcher.service").read_text("utf-8").replace("WatchdogSec=", "WachtdogSec=")
    (tmp_path / "watcher.service").write_text(text.replace("/opt/watcher/current/bin/watcher", "/bin/true"), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "./watcher.service"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "WachtdogSec" in done.stderr


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES)
def test_exposure(unit: str) -> None:
    """`systemd-analyze security` finds an exposure of 1.5 at most (row P06)."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", f"--threshold={MOST_EXPOSED}", DEPLOY / unit],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    last = done.stdout.splitlines()[-1]
    assert done.returncode == 0, last
    score = re.search(r": (\d+\.\d+)", last)
    assert score is not None
    assert float(score.group(1)) * 10 <= MOST_EXPOSED


def test_every_wall_is_explained() -> None:
    """Each line that closes the service in stands under a comment that says why; the backup has the same walls, and one door."""
    lines = (DEPLOY / "watcher.service").read_text("utf-8").splitlines()
    explained = False
    for line in lines[lines.index("[Service]") + 1 : lines.index("[Install]")]:
        if line.startswith("#"):
            explained = True
        elif not line.strip():
            explained = False
        elif "=" in line:
            assert explained, f"nothing explains {line}"
    walls = {"Protect", "Private", "Restrict", "SystemCall", "Capability", "NoNew", "Lock", "MemoryDeny", "IPAddress", "UMask"}
    service, backup = keys("watcher.service"), keys("watcher-backup.service")
    closed = [name for name in service if any(name.startswith(wall) for wall in walls)]
    assert len(closed) > 20
    assert {name: backup.get(name) for name in closed} == {name: service[name] for name in closed}
    assert backup["ReadWritePaths"] == ["/var/backups/watcher"]
    assert "ReadWritePaths" not in service


def test_the_life_of_the_service() -> None:
    """It tells when it is ready, is watched, started again, reloaded by SIGHUP, and given time to end (rows P02, P03)."""
    service = keys("watcher.service")
    assert service["Type"] == ["notify"]
    assert service["NotifyAccess"] == ["main"]
    assert int(service["WatchdogSec"][0]) >= 30
    assert service["Restart"] == ["on-failure"]
    assert "HUP" in service["ExecReload"][0]
    assert service["RestartForceExitStatus"] == ["SIGHUP"]  # systemd.service(5) counts it among the clean ends
    assert int(service["TimeoutStopSec"][0]) > 30
    assert service["User"] == service["Group"] == ["watcher"]
    assert service["StateDirectoryMode"] == ["0700"]
    assert {line.split(":")[0] for line in service["LoadCredential"]} == {"smtp-password", "database", "mail-key", "dkim-key"}


def test_folders_and_user_agree() -> None:
    """User, folders and modes are the same in the units, in sysusers.d, in tmpfiles.d and in the scripts (row S02)."""
    created = {line.split()[1]: line.split()[2:] for line in _lines("watcher.tmpfiles")}
    assert created["/etc/watcher"] == ["2770", "root", "watcher"]
    assert created["/var/lib/watcher"] == created["/var/backups/watcher"] == ["0700", "watcher", "watcher"]
    assert created["/etc/credstore"][0] == "0700"
    assert _lines("watcher.sysusers")[0].split()[:2] == ["u", "watcher"]
    home = "WATCHER_HOME=/etc/watcher WATCHER_STATE=/var/lib/watcher"
    assert all(home in keys(unit)["Environment"] for unit in SERVICES)
    assert home in (DEPLOY / "launcher.sh").read_text("utf-8")


def _lines(name: str) -> list[str]:
    return [line for line in (DEPLOY / name).read_text("utf-8").splitlines() if line and not line.startswith("#")]
