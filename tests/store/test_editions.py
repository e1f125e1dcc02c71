"""Frozen editions, and mails that are sent once."""

from dataclasses import replace

import pytest

from tests.store.builders import HOUR, NOW, edition, post
from watcher.errors import StoreError
from watcher.model import Delivery, DeliveryState, UnreadSource
from watcher.store import Store, Transaction, editions, outbox
from watcher.store.editions import Frozen

S = DeliveryState


def freeze(
    store: Store, number: int = 1, week: str = "2026-W46", people: tuple[str, ...] = ("ana", "bo"), key: str = "a"
) -> Frozen:
    made = edition(number, week, (key,))
    return store.write(lambda tx: editions.freeze(tx, made, [post(person, made) for person in people], NOW))


def one(store: Store, ident: int) -> Delivery:
    found = store.read(lambda tx: outbox.get(tx, ident))
    assert found is not None
    return found


class TestFreezing:
    def test_an_edition_comes_back_as_it_was_frozen(self, store: Store) -> None:
        """All that a reader is shown is kept with the edition: entries, evidence, sources that could not be read."""
        unread = UnreadSource(id="s", name="Le Relais", reason="timeout", since=NOW - HOUR)
        whole = edition(keys=("a", "b"), unread=(unread,), templates_hash="ff")
        frozen = store.write(lambda tx: editions.freeze(tx, whole, [post("ana", whole)], NOW))
        assert (frozen.edition, frozen.created) == (whole, True)
        for found in (
            store.read(lambda tx: editions.get(tx, "veille", "2026-W46")),
            store.read(lambda tx: editions.last(tx, "veille")),
        ):
            assert found == Frozen(id=frozen.id, edition=whole)

    def test_a_period_is_frozen_once(self, store: Store) -> None:
        """Freezing the same period again returns what exists: nothing is replaced, nothing queued twice (promise P3)."""
        first = freeze(store)
        again = freeze(store, number=2, people=("ana", "bo", "cy"), key="other")
        assert (again.id, again.edition, again.created) == (first.id, first.edition, False)
        assert store.read(outbox.counts) == {S.QUEUED: 2}
        assert store.read(lambda tx: editions.mailed(tx, ["ana", "cy"])) == {"ana": frozenset({"a"}), "cy": frozenset()}

    def test_an_entry_is_mailed_once_to_a_person(self, store: Store) -> None:
        """An edition that carries what a person has had before is refused whole (promise P2)."""
        freeze(store)
        with pytest.raises(StoreError, match=r"ana.*1 of the entries"):
            freeze(store, number=2, week="2026-W47", people=("cy", "ana"))
        assert store.read(lambda tx: editions.get(tx, "veille", "2026-W47")) is None
        assert store.read(lambda tx: editions.mailed(tx, ["cy"])) == {"cy": frozenset()}
        assert store.read(outbox.counts) == {S.QUEUED: 2}

    def test_numbers_follow_each_other(self, store: Store) -> None:
        """A number is given once in a digest, and the last edition is the one with the highest."""
        freeze(store)
        with pytest.raises(StoreError, match="number 1 already"):
            freeze(store, number=1, week="2026-W47", key="b")
        freeze(store, number=2, week="2026-W47", key="b")
        other = edition(1, "2026-W46", ("c",), digest="autre")
        store.write(lambda tx: editions.freeze(tx, other, [], NOW))
        last = store.read(lambda tx: editions.last(tx, "veille"))
        assert last is not None
        assert (last.edition.number, last.created) == (2, False)
        told = [(f.edition.digest, f.edition.number) for f in store.read(editions.all)]
        assert told == [("autre", 1), ("veille", 2), ("veille", 1)]
        assert [f.edition.number for f in store.read(lambda tx: editions.all(tx, "veille"))] == [2, 1]
        assert store.read(lambda tx: editions.last(tx, "none")) is None

    def test_two_mails_to_one_person_are_refused(self, store: Store) -> None:
        """An edition goes once to a person, and the refusal does not repeat the address (promise P12)."""
        made = edition()
        posts = [post("ana", made), (post("ana", made)[0], replace(post("ana", made)[1], message_id="<other@x>"), ())]
        with pytest.raises(StoreError) as caught:
            store.write(lambda tx: editions.freeze(tx, made, posts, NOW))
        told = [repr(caught.value), str(caught.value), repr(caught.value.__cause__), str(caught.value.__cause__)]
        assert not any("secret.example" in words for words in told)
        assert store.read(editions.all) == ()


