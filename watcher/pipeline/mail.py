"""Deliver: hand what is queued to SMTP or to the spool, one mail at a time, and record what became of each."""

from collections import Counter
from dataclasses import dataclass, field

from watcher.deliver import RelayError, Transport, outbox
from watcher.deliver.smtp import Smtp
from watcher.deliver.spool import Spool
from watcher.errors import DeliveryError
from watcher.model import Delivery, DeliveryState
from watcher.pipeline.desk import Desk
from watcher.store import outbox as stored

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """How many mails reached each state in one run, and what the refused ones were told."""

    counts: Counter[DeliveryState] = field(default_factory=Counter[DeliveryState])
    problems: tuple[str, ...] = ()

    @property
    def refused(self) -> int:
        """Mails that will not be tried again."""
        return self.counts[DeliveryState.REFUSED]

    @property
    def unknown(self) -> int:
        """Mails that nobody can tell whether they were taken."""
        return self.counts[DeliveryState.UNKNOWN]

    def sentence(self) -> str:
        """Return what happened, in one line."""
        if not self.counts:
            return "No mail was waiting."
        said = ", ".join(f"{count} {state}" for state, count in sorted(self.counts.items()))
        return f"Mail: {said}." + "".join(f"\n  {problem}" for problem in self.problems)


def deliver_due(desk: Desk, transport: Transport | None = None) -> Delivered:
    """Hand over every mail that is due, and return how it went.

    The intention is committed just before the final dot, what came of it right after: a kill between the two leaves a mail
    `handing_over`, which the next run settles (promise P3). When the relay itself cannot be used, the others wait with it.
    """
    settle_interrupted(desk)
    now = desk.now()
    due = desk.store.read(lambda tx: stored.due(tx, now, MOST_AT_ONCE))
    if not due:
        return Delivered()
    counts: Counter[DeliveryState] = Counter()
    problems: list[str] = []
    try:
        with transport or transport_of(desk) as way:
            for delivery in due:
                outcome = _hand_over(desk, way, delivery)
                move = _record(desk, delivery, outcome)
                counts[move.state] += 1
                if isinstance(outcome, DeliveryError):
                    problems.append(outcome.message)
                if isinstance(outcome, RelayError):
                    break
    except RelayError as error:
        # The relay could not be opened at all: no mail was tried, the first one carries the delay for all.
        move = _record(desk, due[0], error)
        counts[move.state] += 1
        problems.append(error.message)
    return Delivered(counts=counts, problems=tuple(dict.fromkeys(problems)))


def transport_of(desk: Desk) -> Transport:
    """Return the way out that the settings name."""
    mail = desk.config.settings.mail
    return Smtp(mail) if mail.mode == "smtp" else Spool(desk.home.spool)


def settle_interrupted(desk: Desk) -> None:
    """Decide about mails whose hand-over was cut by the death of the process."""
    for delivery in desk.store.read(stored.interrupted):
        _record(desk, delivery, None)


def _hand_over(desk: Desk, way: Transport, delivery: Delivery) -> str | DeliveryError:
    def before_final_dot() -> None:
        move = outbox.begin(delivery)
        now = desk.now()
        desk.store.write(lambda tx: stored.move(tx, delivery.id, move.state, now=now, hand_overs=move.hand_overs))

    try:
        return way.send(delivery, before_final_dot)
    except DeliveryError as error:
        return error


def _record(desk: Desk, delivery: Delivery, outcome: str | DeliveryError | None) -> outbox.Move:
    now = desk.now()
    on_unknown = desk.config.settings.mail.on_unknown
    move = outbox.next_step(delivery, outcome, now=now, on_unknown=on_unknown, random=desk.rng.random)
    desk.store.write(
        lambda tx: stored.move(
            tx,
            delivery.id,
            move.state,
            now=now,
            reply=move.reply,
            not_before=move.not_before,
            attempts=move.attempts,
            hand_overs=move.hand_overs,
        )
    )
    return move
