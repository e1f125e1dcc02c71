"""A home with an outbox of made-up mails, and relays that answer on cue: no poll, no publisher."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from tests.homes import put_archive, shipped
from watcher import config
from watcher.cli.init import lay_out
from watcher.config.addresses import recipient_id
from watcher.errors import DeliveryError
from watcher.model import Delivery, Digest, Edition, Message, Period, Recipient
from watcher.pipeline.desk import Desk
from watcher.store import Store, editions

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
SOURCES = """\
settings:
  contact: veille@example.org
sources:
  - {{id: dares, kind: feed, name: Dares, url: https://dares.example/flux}}
digests:
  - id: veille
    title: Veille
    recipients: [{people}]
# end of sources.yaml
"""
PEOPLE = ("a@example.org", "b@example.org", "c@example.org")


def person(address: str) -> Recipient:
    """Return the recipient at `address`."""
    return Recipient(id=recipient_id(address), address=address)


def lay_out_readers(folder: Path, people: tuple[str, ...] = PEOPLE) -> Path:
    """Lay out a home whose digest is read by `people`, with an empty archive."""
    lay_out(folder, skip=("sources.yaml",))
    put_archive(folder / "var" / "watcher.db", NOW)
    (folder / "sources.yaml").write_text(SOURCES.format(people=", ".join(people)), "utf-8")
    return folder


@contextmanager
def opened(folder: Path, now: Callable[[], datetime] = lambda: NOW, url: str | None = None) -> Generator[Desk]:
    """Open the home as a process does."""
    home = config.Home(folder)
    store = Store.open(url or home.database_url, now=now)
    try:
        yield Desk(home=home, config=config.load(home, {}), seeds=shipped(), store=store, now=now, rng=Random(7))
    finally:
        store.close()


def queue(desk: Desk, week: str = "2026-W47", people: tuple[str, ...] = PEOPLE, keys: tuple[str, ...] = ("k",)) -> Edition:
    """Freeze an edition with a mail for each of `people`, which carries `keys`."""
    last = desk.store.read(lambda tx: editions.last(tx, "veille"))
    period = Period(key=week, start=NOW - timedelta(days=7), end=NOW)
    number = last.edition.number + 1 if last else 1
    edition = Edition(
        digest="veille", title="Veille", number=number, period=period, cutoff=desk.now(), sections=(), read=1, sources_read=1
    )
    posts = [(who, mail_of(who, week), keys) for who in map(person, people)]
    desk.store.write(lambda tx: editions.freeze(tx, edition, posts, now=desk.now()))
    return edition


def mail_of(who: Recipient, week: str) -> Message:
    """Return a small mail."""
    ident = f"<veille.{week}.{who.id}@example.org>"
    raw = f"From: v@example.org\r\nTo: {who.address}\r\nMessage-ID: {ident}\r\n\r\nBonjour.\r\n".encode()
    return Message(message_id=ident, subject="Veille", html="", text="Bonjour.", raw=raw)


def reading(desk: Desk, *people: Recipient, **changed: object) -> Desk:
    """Return `desk` with its digest read by `people`."""
    digest: Digest = replace(desk.config.digests[0], recipients=people, **changed)  # pyright: ignore[reportArgumentType]
    return replace(desk, config=replace(desk.config, digests=(digest,)))


class Relay:
    """Takes every mail, or does what `at_dot` says once the final dot is announced."""

    def __init__(self, before: Callable[[Delivery], None] | None = None, at_dot: Exception | None = None) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self._before = before
        self._at_dot = at_dot

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None

    def send(self, delivery: Delivery, before_final_dot: Callable[[], None]) -> str:
        """Hand one mail over."""
        if self._before:
            self._before(delivery)
        before_final_dot()
        if isinstance(self._at_dot, DeliveryError):
            raise self._at_dot
        self.taken.append((delivery.address, delivery.raw))
        return f"250 taken {len(self.taken)}"

    @property
    def addresses(self) -> list[str]:
        """To whom it took mails, in order."""
        return [address for address, _ in self.taken]
