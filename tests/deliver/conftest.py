"""A real SMTP server for each test that asks, with certificates made for the occasion."""

import ssl
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller

from tests.deliver.relays import Inbox, OnFreePort, Relay
from watcher.model import MailSettings


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def start_relay(authority: trustme.CA, tmp_path: Path) -> Generator[Callable[..., Relay]]:
    """Return a function that starts a real server: start_relay(security=..., host=..., auth=...)."""
    started: list[Controller] = []
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))

    def start(security: str = "none", *, certificate_for: str = "localhost", auth: bool = False, trusted: bool = True) -> Relay:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(certificate_for).private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "relay.pem"))
        context.load_cert_chain(tmp_path / "relay.pem")
        inbox = Inbox()
        options: dict[str, Any] = {}
        if security == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        if security == "tls":
            options |= {"ssl_context": context, "auth_require_tls": False}
        if auth:
            options |= {"authenticator": inbox.authenticate, "auth_required": True}
        controller = OnFreePort(inbox, hostname="127.0.0.1", port=0, **options)
        controller.start()
        started.append(controller)
        mail = MailSettings(
            mode="smtp",
            sender="veille@obs.example",
            host="localhost",
            port=controller.port,
            security=security,
            username="veille" if auth else None,
            password="secret-42" if auth else None,
            ca_file=str(ca_file) if trusted else None,
        )
        return Relay(inbox=inbox, mail=mail)

    yield start
    for controller in started:
        controller.stop()
