"""A mail as bytes: headers on an allow list, two readable parts, the same bytes whenever it is built again."""

import re
from dataclasses import dataclass
from email import policy
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import EmailPolicy
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import quote
from zoneinfo import ZoneInfo

from watcher.errors import ConfigError
from watcher.model import Edition, Recipient, Settings
from watcher.render.typography import one_line

ALLOWED = frozenset({
    "auto-submitted", "content-type", "date", "from", "list-id", "list-unsubscribe", "message-id", "mime-version", "reply-to",
    "subject", "to",
})  # fmt: skip
_UNFOLDED = frozenset(("list-unsubscribe", "list-id", "message-id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What identifies the mail of one edition to one recipient, for ever the same (RFC 5322, 3.6.4; RFC 2369)."""

    message_id: str
    unsubscribe: str
    boundary: str


def envelope(edition: Edition, recipient: Recipient, settings: Settings) -> Envelope:
    """Derive the Message-ID, the unsubscribe address and the MIME boundary from the edition's name and the recipient."""
    sender = settings.mail.sender
    name = _token(f"{edition.digest}.{edition.period.key}")
    digest = sha256("\0".join((edition.digest, edition.period.key, recipient.id)).encode()).hexdigest()
    subject = quote(f"unsubscribe {edition.digest} {recipient.id}")
    return Envelope(
        message_id=f"<{name}.{digest[:16]}@{_domain(sender)}>",
        unsubscribe=f"mailto:{quote(_ascii(sender), safe='@')}?subject={subject}",
        boundary=f"=_{digest[16:48]}",
    )


def build(edition: Edition, recipient: Recipient, settings: Settings, *, subject: str, html: str, text: str) -> bytes:
    """Return the whole mail (RFC 5322) with `text` and `html` as alternatives, in quoted-printable, CRLF line ends.

    Date, Message-ID and boundary derive from the edition and the recipient. The result is parsed back: raises ConfigError
    when it holds any header that was not meant (row E06).
    """
    mail, known = settings.mail, envelope(edition, recipient, settings)
    message = EmailMessage(policy=policy.SMTP.clone(max_line_length=76))
    try:
        message["From"] = Address(display_name=_phrase(mail.sender_name), addr_spec=_ascii(mail.sender))
        message["To"] = _to(recipient)
        if mail.reply_to:
            message["Reply-To"] = Address(addr_spec=_ascii(mail.reply_to))
        message["Subject"] = _phrase(subject)
        message["Date"] = format_datetime(edition.cutoff.astimezone(ZoneInfo(settings.timezone)))
        message["Message-ID"] = known.message_id
        message["List-Id"] = f"<{_token(edition.digest)}.{_domain(mail.sender)}>"
        message["List-Unsubscribe"] = f"<{known.unsubscribe}>"
        message["Auto-Submitted"] = "auto-generated"
    except (HeaderParseError, ValueError) as error:
        raise ConfigError(f"an address or a name cannot stand in a mail: {error}.", file="sources.yaml") from error
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message.set_boundary(known.boundary)
    for part in message.iter_parts():
        del part["MIME-Version"]
    raw = message.as_bytes(policy=_Folding(max_line_length=76, linesep="\r\n"))
    _check(raw)
    return raw


class _Folding(EmailPolicy):
    """Folds headers at 76 columns, but leaves those that programs read on one line: encoded, they would mean nothing."""

    def fold_binary(self, name: str, value: str) -> bytes:
        width = 998 if name.lower() in _UNFOLDED else self.max_line_length
        return policy.SMTP.clone(max_line_length=width).fold_binary(name, value)


def _check(raw: bytes) -> None:
    names = [name.lower() for name in BytesHeaderParser(policy=policy.compat32).parsebytes(raw)]
    odd = sorted({name for name in names if name not in ALLOWED or names.count(name) > 1})
    if odd:
        message = f"the headers {', '.join(odd)} got into a mail."
        raise ConfigError(message, file="sources.yaml", remedy="Look for odd characters in titles, names and addresses.")


def _to(recipient: Recipient) -> Address | str:
    if not recipient.address.rpartition("@")[0].isascii():
        return "undisclosed-recipients:;"  # an accented local part has no form in a 7-bit header; the envelope knows it
    return Address(display_name=_phrase(recipient.name or ""), addr_spec=_ascii(recipient.address))


def _phrase(text: str) -> str:
    """Return `text` fit for a header: one line, and no `=?` that Python would decode into new headers (CVE-2024-6923)."""
    return re.sub(r"=(?=\?)|(?<=\?)=", "= ", one_line(text).replace("\u202f", "\u00a0"))


def _token(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip(".-").lower() or "digest"


def _domain(address: str) -> str:
    return _ascii(address).rpartition("@")[2]


def _ascii(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return local + at + (domain if domain.isascii() else domain.encode("idna").decode("ascii"))
