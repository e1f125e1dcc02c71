"""What systemd is told, over a real datagram socket."""

import socket
from pathlib import Path

import pytest

from watcher.service.notify import Notifier, watchdog_seconds


@pytest.mark.parametrize("abstract", [False, True], ids=["file", "abstract"])
def test_the_states_of_a_life_are_told(tmp_path: Path, abstract: bool) -> None:
    """READY, RELOADING with its instant, WATCHDOG, STOPPING, each one datagram; the status is one line (sd_notify(3))."""
    address = f"@{tmp_path}/notify" if abstract else f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind("\0" + address[1:] if abstract else address)
        ear.settimeout(2)
        notifier = Notifier(address)
        notifier.ready("3 sources;\nall well")
        notifier.reloading()
        notifier.alive("3 sources")
        notifier.stopping()
        heard = [ear.recv(4096).decode() for _ in range(4)]
    assert heard[0] == "READY=1\nSTATUS=3 sources; all well"
    assert heard[1].startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert heard[2:] == ["WATCHDOG=1\nSTATUS=3 sources", "STOPPING=1"]


def test_nobody_to_tell_is_no_failure(tmp_path: Path) -> None:
    """Without systemd, or once its socket is gone, telling does nothing."""
    Notifier("").ready("alone")
    Notifier(f"{tmp_path}/gone").alive("alone")


def test_the_watchdog_asks_this_process_alone() -> None:
    """WATCHDOG_USEC counts for the process that WATCHDOG_PID names (sd_watchdog_enabled(3))."""
    assert watchdog_seconds({"WATCHDOG_USEC": "60000000"}, 7) == 60
    assert watchdog_seconds({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "7"}, 7) == 60
    assert watchdog_seconds({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "8"}, 7) is None
    assert watchdog_seconds({}, 7) is None
    assert watchdog_seconds({"WATCHDOG_USEC": "soon"}, 7) is None
