"""Handing mails to a relay: what it hears, what we believe afterwards."""

from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.deliver.relays import RawRelay, Relay, delivery
from watcher.deliver import RelayError, UnansweredError
from watcher.deliver.smtp import Smtp
from watcher.deliver.wire import stuffed
from watcher.errors import DeliveryError
from watcher.model import Delivery

# With TLS from the first byte, the test server does not know that its clients are covered.
covered = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
StartRelay = Callable[..., Relay]


class Dots:
    """Counts the final dots announced."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def hand_over(relay: RawRelay, mail: Delivery | None = None, *, dots: Dots | None = None) -> str:
    """Send one mail to a misbehaving server, with short patience."""
    with Smtp(relay.mail, timeout=0.5, data_timeout=0.5) as smtp:
        return smtp.send(mail or delivery(), dots or Dots())


def test_a_mail_arrives_byte_for_byte_and_the_250_text_is_kept(start_relay: StartRelay) -> None:
    """The relay's own words are the receipt; the bytes are those that were frozen."""
    relay, dots = start_relay(), Dots()
    with Smtp(relay.mail) as smtp:
        reply = smtp.send(delivery(), dots)
    assert reply == "250 2.0.0 Ok: queued as 0001"
    assert dots.count == 1
    (envelope,) = relay.inbox.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("veille@obs.example", ["a@obs.example"])
    assert envelope.content == delivery().raw


@covered
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_password_leaves_only_through_tls(start_relay: StartRelay, security: str) -> None:
    """STARTTLS and TLS both verify the certificate, then log in, then mail."""
    relay = start_relay(security, auth=True)
    with Smtp(relay.mail) as smtp:
        smtp.send(delivery(), Dots())
    assert relay.inbox.logins == [(b"veille", b"secret-42")]
    assert len(relay.inbox.taken) == 1


@covered
@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("fault", [{"certificate_for": "other.example"}, {"trusted": False}])
def test_a_certificate_that_is_not_the_relays_stops_everything(
    start_relay: StartRelay, security: str, fault: dict[str, object]
) -> None:
    """A wrong name or an unknown authority: no password, no mail, and a person has to look (row E09)."""
    relay = start_relay(security, auth=True, **fault)
    with Smtp(relay.mail) as smtp, pytest.raises(RelayError, match="No trusted connection") as caught:
        smtp.send(delivery(), Dots())
    assert not caught.value.transient
    assert relay.inbox.logins == []
    assert relay.inbox.taken == []


def test_a_stripped_starttls_gets_neither_password_nor_mail() -> None:
    """When someone in between removes STARTTLS from the greeting, nothing secret is on the wire (row E09)."""
    with RawRelay({}, extensions=("SIZE", "AUTH PLAIN LOGIN")) as relay:
        mail = replace(relay.mail, security="starttls", username="veille", password="secret-42")
        with Smtp(mail, timeout=0.5) as smtp, pytest.raises(RelayError, match="no STARTTLS"):
            smtp.send(delivery(), Dots())
    said = b"".join(relay.heard)
    assert said.startswith(b"ehlo")
    assert not any(word in said.upper() for word in (b"AUTH", b"MAIL", b"SECRET", b"VEILLE@"))


def test_a_refused_starttls_is_not_continued_in_clear() -> None:
    """454 to STARTTLS ends the dialogue (row E09)."""
    with RawRelay({"STARTTLS": "454 not now"}, extensions=("STARTTLS", "AUTH PLAIN")) as relay:
        mail = replace(relay.mail, security="starttls", username="veille", password="secret-42")
        with Smtp(mail, timeout=0.5) as smtp, pytest.raises(RelayError) as caught:
            smtp.send(delivery(), Dots())
    assert caught.value.code == 454
    assert caught.value.transient
    assert not any(b"AUTH" in line.upper() for line in relay.heard)


def test_a_password_is_never_sent_in_clear() -> None:
    """`security: none` with a password does not even connect (row E09)."""
    with RawRelay({}, extensions=("AUTH PLAIN",)) as relay:
        mail = replace(relay.mail, username="veille", password="secret-42")
        with Smtp(mail) as smtp, pytest.raises(RelayError, match="not sent in clear"):
            smtp.send(delivery(), Dots())
    assert relay.connections == 0


def test_a_wrong_password_stops_everybody_and_names_no_one(start_relay: StartRelay) -> None:
    """535 is the relay's matter, not the recipient's: nobody is refused, and the password is in no message (row E04)."""
    relay = start_relay("starttls", auth=True)
    with Smtp(replace(relay.mail, password="wrong-77")) as smtp, pytest.raises(RelayError) as caught:
        smtp.send(delivery(), Dots())
    assert (caught.value.code, caught.value.transient) == (535, False)
    assert "wrong-77" not in str(caught.value)
    assert "a@obs.example" not in str(caught.value)


