"""Deliver: hand what is queued to SMTP or to the spool, one mail at a time, and record what became of each."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta

from watcher import locks, tokens
from watcher.deliver import RelayError, Transport
from watcher.deliver.journal import Journal
from watcher.deliver.smtp import Smtp
from watcher.deliver.spool import Spool
from watcher.errors import DeliveryError
from watcher.model import Delivery, DeliveryState, Message
from watcher.pipeline import epoch, keys
from watcher.pipeline.desk import Desk
from watcher.pipeline.handing import Hands, TakenError, WithdrawnError
from watcher.pipeline.reconcile import note_editions
from watcher.store import Transaction, meta, recipients
from watcher.store import outbox as stored

# So many mails are in memory at a time.
MOST_AT_ONCE = 100
LOCK = "mail.lock"
# On a database that several machines share, a hand-over that another one began is its own to settle, for so long.
ABANDONED = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """How many mails reached each state in one run, and what the refused ones were told.

    `withdrawn` counts those whose reader left before the final dot; `held` says why nothing left at all.
    """

    counts: Counter[DeliveryState] = field(default_factory=Counter[DeliveryState])
    problems: tuple[str, ...] = ()
    withdrawn: int = 0
    held: str | None = None

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
        if self.held:
            return self.held
        parts = [f"{count} {state}" for state, count in sorted(self.counts.items())]
        parts += [f"{self.withdrawn} withdrawn"] if self.withdrawn else []
        if not parts:
            return "No mail was waiting."
        return f"Mail: {', '.join(parts)}." + "".join(f"\n  {problem}" for problem in self.problems)


def deliver_due(desk: Desk, transport: Transport | None = None) -> Delivered:
    """Hand over every mail that is due, and return how it went.

    The intention is committed just before the final dot, what came of it right after: a kill between the two leaves a mail
    `handing_over`, which the next run settles (promise P3). Who has left meanwhile is not written to (row E11). When the relay
    itself cannot be used, the others wait with it. One process of a home at a time; none when the database is a copy or was
    restored (rows E15, E16).
    """
    now = desk.now()
    if not desk.store.read(lambda tx: stored.due(tx, now, 1) or stored.interrupted(tx)):
        return Delivered()
    with alone(desk) as mine:
        if not mine:
            held = "Another process of this home is handing mails over. What is left waits for the next run."
            return Delivered(held=held, problems=(held,))
        if (held := epoch.hold(desk)) is not None:
            return Delivered(held=held, problems=(held,))
        epoch.remember(desk)
        epoch.journal_of(desk.home).trim()
        try:
            with epoch.journal_of(desk.home) as journal:
                settle_interrupted(desk)
                done = _run(desk, journal, transport or transport_of(desk))
                journal.sync()
        finally:
            epoch.remember(desk)
        return done


def send_test(desk: Desk, message: Message, address: str, transport: Transport | None = None) -> str:
    """Hand a mail to `address` and return the relay's reply, noting nothing anywhere: it is a test (row E15).

    Raises DeliveryError when it is not taken.
    """
    mail = Delivery(
        id=0,
        edition_id=0,
        recipient_id="test",
        address=address,
        message_id=message.message_id,
        raw=message.raw,
        state=DeliveryState.QUEUED,
    )
    with transport or transport_of(desk) as way:
        return way.send(mail, lambda: None)


def transport_of(desk: Desk) -> Transport:
    """Return the way out that the settings name."""
    mail = desk.config.settings.mail
    return Smtp(mail, sender_of=_sender_of(desk)) if mail.mode == "smtp" else Spool(desk.home.spool)


def alone(desk: Desk) -> AbstractContextManager[bool]:
    """Give True to the one process of the home that may hand mails over, False to the others, until it is done."""
    return locks.held(desk.home.var / LOCK)


def settle_interrupted(desk: Desk) -> None:
    """Decide about mails whose hand-over was cut by the death of the process: the journal may know the relay's answer."""
    left = desk.store.read(stored.interrupted)
    if not left:
        return
    journal = epoch.journal_of(desk.home)
    begun, replies = _noted(desk, journal)
    hands = Hands(desk=desk, way=Spool(desk.home.spool), journal=journal, instance="", names={})
    for mail in left:
        ours = desk.store.backend == "sqlite" or (mail.id, mail.message_id) in begun
        if ours or mail.updated_at is None or desk.now() - mail.updated_at > ABANDONED:
            hands.record(mail, hands.next(mail, replies.get((mail.id, mail.message_id))))


