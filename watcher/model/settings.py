"""The settings of an installation, as the stages see them."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimSettings:
    """The signature of our mails (RFC 6376): the domain that vouches for them, and the name of its key in the DNS."""

    domain: str
    selector: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """How mail leaves. `mode` is `spool` (one .eml file each) or `smtp`; `security` is `starttls`, `tls` or `none`.

    `on_unknown` is what happens to a mail whose hand-over was cut at the final dot: `resend` once, or `hold`. `inbound` is the
    address whose mail is handed to `watcher inbound`. `key` signs what comes back there, `dkim_key` (PEM) the mails themselves.
    """

    mode: str = "spool"
    sender: str = "veille@localhost"
    sender_name: str = "Veille"
    reply_to: str | None = None
    host: str = "localhost"
    port: int = 587
    security: str = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    on_unknown: str = "resend"
    inbound: str | None = None
    dkim: DkimSettings | None = None
    key: str = field(default="", repr=False)
    dkim_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The `settings:` of sources.yaml, joined with secrets from the environment or the credentials directory.

    `gap` is in seconds, between two requests to one origin. `excerpt` is the number of characters that may be quoted of one
    article in a mail. `allow_private` lists the networks (CIDR) that may be reached although they are not public. `listen` is
    where the service answers about its health; `admin` are the addresses of those who look after it.
    """

    contact: str = ""
    timezone: str = "Europe/Paris"
    gap: float = 2.0
    excerpt: int = 420
    keep_texts: timedelta = timedelta(days=730)
    keep_logs: timedelta = timedelta(days=30)
    allow_private: tuple[str, ...] = ()
    proxy: str | None = None
    database: str | None = field(default=None, repr=False)
    web_base_url: str | None = None
    listen: str = "127.0.0.1:8484"
    admin: tuple[str, ...] = ()
    mail: MailSettings = MailSettings()