class TestOutbox:
    def test_a_mail_is_due_with_the_bytes_that_were_frozen(self, store: Store) -> None:
        """A queued mail comes back byte for byte, to one address, oldest first."""
        frozen = freeze(store)
        due = store.read(lambda tx: outbox.due(tx, NOW, 9))
        recipient, message, _ = post("ana", frozen.edition)
        assert due[0] == Delivery(
            id=due[0].id,
            edition_id=frozen.id,
            recipient_id="ana",
            address=recipient.address,
            message_id=message.message_id,
            raw=message.raw,
            state=S.QUEUED,
            updated_at=NOW,
        )
        assert [d.recipient_id for d in due] == ["ana", "bo"]
        assert len(store.read(lambda tx: outbox.due(tx, NOW, 1))) == 1
        assert store.read(lambda tx: outbox.get(tx, 10_000)) is None

    def test_a_deferred_mail_waits(self, store: Store) -> None:
        """A mail that was put off is due again at its instant, and what happened to it is kept."""
        freeze(store, people=("ana",))
        (mail,) = store.read(lambda tx: outbox.due(tx, NOW, 9))
        later = NOW + HOUR
        store.write(lambda tx: outbox.move(tx, mail.id, S.DEFERRED, now=NOW, reply="451 plus tard", not_before=later, attempts=1))
        assert store.read(lambda tx: outbox.due(tx, NOW, 9)) == ()
        waiting = replace(mail, state=S.DEFERRED, reply="451 plus tard", not_before=later, attempts=1)
        assert store.read(lambda tx: outbox.due(tx, later, 9)) == (waiting,)
        store.write(lambda tx: outbox.move(tx, mail.id, S.HANDING_OVER, now=later, hand_overs=1))
        store.write(lambda tx: outbox.move(tx, mail.id, S.SENT, now=later, reply="250 2.0.0 Ok: queued as 1A", attempts=2))
        sent = one(store, mail.id)
        assert (sent.state, sent.reply, sent.attempts, sent.hand_overs) == (S.SENT, "250 2.0.0 Ok: queued as 1A", 2, 1)
        assert (sent.not_before, sent.updated_at) == (None, later)
        assert store.read(lambda tx: outbox.due(tx, later, 9)) == ()

    @pytest.mark.parametrize("start", list(S))
    def test_only_legal_moves(self, store: Store, start: DeliveryState) -> None:
        """Whatever is asked, a mail goes only where its state allows: what is sent stays sent."""
        freeze(store, people=("ana",))
        (mail,) = store.read(lambda tx: outbox.due(tx, NOW, 9))
        way = {S.QUEUED: [], S.SENT: [S.HANDING_OVER, S.SENT]}.get(start, [start])
        for state in S:
            legal = state in outbox.MOVES[start]

            def attempt(tx: Transaction, state: DeliveryState = state) -> None:
                for step in (*way, state):
                    outbox.move(tx, mail.id, step, now=NOW, not_before=NOW)
                raise RollbackError

            with pytest.raises(RollbackError if legal else StoreError):
                store.write(attempt)
        assert one(store, mail.id).state is S.QUEUED

    def test_moves_that_make_no_sense(self, store: Store) -> None:
        """A mail that does not exist, or one put off without an instant, is an error."""
        freeze(store, people=("ana",))
        (mail,) = store.read(lambda tx: outbox.due(tx, NOW, 9))
        with pytest.raises(StoreError, match="no mail 999"):
            store.write(lambda tx: outbox.move(tx, 999, S.SENT, now=NOW))
        with pytest.raises(StoreError, match="without an instant"):
            store.write(lambda tx: outbox.move(tx, mail.id, S.DEFERRED, now=NOW))

    def test_a_hand_over_that_was_cut_is_never_silent(self, store: Store) -> None:
        """A mail left in the middle of its hand-over is found at the next start, and becomes unknown (promise P3)."""
        freeze(store)
        first, second = store.read(lambda tx: outbox.due(tx, NOW, 9))
        store.write(lambda tx: outbox.move(tx, first.id, S.HANDING_OVER, now=NOW, hand_overs=1))
        assert [d.id for d in store.read(outbox.interrupted)] == [first.id]
        assert [d.id for d in store.read(lambda tx: outbox.due(tx, NOW, 9))] == [second.id]
        assert store.write(lambda tx: outbox.recover(tx, NOW + HOUR)) == 1
        assert store.write(lambda tx: outbox.recover(tx, NOW + HOUR)) == 0
        assert (one(store, first.id).state, one(store, first.id).hand_overs) == (S.UNKNOWN, 1)
        assert store.read(outbox.counts) == {S.QUEUED: 1, S.UNKNOWN: 1}
        assert [d.id for d in store.read(lambda tx: outbox.find(tx, [S.UNKNOWN]))] == [first.id]
        assert [d.id for d in store.read(outbox.find)] == [second.id, first.id]


class RollbackError(Exception):
    """Raised to undo what a transaction did."""
