"""Boot a machine under systemd-nspawn, install the package in it, and put the service through its life: `make systemd-test`.

The machine is this one's file system under an overlay in memory: nothing of it is written. Needs root, systemd-container, an
overlay, and about a minute once the package is staged. Where it cannot run, it says why and ends with 0.
"""

import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

TOP = Path(__file__).parents[2]
CONTAINER = Path(__file__).with_name("container")
PAGE = TOP / "docs" / "resilience.md"
BEGIN, END = "<!-- systemd-test: written by `make systemd-test` -->", "<!-- end of systemd-test -->"
NEXT_VERSION = "0.1.1"
MIGRATION = '''"""Add a table, as a later version would."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{before}"


def upgrade() -> None:
    """Create it."""
    op.create_table("of_a_later_version", sa.Column("id", sa.Integer(), primary_key=True))
'''

BOOT = r"""
set -eu
machine=$1 packages=$2
mkdir -p "$machine"
mount -t tmpfs -o size=4g tmpfs "$machine"
mkdir "$machine/up" "$machine/work" "$machine/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$machine/up,workdir=$machine/work" "$machine/root"
root=$machine/root
: >"$root/etc/machine-id"
rm -rf "$root"/etc/systemd/system/*.wants "$root/opt/watcher" "$root/etc/watcher" "$root/var/lib/watcher"
mkdir -p "$root/etc/systemd/system/multi-user.target.wants" "$root/package"
mount --bind "$packages" "$root/package"
cat >"$root/etc/systemd/system/systemd-test.service" <<'UNIT'
[Unit]
After=dbus.service network.target
[Service]
Type=oneshot
ExecStart=/bin/sh /package/inside.sh
ExecStopPost=/bin/systemctl poweroff --no-block
UNIT
ln -s ../systemd-test.service "$root/etc/systemd/system/multi-user.target.wants/"
# The watchdog of the unit waits a minute; here it waits ten seconds, and everything else is as it ships.
mkdir -p "$root/etc/systemd/system/watcher.service.d"
printf '[Service]\nWatchdogSec=10\nTimeoutAbortSec=2\nRestartSec=1\n' >"$root/etc/systemd/system/watcher.service.d/test.conf"
timeout 420 systemd-nspawn -q -D "$root" -M watcher-test --register=no --keep-unit --private-network --console=read-only \
    -b </dev/null >"$packages/console.log" 2>&1 || true
cp "$root/results.tsv" "$root/inside.log" "$packages/" || true
"""

Row = tuple[str, str, str]


def main() -> int:
    """Run it all; print the table, write it into the page, and return 1 when a check failed or the end was not reached."""
    why = missing()
    if why:
        sys.stdout.write(f"systemd-test: skipped, {why}\n")
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="watcher-systemd-test-") as name:
        folder = Path(name)
        sys.stdout.write("Building two versions of the package ...\n")
        packages(folder)
        staged = time.monotonic()
        sys.stdout.write("Booting ...\n")
        boot = [
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-c",
            BOOT,
            "sh",
            str(folder / "machine"),
            str(folder / "package"),
        ]
        subprocess.run(boot, check=True)
        results = folder / "package" / "results.tsv"
        rows, ended = read(results.read_text("utf-8") if results.exists() else "")
        log = folder / "package" / "inside.log"
        kept = Path(tempfile.gettempdir()) / "watcher-systemd-test.log"
        shutil.copyfile(log if log.exists() else folder / "package" / "console.log", kept)
    sys.stdout.write(table(rows))
    failed = [row for row in rows if row[1] != "ok"]
    told = (
        f"{len(rows)} checks, {len(failed)} failed; packages in {staged - began:.0f} s, machine {time.monotonic() - staged:.0f} s"
    )
    sys.stdout.write(f"{told}; log: {kept}\n" + ("" if ended else "The end was not reached.\n"))
    if ended and not failed:
        write(PAGE, f"{told}.\n\nUnder {systemd()}, kernel {platform.release()}, Python of the system.\n\n{table(rows)}")
    return 0 if ended and not failed else 1


