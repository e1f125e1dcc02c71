"""Read the secrets, which never stand in `sources.yaml`: from the environment, or from a credentials directory.

The directory is that of systemd's LoadCredential (`$CREDENTIALS_DIRECTORY`) or of any other keeper of files.
"""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from watcher.errors import ConfigError

MAX_BYTES = 64 << 10
_LOOKS_SECRET = re.compile(r"passw|secret|token|api_?key|credential|mot_de_passe|^pwd$|^database(_url)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What only the program may know; None where nothing is configured."""

    smtp_password: str | None = field(default=None, repr=False)
    database: str | None = field(default=None, repr=False)
    mail_key: str | None = field(default=None, repr=False)
    dkim_key: str | None = field(default=None, repr=False)


def read_secrets(env: Mapping[str, str]) -> Secrets:
    """Return WATCHER_SMTP_PASSWORD, WATCHER_DATABASE, WATCHER_MAIL_KEY and WATCHER_DKIM_KEY, else the files `smtp-password`,
    `database`, `mail-key` and `dkim-key` (PEM).

    The environment wins. Raises ConfigError for a file that anybody may read or write, that is unreadable or is no text.
    """
    folder = Path(env["CREDENTIALS_DIRECTORY"]) if env.get("CREDENTIALS_DIRECTORY") else None
    return Secrets(
        smtp_password=env.get("WATCHER_SMTP_PASSWORD") or _from_file(folder, "smtp-password"),
        database=env.get("WATCHER_DATABASE") or _from_file(folder, "database"),
        mail_key=env.get("WATCHER_MAIL_KEY") or _from_file(folder, "mail-key"),
        dkim_key=env.get("WATCHER_DKIM_KEY") or _from_file(folder, "dkim-key", lines=True),
    )


def secret_remedy(key: str) -> str | None:
    """Return what to do with a key of sources.yaml that looks like a secret, None when it does not."""
    if not _LOOKS_SECRET.search(key):
        return None
    if "database" in key.lower():
        return "Put it in WATCHER_DATABASE, or in the file `database` of $CREDENTIALS_DIRECTORY."
    return "Secrets never stand in this file: use WATCHER_SMTP_PASSWORD, or the file `smtp-password` of $CREDENTIALS_DIRECTORY."


def _from_file(folder: Path | None, name: str, *, lines: bool = False) -> str | None:
    if folder is None:
        return None
    path = folder / name
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o007:
                raise ConfigError(
                    f"anybody on this machine may open this secret (mode {mode:04o}).",
                    file=str(path),
                    remedy=f"`chmod 600 {path}`, and change the secret: it may have been read.",
                )
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"this secret cannot be read: {error.strerror}.", file=str(path), remedy="Check its owner.") from error
    return _text(data, path, lines=lines)


def _text(data: bytes, path: Path, *, lines: bool) -> str:
    cause = None
    try:
        text = data.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        text, cause = "", error
    if not text or len(data) > MAX_BYTES or any(ord(c) < 32 and not (lines and c in "\r\n") for c in text):
        problem = f"this secret is empty, or not {'UTF-8 text' if lines else 'one line of UTF-8 text'}."
        raise ConfigError(problem, file=str(path), remedy="Write it again.") from cause
    return text
