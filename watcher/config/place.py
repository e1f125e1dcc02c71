"""Where the archive of a home is and in which zone its days are: all that a command which only reads it needs to know."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from watcher.config.home import Home
from watcher.config.load import load
from watcher.config.secrets import read_secrets
from watcher.errors import ConfigErrors
from watcher.model import Settings

# A key can also be spelt with escapes, which take a backslash.
_MAY_NAME_A_ZONE = (b"timezone", b"\\")
_NAMED_ZONE = re.compile(rb"""^[^#\n]*?\btimezone["']?[ \t]*:[ \t]*["']?([\w+/-]+)""", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The address of the database, which may hold a password, and the zone of days.

    `mistake` is what is wrong with the file when that was met: the zone is then the one its text seems to name.
    """

    database: str = field(repr=False)
    zone: ZoneInfo
    mistake: ConfigErrors | None = None


def place(home: Home, env: Mapping[str, str]) -> Place:
    """Return where the archive of `home` is, as `load` would say.

    Sources and digests are not looked at where the file names no zone of its own: holding them against their rules takes
    longer than finding what is asked of the archive. A mistake in the file is no reason not to read an archive that is there.
    Raises ConfigError for secrets that cannot be read, ConfigErrors for a file that cannot be read, or that cannot be
    understood while there is no archive.
    """
    database = read_secrets(env).database or home.database_url
    try:
        data = home.sources_yaml.read_bytes()
    except OSError:
        data = None  # `load` says what is wrong
    if data is not None and not any(sign in data for sign in _MAY_NAME_A_ZONE):
        return Place(database=database, zone=ZoneInfo(Settings().timezone))
    try:
        return Place(database=database, zone=ZoneInfo(load(home, env).settings.timezone))
    except ConfigErrors as error:
        if data is None or not has_archive(home, env):
            raise
        return Place(database=database, zone=_zone_named(data), mistake=error)


def has_archive(home: Home, env: Mapping[str, str]) -> bool:
    """Say whether there is an archive to read; one that a secret names is taken to be there. Raises ConfigError."""
    return read_secrets(env).database is not None or (home.var / "watcher.db").exists()


def _zone_named(data: bytes) -> ZoneInfo:
    """Return the zone that the text seems to name, the default when it names none that exists."""
    found = _NAMED_ZONE.search(data)
    try:
        return ZoneInfo(found[1].decode("ascii") if found else Settings().timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(Settings().timezone)
