"""A relay with STARTTLS and AUTH on 127.0.0.1:2525 that keeps what it takes in /relay/mail.txt."""

import signal
import ssl
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

FOLDER = Path("/relay")
PASSWORD = Path("/package/smtp-password").read_bytes().strip()


class Inbox:
    """Takes every mail, and writes one line about each."""

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (the server calls it so)
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        with (FOLDER / "mail.txt").open("a", encoding="utf-8") as file:
            encrypted = "TLS" if session.ssl else "in clear"
            file.write(f"{mail['Subject']} ({len(content)} bytes, {encrypted}, logged in: {session.authenticated})\n")
        return "250 2.0.0 Ok: queued"


def authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    """Let in whoever knows the password of the credential."""
    return AuthResult(success=isinstance(data, LoginPassword) and data.password == PASSWORD)


def main() -> None:
    """Serve until the machine is switched off."""
    FOLDER.mkdir(exist_ok=True)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(FOLDER / "ca.pem"))
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(FOLDER / "relay.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FOLDER / "relay.pem")
    options: dict[str, Any] = {
        "tls_context": context,
        "require_starttls": True,
        "authenticator": authenticate,
        "auth_required": True,
    }
    Controller(Inbox(), hostname="127.0.0.1", port=2525, **options).start()
    (FOLDER / "ready").write_text("ready", "utf-8")
    signal.pause()


main()