def _noted(desk: Desk, journal: Journal) -> tuple[set[tuple[int, str]], dict[tuple[int, str], str]]:
    """Return the mails of this database whose final dot the journal announces, and the answers it holds to the last of each."""
    instance = desk.store.read(meta.read).instance_id
    begun: set[tuple[int, str]] = set()
    replies: dict[tuple[int, str], str] = {}
    for line in journal.lines():
        if line.get("instance") != instance or "id" not in line:
            continue
        name = (int(line["id"]), str(line["message_id"]))
        if "reply" in line:
            replies[name] = str(line["reply"])
        else:
            begun.add(name)
            replies.pop(name, None)
    return begun, replies


def _run(desk: Desk, journal: Journal, transport: Transport) -> Delivered:
    counts: Counter[DeliveryState] = Counter()
    problems: list[str] = []
    withdrawn = 0
    tried: set[int] = set()
    noted: set[int] = set()
    with transport as way:
        while due := [mail for mail in _due(desk) if mail.id not in tried]:
            hands = _hands(desk, way, journal, due, noted)
            try:
                for mail in due:
                    tried.add(mail.id)
                    outcome = _attempt(hands, mail)
                    if outcome is None:
                        withdrawn += _withdraw(desk, mail)
                        continue
                    if isinstance(outcome, str):
                        counts[DeliveryState.SENT] += 1
                        continue
                    if isinstance(outcome, TakenError):
                        continue
                    move = hands.next(mail, outcome)
                    hands.record(mail, move)
                    counts[move.state] += 1
                    problems.append(outcome.message)
                    if isinstance(outcome, RelayError):
                        return Delivered(counts=counts, problems=tuple(dict.fromkeys(problems)), withdrawn=withdrawn)
            finally:
                hands.settle()
    return Delivered(counts=counts, problems=tuple(dict.fromkeys(problems)), withdrawn=withdrawn)


def _attempt(hands: Hands, mail: Delivery) -> str | DeliveryError | TakenError | None:
    """Hand one mail over; None when its reader has left."""
    if mail.id in hands.withdrawn:
        return None
    try:
        return hands.hand_over(mail)
    except WithdrawnError:
        return None
    except TakenError as taken:
        return taken


def _due(desk: Desk) -> Sequence[Delivery]:
    now = desk.now()
    return desk.store.read(lambda tx: stored.due(tx, now, MOST_AT_ONCE))


def _hands(desk: Desk, way: Transport, journal: Journal, due: Sequence[Delivery], noted: set[int]) -> Hands:
    """Return what the next mails need; editions that are not among those `noted` are put into the journal."""

    def read(tx: Transaction) -> tuple[str, dict[int, tuple[str, str]]]:
        return meta.read(tx).instance_id, recipients.names_of(tx, (mail.edition_id for mail in due))

    instance, names = desk.store.read(read)
    if fresh := {ident: name for ident, name in names.items() if ident not in noted}:
        note_editions(desk, journal, fresh)
        noted.update(fresh)
    hands = Hands(desk=desk, way=way, journal=journal, instance=instance, names=names)
    hands.look(due)
    return hands


def _withdraw(desk: Desk, mail: Delivery) -> int:
    """Take the mail of a reader who has left out of the outbox; one that may have left already stays, of unknown fate."""
    now = desk.now()

    def write(tx: Transaction) -> int:
        if mail.hand_overs:
            stored.move(tx, mail.id, DeliveryState.UNKNOWN, now=now, reply="Not sent again: its reader has left since.")
            return 1
        return stored.withdraw(tx, (mail.id,))

    return desk.store.write(write)


def _sender_of(desk: Desk) -> Callable[[Delivery], str] | None:
    """Return what gives each mail an envelope sender of its own, signed, when something reads what comes back."""
    mail = keys.signing(desk).mail if desk.config.settings.mail.inbound else None
    if mail is None or mail.inbound is None:
        return None
    local, _, domain = mail.inbound.rpartition("@")
    return lambda delivery: f"{local}+b{tokens.bounce(mail.key, delivery.id)}@{domain}"
