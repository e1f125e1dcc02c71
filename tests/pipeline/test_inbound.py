"""What comes back by mail: who unsubscribes, which mails bounced, and all that must change nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pipeline.readers import PEOPLE, Relay, lay_out_readers, opened, person, queue
from watcher import tokens
from watcher.pipeline import inbound, keys, mail, people
from watcher.pipeline.desk import Desk
from watcher.pipeline.inbound import Outcome
from watcher.store import outbox, recipients

A = person(PEOPLE[0])
REPORT = """\
Return-Path: <>
From: MAILER-DAEMON@relay.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; a@example.org
Action: {action}
Status: {status}

--b--
"""
PLAIN = "From: {sender}\nTo: {to}\nSubject: {subject}\n{more}\nJe ne veux plus.\n"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return a home whose mails come back to veille@example.org."""
    with opened(lay_out_readers(tmp_path / "home")) as one:
        mail_ = replace(one.config.settings.mail, inbound="veille@example.org")
        yield replace(one, config=replace(one.config, settings=replace(one.config.settings, mail=mail_)))


def report(desk: Desk, number: int, action: str = "failed", status: str = "5.1.1", key: str | None = None) -> bytes:
    """Return the report of a mail that came back to its signed address."""
    token = tokens.bounce(key or keys.signing(desk).mail.key, number)
    return REPORT.format(to=f"veille+b{token}@example.org", action=action, status=status).encode()


def letter(to: str = "veille@example.org", subject: str = "", more: str = "") -> bytes:
    return PLAIN.format(sender="someone@else.example", to=to, subject=subject, more=more).encode()


def left(desk: Desk) -> str:
    return tokens.unsubscribe(keys.signing(desk).mail.key, "veille", A.id)


def states(desk: Desk) -> dict[str, str]:
    return {one.recipient_id: one.state for one in people.listed(desk)}


def sent(desk: Desk, *weeks: str) -> list[int]:
    """Queue and send an edition for each week to reader A; return the numbers of the mails."""
    for week in weeks:
        queue(desk, week, people=PEOPLE[:1], keys=(week,))
        mail.deliver_due(desk, Relay())
    return sorted(one.id for one in desk.store.read(outbox.find))


def test_a_mail_to_the_signed_address_unsubscribes(desk: Desk) -> None:
    """What `mailto:` leads to takes its person off the digest, whoever sent it and whatever the case of the address (row E12)."""
    received = inbound.receive(desk, letter(to=f"Veille+U{left(desk).upper()}@example.org"))
    assert (received.outcome, received.recipient_id) == (Outcome.UNSUBSCRIBED, A.id)
    assert states(desk)[A.id] == "unsubscribed"


def test_the_token_in_the_subject_unsubscribes_too(desk: Desk) -> None:
    """Where mail programs drop the `+` of an address, the subject still says it (row E12)."""
    assert inbound.receive(desk, letter(subject=f"Re: unsubscribe {left(desk)}")).outcome is Outcome.UNSUBSCRIBED


def test_a_token_of_ours_is_needed(desk: Desk) -> None:
    """A forged token, one for bounces, or none at all: nobody is unsubscribed (row E12, promise P11)."""
    forged = tokens.unsubscribe("x" * 64, "veille", A.id)
    bounce = tokens.bounce(keys.signing(desk).mail.key, 1)
    for raw in (
        letter(to=f"veille+u{forged}@example.org"),
        letter(to=f"veille+u{bounce}@example.org"),
        letter(subject="unsubscribe"),
    ):
        assert inbound.receive(desk, raw).outcome in (Outcome.FORGED, Outcome.UNKNOWN)
    assert set(states(desk).values()) == {"active"}


@pytest.mark.parametrize("more", ["Auto-Submitted: auto-replied\n", "Precedence: bulk\n", "X-Autoreply: yes\n"])
def test_an_automatic_reply_changes_nothing(desk: Desk, more: str) -> None:
    """A message of absence that quotes our subject unsubscribes nobody, and nothing is answered (row E12)."""
    raw = letter(subject=f"Absent : unsubscribe {left(desk)}", more=more)
    assert inbound.receive(desk, raw).outcome is Outcome.AUTOMATIC
    assert set(states(desk).values()) == {"active"}
    assert desk.store.read(outbox.find) == ()


def test_two_editions_that_come_back_suspend(desk: Desk) -> None:
    """One permanent bounce may be an accident; after two editions in a row the person is written to no more (row E04)."""
    first, second = sent(desk, "2026-W46", "2026-W47")
    assert inbound.receive(desk, report(desk, first)).outcome is Outcome.BOUNCED
    assert inbound.receive(desk, report(desk, first)).outcome is Outcome.BOUNCED
    assert states(desk)[A.id] == "active"
    assert inbound.receive(desk, report(desk, second)).outcome is Outcome.SUSPENDED
    assert states(desk)[A.id] == "suspended"


def test_an_edition_that_arrived_in_between_begins_the_count_anew(desk: Desk) -> None:
    """Bounced, delivered, bounced: nobody is suspended (row E04)."""
    first, _, third = sent(desk, "2026-W45", "2026-W46", "2026-W47")
    inbound.receive(desk, report(desk, first))
    assert inbound.receive(desk, report(desk, third)).outcome is Outcome.BOUNCED


@pytest.mark.parametrize(
    ("action", "status"), [("delayed", "4.4.1"), ("failed", "4.2.2"), ("delivered", "2.0.0"), ("relayed", "2.0.0")]
)
def test_a_report_that_is_not_a_permanent_failure_changes_nothing(desk: Desk, action: str, status: str) -> None:
    """Delayed, full for now, delivered: only a permanent failure counts (row E12)."""
    numbers = sent(desk, "2026-W46", "2026-W47")
    for number in numbers:
        assert inbound.receive(desk, report(desk, number, action, status)).outcome is Outcome.DELAYED
    assert desk.store.read(recipients.suspensions) == {}


def test_a_forged_report_changes_nothing(desk: Desk) -> None:
    """A report to an address that we did not sign, or for a mail that never was, is ignored (row E12)."""
    number = sent(desk, "2026-W47")[0]
    for raw in (report(desk, number, key="y" * 64), report(desk, 4096), report(desk, number).replace(b"+b", b"+c")):
        assert inbound.receive(desk, raw).outcome in (Outcome.AUTOMATIC, Outcome.UNKNOWN)
    assert desk.store.read(recipients.suspensions) == {}
    assert states(desk)[A.id] == "active"


def test_what_comes_in_names_no_address(desk: Desk) -> None:
    """The line for the log has the opaque id, never the address (promise P12)."""
    number = sent(desk, "2026-W47")[0]
    for raw in (report(desk, number), letter(to=f"veille+u{left(desk)}@example.org")):
        assert "@" not in inbound.receive(desk, raw).sentence()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_no_mail_breaks_the_reader(desk: Desk, raw: bytes) -> None:
    """Whatever comes in is read, and changes nothing (row E12)."""
    head = b"Content-Type: multipart/report; boundary=b\r\nTo: " + raw
    for each in (raw, head, b"Subject: " + raw):
        assert inbound.receive(desk, each).outcome in (Outcome.UNKNOWN, Outcome.AUTOMATIC, Outcome.FORGED)
