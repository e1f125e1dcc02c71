"""Reconcile: a database that was restored or copied learns from the journal what left, and a person decides about the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from watcher.deliver.journal import Journal
from watcher.model import Delivery, DeliveryState
from watcher.pipeline import epoch, gone, keys
from watcher.pipeline.desk import Desk
from watcher.store import Transaction, counters, reconciling
from watcher.store import editions as stored_editions
from watcher.store import outbox as stored

_OPEN = (DeliveryState.QUEUED, DeliveryState.DEFERRED, DeliveryState.UNKNOWN)
SAID = "Said to have left before the database was restored."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What was decided. `problem` is why mail was held (None: it was not); `editions` and `sent` are what the journal brought
    back, `waiting` the mails it knows nothing of. Nothing is changed while `undecided` is True."""

    problem: str | None
    editions: int = 0
    sent: int = 0
    unknown: int = 0
    waiting: int = 0
    undecided: bool = False


def note_editions(desk: Desk, journal: Journal, names: Mapping[int, tuple[str, str]]) -> None:
    """Put into the journal the editions that are about to leave, with what each person is sent of them, unless they are there."""
    known = {(line["digest"], line["period"]) for line in journal.lines() if "edition" in line}
    for ident, (digest, period) in names.items():
        if (digest, period) in known:
            continue
        frozen, mailed = desk.store.read(
            lambda tx, one=(ident, digest, period): (
                stored_editions.get(tx, one[1], one[2]),
                reconciling.mailed_of(tx, one[0]),
            )
        )
        if frozen is not None:
            journal.note({"digest": digest, "period": period, "edition": reconciling.skeleton(frozen.edition), "mailed": mailed})


def reconcile(desk: Desk, *, waiting: DeliveryState | None = None) -> Reconciled:
    """Bring database and home to agree, so that mail may leave again.

    What the journal says left is marked so, editions that the database lost included. Of mails that wait and that the journal
    does not know, `waiting` says whether they leave (QUEUED) or have left (SENT); None changes nothing while there are any.
    Whoever asked to be forgotten since a backup is so again first, whatever is decided.
    Returns what was done. Raises StoreError.
    """
    problem = epoch.why_held(desk)
    if problem is None:
        return Reconciled(problem=None)
    editions, mails = _journaled(epoch.journal_of(desk.home))
    now = desk.now()
    if (desk.home.var / epoch.RESTORED).exists():
        # The restore did so, unless it was killed just before; a mail that leaves must find nobody brought back.
        gone.reapply(desk.home, desk.store, keys.signing(desk).mail.key, now)
    addresses = {person.id: person.address for digest in desk.config.digests for person in digest.recipients}

    def work(tx: Transaction) -> Reconciled:
        stored.recover(tx, now)
        still = [mail for mail in stored.find(tx, _OPEN, limit=1_000_000) if mail.raw or mail.state is DeliveryState.UNKNOWN]
        strangers = [mail for mail in still if mail.message_id not in mails and mail.state is not DeliveryState.UNKNOWN]
        if strangers and waiting is None:
            raise _UndecidedError(len(strangers))
        sent = unknown = 0
        for mail in still:
            if mail.message_id in mails:
                reply = mails[mail.message_id].get("reply")
                _settle(tx, mail, reply, now)
                sent, unknown = sent + (reply is not None), unknown + (reply is None)
        for mail in strangers if waiting is DeliveryState.SENT else ():
            _settle(tx, mail, SAID, now)
        back = sum(_bring_back(tx, line, mails, addresses, now) for line in editions)
        counters.advance(tx, _highest(desk))
        return Reconciled(problem=problem, editions=back, sent=sent, unknown=unknown, waiting=len(strangers))

    try:
        done = desk.store.write(work)
    except _UndecidedError as undecided:
        return Reconciled(problem=problem, waiting=undecided.mails, undecided=True)
    (desk.home.var / epoch.RESTORED).unlink(missing_ok=True)
    epoch.remember(desk)
    return done


class _UndecidedError(Exception):
    def __init__(self, mails: int) -> None:
        super().__init__()
        self.mails = mails


def _journaled(journal: Journal) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return the editions of the journal, and its mails by Message-ID, each with the answer to its last final dot."""
    editions: list[dict[str, Any]] = []
    mails: dict[str, dict[str, Any]] = {}
    for line in journal.lines():
        if "edition" in line:
            editions.append(line)
        elif "reply" in line:
            mails.setdefault(str(line["message_id"]), {}).update(reply=line["reply"])
        elif "message_id" in line:
            mails[str(line["message_id"])] = line
    return editions, mails


def _settle(tx: Transaction, mail: Delivery, reply: str | None, now: datetime) -> None:
    if mail.state is not DeliveryState.UNKNOWN:
        stored.move(tx, mail.id, DeliveryState.UNKNOWN, now=now, hand_overs=max(mail.hand_overs, 1))
    if reply is not None:
        stored.move(tx, mail.id, DeliveryState.SENT, now=now, reply=reply)


def _bring_back(
    tx: Transaction, line: dict[str, Any], mails: Mapping[str, dict[str, Any]], addresses: Mapping[str, str], now: datetime
) -> bool:
    mailed: dict[str, list[str]] = line.get("mailed", {})
    left = [
        reconciling.Left(
            recipient_id=str(one["recipient"]),
            address=addresses.get(str(one["recipient"]), ""),
            message_id=message_id,
            reply=one.get("reply"),
            keys=tuple(mailed.get(str(one["recipient"]), ())),
        )
        for message_id, one in mails.items()
        if (one.get("digest"), one.get("period")) == (line["digest"], line["period"])
    ]
    return reconciling.bring_back(tx, str(line["edition"]), left, now)


def _highest(desk: Desk) -> int:
    """Return the highest epoch that the home remembers, of whatever database."""
    noted = (int(line.get("epoch") or 0) for line in epoch.journal_of(desk.home).lines())
    return max(noted, default=0)
