"""The life of a mail in the outbox, as a pure state machine.

    queued ──► handing_over ──► sent         the relay took it, its answer is kept
      ▲              │├───────► deferred     4xx, or no connection: again later, for 48 hours
      │              │├───────► refused      5xx, or 48 hours are over: told to the administrator
      │              │└───────► unknown      nobody answered the final dot
      └──────────────┴─ once ───────┘        `on_unknown: resend` hands the same bytes over a second time, never a third

`handing_over` is stored just before the final dot. A process that dies there leaves it behind, and `next_step` with no
outcome settles it at the next start: a mail is never lost in silence, and repeated only inside that window.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.deliver import RelayError, UnansweredError
from watcher.errors import DeliveryError
from watcher.model import Delivery, DeliveryState

FIRST_DELAY = timedelta(minutes=5)
LONGEST_DELAY = timedelta(hours=6)
PATIENCE = timedelta(hours=48)
JITTER = 0.2
# A receiver that is still busy with the first copy must be done with it, or it cannot tell that the second is the same.
RESEND_DELAY = timedelta(minutes=15)
MOST_HAND_OVERS = 2

_DOT_COUNTED = (DeliveryState.HANDING_OVER, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What to write in the outbox. `hand_overs` counts final dots that were not answered by a refusal."""

    state: DeliveryState
    not_before: datetime | None = None
    attempts: int
    hand_overs: int
    reply: str | None = None


def begin(delivery: Delivery) -> Move:
    """Return the move to store just before the final dot of `delivery`.

    Raises DeliveryError when it was handed over twice already, whatever led here: there is no third hand-over.
    """
    dots = _dots_before(delivery)
    if dots >= MOST_HAND_OVERS:
        message = f"Mail {delivery.message_id} was handed over {dots} times already; it is not sent again."
        raise DeliveryError(message, transient=False)
    return Move(state=DeliveryState.HANDING_OVER, attempts=delivery.attempts, hand_overs=dots + 1, reply=delivery.reply)


def next_step(
    delivery: Delivery,
    outcome: str | DeliveryError | None,
    *,
    now: datetime,
    on_unknown: str,
    random: Callable[[], float],
) -> Move:
    """Say where `delivery` goes after an attempt to hand it over.

    `outcome` is the reply that accepted the mail, or the error, or None when the process died before it knew.
    `delivery` may be the row as it was before the attempt or after `begin`: its state tells which. `random` gives numbers in
    [0, 1) and spreads the retries; `on_unknown` is `resend` or `hold`.
    """
    attempts = delivery.attempts + 1
    dots = _dots_before(delivery)
    if isinstance(outcome, str):
        return Move(state=DeliveryState.SENT, attempts=attempts, hand_overs=dots + 1, reply=outcome)
    if outcome is None or isinstance(outcome, UnansweredError):
        return _unknown(delivery, outcome, attempts, dots + 1, now=now, on_unknown=on_unknown)
    if dots >= MOST_HAND_OVERS:
        return Move(state=DeliveryState.UNKNOWN, attempts=attempts, hand_overs=dots, reply=outcome.message)
    if isinstance(outcome, RelayError) or outcome.transient:
        return _again(outcome, attempts, dots, now=now, random=random)
    return Move(state=DeliveryState.REFUSED, attempts=attempts, hand_overs=dots, reply=outcome.message)


def _dots_before(delivery: Delivery) -> int:
    """Return the final dots sent before the attempt under way: `begin` has already counted that one in the stored row."""
    return delivery.hand_overs - (1 if delivery.state in _DOT_COUNTED else 0)


def _unknown(
    delivery: Delivery, outcome: DeliveryError | None, attempts: int, dots: int, *, now: datetime, on_unknown: str
) -> Move:
    reply = outcome.message if outcome else delivery.reply
    if on_unknown == "resend" and dots < MOST_HAND_OVERS:
        return Move(state=DeliveryState.QUEUED, not_before=now + RESEND_DELAY, attempts=attempts, hand_overs=dots, reply=reply)
    return Move(state=DeliveryState.UNKNOWN, attempts=attempts, hand_overs=dots, reply=reply)


def _again(outcome: DeliveryError, attempts: int, dots: int, *, now: datetime, random: Callable[[], float]) -> Move:
    if _waited(attempts) >= PATIENCE:
        return Move(state=DeliveryState.REFUSED, attempts=attempts, hand_overs=dots, reply=outcome.message)
    delay = _delay(attempts) * (1 - JITTER + 2 * JITTER * random())
    return Move(state=DeliveryState.DEFERRED, not_before=now + delay, attempts=attempts, hand_overs=dots, reply=outcome.message)


def _delay(attempts: int) -> timedelta:
    return min(FIRST_DELAY * 2 ** min(attempts - 1, 20), LONGEST_DELAY)


def _waited(attempts: int) -> timedelta:
    """Return how long `attempts` tries have waited in all, jitter aside."""
    return sum((_delay(n) for n in range(1, attempts)), timedelta())
