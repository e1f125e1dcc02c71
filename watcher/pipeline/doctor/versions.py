"""The interpreter and the libraries: versions with known weaknesses, and packages that are missing."""

import platform
import pyexpat
import re
import sqlite3
import ssl
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import metadata, resources

from watcher.pipeline.doctor.findings import Finding, cure, note, ok

PYTHON = "interpreter"
LIBRARIES = "libraries"
_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakness:
    """One known weakness: of what, under which name, where it is fixed first, what it is, and our guard, "" for none."""

    name: str
    id: str
    fixed: tuple[str, ...]
    what: str
    guard: str


def weaknesses() -> tuple[date, tuple[Weakness, ...]]:
    """Return the table that ships with the program, and its date."""
    table = tomllib.loads(resources.files("watcher").joinpath("data/weaknesses.toml").read_text("utf-8"))
    return table["at"], tuple(Weakness(**(row | {"fixed": tuple(row["fixed"])})) for row in table["weakness"])


def installed() -> dict[str, str | None]:
    """Return the version of everything this program stands on, None for a package that it needs and that is missing."""
    found: dict[str, str | None] = {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "expat": pyexpat.EXPAT_VERSION.removeprefix("expat_"),
        "openssl": ssl.OPENSSL_VERSION.split()[1],
    }
    for name in (*_required(), *(weakness.name for weakness in weaknesses()[1])):
        if name not in found:
            found[name] = _version(name)
    optional = {weakness.name for weakness in weaknesses()[1]} - set(_required())
    return {name: version for name, version in found.items() if version is not None or name not in optional}


def examine(versions: Mapping[str, str | None]) -> list[Finding]:
    """Return what is to be said of these versions (rows S10, P12)."""
    at, table = weaknesses()
    findings = [
        cure(LIBRARIES, f"The package {name} is missing.", "Install watcher again: a part of it cannot run without.")
        for name, version in versions.items()
        if version is None
    ]
    for weakness in table:
        version = versions.get(weakness.name)
        if version is None or is_fixed(version, weakness.fixed):
            continue
        area = PYTHON if weakness.name == "python" else LIBRARIES
        said = f"{weakness.name} {version} has {weakness.id}: {weakness.what}."
        if weakness.guard:
            findings.append(
                note(
                    area,
                    f"{said} Guarded: {weakness.guard}.",
                    f"Mended in {good_for(version, weakness.fixed)}, or by your distribution.",
                )
            )
        else:
            findings.append(cure(area, said, f"Upgrade it to {good_for(version, weakness.fixed)} or newer."))
    good = sum(version is not None for version in versions.values())
    findings.append(ok(LIBRARIES, f"{good} versions looked at, against the weaknesses known on {at}."))
    return findings


def extras(*, dkim: bool, database: str | None) -> list[Finding]:
    """Return which packages are missing that only these settings need: mails signed (DKIM), a PostgreSQL `database`."""
    wanted = (
        ("dkimpy", "dkim", dkim, "`mail.dkim` of sources.yaml"),
        ("psycopg", "workers", database is not None and database.startswith("postgres"), "The address of the database"),
    )
    return [
        cure(LIBRARIES, f"{why} needs the package {name}, which is missing.", f"`pip install 'watcher[{extra}]'`.")
        for name, extra, asked, why in wanted
        if asked and _version(name) is None
    ]


def is_fixed(version: str, fixed: tuple[str, ...]) -> bool:
    """Tell whether `version` is at least the first good one of its own line, else of the last line of `fixed`."""
    return _numbers(version) >= _numbers(good_for(version, fixed))


def good_for(version: str, fixed: tuple[str, ...]) -> str:
    """Return the first good version of the line of `version` (its first two numbers), else the last of `fixed`."""
    line = _numbers(version)[:2]
    return next((good for good in fixed if _numbers(good)[:2] == line), fixed[-1])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", re.split(r"[+-]", version)[0])[:4])


def _required() -> list[str]:
    """Return the packages that this program cannot do without, as its own metadata names them."""
    try:
        lines = metadata.requires("watcher") or []
    except metadata.PackageNotFoundError:
        return []
    names = [_NAME.match(line) for line in lines if "extra ==" not in line]
    return [name.group().lower() for name in names if name]


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
