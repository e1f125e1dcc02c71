"""One person forgotten, or told all that is kept of them."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pipeline.readers import NOW, PEOPLE, Relay, lay_out_readers, opened, person, queue
from watcher.config import Home
from watcher.model import DeliveryState, Features, Label
from watcher.pipeline import backup, forgetting, gone, keys, mail, people, restore, retention
from watcher.pipeline.desk import Desk
from watcher.pipeline.reconcile import reconcile
from watcher.store import kept, labels, recipients

A, B, _ = map(person, PEOPLE)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with three readers."""
    return lay_out_readers(tmp_path / "home")


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    """Return the home after a Monday, with all that can be kept of reader A."""
    with opened(home) as one:
        live(one)
        yield one


def live(desk: Desk) -> None:
    """Send an edition to the spool; reader A is suspended, has chosen, and has taught a label."""
    queue(desk)
    mail.deliver_due(desk)
    queue(desk, "2026-W48", keys=("later",))
    people.set_active(desk, "veille", A.address, active=True)
    desk.store.write(lambda tx: recipients.bounced(tx, A.id, 1, "5.1.1", NOW))
    desk.store.write(lambda tx: recipients.suspend(tx, A.id, "5.1.1", NOW))


def everything(home: Path) -> str:
    """Return all bytes of the home's var/, as text."""
    return "".join(path.read_bytes().decode("latin-1") for path in sorted((home / "var").rglob("*")) if path.is_file())


def test_nothing_is_left_of_a_person_who_asked(desk: Desk, home: Path) -> None:
    """Rows, mails in the spool, lines of the journal: none names them, by address or by id (row S03, promise P12)."""
    assert any(forgetting.export(desk, A.address)[name] for name in ("deliveries", "mailed", "subscriptions", "journal"))
    done = forgetting.forget(desk, A.address)
    assert (done.erased.mails, done.erased.entries, done.files) == (2, 2, 1)
    told = forgetting.export(desk, A.address)
    assert {name: rows for name, rows in told.items() if rows and name not in ("address", "recipient_id")} == {
        "sources_yaml": [{"line": 8, "digest": "veille"}]
    }
    desk.store.close()
    with opened(home) as again:
        again.store.write(lambda tx: tx.connection.exec_driver_sql("SELECT 1"))
    readable = everything(home).replace(str(home), "")
    journal = (home / "var" / "handed-over.jsonl").read_text("utf-8")
    assert A.id not in journal
    assert B.id in journal
    assert not [name for name in (home / "var" / "spool").glob("*.eml") if f"To: {A.address}" in name.read_text("utf-8")]
    assert B.address in readable


def test_a_forgotten_person_is_written_to_no_more_whatever_the_file_says(desk: Desk) -> None:
    """sources.yaml still lists them: the line is named, and no mail leaves (row S03)."""
    done = forgetting.forget(desk, A.address.upper())
    assert [(line.line, line.digest) for line in done.lines] == [(8, "veille")]
    queue(desk, "2026-W49", keys=("new",))
    mail.deliver_due(desk, relay := Relay())
    assert A.address not in relay.addresses
    assert {one.state for one in people.listed(desk) if one.recipient_id == A.id} == {"forgotten"}
    assert [line.line for line in forgetting.still_named(desk)] == [8]


def test_an_old_backup_forgets_them_again(home: Path, tmp_path: Path) -> None:
    """The database restored from before the request holds nothing of the person once tombstones are applied again (row S03)."""
    with opened(home) as desk:
        live(desk)
    shutil.copy(home / "var" / "watcher.db", tmp_path / "old.db")
    with opened(home) as desk:
        forgetting.forget(desk, A.address)
    for name in ("watcher.db-wal", "watcher.db-shm"):
        (home / "var" / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "old.db", home / "var" / "watcher.db")
    with opened(home) as desk:
        assert again(desk) > 0
        assert named(desk) == []
        assert again(desk) == 0


def test_a_request_that_was_cut_short_hides_no_other(home: Path) -> None:
    """A death in the middle of a line beside the database costs that line: those before and after are remembered."""
    with opened(home) as desk:
        forgetting.forget(desk, A.address)
        file = desk.home.var / forgetting.FILE
        file.write_bytes(file.read_bytes() + b'{"hash": "abc')
        forgetting.forget(desk, "b@exemple.fr")
        assert len(forgetting.outside(desk.home)) == 2


def again(desk: Desk) -> int:
    """Apply the tombstones again, as a restore does."""
    return gone.reapply(desk.home, desk.store, keys.signing(desk).mail.key, NOW)


def saved_then_forgotten(home: Path, target: Path, *, spoil: tuple[str, str] = ("", "")) -> None:
    """Back the home up, with words of its sources.yaml replaced by a mistake, mend the file, and forget reader A."""
    sources = home / "sources.yaml"
    good = sources.read_text("utf-8")
    with opened(home) as desk:
        live(desk)
        keep_version(desk, good)
    sources.write_text(good.replace(*spoil), "utf-8")
    backup.backup(Home(home), None, target, now=NOW)
    sources.write_text(good, "utf-8")
    with opened(home) as desk:
        forgetting.forget(desk, A.address)


def named(desk: Desk) -> list[str]:
    """Return where the database still has something of reader A."""
    told = forgetting.export(desk, A.address)
    return [name for name in told if told[name] and name not in ("address", "recipient_id", "sources_yaml")]