@pytest.mark.parametrize("act", ["drop", "reset", "hang"])
@pytest.mark.parametrize("phase", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_relay_that_vanishes_before_the_dot_has_taken_nothing(phase: str, act: str) -> None:
    """Before the final dot every silence is safe: no dot was announced, and the mail may be sent again (row E02)."""
    dots = Dots()
    with RawRelay({phase: act}) as relay, pytest.raises(DeliveryError) as caught:
        hand_over(relay, dots=dots)
    assert caught.value.transient
    assert not isinstance(caught.value, UnansweredError)
    assert dots.count == 0
    assert relay.bodies == []


@pytest.mark.parametrize("act", ["drop", "reset", "hang", "rubbish", "x" * 20_000, "354 again", "999 ?"])
def test_a_relay_that_vanishes_after_the_dot_leaves_a_doubt(act: str) -> None:
    """After the final dot, silence and nonsense mean that nobody knows: neither sent nor refused (row E02)."""
    dots = Dots()
    with RawRelay({"DOT": act}) as relay, pytest.raises(UnansweredError):
        hand_over(relay, dots=dots)
    assert dots.count == 1
    assert relay.bodies == [delivery().raw]


def test_an_idle_connection_that_was_closed_is_opened_again() -> None:
    """A relay that hung up between two mails costs nothing: the second goes over a new connection."""
    with RawRelay({}) as relay, Smtp(relay.mail, timeout=0.5) as smtp:
        smtp.send(delivery(), Dots())
        relay.script, relay.limit = {"MAIL": "drop"}, 1
        assert smtp.send(delivery(id=2), Dots()).startswith("250")
        assert relay.connections == 2
        assert len(relay.bodies) == 2


@pytest.mark.parametrize("code", [421, 450, 451, 452])
@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_4xx_at_any_command_means_later_and_the_next_mail_goes(phase: str, code: int) -> None:
    """Greylisting, `too many recipients`, a relay going down: this mail waits, the next one is taken (row E03)."""
    with RawRelay({phase: f"{code} later"}, limit=1) as relay, Smtp(relay.mail, timeout=0.5) as smtp:
        with pytest.raises(DeliveryError) as caught:
            smtp.send(delivery(), Dots())
        assert (caught.value.code, caught.value.transient) == (code, True)
        assert not isinstance(caught.value, UnansweredError | RelayError)
        assert smtp.send(delivery(id=2, address="b@obs.example"), Dots()).startswith("250")


@pytest.mark.parametrize(
    ("phase", "code"), [("RCPT", 550), ("RCPT", 553), ("MAIL", 552), ("DATA", 554), ("DOT", 552), ("DOT", 554)]
)
def test_a_5xx_refuses_this_mail_only(phase: str, code: int) -> None:
    """An unknown user, a mail too large or taken for spam: refused for good, the others are served (rows E04, E05)."""
    with RawRelay({phase: f"{code} no"}, limit=1) as relay, Smtp(relay.mail, timeout=0.5) as smtp:
        with pytest.raises(DeliveryError) as caught:
            smtp.send(delivery(), Dots())
        assert (caught.value.code, caught.value.transient) == (code, False)
        assert smtp.send(delivery(id=2, address="b@obs.example"), Dots()).startswith("250")


def test_a_relay_that_refuses_our_sender_refuses_nobody() -> None:
    """550 to MAIL FROM is about us: the mail waits for a person to mend the settings (row E04)."""
    with RawRelay({"MAIL": "550 sender unknown"}) as relay, pytest.raises(RelayError, match="our sender") as caught:
        hand_over(relay)
    assert (caught.value.code, caught.value.transient) == (550, False)


def test_one_recipient_refused_among_three_leaves_the_others_served(start_relay: StartRelay) -> None:
    """One transaction each: a refusal is never read as sent, a sent one never as refused (row E05)."""
    relay = start_relay()
    relay.inbox.replies["b@obs.example"] = "550 5.1.1 <b@obs.example>: no such user"
    outcomes: list[str] = []
    with Smtp(relay.mail) as smtp:
        for number, name in enumerate("abc", start=1):
            try:
                outcomes.append(smtp.send(delivery(id=number, address=f"{name}@obs.example"), Dots())[:3])
            except DeliveryError as error:
                outcomes.append(str(error))
    assert outcomes == ["250", "The relay refused the mail: 550 5.1.1 <(recipient)>: no such user", "250"]
    assert [envelope.rcpt_tos for envelope in relay.inbox.taken] == [["a@obs.example"], ["c@obs.example"]]


def test_a_store_that_fails_before_the_dot_takes_the_mail_back(start_relay: StartRelay) -> None:
    """When `handing_over` cannot be written down, the dot is not sent: no mail leaves that the outbox does not know of."""
    relay = start_relay()

    def broken() -> None:
        raise RuntimeError("disk full")

    with Smtp(relay.mail) as smtp:
        with pytest.raises(RuntimeError, match="disk full"):
            smtp.send(delivery(), broken)
        assert relay.inbox.taken == []
        smtp.send(delivery(id=2), Dots())
    assert len(relay.inbox.taken) == 1


@pytest.mark.parametrize(
    "address",
    ["a@obs.example>\r\nRCPT TO:<z@z.example", "a b@obs.example", "sans-arobase", "@obs.example", "a@", "a\x00@b.example"],
)
def test_an_address_cannot_carry_a_command(address: str) -> None:
    """What is not an address never reaches the wire (row E06)."""
    with RawRelay({}) as relay, pytest.raises(DeliveryError, match="not one") as caught:
        hand_over(relay, delivery(address=address))
    assert not caught.value.transient
    assert not any(line.upper().startswith(b"RCPT") for line in relay.heard)


def test_an_international_domain_is_written_in_ascii() -> None:
    """The envelope speaks ASCII unless the relay announced otherwise (row E07)."""
    with RawRelay({}) as relay:
        hand_over(relay, delivery(address="a@étude.example"))
    assert b"rcpt TO:<a@xn--tude-9oa.example>\r\n" in relay.heard


def test_an_accented_local_part_needs_smtputf8() -> None:
    """Without SMTPUTF8 the mail is refused here, with it the relay is told (row E07)."""
    with RawRelay({}) as relay, pytest.raises(DeliveryError, match="SMTPUTF8"):
        hand_over(relay, delivery(address="hélène@obs.example"))
    with RawRelay({}, extensions=("SMTPUTF8", "8BITMIME")) as relay:
        hand_over(relay, delivery(address="hélène@obs.example"))
    assert "rcpt TO:<hélène@obs.example>\r\n".encode() in relay.heard
    assert any(b"SMTPUTF8" in line for line in relay.heard)


def test_an_eight_bit_mail_is_announced_or_refused() -> None:
    """8-bit bytes go only to a relay that says it takes them (row E07)."""
    mail = delivery(raw=delivery().raw + "Été.\r\n".encode())
    with RawRelay({}) as relay, pytest.raises(DeliveryError, match="8BITMIME"):
        hand_over(relay, mail)
    with RawRelay({}, extensions=("8BITMIME",)) as relay:
        hand_over(relay, mail)
    assert relay.bodies == [mail.raw]


@pytest.mark.parametrize("body", [b"a\n.\nMAIL FROM:<x@x.example>\n", b"a\r\n.\r\nb\r\n", b".\n..\n", b"a\r.\rb", b"no end"])
def test_no_line_of_a_mail_ends_it(start_relay: StartRelay, body: bytes) -> None:
    """Bare LF, bare CR and lone dots stay text: one mail in, one mail out (row E07)."""
    relay = start_relay()
    raw = b"Subject: x\r\n\r\n" + body
    with Smtp(relay.mail) as smtp:
        smtp.send(delivery(raw=raw), Dots())
        smtp.send(delivery(id=2), Dots())
    first, second = relay.inbox.taken
    assert isinstance(first.content, bytes)
    assert first.content.splitlines() == raw.splitlines()
    assert second.content == delivery().raw


@given(st.binary(max_size=200))
def test_stuffing_is_undone_by_the_receiver(raw: bytes) -> None:
    """Whatever the bytes: CRLF only, no lone dot, and unstuffing gives the same lines back (row E07)."""
    wire = stuffed(raw)
    assert wire.endswith(b"\r\n")
    lines = wire[:-2].split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line or line == b"." for line in lines)
    unstuffed = [line.removeprefix(b".") if line.startswith(b"..") else line for line in lines]
    expected = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert b"\n".join(unstuffed) == expected.removesuffix(b"\n")


def test_a_mail_of_ours_is_read_alike_at_both_ends(start_relay: StartRelay) -> None:
    """Accents, long lines and dots survive the trip: what the receiver parses is what was built (row E07)."""
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = "Été"
    message.set_content("é" * 5000 + "\n.\n..fin\n", cte="quoted-printable")
    relay = start_relay()
    with Smtp(relay.mail) as smtp:
        smtp.send(delivery(raw=message.as_bytes()), Dots())
    (envelope,) = relay.inbox.taken
    assert isinstance(envelope.content, bytes)
    assert max(len(line) for line in envelope.content.splitlines()) <= 998
    received = message_from_bytes(envelope.content, policy=policy.default)
    assert isinstance(received, EmailMessage)
    assert received.get_content().replace("\r\n", "\n") == "é" * 5000 + "\n.\n..fin\n"
