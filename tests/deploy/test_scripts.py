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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--wheels",), "--wheels wants the folder of the wheels"),
        (("--wheels", "/nowhere"), "--wheels wants the folder of the wheels"),
        (("--rollback", "--remove"), "do not go together"),
        (("--remove", "--rollback"), "do not go together"),
        (("--with-data",), "--with-data goes with --rollback"),
        (("--remove", "--no-start"), "--no-start does not go with --remove"),
        (("--rollback", "--wheels", "."), "--wheels goes with an installation"),
        (("--wheels", ".", "--remove"), "--wheels goes with an installation"),
    ],
)
def test_what_makes_no_sense_is_refused(words: tuple[str, ...], said: str) -> None:
    """Options that contradict each other, or lack their value, are named, and nothing is done."""
    done = subprocess.run([DEPLOY / "install.sh", "--dry-run", *words], capture_output=True, text=True, check=False)
    assert (done.returncode, said in done.stderr, done.stdout) == (2, True, "")


def test_a_dry_run_says_what_would_happen() -> None:
    """Where files go, that nothing is staged in place, and no word of anything being done."""
    script = DEPLOY / "install.sh"
    told = subprocess.run([script, "--dry-run"], capture_output=True, text=True, check=True).stdout
    assert "stage.sh in a temporary folder" in told
    assert "would copy the program to /opt/watcher/" in told
    assert "libexec/setup" in told
    removed = subprocess.run([script, "--dry-run", "--remove"], capture_output=True, text=True, check=True).stdout
    assert "removed." not in removed


SETUP = """\
#!/bin/sh
# Becomes ready as $TOP/ready.VERSION allows, and notes how it was called.
version=$(basename "$(dirname "$(dirname "$0")")")
echo "setup $version ${1:-start}" >>"$TOP/done"
ln -sfn "$version" "$TOP/opt/current"
[ "${1:-}" = --no-start ] || [ -e "$TOP/ready.$version" ]
"""
STAGE = """\
#!/bin/sh
mkdir -p "$1/opt/watcher/$V/bin" "$1/opt/watcher/$V/libexec" "$1/usr"
cp "$TOP/setup" "$1/opt/watcher/$V/libexec/setup"
cp "$TOP/program" "$1/opt/watcher/$V/bin/watcher"
"""
# A backup is a copy of the data, and fails while $TOP/refused is there; a restore fails while $TOP/broken is.
PROGRAM = """\
#!/bin/sh
echo "watcher $*" >>"$TOP/done"
if [ "$1" = backup ]; then
    [ ! -e "$TOP/refused" ] && [ ! -e "$2" ] && cp "$TOP/lib/watcher.db" "$2"
    exit
fi
[ "$1" != restore ] || [ ! -e "$TOP/broken" ]
"""


