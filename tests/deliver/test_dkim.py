"""Mails signed by ourselves."""

import subprocess

import dkim as library
import pytest

from tests.deliver.relays import RAW
from watcher.deliver import dkim
from watcher.errors import ConfigError
from watcher.model import DkimSettings, MailSettings

MAIL = RAW.replace(
    b"\r\n\r\n",
    b"\r\nList-Unsubscribe: <https://veille.example/unsubscribe/" + b"a" * 120 + b">\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\n",
    1,
)


@pytest.fixture(scope="module")
def key() -> str:
    """Return a private key in PEM, made for these tests."""
    command = ["openssl", "genrsa", "2048"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def published(key: str) -> bytes:
    """Return the DNS record of the key."""
    command = ["openssl", "rsa", "-pubout"]
    pem = subprocess.run(command, input=key, capture_output=True, text=True, check=True).stdout
    return b"v=DKIM1; k=rsa; p=" + "".join(pem.splitlines()[1:-1]).encode()


def settings(key: str | None) -> MailSettings:
    return MailSettings(dkim=DkimSettings(domain="obs.example", selector="veille"), dkim_key=key)


def test_a_signed_mail_is_believed(key: str) -> None:
    """A receiver that looks the key up finds the signature right, and both List headers under it (row E08)."""
    asked: list[bytes] = []

    def dns(name: bytes, **_: object) -> bytes:
        asked.append(name)
        return published(key)

    raw = dkim.signed(MAIL, settings(key))
    assert raw.endswith(MAIL)
    assert library.verify(raw, dnsfunc=dns)
    assert asked == [b"veille._domainkey.obs.example."]
    covered = raw.partition(b"h=")[2].partition(b";")[0].lower().replace(b"\r\n", b"").replace(b" ", b"").split(b":")
    assert {b"list-unsubscribe", b"list-unsubscribe-post", b"from", b"to", b"subject", b"date", b"message-id"} & set(covered) >= {
        b"list-unsubscribe",
        b"list-unsubscribe-post",
        b"from",
    }


@pytest.mark.parametrize(
    "change", [(b"Bonjour", b"Bonsoir"), (b"One-Click", b"Two-Click"), (b"Subject: Veille", b"Subject: Autre")]
)
def test_a_changed_mail_is_not(key: str, change: tuple[bytes, bytes]) -> None:
    """Body, subject and the one-click header are under the signature (row E08)."""
    raw = dkim.signed(MAIL, settings(key)).replace(*change)

    def dns(_name: bytes, **_: object) -> bytes:
        return published(key)

    assert not library.verify(raw, dnsfunc=dns)


def test_without_the_setting_nothing_is_signed() -> None:
    """Most relays sign by themselves: the bytes stay as they are."""
    assert dkim.signed(MAIL, MailSettings()) == MAIL


@pytest.mark.parametrize("key", [None, "", "no key at all"])
def test_a_key_that_cannot_sign_is_told(key: str | None) -> None:
    """The mistake names the credential and how to make one; the key is not in the message."""
    with pytest.raises(ConfigError, match="dkim-key") as caught:
        dkim.signed(MAIL, settings(key))
    assert "no key at all" not in str(caught.value)
