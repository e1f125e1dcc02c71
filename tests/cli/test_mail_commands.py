"""The commands of the outbox and of the people who read: as an operator meets them."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell
from tests.pipeline.readers import NOW, Relay, opened, queue
from watcher import tokens
from watcher.deliver import UnansweredError
from watcher.errors import DeliveryError
from watcher.model import DeliveryState
from watcher.pipeline import calendar, keys, mail
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


def test_a_mail_that_waits_for_its_resend_may_be_called_sent(shell: Shell, home: Path) -> None:
    """Its final dot went unanswered and the relay's log has it: `sent` is heard; without such a dot it is not (row E15)."""
    with opened(home) as desk:
        queue(desk, people=(READER,))
        mail.deliver_due(desk, Relay(at_dot=UnansweredError("nobody answers")))
        assert desk.store.read(lambda tx: outbox.get(tx, 1)).state is DeliveryState.QUEUED  # type: ignore[union-attr]
    _, output, _ = shell("outbox", "list", "--mails")
    assert "due 2026-11-23 07:45" in output
    assert shell("outbox", "resolve", "1", "sent")[:2] == (0, "Mail 1 is sent now.\n")


def test_what_an_impossible_decision_proposes_works(shell: Shell, home: Path) -> None:
    """A mail never handed over cannot have been taken: `resend` is proposed, and is no mistake."""
    with opened(home) as desk:
        queue(desk, people=(READER,))
    code, _, errors = shell("outbox", "resolve", "1", "sent")
    assert code == 1
    assert "resolve 1 resend" in errors
    assert shell("outbox", "resolve", "1", "resend")[:2] == (0, "Mail 1 is queued now.\n")
    assert "1 sent" in shell("outbox", "retry")[1]


def test_a_forgotten_person_is_not_resumed(shell: Shell, filled: Path) -> None:
    """Who asked to be forgotten is counted nowhere, and no operator can write to them again (row S03)."""
    assert json.loads(shell("check", "--json")[1])["digests"][0]["recipients"] == 1
    assert shell("forget", READER)[0] == 0
    code, _, errors = shell("recipients", "resume", "veille", READER)
    assert code == 1
    assert "asked to be forgotten" in errors
    assert json.loads(shell("check", "--json")[1])["digests"][0]["recipients"] == 0
    assert "for 0 recipients" in shell("digest", "send", "veille", "--dry-run")[1]


def test_mistaken_names_are_wrong_use(shell: Shell, home: Path) -> None:
    """An address that is none, a week without an edition, a pace of nobody: exit code 2, and what was wrong is named."""
    for words, named in (
        (("digest", "preview", "veille", "--to", "not an address"), "--to"),
        (("digest", "send", "veille", "--test", "foo"), "--test"),
        (("digest", "preview", "veille", "--week", "2025-W10"), "2025-W10"),
        (("digest", "preview", "veille.daily"), "veille.daily"),
        (("recipients", "unsubscribe", "veille", "personne@example.org"), "p…@example.org"),
    ):
        code, _, errors = shell(*words)
        assert code == 2, words
        assert named in errors


def test_a_calendar_with_nothing_to_do_is_no_failure(shell: Shell, home: Path) -> None:
    """Nothing was read since the last edition: `digest due` says so and exits with 0."""
    with opened(home, now=lambda: datetime(2020, 1, 1, tzinfo=UTC)) as desk:
        calendar.join(desk)
    code, output, errors = shell("digest", "due")
    assert (code, errors) == (0, "")
    assert "nothing to do yet" in output or "No mail was waiting" in output


def test_a_copied_home_says_that_its_mail_is_held(shell: Shell, home: Path) -> None:
    """`outbox` and `digest due` say it in one line, though nothing waits (row E16)."""
    (home / "var").mkdir(exist_ok=True)
    (home / "var" / "restored").write_text(json.dumps({"at": "now", "from": "monday.tar.gz"}), "utf-8")
    for words in (("outbox",), ("outbox", "list", "--mails"), ("outbox", "retry"), ("digest", "due")):
        assert "restored from monday.tar.gz" in "".join(shell(*words)[1:]), words


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