class Machine:
    """A machine whose places are folders of the test: install.sh itself, between a staging and a set-up that only note."""

    def __init__(self, top: Path) -> None:
        self.top = top
        for name in ("files/deploy", "opt", "backups", "lib", "tools", "root"):
            (top / name).mkdir(parents=True)
        for name, text in (("setup", SETUP), ("program", PROGRAM), ("files/deploy/stage.sh", STAGE)):
            self.write(top / name, text)
        for name, body in (("id", "echo 0"), ("dpkg-query", "exit 1"), ("apt-get", "exit 0")):
            self.write(top / "tools" / name, f"#!/bin/sh\n{body}\n")
        own = {
            "opt=/opt/watcher": f"opt={top}/opt",
            "backups=/var/backups/watcher": f"backups={top}/backups",
            "tar -C / ": f"tar -C {top}/root ",
        }
        self._put("files/deploy/install.sh", "install.sh", own)

    def install(self, version: str) -> int:
        """Install or upgrade to a version."""
        (self.top / "files/pyproject.toml").write_text(f'version = "{version}"\n', "utf-8")
        return self.run(version)

    def run(self, version: str, *words: str) -> int:
        """Run install.sh of a version; return its exit code."""
        return self._run("files/deploy/install.sh", version, words)

    def leave(self, version: str, *words: str) -> int:
        """Run the prerm of a package of a version; return its exit code."""
        own = {
            "@VERSION@": version,
            "/var/backups/watcher": f"{self.top}/backups",
            "/opt/watcher/current/bin/watcher": f"{self.top}/program",
        }
        self._put("prerm", "debian/prerm", own)
        return self._run("prerm", version, words)

    def ready(self, *versions: str) -> None:
        """Let these versions, and no others, become ready."""
        for path in self.top.glob("ready.*"):
            path.unlink()
        for version in versions:
            (self.top / f"ready.{version}").touch()

    @property
    def runs(self) -> str:
        """The version that is the one that runs."""
        return (self.top / "opt/current").readlink().name

    @property
    def data(self) -> str:
        """What is in the database."""
        return (self.top / "lib/watcher.db").read_text("utf-8")

    @data.setter
    def data(self, content: str) -> None:
        (self.top / "lib/watcher.db").write_text(content, "utf-8")

    def copies(self) -> dict[str, str]:
        """Return what is in the backups, by name."""
        return {path.name: path.read_text("utf-8") for path in (self.top / "backups").iterdir()}

    @property
    def done(self) -> list[str]:
        """What was done, oldest first."""
        return (self.top / "done").read_text("utf-8").replace(f"{self.top}/", "").splitlines()

    @staticmethod
    def write(path: Path, text: str) -> None:
        """Write a script."""
        path.write_text(text, "utf-8")
        path.chmod(0o755)

    def _put(self, path: str, script: str, own: dict[str, str]) -> None:
        """Put a script of deploy/ at `path`, the places of a machine and its `own` ones turned into folders of the test."""
        text = (DEPLOY / script).read_text("utf-8")
        shared = {
            "/var/lib/watcher/watcher.db": f"{self.top}/lib/watcher.db",
            "/etc/credstore": f"{self.top}/credstore",
            "/run/systemd/system": f"{self.top}/no-systemd",
            "/usr/bin/watcher ": f"{self.top}/program ",
        }
        for place, here in (own | shared).items():
            assert place in text, place
            text = text.replace(place, here)
        self.write(self.top / path, text)

    def _run(self, script: str, version: str, words: tuple[str, ...]) -> int:
        env = {"PATH": f"{self.top}/tools:/usr/sbin:/usr/bin:/sbin:/bin", "TOP": str(self.top), "V": version}
        done = subprocess.run([self.top / script, *words], env=env, capture_output=True, text=True, check=False)
        self.said = done.stdout + done.stderr
        return done.returncode


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Return a machine on which 0.1.0 was installed and has data."""
    made = Machine(tmp_path)
    made.ready("0.1.0")
    assert made.install("0.1.0") == 0, made.said
    made.data = "of 0.1.0"
    return made


def test_an_upgrade_and_the_way_back(machine: Machine) -> None:
    """A backup before, the newer version after; back with its data, and forward again."""
    machine.ready("0.1.0", "0.2.0")
    assert machine.install("0.2.0") == 0, machine.said
    assert machine.runs == "0.2.0"
    assert "watcher backup backups/before-0.2.0.tar.gz" in machine.done
    assert machine.run("0.2.0", "--rollback", "--with-data") == 0, machine.said
    assert machine.runs == "0.1.0"
    assert machine.done[-2:] == ["watcher restore backups/before-0.2.0.tar.gz --aside", "setup 0.1.0 start"]
    assert machine.run("0.2.0", "--rollback") == 0, machine.said
    assert machine.runs == "0.2.0"


def test_an_upgrade_that_migrated_and_did_not_become_ready_goes_back_with_its_data(machine: Machine) -> None:
    """Neither version starts: the remedy that is named works, and again after it failed for want of the disk (row D09)."""
    machine.ready()
    assert machine.install("0.2.0") == 1
    assert "--rollback --with-data" in machine.said
    assert machine.runs == "0.1.0"
    (machine.top / "broken").touch()
    assert machine.run("0.2.0", "--rollback", "--with-data") == 1
    assert "--rollback again" in machine.said
    (machine.top / "broken").unlink()
    machine.ready("0.1.0")
    assert machine.run("0.2.0", "--rollback", "--with-data") == 0, machine.said
    assert machine.runs == "0.1.0"
    assert machine.done[-2] == "watcher restore backups/before-0.2.0.tar.gz --aside"


def test_a_restore_that_fails_leaves_what_ran(machine: Machine) -> None:
    """A way back whose data cannot be put back ends with the version that ran, and may be given again."""
    machine.ready("0.1.0", "0.2.0")
    machine.install("0.2.0")
    (machine.top / "broken").touch()
    assert machine.run("0.2.0", "--rollback", "--with-data") == 1
    assert "0.2.0 is started again" in machine.said
    assert machine.runs == "0.2.0"
    (machine.top / "broken").unlink()
    assert machine.run("0.2.0", "--rollback", "--with-data") == 0, machine.said
    assert machine.runs == "0.1.0"


def test_an_upgrade_that_fails_leaves_the_way_back_of_before(machine: Machine) -> None:
    """The former version starts again, and --rollback then leads where it led before that upgrade."""
    machine.ready("0.1.0", "0.2.0")
    machine.install("0.2.0")
    assert machine.install("0.3.0") == 1
    assert machine.runs == "0.2.0"
    assert machine.run("0.3.0", "--rollback") == 0, machine.said
    assert machine.runs == "0.1.0"


def test_a_postgresql_database_is_backed_up_before_an_upgrade(machine: Machine) -> None:
    """Where no file of data is there, the address of the database says that there is something to copy."""
    (machine.top / "lib/watcher.db").unlink()
    machine.write(machine.top / "program", PROGRAM.replace('cp "$TOP/lib/watcher.db"', "touch"))
    (machine.top / "credstore").mkdir()
    (machine.top / "credstore/watcher.database").write_text("postgresql+psycopg://host/name", "utf-8")
    machine.ready("0.2.0")
    assert machine.install("0.2.0") == 0, machine.said
    assert "watcher backup backups/before-0.2.0.tar.gz" in machine.done
    prerm = (DEPLOY / "debian/prerm").read_text("utf-8")
    assert "/etc/credstore/watcher.database" in prerm


@pytest.mark.parametrize("again", ["0.2.0", "0.3.0"])
def test_an_upgrade_that_failed_and_is_given_again_keeps_the_copy_of_before(machine: Machine, again: str) -> None:
    """The data is of the later version by then: the way back leads to that of before, from a mended version too (row D08)."""
    machine.ready()
    assert machine.install("0.2.0") == 1
    machine.data = "of 0.2.0"
    assert machine.install(again) == 1
    assert machine.copies() == dict.fromkeys({"before-0.2.0.tar.gz", f"before-{again}.tar.gz"}, "of 0.1.0")
    machine.ready("0.1.0")
    assert machine.run(again, "--rollback", "--with-data") == 0, machine.said
    assert machine.done[-2] == f"watcher restore backups/before-{again}.tar.gz --aside"


def test_a_copy_that_cannot_be_made_stops_the_upgrade_and_leaves_the_one_that_is_there(machine: Machine) -> None:
    """After an upgrade, back, and a refused backup: 0.1.0 runs on, and its old copy is what it was (row D13)."""
    machine.ready("0.1.0", "0.2.0")
    machine.install("0.2.0")
    assert machine.run("0.2.0", "--rollback") == 0, machine.said
    (machine.top / "refused").touch()
    machine.data = "later"
    assert machine.install("0.2.0") != 0
    assert machine.runs == "0.1.0"
    assert machine.copies() == {"before-0.2.0.tar.gz": "of 0.1.0"}
    (machine.top / "refused").unlink()
    assert machine.install("0.2.0") == 0, machine.said
    assert machine.copies() == {"before-0.2.0.tar.gz": "later"}


def test_a_package_that_is_installed_again_keeps_the_copy_of_before(machine: Machine) -> None:
    """The package that failed is given again: what it backs up is its own data, which is none to go back to (row D08)."""
    assert machine.leave("0.1.0", "upgrade", "0.2.0") == 0, machine.said
    machine.data = "of 0.2.0"
    assert machine.leave("0.2.0", "upgrade", "0.2.0") == 0, machine.said
    assert machine.copies() == {"before-0.2.0.tar.gz": "of 0.1.0"}


def test_a_package_upgrades_nothing_without_a_copy(machine: Machine) -> None:
    """Neither the package that leaves nor the one that comes goes on when the data cannot be copied (row D13)."""
    assert machine.leave("0.1.0", "upgrade", "0.2.0") == 0, machine.said
    (machine.top / "refused").touch()
    machine.data = "later"
    assert machine.leave("0.1.0", "upgrade", "0.2.0") != 0
    assert machine.copies() == {"before-0.2.0.tar.gz": "of 0.1.0"}
    assert machine.leave("0.2.0", "failed-upgrade", "0.1.0", "0.2.0") != 0
    assert "apt remove watcher" in machine.said


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
