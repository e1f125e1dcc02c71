"""Load `sources.yaml` into frozen settings, sources and digests, or say everything that is wrong with it at once."""

import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from watcher.config.home import Home
from watcher.config.secrets import Secrets, read_secrets
from watcher.errors import ConfigError, ConfigErrors
from watcher.model import Digest, Settings, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What `sources.yaml` and the secrets say. `notes` are sentences for the administrator about what is allowed but odd."""

    settings: Settings
    sources: tuple[Source, ...]
    digests: tuple[Digest, ...]
    notes: tuple[str, ...] = ()


def load(home: Home, env: Mapping[str, str], themes: Collection[str] | None = None) -> Config:
    """Return the configuration of `home`; `themes` are the ids that may be named, None when they are not known.

    Secrets come from `env` or from files in $CREDENTIALS_DIRECTORY; WATCHER_CONTACT wins over `settings.contact`.
    Raises ConfigErrors with all the mistakes found, those of the file in its order.
    """
    path = home.sources_yaml
    outside: list[ConfigError] = []
    secrets, override = None, ""
    try:
        secrets = read_secrets(env)
        override = _contact(env)
    except ConfigError as error:
        outside.append(error)
    try:
        data, notes = _bytes(path)
    except ConfigError as error:
        raise ConfigErrors((error, *outside)) from error
    config, errors = _understand(data, path, themes, secrets)
    if errors or outside:
        raise ConfigErrors((*errors, *outside))
    settings = replace(config.settings, contact=override or config.settings.contact)
    if not settings.contact:
        line = "settings.contact is empty: nothing public is read until it names you, as in `contact: you@example.org`."
        notes.append(line)
    return replace(config, settings=settings, notes=(*notes, *config.notes))


def understand(data: bytes, path: Path) -> Config:
    """Return the configuration that `data` would give as the file `path`, secrets left out. Raises ConfigErrors."""
    config, errors = _understand(data, path, None, None)
    if errors:
        raise ConfigErrors(tuple(errors))
    return config


def _understand(
    data: bytes, path: Path, themes: Collection[str] | None, secrets: Secrets | None
) -> tuple[Config, list[ConfigError]]:
    # A quarter of a second of imports, which a command that only reads the archive does not pay (`place.py`).
    from watcher.config.reading import read
    from watcher.config.sections import Sections

    root, errors = read(data, str(path))
    sections = Sections(path, themes, secrets)
    parts = sections.top(root) if root else {}
    config = Config(
        settings=sections.settings(parts.get("settings")),
        sources=sections.sources(parts.get("sources")),
        digests=sections.digests(parts.get("digests")),
        notes=tuple(sections.notes),
    )
    if root is None and not errors:
        errors.append(ConfigError("the file holds nothing but comments.", file=str(path), line=1, column=1))
    found = [*errors, *sections.errors]
    return config, sorted(found, key=lambda error: (error.line or 0, error.column or 0))


def _bytes(path: Path) -> tuple[bytes, list[str]]:
    """Return the file's bytes, at most one more than is read, and what is odd about its permissions."""
    from watcher.config.reading import MAX_BYTES

    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        remedy = "`watcher init DIR` lays one out."
        raise ConfigError("there is no such file.", file=str(path), remedy=remedy) from error
    except OSError as error:
        remedy = "Check its owner and its mode."
        raise ConfigError(f"the file cannot be read: {error.strerror}.", file=str(path), remedy=remedy) from error
    notes: list[str] = []
    if stat.S_IMODE(status.st_mode) & 0o002:
        notes.append(f"Anybody on this machine may change {path}: `chmod o-w {path}`.")
    if status.st_uid not in (0, os.geteuid()):
        notes.append(f"{path} belongs to user {status.st_uid}, neither to root nor to the user who runs this.")
    return data, notes


def _contact(env: Mapping[str, str]) -> str:
    from pydantic_core import PydanticCustomError

    from watcher.config.addresses import contact

    try:
        return contact(env.get("WATCHER_CONTACT", ""))
    except PydanticCustomError as error:
        problem, remedy = (error.context or {}).get("problem", ""), (error.context or {}).get("remedy", "")
        raise ConfigError(str(problem), file="WATCHER_CONTACT", remedy=str(remedy)) from error
