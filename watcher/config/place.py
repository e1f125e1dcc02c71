"""Where the archive of a home is and in which zone its days are: all that a command which only reads it needs to know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from watcher.config.home import Home
from watcher.config.load import load
from watcher.config.secrets import read_secrets
from watcher.model import Settings

# A key can also be spelt with escapes, which take a backslash.
_MAY_NAME_A_ZONE = (b"timezone", b"\\")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The address of the database, which may hold a password, and the zone of days."""

    database: str = field(repr=False)
    zone: ZoneInfo


def place(home: Home, env: Mapping[str, str]) -> Place:
    """Return where the archive of `home` is, as `load` would say.

    Sources and digests are not looked at where the file names no zone of its own: holding them against their rules takes
    longer than finding what is asked of the archive, and a mistake in them is no reason not to read it. Raises ConfigError
    for secrets that cannot be read, ConfigErrors for a file that has to be understood and cannot be.
    """
    try:
        data = home.sources_yaml.read_bytes()
    except OSError:
        data = _MAY_NAME_A_ZONE[0]  # `load` says what is wrong
    if any(sign in data for sign in _MAY_NAME_A_ZONE):
        settings = load(home, env).settings
        return Place(database=settings.database or home.database_url, zone=ZoneInfo(settings.timezone))
    return Place(database=read_secrets(env).database or home.database_url, zone=ZoneInfo(Settings().timezone))
