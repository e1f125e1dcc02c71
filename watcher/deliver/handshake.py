"""Greet the relay as a mail would (EHLO, STARTTLS, AUTH), and hang up: nothing is sent."""

from dataclasses import dataclass

from watcher.deliver.smtp import Smtp
from watcher.model import MailSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """What a relay offered once the connection was encrypted and logged in as the settings ask."""

    extensions: tuple[str, ...]
    logged_in: bool


class _Greeter(Smtp):
    def greet(self) -> tuple[str, ...]:
        smtp = self._ready()
        smtp.noop()
        return tuple(sorted(name.lower() for name in smtp.esmtp_features))


def greet(mail: MailSettings, *, timeout: float = 15.0) -> Greeting:
    """Return what the relay of `mail` offers; `timeout` in seconds bounds each step. Raises RelayError."""
    with _Greeter(mail, timeout=timeout) as relay:
        extensions = relay.greet()
    return Greeting(extensions=extensions, logged_in=bool(mail.username))
