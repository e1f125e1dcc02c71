"""Read web and e-mail addresses as administrators write them.

Each function returns a value or raises the error of `words.wrong()`. No message repeats an e-mail address, or a web address
that holds a password: messages end in logs.
"""

import hashlib
import re
import unicodedata
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit, urlunsplit

from email_validator import EmailNotValidError, validate_email

from watcher.config.words import clip, wrong


def web_address(value: str) -> str:
    """Return an http or https address with a host, no user name or password, and no space."""
    text = value.strip()
    try:
        parts = urlsplit(text)
        host, port, userinfo = parts.hostname, parts.port, parts.username is not None or parts.password is not None
    except ValueError as error:
        raise wrong("this is not a web address.", "Write it as `https://host/path`.") from error
    if userinfo:
        raise wrong("the address holds a user name or a password.", "Secrets never stand here: remove what is before `@`.")
    if parts.scheme not in ("http", "https"):
        if "@" in text:
            raise wrong("this is not a web address.", "It must start with `https://`.")
        bare = not parts.scheme and "." in text
        remedy = f"Did you mean `https://{clip(text.lstrip('/'))}`?" if bare else "It must start with `https://`."
        raise wrong(f"`{clip(text)}` is not a web address.", remedy)
    if not host or port == 0 or not re.fullmatch(r"\[?[^\s/?#@\\<>\"'{}|^`]+\]?", parts.netloc):
        raise wrong(f"`{clip(text)}` names no host.", "Write it as `https://host/path`.")
    if any(c.isspace() or unicodedata.category(c) == "Cc" for c in text) or len(text) > 2000:
        raise wrong("the address holds a space or is too long.", "Write a space as `%20`.")
    return text


def base_address(value: str) -> str:
    """Return a web address that paths are added to: no query, no fragment, no slash at its end."""
    parts = urlsplit(web_address(value))
    if parts.query or parts.fragment:
        raise wrong("this address ends with a query or a fragment.", "Remove all from `?` or `#` on.")
    return urlunsplit(parts._replace(path=parts.path.rstrip("/")))


def mail_address(value: str) -> str:
    """Return an e-mail address in ASCII (RFC 5321; an international domain becomes its xn-- form). Asks no name server.

    `localhost` and names under `.test` are accepted beside public domains.
    """
    text = value.strip()
    local, at, domain = text.rpartition("@")
    # The validator refuses localhost as special; it is what a spool and a test server live on.
    stand_in = f"{local}@localhost.example" if domain.lower() == "localhost" else text
    try:
        checked = validate_email(stand_in, check_deliverability=False, allow_smtputf8=False, test_environment=True, strict=True)
    except EmailNotValidError as error:
        reason = "it has no `@`" if not at else _mail_reason(str(error))
        raise wrong(f"this is not an e-mail address: {reason}.", "Write it as `name@example.org`.") from error
    return f"{local}@localhost" if stand_in is not text else f"{checked.local_part}@{checked.ascii_domain}"


def contact(value: str) -> str:
    """Return an e-mail or web address in ASCII, as it is shown to publishers in the user agent; empty stays empty."""
    if not value.strip():
        return ""
    address = web_address(value) if value.strip().lower().startswith(("http:", "https:")) else mail_address(value)
    if not address.isascii():
        raise wrong("the contact must be in ASCII.", "Write the host in its xn-- form.")
    return address


def domain(value: str) -> str:
    """Return a domain, or a name below one, in ASCII and lower case (RFC 1035: letters, digits, hyphens and dots)."""
    text = value.strip().rstrip(".").lower()
    if not re.fullmatch(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*", text) or len(text) > 253:
        raise wrong(f"`{clip(value)}` is not a domain name.", "Write it as `example.org`; accents in their xn-- form.")
    return text


def recipient_id(address: str) -> str:
    """Return the opaque id of a person: the first 16 hex digits of the SHA-256 of the address in lower case."""
    return hashlib.sha256(address.casefold().encode()).hexdigest()[:16]


def network(value: str) -> str:
    """Return a network in CIDR notation (RFC 4632)."""
    try:
        return str(ip_network(value.strip()))
    except ValueError as error:
        raise wrong(f"`{clip(value)}` is not a network.", "Write it in CIDR notation: `127.0.0.0/8`, `10.1.2.3/32`.") from error


def listening(value: str) -> str:
    """Return an address of this machine's loopback and a port (0: any that is free), as `127.0.0.1:8484` or `[::1]:8484`."""
    host, colon, port = value.strip().rpartition(":")
    try:
        inside = ip_address(host.strip("[]")).is_loopback
    except ValueError:
        inside = host == "localhost"
    if not colon or not port.isdecimal() or int(port) > 65535 or not inside:
        remedy = "Write it as `127.0.0.1:8484`; a reverse proxy in front of it serves others."
        raise wrong(f"`{clip(value)}` is not an address of this machine alone and a port.", remedy)
    return f"{host}:{int(port)}"


def _mail_reason(message: str) -> str:
    """Return the validator's sentence without the parts it quotes: an address may end in a log."""
    return re.sub(r": .*", "", message, flags=re.DOTALL).rstrip(".").lower()