def missing() -> str:
    """Return why a machine cannot be booted here, "" when it can."""
    if os.geteuid() != 0:
        return "it needs root."
    for tool, package in (("systemd-nspawn", "systemd-container"), ("dpkg-deb", "dpkg"), ("unshare", "util-linux")):
        if shutil.which(tool) is None:
            return f"{tool} is missing: `apt install {package}`."
    if subprocess.run(["/usr/bin/python3", "-c", "import sys; sys.exit(sys.version_info < (3, 11))"], check=False).returncode:
        return "/usr/bin/python3 is missing, or older than 3.11."
    overlay = "mount -t tmpfs t /mnt && cd /mnt && mkdir u w r && mount -t overlay o -o lowerdir=/,upperdir=u,workdir=w r"
    if subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", overlay], check=False, capture_output=True
    ).returncode:
        return "no overlay can be mounted here."
    return ""


def packages(folder: Path) -> None:
    """Build the package of this tree, and that of a later version with one more migration; lay out what the machine needs."""
    root, shared = folder / "root", folder / "package"
    shared.mkdir()
    environment = os.environ | {"ZSTD_LEVEL": "1", "UV": str(TOP / ".venv" / "bin" / "uv")}
    deploy = TOP / "deploy"
    subprocess.run([deploy / "stage.sh", root], check=True, env=environment, stdout=subprocess.DEVNULL)
    pack(root, shared / "old.deb", environment)
    old = next(path for path in (root / "opt" / "watcher").iterdir())
    new = old.with_name(NEXT_VERSION)
    old.rename(new)
    store = next(new.glob("lib/python*/site-packages/watcher/store"))
    declared = (store / "schema.py").read_text("utf-8")
    before = declared.partition('\nVERSION = "')[2][:4]
    (store / "schema.py").write_text(declared.replace(f'\nVERSION = "{before}"', '\nVERSION = "9999"'), "utf-8")
    (store / "migrations" / "versions" / "9999_later.py").write_text(MIGRATION.format(before=before), "utf-8")
    pack(root, shared / "new.deb", environment)
    shutil.rmtree(root)
    for path in CONTAINER.iterdir():
        if path.is_file():
            shutil.copy(path, shared)
    (shared / "smtp-password").write_text("never-in-the-log-42\n", "utf-8")
    (shared / "lib").symlink_to(sysconfig.get_paths()["purelib"])


def pack(root: Path, target: Path, environment: dict[str, str]) -> None:
    """Pack the staged `root` into the file `target`."""
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        made = subprocess.run(
            [TOP / "deploy" / "pack.sh", root, name], check=True, env=environment, capture_output=True, text=True
        )
        Path(made.stdout.strip()).rename(target)


def read(results: str) -> tuple[list[Row], bool]:
    """Return the checks that were made, and whether the end was reached."""
    lines = results.splitlines()
    rows = [line.split("\t", 2) for line in lines if "\t" in line]
    return [(row[0], row[1], row[2]) for row in rows], lines[-1:] == ["end"]


def table(rows: Sequence[Row]) -> str:
    """Return the checks as a table in Markdown."""
    body = "".join(f"| {name} | {word} | {seen.replace('|', '/').strip()} |\n" for name, word, seen in rows)
    return f"| check | | seen |\n|---|---|---|\n{body}"


def write(page: Path, text: str) -> None:
    """Put `text` between its two marks in `page`, at the end when they are not there yet."""
    whole = page.read_text("utf-8") if page.exists() else "# Resilience\n"
    section = f"{BEGIN}\n\n## Under systemd\n\n{text.strip()}\n\n{END}"
    if BEGIN in whole and END in whole:
        head, rest = whole.split(BEGIN, 1)
        whole = head + section + rest.split(END, 1)[1]
    else:
        whole = f"{whole.rstrip()}\n\n{section}\n"
    page.write_text(whole, "utf-8")


def systemd() -> str:
    """Return which systemd this machine has."""
    return subprocess.run(["systemctl", "--version"], check=True, capture_output=True, text=True).stdout.splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
