"""The doctor: each trouble that is brought about on purpose is found, with its remedy, and health is called health."""

import json
import resource
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.deliver.conftest import authority as authority
from tests.deliver.conftest import start_relay as start_relay
from tests.deliver.relays import Relay
from watcher.config import Config, Home
from watcher.model import SourceState
from watcher.pipeline import backup, doctor
from watcher.pipeline.doctor import Finding, Level, examine, machine, service, versions
from watcher.pipeline.doctor import home as homes
from watcher.pipeline.doctor.examine import mail
from watcher.store import Store, look, schema, sources
from watcher.store import service as beats

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture
def place(small_home: Home, tmp_path: Path) -> Home:
    """Lay out a healthy home, polled, and backed up an hour ago."""
    home = small_home
    store = Store.open(home.database_url)
    polled = SourceState(source_id="dares", last_polled_at=NOW - timedelta(hours=2))
    store.write(lambda tx: sources.save_states(tx, [polled]))
    store.close()
    backup.backup(home, None, tmp_path / "b.tar.gz", now=NOW - timedelta(hours=1))
    return home


def cures(findings: "list[Finding] | tuple[Finding, ...]") -> list[str]:
    """Return the messages of what must be cured, having checked that each has a remedy."""
    bad = [finding for finding in findings if finding.level is Level.CURE]
    assert all(finding.remedy for finding in bad)
    return [finding.message for finding in bad]


def test_a_healthy_home(place: Home) -> None:
    """Nothing has to be cured in a fresh installation, and every area was looked at."""
    before = sorted(path.name for path in place.var.iterdir())
    findings = examine(place, {}, NOW)
    assert cures(findings) == []
    areas = {finding.area for finding in findings}
    assert {
        "libraries",
        "clock",
        "disk",
        "limits",
        "configuration",
        "permissions",
        "database",
        "backup",
        "mail",
        "service",
    } <= areas
    after = [path.name for path in place.var.iterdir() if not path.name.endswith(("-wal", "-shm"))]
    assert sorted(after) == [name for name in before if not name.endswith(("-wal", "-shm"))]


@pytest.mark.parametrize(
    ("version", "fixed", "good"),
    [
        ("3.11.7", ("3.11.8", "3.12.2"), False),
        ("3.11.8", ("3.11.8", "3.12.2"), True),
        ("3.12.1", ("3.11.8", "3.12.2"), False),
        ("3.13.0", ("3.11.8", "3.12.2"), True),
        ("0.9", ("0.10",), False),
        ("2024.7.4", ("2024.7.4",), True),
        ("3.12.0rc1", ("3.11.8", "3.12.2"), False),
    ],
)
def test_lines_of_versions(version: str, fixed: tuple[str, ...], good: bool) -> None:
    """A version is judged by the first good one of its own line, else by the newest line (row S10)."""
    assert versions.is_fixed(version, fixed) is good


def test_known_weaknesses_are_told(place: Home) -> None:
    """A weakness we are guarded against is a note that says how; another must be cured (row S10)."""
    found = versions.examine(versions.installed() | {"python": "3.11.7", "h11": "0.14.0"})
    notes = [finding.message for finding in found if finding.level is Level.NOTE]
    assert any("CVE-2024-0450" in said and "our own reader" in said for said in notes)
    assert any("CVE-2024-6923" in said and "headers" in said for said in notes)
    assert [said.split(":")[0] for said in cures(found)] == ["h11 0.14.0 has CVE-2025-43859"]
    assert cures(versions.examine(versions.installed() | {"python": "3.14.2"})) == []


def test_the_table_is_dated_and_complete() -> None:
    """Every weakness of the table says what it is and where it is mended; the table says of when it is."""
    at, table = versions.weaknesses()
    assert at >= date(2026, 11, 21)
    assert all(weakness.what and weakness.fixed and weakness.id for weakness in table)
    assert len({(weakness.name, weakness.id) for weakness in table}) == len(table)