@pytest.mark.parametrize("spoil", [("settings:", "settings:\n  timezon: Europe/Paris"), ("settings:", "settings: [")])
def test_a_restore_forgets_them_again_whatever_sources_yaml_says(home: Path, tmp_path: Path, spoil: tuple[str, str]) -> None:
    """A backup with a mistake in its sources.yaml brings nobody back, and is told to be restored (row S03)."""
    good = (home / "sources.yaml").read_text("utf-8")
    saved_then_forgotten(home, tmp_path / "old.tar.gz", spoil=spoil)
    told: list[restore.Restored] = []
    done = restore.restore(tmp_path / "old.tar.gz", Home(home), None, now=NOW, aside=True, placed=told.append)
    assert done.reapplied > 0
    assert [one.files for one in told] == [done.files]
    (home / "sources.yaml").write_text(good, "utf-8")
    with opened(home) as desk:
        assert named(desk) == []
        assert {one.state for one in people.listed(desk) if one.recipient_id == A.id} == {"forgotten"}


def test_a_restore_that_was_killed_before_it_forgot_them_brings_nobody_back(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is in place but the tombstones: no mail leaves, and the reconciliation applies them first (rows D12, S03)."""
    saved_then_forgotten(home, tmp_path / "old.tar.gz")
    with monkeypatch.context() as then:
        then.setattr(gone, "reapply", killed)
        with pytest.raises(KeyboardInterrupt):
            restore.restore(tmp_path / "old.tar.gz", Home(home), None, now=NOW, aside=True)
    with opened(home) as desk:
        assert named(desk) != []
        relay = Relay()
        assert mail.deliver_due(desk, relay).held is not None
        reconcile(desk, waiting=DeliveryState.QUEUED)
        assert named(desk) == []
        mail.deliver_due(desk, relay)
        assert A.address not in relay.addresses


def killed(*_: object) -> int:
    """End as a process does that is told to."""
    raise KeyboardInterrupt


def keep_version(desk: Desk, text: str) -> Path:
    """Keep a version of sources.yaml, laid out as the service does, and return its copy."""
    files = {"sources.yaml": text.encode()}
    version = desk.store.write(lambda tx: kept.keep(tx, files, desk.now()))
    copy = desk.home.running / version / "sources.yaml"
    copy.parent.mkdir(parents=True)
    copy.write_text(text, "utf-8")
    return copy


def test_kept_versions_of_the_file_forget_them_too(desk: Desk) -> None:
    """Neither the versions in the database nor the copies that the service laid out name the person (row S03)."""
    text = desk.home.sources_yaml.read_text("utf-8")
    copies = [keep_version(desk, text), keep_version(desk, text.replace(A.address, A.address.upper()) + "\n# later\n")]
    other = keep_version(desk, text.replace(A.address, "nobody@example.org"))
    assert len(forgetting.export(desk, A.address)["kept_versions"]) == 2
    assert forgetting.forget(desk, A.address).versions == 2
    assert forgetting.export(desk, A.address)["kept_versions"] == []
    assert [path.exists() for path in (*copies, other)] == [False, False, True]
    assert desk.store.read(kept.counts) == (1, 1)


def test_a_version_kept_after_the_request_goes_once_the_line_is_taken_out(desk: Desk) -> None:
    """While the file names them the last version does; the day after the line went, no version does (row S03)."""
    text = desk.home.sources_yaml.read_text("utf-8")
    forgetting.forget(desk, A.address)
    keep_version(desk, text)
    assert forgetting.forget_versions(desk) == 0
    later = replace(desk, now=lambda: NOW + timedelta(days=1))
    keep_version(later, text.replace(A.address, "nobody@example.org"))
    retention.purge_daily(later)
    assert forgetting.export(desk, A.address)["kept_versions"] == []
    assert desk.store.read(kept.counts) == (1, 1)


def test_the_tombstone_says_nothing_without_the_key(desk: Desk) -> None:
    """What stays is a hash under the home's own key: neither the address nor a plain hash of it (row S03)."""
    forgetting.forget(desk, A.address)
    line = json.loads((desk.home.var / forgetting.FILE).read_text("utf-8"))
    assert len(line["hash"]) == 64
    assert A.id not in line["hash"]
    assert "@" not in line["hash"]


def test_what_the_person_taught_stays_nameless(desk: Desk) -> None:
    """A label teaches on without its author; everybody else's stays as it is (row S03)."""
    given = [
        Label(
            document="d",
            fingerprint="f",
            theme="ia-emploi",
            author=author,
            value=True,
            labelled_at=NOW,
            features=Features(version=1, dense={}, words={}),
        )
        for author in (A.address, B.address)
    ]
    for label in given:
        desk.store.write(lambda tx, label=label: labels.save(tx, [label]))
    assert forgetting.forget(desk, A.address).erased.labels == 1
    assert forgetting.forget(desk, A.address).erased.labels == 0
    assert B.address in {row["author"] for row in forgetting.export(desk, B.address)["labels"]}


def test_others_are_untouched(desk: Desk) -> None:
    """Erasing one person leaves every row of the others."""
    before = forgetting.export(desk, B.address)
    forgetting.forget(desk, A.address)
    assert forgetting.export(desk, B.address) == before
