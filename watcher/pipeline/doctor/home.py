"""The home: its configuration, who may read and write its files, its database, its backups."""

import json
import os
import stat
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from watcher import config, seeds
from watcher.config import Config, Home
from watcher.config.secrets import read_secrets
from watcher.errors import ConfigError, ConfigErrors, StoreError
from watcher.pipeline import epoch
from watcher.pipeline.backup import LAST, OLD
from watcher.pipeline.doctor.findings import Finding, cure, note, ok
from watcher.store import backup, look, schema

CONFIGURATION, PERMISSIONS, DATABASE, BACKUP = "configuration", "permissions", "database", "backup"
_WAL_LARGE = 256 << 20


def configuration(home: Home, env: Mapping[str, str]) -> tuple[Config | None, list[Finding]]:
    """Return the configuration, None when it cannot be used, and what is to be said of it."""
    try:
        corpus = seeds.load(home.seeds)
        loaded = config.load(home, env, themes=[theme.id for theme in corpus.themes])
    except ConfigErrors as error:
        return None, [_mistake(one) for one in error.errors]
    except ConfigError as error:
        return None, [_mistake(error)]
    notes = [note(CONFIGURATION, said, f"Edit {home.sources_yaml}, unless that is meant.") for said in loaded.notes]
    return loaded, notes or [ok(CONFIGURATION, f"{len(loaded.sources)} sources, {len(loaded.digests)} digests.")]


def permissions(home: Home) -> list[Finding]:
    """Return what is to be said of who may open what (row S02)."""
    findings: list[Finding] = []
    if not home.var.exists():
        return [note(PERMISSIONS, f"{home.var} is not there yet.", "The first command that writes creates it.")]
    if not os.access(home.var, os.W_OK | os.X_OK):
        remedy = "Run this as the user who owns it, or `chown` it."
        findings.append(cure(PERMISSIONS, f"{home.var} cannot be written to by this user.", remedy))
    for path in (home.var, *_listed(home.var)):
        mode = stat.S_IMODE(path.stat().st_mode)
        # What stands in a folder that is closed to others is closed to them.
        if mode & 0o007 and (path == home.var or stat.S_IMODE(home.var.stat().st_mode) & 0o001):
            findings.append(cure(PERMISSIONS, f"Anybody may open {path} (mode {mode:04o}).", f"`chmod o-rwx {path}`."))
    return findings or [ok(PERMISSIONS, f"{home.var} is closed to others.")]


def database(home: Home, env: Mapping[str, str]) -> list[Finding]:
    """Return what is to be said of the database, having read all of it (row D07). Nothing is changed, nor migrated."""
    try:
        url = read_secrets(env).database or home.database_url
        server = backup.backend_of(url) != "sqlite"
    except (ConfigError, StoreError) as error:
        return [cure(DATABASE, error.message, "See above.")]
    return _on_a_server(url) if server else _in_a_file(home)


def _on_a_server(url: str) -> list[Finding]:
    try:
        found = look.glance(url)
    except StoreError as error:
        return [cure(DATABASE, error.message, "Look at the server, and at the address of the database.")]
    if found.schema is None:
        return [note(DATABASE, "PostgreSQL answers; there is no schema yet.", "The first poll creates it.")]
    return _schema(found.schema) or [ok(DATABASE, f"PostgreSQL answers, and checks its own pages; schema {found.schema}.")]


def _in_a_file(home: Home) -> list[Finding]:
    file = home.var / "watcher.db"
    if not file.exists():
        return [note(DATABASE, "There is none yet.", "The first poll creates it.")]
    try:
        contents = backup.inspect(file, immutable=False)
    except StoreError as error:
        return [cure(DATABASE, error.message, "`watcher restore BACKUP --aside` puts the last good copy in its place.")]
    findings = [
        cure(DATABASE, f"It is damaged: {said}.", "`watcher restore BACKUP --aside`; keep the file that is put aside.")
        for said in contents.problems[:3]
    ]
    journal = file.with_name("watcher.db-wal")
    if journal.exists() and journal.stat().st_size > _WAL_LARGE:
        said = f"Its journal has {journal.stat().st_size >> 20} MB: somebody has been reading for very long."
        findings.append(cure(DATABASE, said, "Find who holds it open (`fuser -v watcher.db`), and end that reading."))
    findings += _schema(contents.schema)
    return findings or [ok(DATABASE, f"Every page is good; schema {contents.schema}.")]


def _schema(version: str) -> list[Finding]:
    said = f"It has schema {version}, this program {schema.VERSION}"
    if look.is_newer(version):
        remedy = "Upgrade the program, or `watcher restore` a backup made with this version."
        return [cure(DATABASE, f"{said}: a newer version of it wrote there, and every command refuses.", remedy)]
    return [] if version == schema.VERSION else [note(DATABASE, f"{said}.", "The next command that writes brings it up to date.")]


def backups(home: Home, now: datetime) -> list[Finding]:
    """Return what is to be said of the last backup, and of a restore that nobody has looked at."""
    findings: list[Finding] = []
    if (home.var / epoch.RESTORED).exists():
        said = "A backup was restored, and all mail is held since."
        findings.append(cure(BACKUP, said, "`watcher outbox reconcile` says what left in between, and lets mail go."))
    try:
        last = json.loads((home.var / LAST).read_text("utf-8"))
        at, file = datetime.fromisoformat(last["at"]), str(last["file"])
    except (OSError, ValueError, KeyError, TypeError):
        remedy = "`watcher backup --dir DIR`, every night; `systemctl enable --now watcher-backup.timer` does."
        return [*findings, note(BACKUP, "No backup was ever made.", remedy)]
    if now - at > OLD:
        return [*findings, cure(BACKUP, f"The last one is of {at:%Y-%m-%d}.", "See why: `systemctl status watcher-backup`.")]
    return [*findings, ok(BACKUP, f"Of {at:%Y-%m-%d %H:%M} UTC, {file}.")]


def _mistake(error: ConfigError) -> Finding:
    where = ":".join(str(part) for part in (error.file, error.line, error.column) if part is not None)
    return cure(CONFIGURATION, f"{where}: {error.problem}", error.remedy)


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.is_symlink())
    except OSError:
        return []