def test_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that reading pages needs and that was removed is named (row P12)."""
    plain = versions.metadata.version

    def without(name: str) -> str:
        if name == "lxml-html-clean":
            raise versions.metadata.PackageNotFoundError(name)
        return plain(name)

    monkeypatch.setattr(versions.metadata, "version", without)
    assert cures(versions.examine(versions.installed())) == ["The package lxml-html-clean is missing."]


@pytest.mark.parametrize(("name", "extra"), [("dkimpy", "dkim"), ("psycopg", "workers")])
def test_a_missing_extra(monkeypatch: pytest.MonkeyPatch, name: str, extra: str) -> None:
    """A package that only some settings need is missing where those settings are, and nowhere else (row P12)."""
    plain = versions.metadata.version

    def without(wanted: str) -> str:
        if wanted == name:
            raise versions.metadata.PackageNotFoundError(name)
        return plain(wanted)

    asked = {"dkim": True, "database": "postgresql+psycopg://host/name"}
    assert versions.extras(**asked) == []  # pyright: ignore[reportArgumentType]
    monkeypatch.setattr(versions.metadata, "version", without)
    (found,) = versions.extras(**asked)  # pyright: ignore[reportArgumentType]
    assert name in found.message
    assert f"watcher[{extra}]" in found.remedy
    assert versions.extras(dkim=False, database=None) == []


def test_clock_and_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock before the release, or behind what the archive has seen, and a zone that is not there are found (row T07)."""
    good = machine.clock(NOW, "Europe/Paris", date(2026, 11, 21), NOW - timedelta(minutes=1))
    assert cures(good) == []
    assert good[-1].message == "2026-11-23 07:00 in Europe/Paris."
    early = machine.clock(datetime(1970, 1, 1, tzinfo=UTC), "Europe/Paris", date(2026, 11, 21), NOW)
    assert len(cures(early)) == 2
    assert cures(machine.clock(NOW, "Europe/Nulle-Part", date(2026, 11, 21), None)) == [
        "The time zone Europe/Nulle-Part is not known here."
    ]


def _few_files(_limit: int) -> tuple[int, int]:
    return 64, 64


