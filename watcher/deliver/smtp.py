"""Handing mails to an SMTP relay, one recipient per transaction, with the final dot under our control.

`smtplib` does the dialogue, but its `sendmail` sends the dot by itself, returns normally when some recipients were refused,
and cannot tell a relay that refused from one that vanished after the dot. So each command is given by hand.
"""

import re
import smtplib
import ssl
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from watcher.deliver import RelayError, UnansweredError
from watcher.deliver.wire import stuffed
from watcher.errors import DeliveryError
from watcher.model import Delivery, MailSettings

_REPLY_LIMIT = 300
_ADDRESS = re.compile(r"[^\s<>\"'(),:;]+@[^\s<>\"'(),:;]+")


class Smtp:
    """A connection to the relay of `mail`, opened at the first mail and kept for the next ones.

    `timeout` bounds each step in seconds; `data_timeout` the wait for the answer to the final dot, which RFC 5321
    (4.5.3.2.6) sets at ten minutes. With `starttls` or `tls` nothing but the greeting is said in clear: no downgrade, and
    the certificate must be the relay's, signed by a known authority (or by `ca_file`). `sender_of` gives the envelope sender
    of a mail, where it comes back to when it cannot be delivered; None: that of the settings, for all.
    """

    def __init__(
        self,
        mail: MailSettings,
        *,
        timeout: float = 60.0,
        data_timeout: float = 600.0,
        sender_of: Callable[[Delivery], str] | None = None,
    ) -> None:
        self._mail = mail
        self._sender_of = sender_of
        self._timeout = timeout
        self._data_timeout = data_timeout
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._smtp is not None:
            with suppress(OSError):  # every mail has its answer by now: a lost goodbye costs nothing
                self._smtp.docmd("QUIT")
        self._drop()

    def send(self, delivery: Delivery, before_final_dot: Callable[[], None]) -> str:
        """Hand `delivery.raw` over in one transaction and return the relay's reply, such as `250 2.0.0 Ok: queued as 4F2`.

        Raises RelayError, UnansweredError or DeliveryError as `Transport.send` says. The recipient's address is never part
        of a message.
        """
        address = _envelope_address(delivery.address)
        smtp = self._ready()
        try:
            with _errors_told(delivery.address):
                sender = self._sender_of(delivery) if self._sender_of else self._mail.sender
                smtp = self._envelope(smtp, sender, address, delivery.raw)
                smtp.send(stuffed(delivery.raw))
            before_final_dot()
        except _RefusedError:
            raise
        except BaseException:
            self._drop()  # half a mail may be on the wire: only closing takes it back
            raise
        code, reply = self._final_dot(smtp, delivery.address)
        if code >= 400:
            raise DeliveryError(f"The relay refused the mail: {reply}", code=code, transient=code < 500)
        return reply

    def _envelope(self, smtp: smtplib.SMTP, sender: str, address: str, raw: bytes) -> smtplib.SMTP:
        """Bring the dialogue to where the relay waits for the mail (354). Relays hang up on idle connections: try twice."""
        try:
            replies = _asked(smtp, sender, address, _options(smtp, address, raw))
            code, reply = next(replies)
        except OSError:  # which SMTPServerDisconnected is
            self._drop()
            smtp = self._ready()
            replies = _asked(smtp, sender, address, _options(smtp, address, raw))
            code, reply = next(replies)
        try:
            if code >= 500 and code != 552:  # 552: this mail is too large; anything else is about us, hence about every mail
                raise RelayError(f"The relay refuses our sender: {_line(code, reply)}", code=code, transient=False)
            _expect(smtp, code, reply, (250,), replies)
            _expect(smtp, *next(replies), (250, 251), replies)
            _expect(smtp, *next(replies), (354,), replies)
        finally:
            replies.close()
        return smtp

    def _final_dot(self, smtp: smtplib.SMTP, address: str) -> tuple[int, str]:
        """Send the final dot and return the answer. From here on, silence means that nobody knows."""
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(self._data_timeout)
            smtp.send(b".\r\n")
            code, reply = smtp.getreply()
            if smtp.sock is not None:
                smtp.sock.settimeout(self._timeout)
        except OSError as error:  # smtplib's own among them: an unreadable answer is no answer
            self._drop()
            raise UnansweredError(f"The relay did not answer the final dot ({type(error).__name__}).") from error
        if not (200 <= code < 300 or 400 <= code < 600):
            self._drop()
            raise UnansweredError(f"The relay gave no valid answer to the final dot: {_line(code, reply, address)}")
        if code == 421:
            self._drop()
        return code, _line(code, reply, address)

    def _ready(self) -> smtplib.SMTP:
        """Return a connection that is open, encrypted and logged in as the settings ask, or raise RelayError."""
        if self._smtp is not None:
            return self._smtp
        host = self._mail.host
        try:
            smtp = self._connect()
            try:
                self._secure(smtp)
                self._log_in(smtp)
            except BaseException:
                smtp.close()
                raise
        except ssl.SSLError as error:
            message = f"No trusted connection to {host}: {error.reason or error}. Nothing was sent."
            raise RelayError(message, transient=False) from error
        except smtplib.SMTPResponseException as error:
            message = f"{host} does not let us in: {_line(error.smtp_code, error.smtp_error, self._mail.username or '')}"
            raise RelayError(message, code=error.smtp_code, transient=error.smtp_code < 500) from error
        except OSError as error:
            raise RelayError(f"Cannot reach {host}:{self._mail.port}: {error}.") from error
        self._smtp = smtp
        return smtp

    def _connect(self) -> smtplib.SMTP:
        mail = self._mail
        if mail.username and mail.security == "none":
            message = "A password is set but `security` is `none`: it is not sent in clear. Use `starttls` or `tls`."
            raise RelayError(message, transient=False)
        domain = mail.sender.rpartition("@")[2]
        name = domain if "." in domain else "[127.0.0.1]"
        if mail.security == "tls":
            context = ssl.create_default_context(cafile=mail.ca_file)
            return smtplib.SMTP_SSL(mail.host, mail.port, local_hostname=name, timeout=self._timeout, context=context)
        return smtplib.SMTP(mail.host, mail.port, local_hostname=name, timeout=self._timeout)

    def _secure(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if self._mail.security != "starttls":
            return
        if not smtp.has_extn("starttls"):
            message = f"{self._mail.host} offers no STARTTLS: nothing was sent. Check the relay, or use `security: tls`."
            raise RelayError(message, transient=False)
        smtp.starttls(context=ssl.create_default_context(cafile=self._mail.ca_file))
        smtp.ehlo()

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        if self._mail.username:
            smtp.login(self._mail.username, self._mail.password or "")

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


class _RefusedError(DeliveryError):
    """A refusal that leaves the dialogue ready for the next mail."""


def _options(smtp: smtplib.SMTP, address: str, raw: bytes) -> list[str]:
    options = [f"SIZE={len(raw)}"] if smtp.has_extn("size") else []
    if not raw.isascii():
        if not smtp.has_extn("8bitmime"):
            raise _RefusedError("The relay takes no 8-bit mail (8BITMIME).", transient=False)
        options.append("BODY=8BITMIME")
    if not address.isascii():
        if not smtp.has_extn("smtputf8"):
            raise _RefusedError("The relay takes no accented addresses (SMTPUTF8).", transient=False)
        options.append("SMTPUTF8")
    return options


def _asked(smtp: smtplib.SMTP, sender: str, address: str, options: list[str]) -> Generator[tuple[int, bytes]]:
    """Yield the answers to MAIL, RCPT and DATA; all three are said at once where the relay allows it (RFC 2920)."""
    commands = (" ".join((f"mail FROM:<{sender}>", *options)), f"rcpt TO:<{address}>", "data")
    if smtp.has_extn("pipelining"):
        smtp.send("".join(f"{command}\r\n" for command in commands).encode())
        for _ in commands:
            yield smtp.getreply()
    else:
        for command in commands:
            smtp.send(f"{command}\r\n".encode())
            yield smtp.getreply()


def _expect(smtp: smtplib.SMTP, code: int, reply: bytes, wanted: tuple[int, ...], replies: Generator[tuple[int, bytes]]) -> None:
    if code in wanted:
        return
    if code == 421 or not 400 <= code < 600:  # the relay is leaving, or speaks another language
        raise DeliveryError(f"The relay ended the dialogue: {_line(code, reply)}", code=code)
    refusal = f"The relay refused the mail: {_line(code, reply)}"
    try:
        if smtp.has_extn("pipelining") and any(late == 354 for late, _ in replies):
            # It would take what comes next for a mail: only closing tells it that there is none.
            raise DeliveryError(refusal, code=code, transient=code < 500)
        smtp.rset()
    except OSError as error:
        raise DeliveryError(refusal, code=code, transient=code < 500) from error
    raise _RefusedError(refusal, code=code, transient=code < 500)


@contextmanager
def _errors_told(address: str) -> Generator[None]:
    """Turn what goes wrong before the final dot into our own errors: until then a mail is safe to send again."""
    try:
        yield
    except DeliveryError as error:
        error.message = _masked(error.message, address)
        error.args = (error.message,)
        raise
    except OSError as error:
        code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None
        raise DeliveryError(f"The dialogue broke off before the final dot: {_masked(str(error), address)}", code=code) from error


def _envelope_address(address: str) -> str:
    """Return `address` fit for RCPT TO: its domain in ASCII. Raises DeliveryError for what could carry a command."""
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or re.search(r"[\x00-\x20\x7f<>]", address):
        raise DeliveryError("The recipient's address is not one.", transient=False)
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise DeliveryError("The domain of the recipient's address cannot be written in ASCII.", transient=False) from error


def _line(code: int, reply: bytes | str, address: str = "") -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return _masked(re.sub(r"[\x00-\x20\x7f-\x9f]+", " ", f"{code} {text}").strip()[:_REPLY_LIMIT], address)


def _masked(line: str, address: str) -> str:
    """Hide the addresses in what a relay said: relays repeat them, and answers end up in logs."""
    if address and address.lower() in line.lower():
        line = re.sub(re.escape(address), "(recipient)", line, flags=re.IGNORECASE)
    return _ADDRESS.sub("(recipient)", line) if "@" in line else line
