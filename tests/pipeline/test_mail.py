"""From the archive to the mailbox: editions, and mails that are neither lost nor sent twice."""

import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from types import TracebackType
from typing import Self

import pytest

from tests.pipeline.conftest import Clock, Open, only
from watcher.deliver import RelayError
from watcher.demo.publisher import Publisher
from watcher.errors import DeliveryError
from watcher.model import Delivery, DeliveryState, Recipient
from watcher.pipeline import mail, publish
from watcher.pipeline.desk import Desk
from watcher.pipeline.poll import poll
from watcher.store import outbox

READ = ("fil-des-metiers", "competences-territoires", "cyber-donnees-hebdo", "quotidien-du-val")


class Relay:
    """A relay that answers what the test wants."""

    def __init__(self, answer: str | DeliveryError, *, die_at_the_dot: bool = False) -> None:
        self.answer = answer
        self.taken: list[bytes] = []
        self.die_at_the_dot = die_at_the_dot

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None

    def send(self, delivery: Delivery, before_final_dot: Callable[[], None]) -> str:
        """Take the mail, refuse it, or have the process die just after the dot."""
        before_final_dot()
        self.taken.append(delivery.raw)
        if self.die_at_the_dot:
            raise KeyboardInterrupt
        if isinstance(self.answer, DeliveryError):
            raise self.answer
        return self.answer


async def test_an_edition_is_frozen_once_and_mailed_once(desk: Desk, clock: Clock) -> None:
    """Publishing twice gives the same edition and one mail; the mail is a file in the spool (promises P2, P3)."""
    await poll(only(desk, *READ))
    first = publish.publish(desk, "veille")
    assert first.created
    assert first.mails == 1
    assert mail.deliver_due(desk).counts == {DeliveryState.SENT: 1}
    clock.pass_(hours=1)
    again = publish.publish(desk, "veille")
    assert not again.created
    assert again.edition == first.edition
    assert mail.deliver_due(desk).counts == {}
    assert len(list(desk.home.spool.glob("*.eml"))) == 1


async def test_the_mail_holds_what_matters_and_not_the_rest(desk: Desk) -> None:
    """Articles on the themes are in the mail with their reasons; football and robot lawns are not."""
    await poll(only(desk, *READ))
    published = publish.publish(desk, "veille")
    entries = [entry for section in published.edition.sections for entry in section.entries]
    assert entries
    assert all(entry.relevance >= 2 and entry.evidence for entry in entries)
    (delivery,) = desk.store.read(lambda tx: outbox.due(tx, desk.now(), 10))
    message = message_from_bytes(delivery.raw, policy=policy.default)
    html = message.get_body(("html",))
    text = message.get_body(("plain",))
    assert html is not None
    assert text is not None
    read = _spaces(text.get_content())
    for entry in entries:
        assert _spaces(entry.title) in read
    assert "http" not in message["Subject"]


def _spaces(words: str) -> str:
    """Return `words` with every kind of blank, narrow ones included, as one space or none before punctuation."""
    return re.sub(r"\s+([:;!?»])", r"\1", re.sub(r"\s+", " ", words))


async def test_next_week_repeats_nothing(desk: Desk, publisher: Publisher, clock: Clock) -> None:
    """The second edition holds what was recorded since the first, and only that; it says so when there is nothing."""
    await poll(only(desk, *READ))
    first = publish.publish(desk, "veille")
    clock.pass_(days=7)
    publisher.publish("assistants-juridiques-reconversion", clock.now)
    await poll(only(desk, *READ))
    second = publish.publish(desk, "veille")
    assert second.edition.number == first.edition.number + 1
    mailed = {e.key for s in first.edition.sections for e in s.entries}
    fresh = {e.key for s in second.edition.sections for e in s.entries}
    assert not mailed & fresh
    assert any("assistants-juridiques" in key for key in fresh)


async def test_the_preview_is_the_mail_that_is_sent(desk: Desk) -> None:
    """What an administrator previews is byte for byte what leaves, and previewing freezes nothing."""
    await poll(only(desk, *READ))
    _, before = publish.preview(desk, "veille")
    publish.publish(desk, "veille")
    (delivery,) = desk.store.read(lambda tx: outbox.due(tx, desk.now(), 10))
    assert delivery.raw == before.raw


