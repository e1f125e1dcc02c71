"""The commands around the service: status tells of it, reload hands edits over, review knows what is late."""

import json
import os
import shutil
import signal
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import SOURCES, Shell
from watcher.config import Home
from watcher.schedule import DAYS
from watcher.service import lock
from watcher.store import Store, kept, service
from watcher.store.service import Alarm, Heartbeat

MANY = "".join(f"  - {{id: s{n}, kind: feed, name: S, url: https://s{n}.example/flux}}\n" for n in range(9))


def store(home: Path) -> Store:
    """Open the store of a home."""
    return Store.open(Home(home).database_url)


def leave(home: Path, sign: Heartbeat) -> None:
    """Leave a sign of life of a service in the store of a home."""
    opened = store(home)
    opened.write(lambda tx: service.beat(tx, sign))
    opened.close()


def test_status_tells_of_the_service_and_what_is_wrong(home: Path, shell: Shell) -> None:
    """One screen: whether the service runs, what it says is wrong, alarms, what comes next, disk and versions."""
    code, out, _ = shell("status")
    assert code == 0
    assert "Service: never ran here." in out
    now = datetime.now(UTC)
    sign = Heartbeat(beat_at=now, started_at=now, pid=7, host="h", program="1", problems={"clock": "The clock is wrong."})
    with_alarm = store(home)
    with_alarm.write(lambda tx: service.beat(tx, sign))
    with_alarm.write(lambda tx: service.raise_alarms(tx, [Alarm(kind="failing", subject="dares", since=now, detail="http_503")]))
    code, out, _ = shell("status")
    # On another machine, whose lock is not seen from here, signs of life tell.
    assert "Service: runs since " in out
    assert "(process 7 on h)" in out
    assert "  The clock is wrong." in out
    assert "  alarm: failing dares since " in out
    assert "; next " in out
    assert " GiB free. watcher " in out
    with_alarm.write(
        lambda tx: service.beat(tx, Heartbeat(beat_at=now - timedelta(hours=2), started_at=now, pid=7, host="h", program="1"))
    )
    with_alarm.close()
    assert "Service: last seen " in shell("status")[1]
    told = json.loads(shell("status", "--json")[1])
    assert told["alarms"][0]["kind"] == "failing"
    assert told["service"]["pid"] == 7
    assert told["digests"][0]["next_at"]
    assert told["disk_free"] > 0


def test_reload_says_what_changes_and_wants_a_big_loss_confirmed(home: Path, shell: Shell) -> None:
    """More than a fifth of the sources gone is refused with exit code 3 until confirmed; then it is kept (row Y02)."""
    (home / "sources.yaml").write_text(SOURCES.replace("digests:", f"{MANY}digests:"), "utf-8")
    code, out, _ = shell("reload", "--confirm")
    assert code == 0
    assert "11 sources, 1 digest: everything is in order." in out
    assert "No service runs here" in out
    (home / "sources.yaml").write_text(SOURCES, "utf-8")
    code, _, err = shell("reload")
    assert code == 3
    assert "9 of 11 sources would vanish" in err
    assert "watcher reload --confirm" in err
    code, out, _ = shell("reload", "--confirm", "--json")
    assert code == 0
    assert len(json.loads(out)["removed"]) == 9
    opened = store(home)
    version = opened.read(kept.last)
    opened.close()
    assert version is not None
    assert version.files["sources.yaml"] == SOURCES.encode()
    assert shell("reload")[0] == 0


def test_reload_of_a_broken_file_names_the_place(home: Path, shell: Shell) -> None:
    """A file that cannot be used is refused with file, line and remedy, and nothing is kept."""
    (home / "sources.yaml").write_text(SOURCES.replace("kind: feed", "kind: feeed", 1), "utf-8")
    code, _, err = shell("reload")
    assert code == 3
    assert "sources.yaml:4:" in err


