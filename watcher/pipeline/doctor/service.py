"""The service under systemd: is the unit the one that was installed, does it run, is it closed in."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from watcher.pipeline.doctor.findings import Finding, cure, note, ok

AREA = "service"
UNIT = "watcher.service"
_WANTED = ("LoadState", "ActiveState", "Result", "Type", "WatchdogUSec", "Restart", "User", "NeedDaemonReload", "NRestarts",
           "NoNewPrivileges", "ProtectSystem", "UnitFileState")  # fmt: skip


def asked_of_systemd(unit: str = UNIT) -> Mapping[str, str] | None:
    """Return what systemd says of `unit`, None where it does not run this machine."""
    if not Path("/run/systemd/system").is_dir():
        return None
    try:
        shown = subprocess.run(  # noqa: S603 - our own words, no shell
            ["systemctl", "show", unit, f"--property={','.join(_WANTED)}"],  # noqa: S607
            capture_output=True, text=True, timeout=10, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    pairs = (line.partition("=") for line in shown.stdout.splitlines())
    return {name: value for name, _, value in pairs}


def examine(ask: Callable[[], Mapping[str, str] | None] = asked_of_systemd) -> list[Finding]:
    """Return what is to be said of the service."""
    told = ask()
    if told is None:
        return [ok(AREA, "systemd does not run this machine: whoever starts `watcher run` must start it again, too.")]
    if told.get("LoadState") != "loaded":
        return [note(AREA, f"There is no {UNIT}.", "deploy/install.sh, or the package, installs it: see docs/installing.md.")]
    findings: list[Finding] = []
    if told.get("ActiveState") == "failed":
        said = f"It has failed ({told.get('Result')})."
        findings.append(cure(AREA, said, "`journalctl -u watcher -n 50`, then `systemctl restart watcher`."))
    if told.get("NeedDaemonReload") == "yes":
        findings.append(
            cure(AREA, "Its unit was edited since it was read.", "`systemctl daemon-reload && systemctl restart watcher`.")
        )
    for name, good, why in (
        ("Type", told.get("Type") == "notify", "systemd does not know when it is ready"),
        ("WatchdogUSec", told.get("WatchdogUSec") not in ("0", "infinity", None), "a hang is not noticed"),
        ("Restart", told.get("Restart") not in ("no", None), "it is not started again after a crash"),
        ("User", told.get("User") not in ("", "root", None), "it runs as root"),
        ("NoNewPrivileges", told.get("NoNewPrivileges") == "yes", "it may gain privileges"),
        ("ProtectSystem", told.get("ProtectSystem") == "strict", "it may write outside of its folder"),
    ):
        if not good:
            remedy = f"`systemctl revert {UNIT}`, or look at the drop-ins: `systemctl cat {UNIT}`."
            findings.append(cure(AREA, f"{name}={told.get(name, '')}: {why}.", remedy))
    if told.get("UnitFileState") == "disabled":
        findings.append(note(AREA, "It does not start with the machine.", "`systemctl enable watcher`."))
    return findings or [ok(AREA, f"{told.get('ActiveState')}, started again {told.get('NRestarts')} times by itself.")]
