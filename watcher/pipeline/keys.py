"""The key that signs what comes back to us by mail: from the credentials, else made at first use and kept in `var/`."""

import os
import secrets
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from watcher.config import Home
from watcher.errors import ConfigError
from watcher.model import Settings
from watcher.pipeline.desk import Desk

NAME = "mail.key"


def signing(desk: Desk) -> Settings:
    """Return the settings with `mail.key` filled in.

    Without WATCHER_MAIL_KEY or the credential `mail-key`, the key is the content of `var/mail.key`, which is made when it is
    missing, for its owner alone. Whoever loses it loses the ways out of the mails that were sent: back it up with the database.
    Raises ConfigError when it can be neither read nor made.
    """
    settings = desk.config.settings
    if settings.mail.key:
        return settings
    path = desk.home.var / NAME
    try:
        key = path.read_text("ascii") if path.exists() else _made(path)
    except (OSError, ValueError) as error:
        remedy = "Check its owner and mode, or restore it from a backup."
        raise ConfigError(
            "the key that signs unsubscribe addresses cannot be read or made.", file=str(path), remedy=remedy
        ) from error
    if len(key.strip()) < 32:
        raise ConfigError(
            "this is not the key it should be: it is too short.", file=str(path), remedy="Restore it from a backup."
        )
    return replace(settings, mail=replace(settings.mail, key=key.strip()))


def known(home: Home, settings: Settings) -> str | None:
    """Return the key as `signing` finds it, None where none was made yet: nothing is written. Raises OSError."""
    return beside(home, settings.mail.key)


def beside(home: Home, secret: str | None) -> str | None:
    """Return `secret`, else the key in `var/`; None where none was made yet, and nothing is written. Raises OSError."""
    path = home.var / NAME
    return secret or (path.read_text("ascii").strip() if path.exists() else None)


def _made(path: Path) -> str:
    """Make the key whole or not at all; when another process was faster, return its key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return path.read_text("ascii")
