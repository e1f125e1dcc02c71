"""The demo's publisher on loopback, and a sources.yaml that reads it and mails through the relay."""

import signal
from datetime import UTC, datetime
from pathlib import Path

from watcher.demo.publisher import Publisher

SPOOL = "    mode: spool\n"
SMTP = """\
    mode: smtp
    host: localhost
    port: 2525
    security: starttls
    username: veille
    ca_file: /etc/watcher/relay-ca.pem
"""


def main() -> None:
    """Serve until the machine is switched off."""
    with Publisher(now=datetime.now(UTC)) as publisher:
        text = publisher.sources_yaml()
        assert SPOOL in text
        Path("/relay/sources.yaml").write_text(text.replace(SPOOL, SMTP), "utf-8")
        signal.pause()


main()
