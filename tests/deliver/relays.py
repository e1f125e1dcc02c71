"""SMTP servers on loopback: a real one (aiosmtpd, with certificates made for the test) and one that misbehaves on cue."""

import asyncio
import socket
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from watcher.model import Delivery, DeliveryState, MailSettings

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
RAW = b"From: veille@obs.example\r\nTo: a@obs.example\r\nSubject: Veille\r\nMessage-ID: <12.a@obs.example>\r\n\r\nBonjour.\r\n"


def delivery(**changed: Any) -> Delivery:
    """Return a queued mail to a@obs.example, with what the test changes."""
    row: dict[str, Any] = {
        "id": 1,
        "edition_id": 1,
        "recipient_id": "r1",
        "address": "a@obs.example",
        "message_id": "<12.a@obs.example>",
        "raw": RAW,
        "state": DeliveryState.QUEUED,
    }
    return Delivery(**(row | changed))


@dataclass
class Inbox:
    """What a real server took: envelopes, in order, and the replies it gives instead of taking them."""

    taken: list[Envelope] = field(default_factory=list[Envelope])
    replies: dict[str, str] = field(default_factory=dict[str, str])
    logins: list[tuple[bytes, bytes]] = field(default_factory=list[tuple[bytes, bytes]])

    async def handle_RCPT(  # noqa: N802 (the server calls it so)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.replies:
            return self.replies[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (the server calls it so)
        if "DATA" in self.replies:
            return self.replies["DATA"]
        self.taken.append(envelope)
        return f"250 2.0.0 Ok: queued as {len(self.taken):04X}"

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"secret-42", handled=False)


@dataclass(frozen=True)
class Relay:
    """A real SMTP server, what it took, and the settings that reach it."""

    inbox: Inbox
    mail: MailSettings


class OnFreePort(Controller):
    """aiosmtpd's controller on a port that the system chooses."""

    port: int

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class RawRelay:
    """A server that says what it is told and counts what it hears.

    `script` maps a command (`CONNECT`, `EHLO`, `MAIL`, `RCPT`, `DATA`, `DOT`, `RSET`, `STARTTLS`) to a reply, or to `drop`,
    `reset` (RST), or `hang`. `limit` gives the number of times the script applies; afterwards all is well.
    """

    def __init__(self, script: dict[str, str], *, limit: int | None = None, extensions: tuple[str, ...] = ("SIZE",)) -> None:
        self.script = script
        self.limit = limit
        self.extensions = extensions
        self.heard: list[bytes] = []
        self.bodies: list[bytes] = []
        self.connections = 0
        self._said = ""
        self._released = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._released.set()
        self._listener.close()
        self._thread.join(timeout=5)

    @property
    def mail(self) -> MailSettings:
        return MailSettings(mode="smtp", sender="veille@obs.example", host="127.0.0.1", port=self.port, security="none")

    def _serve(self) -> None:
        while True:
            try:
                self._listener.settimeout(0.1)
                client, _ = self._listener.accept()
            except TimeoutError:
                if self._released.is_set():
                    return
                continue
            except OSError:
                return
            self.connections += 1
            with client:
                client.settimeout(10)
                try:
                    self._talk(client)
                except OSError:
                    continue

    def _talk(self, client: socket.socket) -> None:
        lines = client.makefile("rb")
        if not self._answer(client, "CONNECT", "220 relay"):
            return
        while line := lines.readline():
            self.heard.append(line)
            verb = line.split()[0].upper().decode("ascii", "replace") if line.split() else ""
            if verb == "DATA":
                if not self._answer(client, "DATA", "354 go"):
                    return
                if self._said.startswith("354"):
                    if not self._body(lines):
                        return
                    if not self._answer(client, "DOT", "250 2.0.0 queued as RAW"):
                        return
                continue
            usual = (
                "\r\n".join(["250-relay", *(f"250-{name}" for name in self.extensions), "250 HELP"])
                if verb == "EHLO"
                else "250 ok"
            )
            if not self._answer(client, verb, "221 bye" if verb == "QUIT" else usual) or verb == "QUIT":
                return

    def _body(self, lines: Any) -> bool:
        """Read one mail; False when the client left before the final dot."""
        body: list[bytes] = []
        while line := lines.readline():
            if line == b".\r\n":
                self.bodies.append(b"".join(body))
                return True
            body.append(line)
        return False

    def _answer(self, client: socket.socket, verb: str, usual: str) -> bool:
        """Say what the script wants, or `usual`; False when the connection is over."""
        act = self.script.get(verb)
        if act is not None and self.limit is not None:
            if self.limit == 0:
                act = None
            else:
                self.limit -= 1
        if act == "drop":
            return False
        if act == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            return False
        if act == "hang":
            self._released.wait(10)
            return False
        self._said = act or usual
        client.sendall(f"{self._said}\r\n".encode())
        return not (act or "").startswith("421")
