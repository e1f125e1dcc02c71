"""Render the mails of an edition, holding back those that a template fails, and release them once it is mended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from watcher import digest, render
from watcher.config import Home
from watcher.deliver import dkim
from watcher.errors import ConfigError
from watcher.model import Digest, Edition, Entry, QuestionEntry, Recipient, Settings
from watcher.pipeline import collector, keys
from watcher.pipeline.desk import Desk
from watcher.render.mime import list_of
from watcher.store import Transaction, editions, held, recipients


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The keys of the entries that a person has had, and of those among them that were sent at once."""

    keys: frozenset[str] = frozenset()
    at_once: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The mails of one edition: those that can leave, and for whom there is none, with the mistake that keeps it."""

    posts: tuple[editions.Post, ...]
    held: tuple[tuple[Recipient, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """How many held mails were queued, and which are held still, as (recipient's id, problem)."""

    mails: int = 0
    held: tuple[tuple[str, str], ...] = ()


@collector.at_rest()
def rendered(
    edition: Edition,
    people: Sequence[Recipient],
    before: Mapping[str, Before],
    templates: render.Templates,
    settings: Settings,
) -> Rendered:
    """Render `edition` for each of `people`, without what was sent to them `before`; once for all who have the same of it.

    A mail that a template cannot make is held by itself (row E13). What a post carries is what its mail shows. `settings` are
    those with the signing key.
    """
    posts: dict[str, editions.Post] = {}
    kept: dict[str, str] = {}
    for (themes, _, had), alike in _alike(edition, people, before).items():
        own = digest.for_recipient(edition, replace(alike[0], themes=themes), had.keys)
        own = replace(own, already_sent=_already_sent(edition, themes, had.at_once))
        shown: tuple[str, ...] | None = None
        for person in alike:
            try:
                message = render.message(own, person, templates, settings)
                shown = render.shown(own, templates, settings) if shown is None else shown
            except ConfigError as error:
                kept[person.id] = error.message
            else:
                posts[person.id] = (person, replace(message, raw=dkim.signed(message.raw, settings.mail)), shown)
    return Rendered(
        posts=tuple(posts[person.id] for person in people if person.id in posts),
        held=tuple((person, kept[person.id]) for person in people if person.id in kept),
    )


_Alike = tuple[tuple[str, ...], str, Before]


def _alike(edition: Edition, people: Sequence[Recipient], before: Mapping[str, Before]) -> dict[_Alike, list[Recipient]]:
    """Gather those who read the same: same themes, same language, and the same entries of this edition sent before."""
    keys = frozenset(entry.key for entry in _entries(edition))
    groups: dict[_Alike, list[Recipient]] = {}
    for person in people:
        had = before.get(person.id, Before())
        own = Before(keys=had.keys & keys, at_once=had.at_once & keys)
        groups.setdefault((tuple(sorted(person.themes)), person.language, own), []).append(person)
    return groups


def _already_sent(edition: Edition, themes: tuple[str, ...], at_once: frozenset[str]) -> tuple[Entry | QuestionEntry, ...]:
    """Return what a reader of `themes` was sent at once, in the order of the edition."""
    wanted = set(themes)
    return tuple(e for e in _entries(edition) if e.key in at_once and (not wanted or wanted & set(e.themes)))


def _entries(edition: Edition) -> tuple[Entry | QuestionEntry, ...]:
    return (*(entry for section in edition.sections for entry in section.entries), *edition.parliament.entries)


def sent_before(tx: Transaction, wanted: Digest) -> dict[str, Before]:
    """Return what each recipient of `wanted` has had."""
    mailed = editions.mailed(tx, [person.id for person in wanted.recipients])
    at_once = recipients.mailed_in(tx, f"{list_of(wanted.id)}.at-once")
    return {ident: Before(keys=keys, at_once=at_once.get(ident, frozenset())) for ident, keys in mailed.items()}


def release(desk: Desk, wanted: Digest) -> Released:
    """Render again the held mails of `wanted`, those of older editions first, and queue those that succeed.

    Each is the mail of the edition that was frozen. Who is no longer a recipient is owed nothing (row E11).
    """
    waiting = desk.store.read(lambda tx: held.of_digest(tx, wanted.id))
    if not waiting:
        return Released()
    templates = templates_of(desk.home)
    settled = [_settle(desk, mails, wanted, templates) for mails in waiting]
    return Released(mails=sum(one.mails for one in settled), held=tuple(held for one in settled for held in one.held))


def _settle(desk: Desk, mails: held.HeldMails, wanted: Digest, templates: render.Templates) -> Released:
    people = {recipient.id: recipient for recipient in wanted.recipients}
    owed = [people[ident] for ident in mails.problems if ident in people]
    gone = [ident for ident in mails.problems if ident not in people]
    before = desk.store.read(lambda tx: sent_before(tx, wanted))
    done = rendered(mails.frozen.edition, owed, before, templates, keys.signing(desk))
    now = desk.now()
    queued = desk.store.write(
        lambda tx: held.settle(tx, mails.frozen.id, posts=done.posts, kept=done.held, dropped=gone, now=now)
    )
    return Released(mails=queued, held=tuple((recipient.id, problem) for recipient, problem in done.held))


def templates_of(home: Home) -> render.Templates:
    """Return the home's templates, which name their files whole in mistakes. Raises ConfigError when there are none."""
    root = home.templates
    files = tuple((path.relative_to(root).as_posix(), _read(path)) for path in sorted(root.rglob("*.j2")))
    if not files:
        raise ConfigError("there are no templates.", file=str(root), remedy="`watcher init HOME` lays them out.")
    return _compiled(files, str(root))


@lru_cache(maxsize=1)
def _compiled(files: tuple[tuple[str, str], ...], root: str) -> render.Templates:
    """Return the same templates for as long as nobody edits them: a quarter of the time of an edition goes into compiling."""
    return render.Templates(dict(files), root=root)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror}).", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is not written in UTF-8.", file=str(path)) from error
