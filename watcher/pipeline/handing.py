"""Hand one mail over after the other, and leave behind, whatever dies on the way, what tells how far each got.

Before the final dot: `handing_over` is committed, then a line is in the journal. After the answer: a second line, then `sent`.
When the relay answers at once, that `sent` shares the commit of the next mail's `handing_over`: meanwhile the journal knows.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from watcher.deliver import Transport, outbox
from watcher.deliver.journal import Journal
from watcher.errors import DeliveryError, StoreError
from watcher.model import Delivery
from watcher.pipeline import subscriptions
from watcher.pipeline.desk import Desk
from watcher.store import Transaction, counters
from watcher.store import outbox as stored

# Below this, a commit of its own would take longer than the hand-over; above it, nobody notices, and nothing is put off.
AT_ONCE_SECONDS = 0.02


class WithdrawnError(Exception):
    """That a mail may not leave any more: its reader left between the making and the final dot."""


class TakenError(Exception):
    """That another process is handing this mail over, or has."""


@dataclass(kw_only=True)
class Hands:
    """What one run knows. `counted` are the final dots, and the people's choices that `withdrawn` was read at."""

    desk: Desk
    way: Transport
    journal: Journal
    instance: str
    names: dict[int, tuple[str, str]]
    counted: counters.Counters = field(default_factory=counters.Counters)
    withdrawn: dict[int, str] = field(default_factory=dict[int, str])
    _owed: tuple[Delivery, outbox.Move] | None = None

    def look(self, waiting: Sequence[Delivery]) -> None:
        """Read which of these mails may not leave any more."""

        def read(tx: Transaction) -> tuple[counters.Counters, dict[int, str]]:
            return counters.read(tx), subscriptions.withdrawn(self.desk, tx, waiting)

        self.counted, self.withdrawn = self.desk.store.read(read)

    def hand_over(self, mail: Delivery) -> str | DeliveryError:
        """Hand one mail over and return the reply that took it, or why it was not. Raises WithdrawnError and TakenError."""
        started = time.monotonic()
        try:
            reply = self.way.send(mail, lambda: self._announce(mail))
        except DeliveryError as error:
            return error
        self.journal.note({"id": mail.id, "instance": self.instance, "message_id": mail.message_id, "reply": reply})
        move = self.next(mail, reply)
        self.settle()
        self._owed = (mail, move)
        if time.monotonic() - started > AT_ONCE_SECONDS:
            self.settle()
        return reply

    def next(self, mail: Delivery, outcome: str | DeliveryError | None) -> outbox.Move:
        """Return where a mail goes after `outcome`."""
        on_unknown = self.desk.config.settings.mail.on_unknown
        return outbox.next_step(mail, outcome, now=self.desk.now(), on_unknown=on_unknown, random=self.desk.rng.random)

    def record(self, mail: Delivery, move: outbox.Move) -> None:
        """Write down where a mail is now, and what is still owed."""
        owed, now = self._owed, self.desk.now()

        def write(tx: Transaction) -> None:
            if owed:
                _moved(tx, *owed, now=now)
            _moved(tx, mail, move, now=now)

        self.desk.store.write(write)
        self._owed = None

    def settle(self) -> None:
        """Write down what is still owed."""
        if self._owed is not None:
            (mail, move), self._owed = self._owed, None
            now = self.desk.now()
            self.desk.store.write(lambda tx: _moved(tx, mail, move, now=now))

    def _announce(self, mail: Delivery) -> None:
        """Commit that the final dot is about to be sent, unless the reader has left, and put it in the journal."""
        move, owed, now = outbox.begin(mail), self._owed, self.desk.now()

        def write(tx: Transaction) -> counters.Counters:
            counted = counters.step(tx, self.counted) or counters.next_epoch(tx)
            if counted.changes != self.counted.changes and mail.id in subscriptions.withdrawn(self.desk, tx, (mail,)):
                raise WithdrawnError
            if owed:
                _moved(tx, *owed, now=now)
            try:
                stored.move(tx, mail.id, move.state, now=now, hand_overs=move.hand_overs)
            except StoreError as error:
                raise TakenError from error
            return counted

        counted = self.desk.store.write(write)
        self.counted = replace(self.counted, epoch=counted.epoch)
        self._owed = None
        digest, period = self.names.get(mail.edition_id, ("", ""))
        self.journal.note(
            {
                "at": now.isoformat(timespec="seconds"),
                "epoch": counted.epoch,
                "id": mail.id,
                "instance": self.instance,
                "message_id": mail.message_id,
                "digest": digest,
                "period": period,
                "recipient": mail.recipient_id,
            }
        )


def _moved(tx: Transaction, mail: Delivery, move: outbox.Move, *, now: datetime) -> None:
    stored.move(
        tx,
        mail.id,
        move.state,
        now=now,
        reply=move.reply,
        not_before=move.not_before,
        attempts=move.attempts,
        hand_overs=move.hand_overs,
    )
