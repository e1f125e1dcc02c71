"""Settle one mail of the outbox by hand: it was taken, it leaves once more, or it is given up."""

from watcher.errors import StoreError, UnknownNameError
from watcher.model import Delivery, DeliveryState
from watcher.pipeline.desk import Desk
from watcher.store import Transaction
from watcher.store import outbox as stored

_REPLIES = {"sent": "An operator found that it was taken.", "drop": "An operator gave it up."}


def resolve(desk: Desk, delivery_id: int, decision: str) -> DeliveryState | None:
    """Settle mail `delivery_id` and return its new state; None when it is out of the outbox.

    `sent`: the relay took it, as its log says; a final dot of it went unanswered, whether it waits for its resend or not.
    `resend`: the same bytes are handed over once more, under the same Message-ID, at the next run. `drop`: it is given up. Raises
    UnknownNameError when there is no such mail, StoreError when it was sent, is under way, or cannot have been taken.
    """

    def settle(tx: Transaction) -> DeliveryState | None:
        mail = stored.get(tx, delivery_id)
        if mail is None:
            raise UnknownNameError("mail", str(delivery_id), remedy="`watcher outbox list --mails` shows their numbers.")
        if mail.state in (DeliveryState.SENT, DeliveryState.HANDING_OVER):
            raise StoreError(f"Mail {delivery_id} is {mail.state}: there is nothing to decide.")
        if decision == "drop" and stored.withdraw(tx, (delivery_id,)):
            return None
        if decision == "sent" and mail.state is not DeliveryState.UNKNOWN and not mail.hand_overs:
            raise StoreError(
                f"Mail {delivery_id} is {mail.state}: no final dot of it went unanswered, so no relay can have it.",
                remedy=f"`watcher outbox resolve {delivery_id} resend` hands it over, `drop` gives it up.",
            )
        if decision == "resend":
            # One more final dot and no other, whatever happened: the operator's word takes the place of the automatic resend.
            return _brought(desk, tx, mail, DeliveryState.QUEUED)
        return _brought(desk, tx, mail, DeliveryState.SENT if decision == "sent" else DeliveryState.REFUSED, _REPLIES[decision])

    return desk.store.write(settle)


# What the outbox does not allow in one step (a mail that waits was not taken, says its table), a person's word allows in two.
_ON_THE_WAY = {
    (DeliveryState.QUEUED, DeliveryState.SENT): (DeliveryState.UNKNOWN,),
    (DeliveryState.DEFERRED, DeliveryState.SENT): (DeliveryState.UNKNOWN,),
    (DeliveryState.REFUSED, DeliveryState.SENT): (DeliveryState.QUEUED, DeliveryState.UNKNOWN),
    (DeliveryState.QUEUED, DeliveryState.QUEUED): (DeliveryState.UNKNOWN,),
}


def _brought(desk: Desk, tx: Transaction, mail: Delivery, wanted: DeliveryState, reply: str | None = None) -> DeliveryState:
    """Bring `mail` to the state `wanted`, and return it; one that is to leave again is due at once, for one final dot."""
    now = desk.now()
    if mail.state is wanted and wanted is not DeliveryState.QUEUED:
        return wanted
    for state in _ON_THE_WAY.get((mail.state, wanted), ()):
        stored.move(tx, mail.id, state, now=now)
    if wanted is DeliveryState.QUEUED:
        stored.move(tx, mail.id, wanted, now=now, attempts=0, hand_overs=min(mail.hand_overs, 1))
    else:
        stored.move(tx, mail.id, wanted, now=now, reply=reply)
    return wanted
