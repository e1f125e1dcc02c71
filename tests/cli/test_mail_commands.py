"""The commands of the outbox and of the people who read: as an operator meets them."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell
from tests.pipeline.readers import NOW, Relay, opened, queue
from watcher import tokens
from watcher.errors import DeliveryError
from watcher.model import DeliveryState
from watcher.pipeline import keys, mail
from watcher.store import outbox

READER = "lecture@example.org"


@pytest.fixture
def filled(home: Path) -> Path:
    """Return a home with one mail of unknown fate."""
    with opened(home) as desk:
        queue(desk, people=(READER,))
        desk.store.write(lambda tx: outbox.move(tx, 1, DeliveryState.UNKNOWN, now=NOW, hand_overs=2))
    return home


def letter(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put a mail that unsubscribes the reader on standard input; return their token."""
    with opened(home) as desk:
        person = desk.config.digests[0].recipients[0]
        token = tokens.unsubscribe(keys.signing(desk).mail.key, "veille", person.id)
    raw = f"From: x@y.example\nTo: veille@example.org\nSubject: unsubscribe {token}\n\n.\n".encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    return token


def test_a_mail_in_doubt_is_shown_and_settled(shell: Shell, filled: Path) -> None:
    """The list gives numbers and no address; `resolve` settles one, and says so (row E15)."""
    code, output, _ = shell("outbox", "list", "--mails", "--json")
    row: dict[str, Any] = json.loads(output)
    assert (code, row["id"], row["state"]) == (0, 1, "unknown")
    assert READER not in output
    assert shell("outbox", "resolve", "1", "sent")[:2] == (0, "Mail 1 is sent now.\n")
    assert shell("outbox", "resolve", "1", "resend")[0] == 1
    assert shell("outbox", "resolve", "9", "drop")[0] == 2
    assert json.loads(shell("outbox", "list", "--json")[1]) == {"sent": 1}


def test_resend_is_one_more_final_dot_and_no_other(shell: Shell, filled: Path) -> None:
    """The operator's word sends the same bytes once; silence after that is unknown again, never a further copy (promise P3)."""
    assert shell("outbox", "resolve", "1", "resend")[0] == 0
    with opened(filled) as desk:
        lost = DeliveryError("nobody answers", transient=False)
        relay = Relay(at_dot=lost)
        mail.deliver_due(desk, relay)
        assert mail.deliver_due(desk, again := Relay()).counts == {}
        assert again.taken == []


def test_drop_takes_a_waiting_mail_out(shell: Shell, home: Path) -> None:
    """A mail that waits is dropped: nothing is mailed, and what it carried may come again."""
    with opened(home) as desk:
        queue(desk, people=(READER,))
    assert "out of the outbox" in shell("outbox", "resolve", "1", "drop")[1]
    assert json.loads(shell("outbox", "list", "--json")[1]) == {}


def test_reconcile_without_a_reason_changes_nothing(shell: Shell, filled: Path) -> None:
    """When mail is not held there is nothing to decide."""
    assert shell("outbox", "reconcile")[:2] == (0, "Nothing to reconcile: mail is not held.\n")


def test_a_restored_home_is_held_until_reconciled(shell: Shell, home: Path) -> None:
    """`retry` says why and exits with 1; `reconcile` asks, decides, and mail leaves again (row D12)."""
    with opened(home) as desk:
        queue(desk, people=(READER,))
    (home / "var" / "restored").write_text(json.dumps({"at": "now", "from": "monday.tar.gz"}), "utf-8")
    code, output, _ = shell("outbox", "retry")
    assert code == 1
    assert "restored from monday.tar.gz" in output
    code, output, _ = shell("outbox", "reconcile")
    assert code == 1
    assert "--send-waiting" in output
    assert shell("outbox", "reconcile", "--send-waiting")[0] == 0
    assert "1 sent" in shell("outbox", "retry")[1]


def test_unsubscribing_by_mail_and_resuming(shell: Shell, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`inbound` reads standard input; `recipients` shows it without an address, and `resume` undoes it (row E12)."""
    token = letter(home, monkeypatch)
    assert shell("inbound")[:2] == (0, f"inbound: unsubscribed {token[:16]}\n")
    (row,) = map(json.loads, shell("recipients", "list", "--json")[1].splitlines())
    assert (row["state"], row["line"]) == ("unsubscribed", 7)
    assert "@" not in shell("recipients")[1]
    assert shell("recipients", "resume", "veille", READER)[0] == 0
    assert json.loads(shell("recipients", "list", "--json")[1])["state"] == "active"
    assert shell("recipients", "unsubscribe", "veille", "personne@example.org")[0] == 2
    assert shell("recipients", "unsubscribe", "vieille", READER)[0] == 2


def test_export_then_forget(shell: Shell, filled: Path) -> None:
    """All that is kept of a person is printed; then it is gone, and the line of the file to change is named (row S03)."""
    told = json.loads(shell("export", READER)[1])
    assert [row["state"] for row in told["deliveries"]] == ["unknown"]
    code, output, _ = shell("forget", READER)
    assert code == 0
    assert "sources.yaml:7:" in output
    assert READER not in output
    told = json.loads(shell("export", READER)[1])
    assert not told["deliveries"]
    assert not told["mailed"]
    assert "asked to be forgotten" in shell("recipients")[1]