async def test_a_death_at_the_final_dot_is_settled_and_never_repeated_thrice(open_desk: Open, clock: Clock) -> None:
    """Killed just after the dot, the mail is handed over once more with the same bytes, and never again (promise P3)."""
    with open_desk() as desk:
        await poll(only(desk, "cyber-donnees-hebdo"))
        publish.publish(desk, "veille")
        dying = Relay("250 taken", die_at_the_dot=True)
        with pytest.raises(KeyboardInterrupt):
            mail.deliver_due(desk, dying)
    with open_desk() as desk:
        clock.pass_(hours=1)
        mail.deliver_due(desk, dying_again := Relay("250 never reached"))
        clock.pass_(hours=1)
        relay = Relay("250 taken")
        mail.deliver_due(desk, relay)
        handed = dying.taken + dying_again.taken + relay.taken
        assert len(handed) == 2
        assert len(set(handed)) == 1


async def test_a_relay_that_is_down_delays_everybody_and_loses_nobody(desk: Desk, clock: Clock) -> None:
    """Mails wait for the relay and leave once, when it is back (row E14)."""
    await poll(only(desk, "cyber-donnees-hebdo"))
    people = tuple(Recipient(id=f"r{n}", address=f"r{n}@example.org") for n in range(3))
    digest = replace(desk.config.digests[0], recipients=people)
    crowd = replace(desk, config=replace(desk.config, digests=(digest,)))
    publish.publish(crowd, "veille")
    down = Relay(RelayError("The relay does not answer."))
    assert mail.deliver_due(crowd, down).counts[DeliveryState.DEFERRED] == 1
    clock.pass_(hours=7)
    up = Relay("250 taken")
    assert mail.deliver_due(crowd, up).counts == {DeliveryState.SENT: 3}
    assert mail.deliver_due(crowd, up).counts == {}


async def test_an_unknown_digest_is_named(desk: Desk) -> None:
    """A wrong name says which ones there are."""
    with pytest.raises(Exception, match="Did you mean 'veille'"):
        publish.publish(desk, "vieille")


async def test_a_text_that_comes_after_the_edition_reaches_the_next_one(desk: Desk, clock: Clock) -> None:
    """An article whose page was still to be read, and whose summary was not worth an entry, is in the next edition."""
    await poll(only(desk, *READ), most_pages=0)
    first = publish.publish(desk, "veille")
    clock.pass_(days=7)
    await poll(only(desk, *READ), everything=True)
    second = publish.publish(desk, "veille")
    mailed = {e.key for s in first.edition.sections for e in s.entries}
    (delivery,) = [d for d in desk.store.read(lambda tx: outbox.due(tx, clock.now, 10)) if d.edition_id != 1]
    assert second.edition.sections
    text = message_from_bytes(delivery.raw, policy=policy.default).get_body(("plain",))
    assert text is not None
    late = [e for s in second.edition.sections for e in s.entries if e.key not in mailed]
    assert late
    assert all(_spaces(entry.title) in _spaces(text.get_content()) for entry in late)


async def test_nothing_read_or_nobody_to_write_to_uses_up_no_edition(desk: Desk) -> None:
    """A trial without network, or before the first address is written, does not spend the week's edition."""
    nobody = replace(desk, config=replace(desk.config, digests=(replace(desk.config.digests[0], recipients=()),)))
    with pytest.raises(Exception, match="nobody receives the digest"):
        publish.publish(nobody, "veille")
    with pytest.raises(Exception, match="No source was read"):
        publish.publish(desk, "veille")
    await poll(only(desk, *READ))
    assert publish.publish(desk, "veille").created


async def test_a_week_that_is_not_over_is_refused(desk: Desk) -> None:
    """An edition cannot be made of a week that still runs, or of one to come."""
    for week in ("2026-W47", "2031-W10", "hier"):
        with pytest.raises(Exception, match="There is no"):
            publish.publish(desk, "veille", week=week)
