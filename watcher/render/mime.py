"""A mail as bytes: headers on an allow list, two readable parts, the same bytes whenever it is built again."""

import re
from binascii import b2a_qp
from dataclasses import dataclass
from email import policy
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote
from zoneinfo import ZoneInfo

from watcher import tokens
from watcher.errors import ConfigError
from watcher.model import Edition, Recipient, Settings
from watcher.render.typography import one_line

ALLOWED = frozenset({
    "auto-submitted", "content-type", "date", "from", "list-id", "list-unsubscribe", "list-unsubscribe-post", "message-id",
    "mime-version", "reply-to", "subject", "to",
})  # fmt: skip
_UNFOLDED = frozenset(("list-unsubscribe", "list-unsubscribe-post", "list-id", "message-id"))
# RFC 5322 (2.1.1) lets no line be longer.
_LONGEST = 998
_SHORT = policy.SMTP.clone(max_line_length=76)
_LONG = policy.SMTP.clone(max_line_length=_LONGEST)
_PIECE = 40  # lines
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What identifies the mail of one edition to one recipient, for ever the same (RFC 5322, 3.6.4; RFC 2369).

    `unsubscribe` is what the reader is shown; `leave` all the ways out that programs are told, with `one_click` (RFC 8058) when
    the first of them is an https address.
    """

    message_id: str
    unsubscribe: str
    leave: tuple[str, ...]
    one_click: bool
    boundary: str


def envelope(edition: Edition, recipient: Recipient, settings: Settings) -> Envelope:
    """Derive the Message-ID, the ways to unsubscribe and the MIME boundary from the edition's name and the recipient."""
    mail = settings.mail
    name = _token(f"{edition.digest}.{edition.period.key}")[:80].strip(".-")
    digest = sha256("\0".join((edition.digest, edition.period.key, recipient.id)).encode()).hexdigest()
    token = tokens.unsubscribe(mail.key, list_of(edition.digest), recipient.id)
    address = _tagged(mail.inbound, f"u{token}") if mail.inbound else mail.sender
    subject = quote(f"unsubscribe {token}")
    by_mail = f"mailto:{quote(_ascii(address), safe='@+')}?subject={subject}"
    # A page without TLS must not be offered for one click, and one click is what programs make of a web address.
    on_the_web = (settings.web_base_url or "").startswith("https://")
    page = f"{settings.web_base_url}/unsubscribe/{token}"
    return Envelope(
        message_id=f"<{name}.{digest[:16]}@{_domain(mail.sender)}>",
        unsubscribe=page if on_the_web else by_mail,
        leave=(page, by_mail) if on_the_web else (by_mail,),
        one_click=on_the_web,
        boundary=f"=_{digest[16:48]}",
    )


def list_of(digest: str) -> str:
    """Return the digest that an edition belongs to: `veille` for `veille.daily`, which is the same list more often."""
    return digest.partition(".")[0]


def build(edition: Edition, recipient: Recipient, settings: Settings, *, subject: str, html: str, text: str) -> bytes:
    """Return the whole mail (RFC 5322) with `text` and `html` as alternatives, in quoted-printable, CRLF line ends.

    Date, Message-ID and boundary derive from the edition and the recipient. The result is parsed back: raises ConfigError
    when it holds any header that was not meant (row E06).
    """
    known = envelope(edition, recipient, settings)
    head = _head(edition, recipient, settings, subject, known)
    between = f"\r\n--{known.boundary}\r\n".encode()
    kind = f'Content-Type: multipart/alternative; boundary="{known.boundary}"\r\n'.encode()
    end = f"\r\n--{known.boundary}--\r\n".encode()
    raw = b"".join((head, kind, between, _part("plain", text), between, _part("html", html), end))
    _check(raw)
    return raw


def _head(edition: Edition, recipient: Recipient, settings: Settings, subject: str, known: Envelope) -> bytes:
    """Return the header fields but Content-Type, each ended by CRLF."""
    mail = settings.mail
    try:
        fields = [
            _field("From", str(Address(display_name=_phrase(mail.sender_name), addr_spec=_ascii(mail.sender)))),
            _folded("To", str(_to(recipient))),
            _field("Reply-To", str(Address(addr_spec=_ascii(mail.reply_to)))) if mail.reply_to else b"",
            _field("Subject", _phrase(subject)),
            _field("Date", format_datetime(edition.cutoff.astimezone(ZoneInfo(settings.timezone)))),
            _folded("Message-ID", known.message_id),
            _field("List-Id", f"<{_token(list_of(edition.digest))}.{_domain(mail.sender)}>"),
            _folded("List-Unsubscribe", ", ".join(f"<{way}>" for way in known.leave)),
            _field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click") if known.one_click else b"",
            _field("Auto-Submitted", "auto-generated"),
            _field("MIME-Version", "1.0"),
        ]
    except (HeaderParseError, ValueError) as error:
        raise ConfigError(f"an address or a name cannot stand in a mail: {error}.", file="sources.yaml") from error
    return b"".join(fields)


def _part(subtype: str, content: str) -> bytes:
    """Return one alternative: its header, and its body as text in quoted-printable (RFC 2045, 6.7)."""
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    lines = content.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n") + "\n"
    return head.encode() + quoted_printable(lines).replace(b"\n", b"\r\n")


def quoted_printable(content: str) -> bytes:
    """Return `content`, whose lines all end in LF, in quoted-printable (RFC 2045, 6.7): no line depends on another one.

    The mails of an edition share all of their lines but a few: pieces that were encoded for one are kept for the next.
    """
    lines = content.removesuffix("\n").split("\n")
    return b"".join(_encoded("\n".join(lines[at : at + _PIECE])) for at in range(0, len(lines), _PIECE))


@lru_cache(maxsize=256)
def _encoded(lines: str) -> bytes:
    return b2a_qp(f"{lines}\n".encode(), istext=True)


def _folded(name: str, value: str) -> bytes:
    """Return one header field, folded at 76 columns, but for those that programs read: encoded, they would mean nothing."""
    if name.lower() in _UNFOLDED:
        if _PLAIN.fullmatch(value) and len(name) + len(value) + 2 <= _LONGEST:
            return f"{name}: {value}\r\n".encode()
        return _LONG.fold_binary(name, _LONG.header_store_parse(name, value)[1])
    return _SHORT.fold_binary(name, _SHORT.header_store_parse(name, value)[1])


# The fields that all the mails of an edition share: the library takes a millisecond to parse and fold each.
_field = lru_cache(maxsize=32)(_folded)


def _check(raw: bytes) -> None:
    """Parse the header back, and nothing else: the bodies are a hundred times as long."""
    head = raw.partition(b"\r\n\r\n")[0]
    names = [name.lower() for name in BytesHeaderParser(policy=policy.compat32).parsebytes(head + b"\r\n\r\n")]
    odd = sorted({name for name in names if name not in ALLOWED or names.count(name) > 1})
    if odd:
        message = f"the headers {', '.join(odd)} got into a mail."
        raise ConfigError(message, file="sources.yaml", remedy="Look for odd characters in titles, names and addresses.")


def _tagged(address: str, tag: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}+{tag}@{domain}"


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
