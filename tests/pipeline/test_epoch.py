"""Restored backups and copies: a database that does not know what left mails nobody until it does."""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.pipeline.readers import NOW, PEOPLE, Relay, lay_out_readers, mail_of, opened, person, queue
from watcher.errors import StoreError
from watcher.model import Delivery, DeliveryState
from watcher.pipeline import epoch, mail
from watcher.pipeline.desk import Desk
from watcher.pipeline.reconcile import reconcile
from watcher.store import editions, outbox, schema


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with three readers."""
    return lay_out_readers(tmp_path / "home")


def copied(home: Path, backup: Path) -> None:
    """Copy the database, closed, as a backup or a restore does."""
    shutil.copy(home / "var" / "watcher.db", backup)


def restore(backup: Path, home: Path, *, told: bool = True) -> None:
    """Put an old database in the place of today's; `told` as `watcher restore` does it, with its mark."""
    for name in ("watcher.db", "watcher.db-wal", "watcher.db-shm"):
        (home / "var" / name).unlink(missing_ok=True)
    shutil.copy(backup, home / "var" / "watcher.db")
    if told:
        (home / "var" / "restored").write_text(json.dumps({"at": NOW.isoformat(), "from": backup.name}), "utf-8")


def waiting(desk: Desk) -> int:
    return len(desk.store.read(lambda tx: outbox.due(tx, NOW + timedelta(days=9), 99)))


@pytest.mark.parametrize("told", [True, False])
def test_a_backup_restored_after_monday_sends_nothing_twice(home: Path, tmp_path: Path, told: bool) -> None:
    """Saved before the mails left, restored after: they are held, then known to have left; the reader gets one (row D12, P10)."""
    with opened(home) as desk:
        queue(desk)
    copied(home, tmp_path / "old.db")
    with opened(home) as desk:
        assert mail.deliver_due(desk, Relay()).counts == {DeliveryState.SENT: 3}
    restore(tmp_path / "old.db", home, told=told)
    with opened(home) as desk:
        relay = Relay()
        held = mail.deliver_due(desk, relay)
        assert held.held is not None
        assert "watcher outbox reconcile" in held.held
        assert (relay.taken, waiting(desk)) == ([], 3)
        done = reconcile(desk)
        assert (done.sent, done.waiting, done.undecided) == (3, 0, False)
        assert mail.deliver_due(desk, relay).held is None
        assert relay.taken == []
        assert epoch.hold(desk) is None
        assert not (home / "var" / "restored").exists()


def test_an_edition_that_the_backup_never_knew_is_not_mailed_again(home: Path, tmp_path: Path) -> None:
    """The lost edition comes back with its number and what each reader had of it: next week repeats nothing (row D12, P2)."""
    with opened(home) as desk:
        queue(desk, "2026-W46", keys=("old",))
        mail.deliver_due(desk, Relay())
    copied(home, tmp_path / "old.db")
    with opened(home) as desk:
        queue(desk, "2026-W47", keys=("new",))
        mail.deliver_due(desk, Relay())
    restore(tmp_path / "old.db", home)
    with opened(home) as desk:
        assert reconcile(desk).editions == 1
        last = desk.store.read(lambda tx: editions.last(tx, "veille"))
        assert last is not None
        assert (last.edition.number, last.edition.period.key) == (2, "2026-W47")
        with pytest.raises(StoreError, match="before"):
            queue(desk, "2026-W48", keys=("new",))
        queue(desk, "2026-W48", keys=("newer",))
        mail.deliver_due(desk, relay := Relay())
        assert len(relay.taken) == 3


def test_a_mail_cut_off_at_the_dot_before_the_restore_is_of_unknown_fate(home: Path, tmp_path: Path) -> None:
    """The journal announces its dot and knows no answer: told as unknown, not sent again (row D12, promise P3)."""
    with opened(home) as desk:
        queue(desk, people=PEOPLE[:1])
    copied(home, tmp_path / "old.db")
    with opened(home) as desk, pytest.raises(KeyboardInterrupt):
        mail.deliver_due(desk, Dying())
    restore(tmp_path / "old.db", home)
    with opened(home) as desk:
        assert reconcile(desk).unknown == 1
        assert mail.deliver_due(desk, relay := Relay()).counts == {}
        assert relay.taken == []


class Dying(Relay):
    """Dies with the process just after the dot."""

    def send(self, delivery: Delivery, before_final_dot: Callable[[], None]) -> str:
        """Announce the dot, and go."""
        super().send(delivery, before_final_dot)
        raise KeyboardInterrupt


