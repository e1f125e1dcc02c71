"""Tell systemd how the service is (sd_notify(3)): one datagram to the socket it names; nothing where there is none."""

import socket
import time
from collections.abc import Mapping


class Notifier:
    """Sends states to the socket at `address`; an empty address sends nothing. A leading `@` means an abstract socket."""

    def __init__(self, address: str = "") -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def ready(self, status: str) -> None:
        """Say that the service is up, or has reloaded, and what it does."""
        self._send("READY=1", _status(status))

    def reloading(self) -> None:
        """Say that what people edit is being read anew."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def alive(self, status: str) -> None:
        """Feed the watchdog, and say what the service does. To be called by nothing but a tick that ran."""
        self._send("WATCHDOG=1", _status(status))

    def stopping(self) -> None:
        """Say that the service is about to end."""
        self._send("STOPPING=1")

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way:
                way.setblocking(False)  # a reader that is asleep must not stop the loop
                way.sendto("\n".join(lines).encode(), self._address)
        except OSError:
            # Whoever should be told is gone. The watchdog then says so, and the service has its log.
            return


def watchdog_seconds(env: Mapping[str, str], pid: int) -> float | None:
    """Return how often systemd wants to hear from the process `pid` (sd_watchdog_enabled(3)), in seconds; None for never."""
    wanted = env.get("WATCHDOG_USEC", "")
    if not wanted.isdigit() or int(wanted) == 0 or env.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    return int(wanted) / 1_000_000


def _status(status: str) -> str:
    return "STATUS=" + " ".join(status.split())
