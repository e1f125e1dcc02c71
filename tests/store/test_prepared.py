"""What is run at every final dot: prepared statements, and the count of final dots."""

import pytest

from tests.store.builders import NOW, edition, post
from watcher.errors import StoreError
from watcher.model import DeliveryState
from watcher.store import Store, Transaction, counters, editions, outbox
from watcher.store.counters import Counters


def test_a_final_dot_is_counted_once_by_who_knows_the_count(store: Store) -> None:
    """The count goes up by one for who knows both numbers; who does not is told so, and nothing is counted."""
    store.write(counters.next_epoch)
    store.write(counters.changed)
    known = store.read(counters.read)
    assert known == Counters(epoch=1, changes=1)
    assert store.write(lambda tx: counters.step(tx, known)) == Counters(epoch=2, changes=1)
    assert store.write(lambda tx: counters.step(tx, known)) is None
    assert store.write(lambda tx: counters.step(tx, Counters(epoch=2, changes=0))) is None
    assert store.read(counters.read) == Counters(epoch=2, changes=1)


def test_a_new_database_has_no_count_to_step_from(store: Store) -> None:
    """Before the first final dot there is nothing to add one to: `next_epoch` makes the first."""
    assert store.write(lambda tx: counters.step(tx, Counters())) is None
    assert store.read(counters.read) == Counters()


def test_a_prepared_change_is_undone_with_its_transaction(store: Store) -> None:
    """A mail that was moved in a transaction that failed is where it was: what goes straight to the driver rolls back too."""
    store.write(lambda tx: editions.freeze(tx, edition(), [post("r1", edition())], NOW))
    (mail,) = store.read(lambda tx: outbox.due(tx, NOW, 9))

    def work(tx: Transaction) -> None:
        outbox.move(tx, mail.id, DeliveryState.HANDING_OVER, now=NOW, hand_overs=1)
        raise KeyError

    with pytest.raises(KeyError):
        store.write(work)
    assert store.read(lambda tx: outbox.due(tx, NOW, 9)) == (mail,)


@pytest.mark.parametrize("first", ["read", "write"])
def test_a_reading_transaction_writes_nothing(store: Store, first: str) -> None:
    """A prepared change inside a read raises StoreError, whether the connection read or wrote before."""
    store.write(lambda tx: editions.freeze(tx, edition(), [post("r1", edition())], NOW))
    (mail,) = store.read(lambda tx: outbox.due(tx, NOW, 9))
    if first == "write":
        store.write(counters.changed)
    with pytest.raises(StoreError):
        store.read(lambda tx: outbox.move(tx, mail.id, DeliveryState.HANDING_OVER, now=NOW, hand_overs=1))
    assert store.read(lambda tx: outbox.due(tx, NOW, 9)) == (mail,)
    store.write(lambda tx: outbox.move(tx, mail.id, DeliveryState.HANDING_OVER, now=NOW, hand_overs=1))
    assert store.read(outbox.counts) == {DeliveryState.HANDING_OVER: 1}
