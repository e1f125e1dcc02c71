"""Sign mails with our own key (DKIM, RFC 6376), for relays that do not do it: the only place that names dkimpy."""

from watcher.errors import ConfigError
from watcher.model import MailSettings

# Both List headers among them: a receiver believes a one-click way out only when it is signed (RFC 8058, 4).
SIGNED = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Id",
          "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted")  # fmt: skip


def signed(raw: bytes, mail: MailSettings) -> bytes:
    """Return `raw` with a DKIM-Signature before its header, or as it is when the settings ask for none.

    Raises ConfigError when the library is not installed, or the key cannot sign.
    """
    if mail.dkim is None:
        return raw
    try:
        import dkim
    except ModuleNotFoundError as error:
        remedy = "Install it with `pip install watcher[dkim]`, or remove `mail.dkim`."
        raise ConfigError("`mail.dkim` needs the library dkimpy.", file="sources.yaml", remedy=remedy) from error
    present = {line.partition(b":")[0].strip().lower() for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")}
    wanted = [name.encode() for name in SIGNED if name.lower().encode() in present]
    try:
        header = dkim.sign(
            raw,
            mail.dkim.selector.encode(),
            mail.dkim.domain.encode(),
            (mail.dkim_key or "").encode(),
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=wanted,
        )
    except dkim.DKIMException as error:
        remedy = "Write an RSA key in PEM to the credential `dkim-key`: `openssl genrsa 2048`."
        raise ConfigError(f"the DKIM key cannot sign: {error}.", file="dkim-key", remedy=remedy) from error
    return header + raw
