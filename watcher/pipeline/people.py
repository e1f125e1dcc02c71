"""People: who is listed for which digest, in what state, and what an operator does for them."""

from dataclasses import dataclass, replace
from datetime import datetime

from watcher import tokens
from watcher.config import Config, Home
from watcher.config.addresses import recipient_id
from watcher.config.whereabouts import recipients_in
from watcher.errors import StoreError, UnknownNameError
from watcher.model import Subscription
from watcher.pipeline import forgetting, keys, subscriptions
from watcher.pipeline.desk import Desk
from watcher.pipeline.subscriptions import Register
from watcher.store import Transaction, recipients


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One recipient of one digest. `state` is `active`, `unsubscribed`, `suspended` or `forgotten`; `line` that of the file."""

    digest: str
    recipient_id: str
    line: int
    state: str
    since: datetime | None
    frequency: str
    themes: tuple[str, ...]
    last_mailed: datetime | None


def listed(desk: Desk) -> tuple[Listed, ...]:
    """Return every recipient of sources.yaml, in its order, as they chose."""
    known, last = desk.store.read(lambda tx: (subscriptions.register(desk, tx), recipients.last_mailed(tx)))
    lines = {(line.digest, line.recipient_id): line.line for line in recipients_in(desk.home.sources_yaml)}
    found: list[Listed] = []
    for digest in desk.config.digests:
        for person in digest.recipients:
            chosen = subscriptions.as_chosen(person, digest, known)
            state, since = _state(known, person.id, person.address, digest.id)
            found.append(
                Listed(
                    digest=digest.id,
                    recipient_id=person.id,
                    line=lines.get((digest.id, person.id), 0),
                    state=state,
                    since=since,
                    frequency=chosen.frequency or digest.frequency,
                    themes=chosen.themes,
                    last_mailed=last.get(person.id),
                )
            )
    return tuple(found)


def set_active(desk: Desk, digest: str, address: str, *, active: bool) -> None:
    """Unsubscribe the person at `address` from `digest`, or let them receive it again, a suspension ended.

    Raises UnknownNameError when sources.yaml does not list them there: to add somebody is the administrator's. Raises StoreError
    when the person asked to be forgotten: nothing is noted about them any more, and nobody writes to them again.
    """
    person, now = recipient_id(address.strip()), desk.now()
    wanted = next((one for one in desk.config.digests if one.id == digest), None)
    if wanted is None or person not in {one.id for one in wanted.recipients}:
        raise UnknownNameError(
            f"recipient of {digest}", _shown(address), remedy="sources.yaml lists nobody of that address in its `recipients:`."
        )

    def write(tx: Transaction) -> None:
        if subscriptions.register(desk, tx).forgotten(address.strip()):
            raise StoreError(
                "This person asked to be forgotten: nothing is mailed to them, and nothing is noted about them.",
                remedy="Remove their line of sources.yaml (`watcher recipients` names it).",
            )
        blank = Subscription(recipient_id=person, digest=digest, decided_at=now, decided_by="operator")
        before = recipients.choices(tx).get((person, digest), blank)
        recipients.choose(tx, replace(before, active=active, decided_at=now, decided_by="operator"))
        if active:
            recipients.resume(tx, person)

    desk.store.write(write)


def receiving(home: Home, config: Config) -> dict[str, int]:
    """Return how many people of sources.yaml may be written to, by digest: not those who asked to be forgotten.

    Reads the files beside the database alone, and writes nothing. Raises OSError when one cannot be read.
    """
    hashes, key = forgetting.outside(home), keys.known(home, config.settings)
    return {
        one.id: sum(key is None or tokens.tombstone(key, person.address) not in hashes for person in one.recipients)
        for one in config.digests
    }


def _shown(address: str) -> str:
    """Return an address that a message may repeat: its first letter and its domain."""
    local, at, domain = address.strip().rpartition("@")
    return f"{local[:1]}…@{domain}" if at else "(no address)"


def _state(known: Register, person: str, address: str, digest: str) -> tuple[str, datetime | None]:
    if known.forgotten(address):
        return "forgotten", None
    if person in known.suspensions:
        return "suspended", known.suspensions[person].since
    choice = known.choices.get((person, digest))
    return ("unsubscribed", choice.decided_at) if choice and not choice.active else ("active", None)