def test_reload_wakes_the_service_that_runs(home: Path, shell: Shell) -> None:
    """The service of the home, and no other process, is sent SIGHUP."""
    heard: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _: heard.append(number))
    try:
        with lock.alone(home / "var", datetime.now(UTC)):
            code, out, _ = shell("reload")
    finally:
        signal.signal(signal.SIGHUP, before)
    assert code == 0
    assert f"The service (process {os.getpid()}) takes it now." in out
    assert heard == [signal.SIGHUP]


def test_a_second_run_is_refused(home: Path, shell: Shell) -> None:
    """`watcher run` beside a running service ends with exit code 1 and names it (row P01)."""
    with lock.alone(home / "var", datetime.now(UTC)):
        code, _, err = shell("run")
    assert code == 1
    assert f"runs already: process {os.getpid()} on " in err


def test_a_late_edition_is_reviewed(home: Path, shell: Shell) -> None:
    """An edition that is too late is listed with its two commands, and let be by one of them (row T02)."""
    opened = store(home)
    opened.write(lambda tx: service.join_digests(tx, ["veille"], datetime.now(UTC) - timedelta(days=60)))
    opened.close()
    four_days_ago = DAYS[(datetime.now(UTC).weekday() - 4) % 7]
    (home / "sources.yaml").write_text(SOURCES.replace("title: Veille", f"title: Veille, day: {four_days_ago}"), "utf-8")
    late = json.loads(shell("status", "--json")[1])["digests"][0]
    assert late["held"]
    period = late["latest_period"]
    _, out, _ = shell("review")
    assert f"`watcher digest send veille --week {period}` sends it" in out
    assert "1 late edition" in shell("status")[1]
    code, out, _ = shell("review", "reject", "veille")
    assert code == 0
    assert f"veille {period} is not sent" in out
    assert shell("review")[1] == "Nothing waits for a decision.\n"


def test_status_says_at_once_that_the_service_is_dead(home: Path, shell: Shell) -> None:
    """A service that was killed a second ago does not run, whatever its last sign of life says: the kernel knows (row P01)."""
    now = datetime.now(UTC)
    sign = Heartbeat(beat_at=now, started_at=now, pid=os.getpid(), host=socket.gethostname(), program="1")
    leave(home, sign)
    with lock.alone(home / "var", now):
        assert "Service: runs since " in shell("status")[1]
        assert json.loads(shell("status", "--json")[1])["service_runs"] is True
    assert "Service: does not run, last seen " in shell("status")[1]
    assert json.loads(shell("status", "--json")[1])["service_runs"] is False


def test_status_names_the_process_that_holds_the_lock(home: Path, shell: Shell) -> None:
    """The process is the one that runs, not the one that left the last sign of life; a clock behind that is told (row T03)."""
    now = datetime.now(UTC)
    ahead = now + timedelta(days=3)
    sign = Heartbeat(beat_at=ahead, started_at=now - timedelta(days=9), pid=7, host=socket.gethostname(), program="1")
    leave(home, sign)
    with lock.alone(home / "var", now):
        out = shell("status")[1]
        told = json.loads(shell("status", "--json")[1])
    assert f"(process {os.getpid()} on {socket.gethostname()})" in out
    assert "process 7 " not in out
    assert f"  The clock shows {now:%Y-%m-%dT%H:%M}" in out
    assert told["service_process"] == os.getpid()
    assert f"earlier than {ahead:%Y-%m-%dT%H:%M}" in told["service"]["problems"]["clock"]
    code, out, _ = shell("doctor")
    assert code == 1
    assert f"CURE  clock: It shows {now:%Y-%m-%d}" in out


def test_a_problem_of_several_lines_is_indented_whole(home: Path, shell: Shell) -> None:
    """Every line of what is wrong stands under the service."""
    now = datetime.now(UTC)
    problems = {"configuration": "sources.yaml:1:1: no key.\nsources.yaml:2:1: no text."}
    leave(home, Heartbeat(beat_at=now, started_at=now, pid=7, host="h", program="1", problems=problems))
    lines = shell("status")[1].splitlines()
    assert "  sources.yaml:1:1: no key." in lines
    assert "  sources.yaml:2:1: no text." in lines


