"""Who receives what: sources.yaml proposes, a person's own choice wins, and who left is not written to."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pipeline.readers import NOW, PEOPLE, Relay, lay_out_readers, opened, person, queue
from watcher import tokens
from watcher.model import DeliveryState, Subscription
from watcher.pipeline import keys, mail, people, subscriptions
from watcher.pipeline.desk import Desk
from watcher.store import editions, outbox, recipients

A, B, C = map(person, PEOPLE)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return a home with three readers."""
    with opened(lay_out_readers(tmp_path / "home")) as one:
        yield one


def chose(desk: Desk, **changed: object) -> None:
    """Have reader A choose."""
    plain = Subscription(recipient_id=A.id, digest="veille", decided_at=NOW, decided_by="web")
    subscriptions.choose(desk, replace(plain, **changed))  # pyright: ignore[reportArgumentType]


def waiting(desk: Desk) -> int:
    return len(desk.store.read(lambda tx: outbox.due(tx, NOW, 99)))


def test_a_persons_own_choice_wins_over_the_file(desk: Desk) -> None:
    """Themes and frequency chosen by the person hold, whatever sources.yaml proposes."""
    chose(desk, themes=("ia-emploi",), frequency="daily")
    own, daily = subscriptions.paces(desk, desk.config.digests[0])
    assert [one.id for one in own.recipients] == [B.id, C.id]
    assert (daily.id, daily.frequency, [one.themes for one in daily.recipients]) == ("veille.daily", "daily", [("ia-emploi",)])


def test_who_reads_at_once_reads_the_edition_too(desk: Desk) -> None:
    """A must-read comes at once, the rest on Monday: the person is in both."""
    chose(desk, frequency="at_once")
    own, at_once = subscriptions.paces(desk, desk.config.digests[0])
    assert A.id in [one.id for one in own.recipients]
    assert (at_once.id, [one.id for one in at_once.recipients]) == ("veille.at-once", [A.id])


def test_unsubscribing_by_token_holds_for_one_digest_and_one_person(desk: Desk) -> None:
    """The signed token takes its person off its digest; a token that we did not sign changes nothing (promise P11)."""
    token = tokens.unsubscribe(keys.signing(desk).mail.key, "veille", A.id)
    forged = tokens.unsubscribe("another key of thirty-two letters", "veille", B.id)
    assert not subscriptions.unsubscribe(desk, forged, by="mail")
    assert subscriptions.unsubscribe(desk, token.upper(), by="mail")
    assert [one.id for one in subscriptions.own_pace(desk, desk.config.digests[0]).recipients] == [B.id, C.id]


@pytest.mark.parametrize("how", ["unsubscribed", "suspended", "removed"])
def test_who_left_between_the_making_and_the_hand_over_is_not_written_to(desk: Desk, how: str) -> None:
    """Unsubscribed, suspended or taken off the file after the mail was queued: it does not leave (row E11)."""
    queue(desk)
    later = desk
    if how == "unsubscribed":
        chose(desk, active=False)
    elif how == "suspended":
        desk.store.write(lambda tx: recipients.suspend(tx, A.id, "5.1.1", NOW))
    else:
        digest = replace(desk.config.digests[0], recipients=(B, C))
        later = replace(desk, config=replace(desk.config, digests=(digest,)))
    relay = Relay()
    done = mail.deliver_due(later, relay)
    assert relay.addresses == [B.address, C.address]
    assert (done.withdrawn, done.counts, done.problems) == (1, {DeliveryState.SENT: 2}, ())
    assert desk.store.read(lambda tx: editions.mailed(tx, [A.id])) == {A.id: frozenset()}


def test_unsubscribing_takes_effect_before_the_next_final_dot(desk: Desk) -> None:
    """A person who leaves while the relay is already reading their mail does not get it (row E11, promise P11)."""
    queue(desk)
    relay = Relay(before=lambda delivery: chose(desk, active=False) if delivery.recipient_id == A.id else None)
    done = mail.deliver_due(desk, relay)
    assert relay.addresses == [B.address, C.address]
    assert done.withdrawn == 1
    assert waiting(desk) == 0


def test_a_mail_that_may_have_left_is_not_called_withdrawn(desk: Desk) -> None:
    """Cut off at the dot once, its reader gone since: it is not sent again, and stays of unknown fate (row E11, promise P3)."""
    queue(desk, people=PEOPLE[:1])
    desk.store.write(lambda tx: outbox.move(tx, 1, DeliveryState.HANDING_OVER, now=NOW, hand_overs=1))
    desk.store.write(lambda tx: outbox.move(tx, 1, DeliveryState.QUEUED, now=NOW))
    chose(desk, active=False)
    mail.deliver_due(desk, relay := Relay())
    assert relay.taken == []
    (left,) = desk.store.read(outbox.find)
    assert left.state is DeliveryState.UNKNOWN


def test_an_operator_unsubscribes_and_resumes(desk: Desk) -> None:
    """What the operator does is seen in the list, with the line of the file; resuming ends a suspension too (row E04)."""
    people.set_active(desk, "veille", A.address, active=False)
    desk.store.write(lambda tx: recipients.suspend(tx, B.id, "5.1.1", NOW))
    states = {one.recipient_id: (one.state, one.line) for one in people.listed(desk)}
    assert states == {A.id: ("unsubscribed", 8), B.id: ("suspended", 8), C.id: ("active", 8)}
    people.set_active(desk, "veille", A.address, active=True)
    people.set_active(desk, "veille", B.address, active=True)
    assert {one.state for one in people.listed(desk)} == {"active"}


def test_the_key_is_made_once_for_its_owner_alone(desk: Desk) -> None:
    """The key of signatures is made at first use, 0600, and is the same ever after; it is in no settings file (promise P12)."""
    first = keys.signing(desk).mail.key
    path = desk.home.var / keys.NAME
    assert (path.stat().st_mode & 0o777, keys.signing(desk).mail.key) == (0o600, first)
    assert first not in repr(keys.signing(desk))
    given = replace(desk.config.settings, mail=replace(desk.config.settings.mail, key="from-the-credentials"))
    assert keys.signing(replace(desk, config=replace(desk.config, settings=given))).mail.key == "from-the-credentials"
