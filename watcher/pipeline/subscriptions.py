"""Who receives what, how often: sources.yaml proposes, a person's own choice wins, and who left or is gone receives nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from watcher import tokens
from watcher.config.addresses import recipient_id
from watcher.errors import UnknownNameError
from watcher.model import Delivery, Digest, Recipient, Subscription, Suspension
from watcher.pipeline import keys
from watcher.pipeline.desk import Desk
from watcher.render.mime import list_of
from watcher.store import Transaction, forgetting, recipients

AT_ONCE = "at_once"
# What follows the digest's id in the name of an edition that leaves at another pace than the digest: `veille.daily`.
PACES = {"weekly": "weekly", "daily": "daily", AT_ONCE: "at-once"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """All that is known of people beside sources.yaml. `key` is that of the tombstones."""

    choices: Mapping[tuple[str, str], Subscription]
    suspensions: Mapping[str, Suspension]
    tombstones: frozenset[str]
    key: str

    def forgotten(self, address: str) -> bool:
        """Say whether the person at `address` asked to be forgotten."""
        return bool(self.tombstones) and tokens.tombstone(self.key, address) in self.tombstones

    def receives(self, person: Recipient, digest: str) -> bool:
        """Say whether mail of `digest` may leave for `person`."""
        choice = self.choices.get((person.id, digest))
        if choice is not None and not choice.active:
            return False
        return person.id not in self.suspensions and not self.forgotten(person.address)


def register(desk: Desk, tx: Transaction) -> Register:
    """Read what is known of people."""
    return Register(
        choices=recipients.choices(tx),
        suspensions=recipients.suspensions(tx),
        tombstones=frozenset(forgetting.tombstones(tx)),
        key=keys.signing(desk).mail.key,
    )


def paces(desk: Desk, wanted: Digest) -> tuple[Digest, ...]:
    """Return `wanted` once for each pace at which somebody receives it, the digest's own first, whoever that leaves to it.

    Each is a digest of its own, numbered by itself, with the people who receive it as they chose. Who receives must-reads at
    once is also among those of the digest's own pace: its edition holds the rest.
    """
    known = desk.store.read(lambda tx: register(desk, tx))
    people = [as_chosen(person, wanted, known) for person in wanted.recipients if known.receives(person, wanted.id)]
    by_pace: dict[str, list[Recipient]] = {wanted.frequency: []}
    for person in people:
        pace = person.frequency or wanted.frequency
        if pace == AT_ONCE:
            by_pace[wanted.frequency].append(person)
        by_pace.setdefault(pace, []).append(person)
    return tuple(_at_pace(wanted, pace, tuple(those)) for pace, those in by_pace.items())


def own_pace(desk: Desk, wanted: Digest) -> Digest:
    """Return `wanted` with those who receive it at its own pace."""
    return paces(desk, wanted)[0]


def read_by(desk: Desk, wanted: Digest, name: str, address: str | None) -> tuple[Digest, Recipient]:
    """Return what `address` reads under `name`: `wanted` or one of its paces (`veille.daily`), and the person as they chose.

    Who chose another pace is given theirs when `name` leaves it open. Without an address it is whoever is first; an address of
    nobody is a stranger who reads all of it. Raises UnknownNameError for a pace at which nobody reads.
    """
    by_name = {one.id: one for one in paces(desk, wanted)}
    own = by_name[wanted.id]
    if name not in by_name:
        raise UnknownNameError("digest", name, by_name, remedy=f"{wanted.id} is read as: {', '.join(by_name)}.")
    people = (*by_name[name].recipients, *wanted.recipients)
    if address is None:
        stranger = Recipient(id="preview", address=desk.config.settings.mail.sender)
        return by_name[name], people[0] if people else stranger
    same = recipient_id(address)
    theirs = [one for one in by_name.values() if any(person.id == same for person in one.recipients)]
    pace = theirs[0] if theirs and name == own.id else by_name[name]
    known = (person for person in (*pace.recipients, *people) if person.id == same)
    return pace, next(known, Recipient(id="preview", address=address))


def withdrawn(desk: Desk, tx: Transaction, waiting: Iterable[Delivery]) -> dict[int, str]:
    """Return which of the mails that wait may not leave any more, by number, and why: unsubscribed, suspended, taken off."""
    waiting = tuple(waiting)
    known = register(desk, tx)
    names = recipients.names_of(tx, (mail.edition_id for mail in waiting))
    listed = {digest.id: {person.id for person in digest.recipients} for digest in desk.config.digests}
    found: dict[int, str] = {}
    for mail in waiting:
        digest = list_of(names.get(mail.edition_id, ("", ""))[0])
        person = Recipient(id=mail.recipient_id, address=mail.address)
        if not known.receives(person, digest):
            found[mail.id] = "suspended" if mail.recipient_id in known.suspensions else "unsubscribed"
        elif digest in listed and mail.recipient_id not in listed[digest]:
            found[mail.id] = "no longer a recipient"
    return found


def choose(desk: Desk, choice: Subscription) -> None:
    """Keep what a person chose; it holds from the next final dot on."""
    desk.store.write(lambda tx: recipients.choose(tx, choice))


def unsubscribe(desk: Desk, token: str, *, by: str) -> bool:
    """Take the person that `token` was made for off its digest; say whether the token is ours. `by` is `mail` or `web`."""
    names = [digest.id for digest in desk.config.digests]
    found = tokens.unsubscribes(keys.signing(desk).mail.key, token, names)
    if found is None:
        return False
    digest, recipient_id = found
    before = desk.store.read(recipients.choices).get((recipient_id, digest))
    blank = Subscription(recipient_id=recipient_id, digest=digest, decided_at=desk.now(), decided_by=by)
    choose(desk, replace(before or blank, active=False, decided_at=desk.now(), decided_by=by))
    return True


def as_chosen(person: Recipient, wanted: Digest, known: Register) -> Recipient:
    """Return `person` with the themes and the frequency they chose for `wanted`, where they chose some."""
    choice = known.choices.get((person.id, wanted.id))
    if choice is None:
        return person
    return replace(
        person,
        themes=person.themes if choice.themes is None else choice.themes,
        frequency=choice.frequency or person.frequency,
    )


def _at_pace(wanted: Digest, pace: str, people: tuple[Recipient, ...]) -> Digest:
    if pace == wanted.frequency:
        return replace(wanted, recipients=people)
    return replace(wanted, id=f"{wanted.id}.{PACES[pace]}", frequency=pace, recipients=people)