def test_a_staging_copy_mails_nobody(home: Path, tmp_path: Path) -> None:
    """The home copied whole to another place, or its database alone to another home: no mail leaves (row E16)."""
    with opened(home) as desk:
        queue(desk, "2026-W46", keys=("old",))
        mail.deliver_due(desk, Relay())
        queue(desk, "2026-W47", keys=("new",))
    whole = shutil.copytree(home, tmp_path / "staging")
    other = lay_out_readers(tmp_path / "other")
    (other / "var").mkdir(exist_ok=True)
    shutil.copy(home / "var" / "watcher.db", other / "var" / "watcher.db")
    for place in (whole, other):
        with opened(place) as desk:
            held = mail.deliver_due(desk, relay := Relay())
            assert held.held is not None
            assert "cop" in held.held
            assert relay.taken == []
    with opened(home) as desk:
        assert mail.deliver_due(desk, Relay()).counts == {DeliveryState.SENT: 3}


def test_another_database_in_the_same_home_is_held(home: Path) -> None:
    """A fresh database where another one mailed before: held until a person looked (row E16)."""
    with opened(home) as desk:
        queue(desk)
        mail.deliver_due(desk, Relay())
    for name in ("watcher.db", "watcher.db-wal", "watcher.db-shm"):
        (home / "var" / name).unlink(missing_ok=True)
    with opened(home) as desk:
        queue(desk, "2026-W50")
        assert "another database" in (mail.deliver_due(desk, Relay()).held or "")


def test_mails_that_the_journal_does_not_know_wait_for_a_word(home: Path, tmp_path: Path) -> None:
    """Without the journal nobody can tell: nothing changes until an operator says whether they left (row D12)."""
    with opened(home) as desk:
        queue(desk)
        mail.deliver_due(desk, Relay())
        queue(desk, "2026-W48", keys=("later",))
    (home / "var" / "restored").write_text("{}", "utf-8")
    with opened(home) as desk:
        assert reconcile(desk).undecided
        assert mail.deliver_due(desk, Relay()).held is not None
        assert reconcile(desk, waiting=DeliveryState.SENT).waiting == 3
        assert mail.deliver_due(desk, relay := Relay()).held is None
        assert relay.taken == []


def test_mails_that_never_left_leave_when_the_operator_says_so(home: Path) -> None:
    """`--send-waiting` lets them go, once (row D12)."""
    with opened(home) as desk:
        queue(desk)
        (home / "var" / "restored").write_text("{}", "utf-8")
        assert reconcile(desk, waiting=DeliveryState.QUEUED).problem is not None
        assert mail.deliver_due(desk, relay := Relay()).counts == {DeliveryState.SENT: 3}
        assert len(relay.taken) == 3


def test_a_damaged_memory_holds_rather_than_guesses(home: Path) -> None:
    """An unreadable var/epoch.json is not taken for a new home (row E16)."""
    with opened(home) as desk:
        queue(desk)
        mail.deliver_due(desk, Relay())
        (home / "var" / epoch.FILE).write_text("{", "utf-8")
        assert epoch.hold(desk) is not None


def test_two_operators_send_one_mail_each_reader(home: Path) -> None:
    """While one process hands over, another of the same home does not; what it says names no address (row E15)."""
    with opened(home) as desk, opened(home) as other:
        queue(desk)
        seen: list[str | None] = []
        relay = Relay(before=lambda _delivery: seen.append(mail.deliver_due(other, Relay()).held))
        assert mail.deliver_due(desk, relay).counts == {DeliveryState.SENT: 3}
        assert all(held and "Another process" in held for held in seen)
        assert mail.deliver_due(other, Relay()).counts == {}


def test_a_test_mail_marks_nothing(home: Path) -> None:
    """A mail to a test address is handed over and noted nowhere: the readers' own leave as before (row E15)."""
    with opened(home) as desk:
        queue(desk)
        relay = Relay()
        assert mail.send_test(desk, mail_of(person("t@example.org"), "test"), "t@example.org", relay) == "250 taken 1"
        assert not (home / "var" / epoch.JOURNAL).exists()
        assert mail.deliver_due(desk, relay).counts == {DeliveryState.SENT: 3}


def test_the_journal_tells_what_was_answered_when_the_database_does_not(home: Path) -> None:
    """Killed between the relay's 250 and its commit: the next run reads the answer in the journal, no second copy (row E01)."""
    with opened(home) as desk:
        queue(desk, people=PEOPLE[:1])
        mail.deliver_due(desk, Relay())
        # As the database was before its last commit.
        desk.store.write(lambda tx: tx.connection.execute(update(schema.deliveries).values(state="handing_over", reply=None)))
        assert mail.deliver_due(desk, relay := Relay()).counts == {}
        (sent,) = desk.store.read(outbox.find)
        assert (sent.state, sent.reply, relay.taken) == (DeliveryState.SENT, "250 taken 1", [])


def test_what_is_written_beside_the_database_is_private(home: Path) -> None:
    """Journal, memory and key are for their owner alone, and hold no address (promise P12, row S02)."""
    with opened(home) as desk:
        queue(desk)
        mail.deliver_due(desk, Relay())
    for name in (epoch.FILE, epoch.JOURNAL, "mail.key"):
        path = home / "var" / name
        assert path.stat().st_mode & 0o077 == 0
        assert "@example.org" not in path.read_text("utf-8").replace("<veille.", "").split('"message_id"')[0]
