"""`watcher backup`, `restore` and `doctor` as a shell runs them: what they say, and with which exit code they end."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from watcher.errors import StoreError


def test_backup_restore_and_drill(home: Path, shell: Shell, tmp_path: Path) -> None:
    """A backup says what it holds; the drill says it is good; a restore says that mail is held (rows D12, P10)."""
    assert shell("status")[0] == 0
    target = str(tmp_path / "veille.tar.gz")
    code, said, _ = shell("backup", target)
    assert (code, "was written and checked" in said, "0 documents" in said) == (0, True, True)
    code, _, errors = shell("backup", target)
    assert (code, "never replaces another" in errors) == (1, True)
    code, said, _ = shell("backup", "--verify", target)
    assert (code, "is good" in said) == (0, True)
    code, said, _ = shell("restore", target, "--home", str(tmp_path / "other"))
    assert (code, "All mail is held" in said) == (0, True)
    code, _, errors = shell("restore", target, "--home", str(tmp_path / "other"))
    assert (code, "replaces nothing" in errors) == (1, True)
    assert (tmp_path / "other" / "sources.yaml").read_bytes() == (home / "sources.yaml").read_bytes()


def test_a_restore_says_what_it_restored_whatever_comes_after(
    home: Path, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake in the restored sources.yaml is no error of the restore; an error after the fact comes after what was done."""
    assert shell("status")[0] == 0
    sources = home / "sources.yaml"
    sources.write_text(sources.read_text("utf-8").replace("settings:", "settigns:", 1), "utf-8")
    target = str(tmp_path / "veille.tar.gz")
    assert shell("backup", target)[0] == 0
    code, said, errors = shell("restore", target, "--home", str(tmp_path / "one"))
    assert (code, "Restored " in said, "All mail is held" in said, errors) == (0, True, True, "")

    def fail(*_: object) -> int:
        raise StoreError("The disk of the database is full.", remedy="Free some space.")

    monkeypatch.setattr("watcher.pipeline.gone.reapply", fail)
    code, said, errors = shell("restore", target, "--aside", "--home", str(tmp_path / "one"))
    assert (code, said.count("Put aside: ") > 1, "Restored " in said, "All mail is held" in said) == (1, True, True, True)
    assert "disk of the database is full" in errors


def test_backup_in_a_folder(home: Path, shell: Shell, tmp_path: Path) -> None:
    """`--dir --json` says which file was written, what it holds and how many old ones were removed."""
    assert shell("status")[0] == 0
    code, said, _ = shell("backup", "--dir", str(tmp_path / "backups"), "--json")
    told = json.loads(said)
    assert (code, told["removed"], Path(told["file"]).exists()) == (0, 0, True)
    assert told["manifest"]["counts"]["documents"] == 0


def test_a_broken_configuration_is_backed_up(home: Path, shell: Shell, tmp_path: Path) -> None:
    """The backup does not ask whether sources.yaml is valid: that is when one is wanted."""
    assert shell("status")[0] == 0
    (home / "sources.yaml").write_text("settings: [", "utf-8")
    assert shell("backup", str(tmp_path / "veille.tar.gz"))[0] == 0


def test_wrong_use(shell: Shell, tmp_path: Path) -> None:
    """Nothing named, or two things at once, is wrong use: exit code 2."""
    assert shell("backup")[0] == 2
    assert shell("backup", "x.tar.gz", "--dir", str(tmp_path))[0] == 2
    assert shell("restore", str(tmp_path / "nothing.tar.gz"))[0] == 2


def test_doctor(home: Path, shell: Shell) -> None:
    """The doctor ends with 0 on a healthy home, with 1 when something must be cured, and says what in JSON lines."""
    assert shell("status")[0] == 0
    code, said, _ = shell("doctor")
    assert (code, said.splitlines()[-1]) == (0, "Nothing has to be cured.")
    (home / "var" / "watcher.db").write_bytes(b"")
    code, said, _ = shell("doctor", "--json")
    findings = [json.loads(line) for line in said.splitlines()]
    cures = [finding for finding in findings if finding["level"] == "cure"]
    assert (code, [finding["area"] for finding in cures]) == (1, ["database"])
    assert "watcher restore" in cures[0]["remedy"]


def test_takedown(shell: Shell) -> None:
    """An address is taken down, held or not; what is no address is wrong use (row S08)."""
    code, said, _ = shell("review", "takedown", "https://dares.example/article")
    assert (code, "never read again" in said) == (0, True)
    assert shell("review", "takedown", "not an address")[0] == 2
