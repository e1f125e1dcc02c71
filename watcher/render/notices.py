"""Notices to the administrator: alarms and the weekly report, as mails of two parts made from templates/admin/."""

from collections.abc import Mapping
from datetime import datetime
from email import policy
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from watcher.errors import ConfigError
from watcher.model import Message, Recipient, Settings
from watcher.render import safety, typography
from watcher.render.templates import Templates

KINDS = ("alarm", "report")


def notice(
    kind: str,
    key: str,
    recipient: Recipient,
    templates: Templates,
    settings: Settings,
    *,
    at: datetime,
    values: Mapping[str, object],
) -> Message:
    """Render the notice `key` of a kind (`alarm`, `report`) for one administrator, dated `at`. Pure.

    Raises ConfigError for a mistake in a template, or when the result would hold what a mail may not.
    """
    given = {**values, "zone": settings.timezone, "fine": typography.FINE, "at": at}
    page = f"admin/{kind}.html.j2"
    html = templates.html(page, **given)
    safety.check(html, file=templates.place(page))
    text = templates.text(f"admin/{kind}.txt.j2", **given).strip("\n") + "\n"
    subject = typography.one_line(templates.text(f"admin/{kind}-subject.txt.j2", **given))
    ident = sha256(f"{key}\0{recipient.id}".encode()).hexdigest()
    message_id = f"<administration.{ident[:24]}@{settings.mail.sender.rpartition('@')[2]}>"
    mail = EmailMessage(policy=policy.SMTP)
    try:
        mail["From"] = Address(display_name=_plain(settings.mail.sender_name), addr_spec=settings.mail.sender)
        mail["To"] = Address(addr_spec=recipient.address)
        mail["Subject"] = _plain(subject)
        mail["Date"] = format_datetime(at.astimezone(ZoneInfo(settings.timezone)))
        mail["Message-ID"] = message_id
        mail["Auto-Submitted"] = "auto-generated"
    except (HeaderParseError, ValueError) as error:
        raise ConfigError(f"an address or a name cannot stand in a mail: {error}.", file="sources.yaml") from error
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    mail.set_boundary(f"=_{ident[24:56]}")
    return Message(message_id=message_id, subject=subject, html=html, text=text, raw=mail.as_bytes())


def _plain(text: str) -> str:
    """Return `text` without what Python would decode into new headers (CVE-2024-6923)."""
    return typography.one_line(text).replace("=?", "= ?").replace("?=", "? =")
