"""Settle one mail of the outbox by hand: it was taken, it leaves once more, or it is given up."""

from watcher.errors import StoreError, UnknownNameError
from watcher.model import DeliveryState
from watcher.pipeline.desk import Desk
from watcher.store import Transaction
from watcher.store import outbox as stored

_REPLIES = {"sent": "An operator found that it was taken.", "drop": "An operator gave it up."}


def resolve(desk: Desk, delivery_id: int, decision: str) -> DeliveryState | None:
    """Settle mail `delivery_id` and return its new state; None when it is out of the outbox.

    `sent`: the relay took it, as its log says. `resend`: the same bytes are handed over once more, under the same Message-ID.
    `drop`: it is given up. Raises UnknownNameError when there is no such mail, StoreError when it was sent or is under way.
    """
    now = desk.now()

    def settle(tx: Transaction) -> DeliveryState | None:
        mail = stored.get(tx, delivery_id)
        if mail is None:
            raise UnknownNameError("mail", str(delivery_id), remedy="`watcher outbox list --mails` shows their numbers.")
        if mail.state in (DeliveryState.SENT, DeliveryState.HANDING_OVER):
            raise StoreError(f"Mail {delivery_id} is {mail.state}: there is nothing to decide.")
        if decision == "drop" and stored.withdraw(tx, (delivery_id,)):
            return None
        if decision == "sent" and mail.state is not DeliveryState.UNKNOWN:
            raise StoreError(
                f"Mail {delivery_id} is {mail.state}: no final dot of it went unanswered.", remedy="`resend` or `drop`."
            )
        if decision == "resend":
            # One more final dot and no other, whatever happened: the operator's word takes the place of the automatic resend.
            stored.move(tx, delivery_id, DeliveryState.QUEUED, now=now, attempts=0, hand_overs=min(mail.hand_overs, 1))
            return DeliveryState.QUEUED
        state = DeliveryState.SENT if decision == "sent" else DeliveryState.REFUSED
        if mail.state is not state:
            stored.move(tx, delivery_id, state, now=now, reply=_REPLIES[decision])
        return state

    return desk.store.write(settle)