def test_disk_and_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk, a limit of 64 open files and a temporary folder that is not there are found (rows D03, P05)."""
    assert cures(machine.disk(tmp_path / "not" / "there", 0)) == []
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 1000, 1000))  # type: ignore[attr-defined]
    assert len(cures(machine.disk(tmp_path, 0))) == 1
    monkeypatch.setattr(machine.tempfile, "tempdir", str(tmp_path / "gone"))
    monkeypatch.setattr(machine.resource, "getrlimit", _few_files)
    assert len(cures(machine.limits())) == 2
    assert machine.resource is resource


def test_a_mistake_in_the_configuration(place: Home) -> None:
    """A broken sources.yaml is a finding with its line, and the rest is looked at all the same."""
    place.sources_yaml.write_text(place.sources_yaml.read_text("utf-8").replace("contact:", "kontact:"), "utf-8")
    found = examine(place, {}, NOW)
    assert any("sources.yaml:1:12" in said for said in cures(found))
    assert any(finding.area == "database" and finding.level is Level.OK for finding in found)


def test_permissions(place: Home) -> None:
    """A folder that anybody may open, and a database in it, are found; a closed folder closes its files (row S02)."""
    (place.var / "watcher.db").chmod(0o644)
    assert cures(homes.permissions(place)) == []
    place.var.chmod(0o755)
    assert len(cures(homes.permissions(place))) >= 2


def test_a_damaged_database(place: Home) -> None:
    """A broken page is found by reading every one of them, and the remedy names the restore (row D07)."""
    path = place.var / "watcher.db"
    data = bytearray(path.read_bytes())
    data[4096 * 5 : 4096 * 6] = b"\xa5" * 4096
    path.write_bytes(data)
    found = homes.database(place, {})
    assert cures(found)
    assert "watcher restore" in found[0].remedy
    path.write_bytes(b"")
    assert "damaged" in cures(homes.database(place, {}))[0]


def rename_schema(place: Home, version: str) -> None:
    """Have the database say that its schema is that of another version."""
    with closing(sqlite3.connect(place.var / "watcher.db")) as connection, connection:
        connection.execute(f"UPDATE {schema.VERSION_TABLE} SET version_num = ?", (version,))


def test_an_older_schema_is_not_migrated(place: Home) -> None:
    """The doctor says that the schema is older, and leaves it so."""
    rename_schema(place, "0001")
    found = homes.database(place, {})
    assert "schema 0001" in found[0].message
    assert look.glance(place.database_url).schema == "0001"


def test_a_newer_schema_must_be_cured(place: Home) -> None:
    """A database of a newer version is refused by every command: that is no note, nothing brings it "up to date" (row D08)."""
    rename_schema(place, "9999")
    (found,) = homes.database(place, {})
    assert "schema 9999" in cures([found])[0]
    assert "Upgrade the program" in found.remedy


def test_a_server_is_asked(place: Home, new_postgres_database: Callable[[], str]) -> None:
    """A PostgreSQL that does not answer is found, without its password; one that does tells its schema."""
    gone = {"WATCHER_DATABASE": "postgresql+psycopg://watcher:hunter2@127.0.0.1:1/none"}
    (found,) = homes.database(place, gone)
    assert "127.0.0.1" in cures([found])[0]
    assert "hunter2" not in found.message
    there = {"WATCHER_DATABASE": new_postgres_database()}
    assert "no schema yet" in homes.database(place, there)[0].message
    Store.open(there["WATCHER_DATABASE"]).close()
    (found,) = homes.database(place, there)
    assert (found.level, f"schema {schema.VERSION}" in found.message) == (Level.OK, True)


def test_a_clock_behind_the_service(place: Home) -> None:
    """The last sign of life of the service counts as what the archive has seen (rows T03, T07)."""
    store = Store.open(place.database_url)
    ahead = NOW + timedelta(days=3)
    store.write(lambda tx: beats.beat(tx, beats.Heartbeat(beat_at=ahead, started_at=NOW, pid=7, host="h", program="1")))
    store.close()
    assert any(f"the archive has seen {ahead:%Y-%m-%d %H:%M}" in said for said in cures(examine(place, {}, NOW)))


def test_backups(place: Home) -> None:
    """An old backup, and a restore nobody has looked at, must be cured; no backup at all is a note."""
    assert cures(homes.backups(place, NOW)) == []
    assert len(cures(homes.backups(place, NOW + timedelta(days=5)))) == 1
    (place.var / "restored").write_text(json.dumps({"at": NOW.isoformat(), "from": "x"}), "utf-8")
    assert "mail is held" in cures(homes.backups(place, NOW))[0]
    (place.var / "restored").unlink()
    (place.var / backup.LAST).unlink()
    assert homes.backups(place, NOW)[0].level is Level.NOTE


def _settings(place: Home, relay: Relay) -> Config:
    loaded, _ = homes.configuration(place, {})
    assert loaded is not None
    return replace(loaded, settings=replace(loaded.settings, mail=relay.mail))


def test_the_relay_is_greeted(place: Home, start_relay: Callable[..., Relay]) -> None:
    """The relay is asked for STARTTLS and for the login, and gets no mail."""
    relay = start_relay("starttls", auth=True)
    found = mail(_settings(place, relay))
    assert cures(found) == []
    assert "logged in" in found[0].message
    assert "8bitmime" in found[0].message
    assert relay.inbox.taken == []


@pytest.mark.parametrize("trouble", ["certificate", "password", "no starttls", "nobody"])
def test_a_relay_that_will_not_do(place: Home, start_relay: Callable[..., Relay], trouble: str) -> None:
    """A certificate for another name, a wrong password, no encryption and nobody there: each is a finding, before Monday."""
    relay = start_relay("none" if trouble == "no starttls" else "starttls", auth=trouble == "password",
                        certificate_for="other.example" if trouble == "certificate" else "localhost")  # fmt: skip
    changed = {"no starttls": {"security": "starttls"}, "nobody": {"port": 1}, "password": {"password": "wrong-one"}}
    found = mail(_settings(place, replace(relay, mail=replace(relay.mail, **changed.get(trouble, {})))))  # type: ignore[arg-type]
    assert len(cures(found)) == 1
    assert "wrong-one" not in found[0].message


GOOD = {"LoadState": "loaded", "ActiveState": "active", "Type": "notify", "WatchdogUSec": "1min", "Restart": "on-failure",
        "User": "watcher", "NeedDaemonReload": "no", "NRestarts": "0", "NoNewPrivileges": "yes", "ProtectSystem": "strict",
        "UnitFileState": "enabled"}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({}, ""),
        ({"ActiveState": "failed", "Result": "watchdog"}, "watchdog"),
        ({"NeedDaemonReload": "yes"}, "edited"),
        ({"User": "root"}, "root"),
        ({"WatchdogUSec": "0"}, "hang"),
        ({"ProtectSystem": "no"}, "outside"),
    ],
)
def test_the_unit(changed: Mapping[str, str], word: str) -> None:
    """A unit that runs as root, unwatched, open or edited is found; the one we ship is well."""
    found = cures(service.examine(lambda: {**GOOD, **changed}))
    assert (not found and not word) or (len(found) == 1 and word in found[0])


def test_without_systemd_or_unit() -> None:
    """Where systemd does not run, or has no such unit, nothing must be cured."""
    assert cures(service.examine(lambda: None)) == []
    assert service.examine(lambda: {"LoadState": "not-found"})[0].level is Level.NOTE
    assert doctor.Finding is Finding
