"""The whole way to a real SMTP server that delays, refuses, drops and hangs: each reader gets one mail, or a person is told."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.deliver.relays import RawRelay
from tests.pipeline.conftest import Clock
from tests.pipeline.readers import NOW, PEOPLE, lay_out_readers, opened, person, queue
from watcher import tokens
from watcher.deliver.smtp import Smtp
from watcher.model import DeliveryState
from watcher.pipeline import keys, mail
from watcher.pipeline.desk import Desk
from watcher.store import outbox


@pytest.fixture
def clock() -> Clock:
    """Return a clock on a Monday morning."""
    return Clock(NOW)


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    """Return a home with three readers, whose edition is queued."""
    with opened(lay_out_readers(tmp_path / "home"), now=clock) as one:
        queue(one)
        yield one


def through(desk: Desk, relay: RawRelay, **changed: object) -> Desk:
    """Return `desk` with its mail sent to `relay`."""
    settings = replace(desk.config.settings, mail=replace(relay.mail, **changed))  # pyright: ignore[reportArgumentType]
    return replace(desk, config=replace(desk.config, settings=settings))


def deliver(desk: Desk) -> mail.Delivered:
    """Deliver with short patience."""
    return mail.deliver_due(desk, Smtp(desk.config.settings.mail, timeout=0.4, data_timeout=0.4))


def states(desk: Desk) -> dict[DeliveryState, int]:
    return desk.store.read(outbox.counts)


@contextmanager
def healthy() -> Generator[RawRelay]:
    with RawRelay({}, extensions=("SIZE", "PIPELINING")) as relay:
        yield relay


@pytest.mark.parametrize("extensions", [("SIZE",), ("SIZE", "PIPELINING")])
@pytest.mark.parametrize("act", ["drop", "hang", "reset"])
@pytest.mark.parametrize("phase", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT"])
def test_each_reader_gets_one_mail_whatever_the_relay_does_first(
    desk: Desk, clock: Clock, phase: str, act: str, extensions: tuple[str, ...]
) -> None:
    """The relay misbehaves at one phase, then all is well: nothing is lost, only an unanswered dot repeated, once (row E02)."""
    with RawRelay({phase: act}, limit=2 if phase == "MAIL" else 1, extensions=extensions) as relay:
        first = deliver(through(desk, relay))
        assert first.counts[DeliveryState.REFUSED] == 0
        bodies = list(relay.bodies)
    with healthy() as relay:
        for _ in range(2):
            clock.pass_(hours=7)
            deliver(through(desk, relay))
        bodies += relay.bodies
    assert states(desk) == {DeliveryState.SENT: 3}
    # The unanswered ones were sent again, the same bytes.
    assert len(set(bodies)) == 3
    assert len(bodies) <= 6 if phase == "DOT" else len(bodies) == 3


def test_held_instead_when_the_settings_say_so(desk: Desk, clock: Clock) -> None:
    """`on_unknown: hold`: the unanswered mail waits for a person, the others leave (row E02, promise P3)."""
    with RawRelay({"DOT": "drop"}, limit=1) as relay:
        deliver(through(desk, relay, on_unknown="hold"))
        clock.pass_(hours=7)
        deliver(through(desk, relay, on_unknown="hold"))
        assert states(desk) == {DeliveryState.SENT: 2, DeliveryState.UNKNOWN: 1}
        assert len(relay.bodies) == 3


@pytest.mark.parametrize("code", [421, 450, 451, 452])
@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize("extensions", [("SIZE",), ("SIZE", "PIPELINING")])
def test_a_4xx_delays_one_mail_and_the_others_leave(
    desk: Desk, clock: Clock, phase: str, code: int, extensions: tuple[str, ...]
) -> None:
    """Greylisted, throttled, shut down in the middle: later, within the backoff, once (row E03)."""
    with RawRelay({phase: f"{code} 4.7.1 later"}, limit=1, extensions=extensions) as relay:
        assert deliver(through(desk, relay)).counts == {DeliveryState.SENT: 2, DeliveryState.DEFERRED: 1}
        clock.pass_(minutes=3)
        assert deliver(through(desk, relay)).counts == {}
        clock.pass_(minutes=4)
        assert deliver(through(desk, relay)).counts == {DeliveryState.SENT: 1}
        assert len(set(relay.bodies)) == 3


def test_an_unknown_user_is_refused_and_the_others_are_served(desk: Desk) -> None:
    """550 to one of three: that one is told with the relay's words and no address, two are sent (rows E04, E05)."""
    with RawRelay({"RCPT": f"550 5.1.1 <{PEOPLE[0]}> no such user"}, limit=1, extensions=("SIZE", "PIPELINING")) as relay:
        done = deliver(through(desk, relay))
        assert done.counts == {DeliveryState.SENT: 2, DeliveryState.REFUSED: 1}
        assert "550 5.1.1" in done.problems[0]
        assert PEOPLE[0] not in done.sentence()
        assert deliver(through(desk, relay)).counts == {}


def test_a_relay_that_refuses_our_sender_stops_everybody(desk: Desk, clock: Clock) -> None:
    """550 to MAIL FROM is about us: one mail carries the delay, nobody is refused, and all leave when it is mended (row E04)."""
    with RawRelay({"MAIL": "550 sender unknown"}) as relay:
        assert deliver(through(desk, relay)).counts == {DeliveryState.DEFERRED: 1}
    clock.pass_(hours=7)
    with healthy() as relay:
        assert deliver(through(desk, relay)).counts == {DeliveryState.SENT: 3}


def test_a_relay_that_is_down_all_monday(desk: Desk, clock: Clock) -> None:
    """Thirty hours without a relay: everybody gets the mail once, when it is back (row E14)."""
    with RawRelay({}) as gone:
        nowhere = through(desk, gone)
    for _ in range(30):
        deliver(nowhere)
        clock.pass_(hours=1)
    clock.pass_(hours=6)
    with healthy() as relay:
        deliver(through(desk, relay))
        assert states(desk) == {DeliveryState.SENT: 3}
        assert len(relay.bodies) == len(set(relay.bodies)) == 3


def test_each_mail_leaves_from_a_signed_address(desk: Desk) -> None:
    """With `mail.inbound`, what comes back names the mail, and nobody else can make such an address (row E12)."""
    with healthy() as relay:
        ours = through(desk, relay, inbound="retours@obs.example")
        assert mail.deliver_due(ours).counts == {DeliveryState.SENT: 3}
        senders = [line for line in relay.heard if line.upper().startswith(b"MAIL FROM")]
    key = keys.signing(desk).mail.key
    found = [line.partition(b"+b")[2].partition(b"@")[0].decode() for line in senders]
    assert [tokens.bounced(key, token) for token in found] == [1, 2, 3]
    assert len({*found}) == 3


def test_nothing_that_is_said_holds_an_address(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither the report nor what is written to the terminal names a reader (promise P12)."""
    with RawRelay({"RCPT": f"451 <{PEOPLE[1]}> later", "DOT": "drop"}) as relay:
        said = deliver(through(desk, relay)).sentence()
    shown = capfd.readouterr()
    assert not any(person(address).address in said + shown.out + shown.err for address in PEOPLE)