def test_reload_says_what_takes_a_restart(home: Path, shell: Shell) -> None:
    """A new `service.listen` is named where a service runs, and nowhere else."""
    assert shell("reload", "--confirm")[0] == 0
    other = "  service: {listen: 127.0.0.1:8485}\nsources:"
    (home / "sources.yaml").write_text(SOURCES.replace("sources:", other, 1), "utf-8")
    with lock.deaf_to_hangups(), lock.alone(home / "var", datetime.now(UTC)):
        _, out, _ = shell("reload")
        told = json.loads(shell("reload", "--json")[1])
    assert "a new `service.listen` takes a restart" in out
    assert told["restart"] == ["service.listen"]
    assert "takes a restart" not in shell("reload")[1]


@pytest.mark.parametrize("words", [("status",), ("status", "--json"), ("outbox",), ("sources", "list")])
def test_a_mistake_in_sources_yaml_blinds_nobody(home: Path, shell: Shell, words: tuple[str, ...]) -> None:
    """What only looks goes on with the last good version, as the service does, and says the mistake (row Y09)."""
    assert shell("reload", "--confirm")[0] == 0
    _, before, _ = shell(*words)
    for broken in (True, False):
        if broken:
            (home / "sources.yaml").write_text("sources: [", "utf-8")
        else:
            (home / "sources.yaml").unlink()
        code, out, err = shell(*words)
        assert (code, len(out.splitlines())) == (0, len(before.splitlines()))
        assert "running on the last good version of what is edited, of 20" in err
        assert f"{home / 'sources.yaml'}:" in err


def test_the_doctor_comes_to_a_home_whose_sources_yaml_is_gone(home: Path, shell: Shell) -> None:
    """What is gone is one finding, and the rest is looked at; where there never was a home, that is all there is to say."""
    shell("status")
    (home / "sources.yaml").unlink()
    code, out, _ = shell("doctor")
    assert code == 1
    assert "CURE  configuration: " in out
    assert "sources.yaml" in out
    assert "well  database: Every page is good" in out
    shutil.rmtree(home / "var")
    assert shell("doctor")[0] == 3


def test_a_mistake_before_anything_was_good_is_an_error(home: Path, shell: Shell) -> None:
    """With nothing to fall back on, the mistake is all there is to say; no database is made."""
    (home / "sources.yaml").write_text("sources: [", "utf-8")
    assert shell("status")[0] == 3
    assert not (home / "var" / "watcher.db").exists()


def test_mail_that_is_held_is_said_where_people_look(home: Path, shell: Shell) -> None:
    """After a restore, `status` and `outbox` say that nothing leaves and which command ends it (promise P10)."""
    shell("status")
    (home / "var").mkdir(exist_ok=True)
    (home / "var" / "restored").write_text('{"from": "veille.tar.gz"}', "utf-8")
    said = "Mail is held: the database was restored from veille.tar.gz."
    for words in (("status",), ("outbox",)):
        _, out, _ = shell(*words)
        assert said in out
        assert "`watcher outbox reconcile`" in out
    assert json.loads(shell("status", "--json")[1])["mail_held"].startswith(said)
    assert json.loads(shell("outbox", "list", "--json")[1])["hold"].startswith(said)
    assert shell("outbox", "reconcile")[1].splitlines()[0] == "Mail was held: the database was restored from veille.tar.gz."


def test_forgetting_wants_an_address_and_says_when_nobody_has_it(shell: Shell) -> None:
    """What is no address is refused with exit code 2; an address that nobody has is said to be unknown."""
    code, _, err = shell("forget", "notanaddress")
    assert (code, "this is no e-mail address" in err) == (2, True)
    code, out, _ = shell("forget", "personne@example.org")
    assert code == 0
    assert out.startswith("Nobody of that address is known here.")
