"""Secrets: never in the file, never open to anybody, never in a message."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from watcher.config import Home, load
from watcher.errors import ConfigError, ConfigErrors

Refused = Callable[[str | bytes], tuple[ConfigError, ...]]
SMTP = "mail: {mode: smtp, host: mail.example.org, sender: v@example.org, username: veille}"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("  gap: 0", "  password: hunter2"),
        ("  gap: 0", "  mail: {password: hunter2}"),
        ("  gap: 0", "  database: postgresql://watcher:hunter2@db/watcher"),
        ("  gap: 0", "  proxy: http://watcher:hunter2@proxy.example.org/"),
        ("    name: NO", "    name: N\n    api_key: hunter2"),
        ("https://example.org/rss.xml", "https://reader:hunter2@example.org/rss.xml"),
        ("    title: Veille", "    mot_de_passe: hunter2\n    title: Veille"),
    ],
)
def test_no_secret_in_the_file(good: str, refused: Refused, right: str, wrong: str) -> None:
    """A secret in the file is refused with the remedy, and is not repeated in the message (row S01)."""
    (error,) = refused(good.replace(right, wrong))
    assert "ecrets never stand" in error.message or "WATCHER_DATABASE" in error.message
    assert "hunter2" not in error.message


def test_from_the_environment_or_a_file(home: Home, tmp_path: Path) -> None:
    """Secrets come from the environment first, else from the credentials directory; no representation shows them (row S01)."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    for name, text in (("smtp-password", "hunter2\n"), ("database", "postgresql://db/watcher")):
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o400)
    config = load(home, {"CREDENTIALS_DIRECTORY": str(folder), "WATCHER_DATABASE": "postgresql://other/watcher"})
    assert config.settings.mail.password == "hunter2"
    assert config.settings.database == "postgresql://other/watcher"
    assert "hunter2" not in repr(config)
    assert "postgresql" not in repr(config)


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o666, 0o601])
def test_open_to_anybody(home: Home, tmp_path: Path, mode: int) -> None:
    """A secret that anybody may read or write is refused, with the command that mends it (row Y09)."""
    path = tmp_path / "smtp-password"
    path.write_text("hunter2", encoding="utf-8")
    path.chmod(mode)
    with pytest.raises(ConfigErrors, match="`chmod 600 ") as caught:
        load(home, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert "hunter2" not in str(caught.value)
    path.chmod(0o640)
    assert load(home, {"CREDENTIALS_DIRECTORY": str(tmp_path)}).settings.mail.password == "hunter2"


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe", b"a\nb", b"a\0b", b"x" * 70_000])
def test_not_a_secret(home: Home, tmp_path: Path, data: bytes) -> None:
    """A secret file that holds no single line of text is refused."""
    (tmp_path / "database").write_bytes(data)
    (tmp_path / "database").chmod(0o600)
    with pytest.raises(ConfigErrors, match="one line of UTF-8"):
        load(home, {"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_a_login_needs_its_password(home: Home) -> None:
    """A user name without a password is refused where it stands, with what to set."""
    text = home.sources_yaml.read_text(encoding="utf-8").replace("gap: 0", SMTP)
    home.sources_yaml.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigErrors, match="Set WATCHER_SMTP_PASSWORD") as caught:
        load(home, {})
    assert (caught.value.line, caught.value.column) == (4, 79)
    assert load(home, {"WATCHER_SMTP_PASSWORD": "hunter2"}).settings.mail.username == "veille"


def test_unreadable(home: Home) -> None:
    """A file that may not be read is an error with its remedy, not an empty configuration (row Y09)."""
    home.sources_yaml.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65_534)  # root reads anything
    try:
        with pytest.raises(ConfigErrors, match="cannot be read"):
            load(home, {})
    finally:
        os.seteuid(user)
