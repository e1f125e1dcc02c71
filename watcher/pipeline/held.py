"""Render the mails of an edition, holding back those that a template fails, and release them once it is mended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from watcher import digest, render
from watcher.config import Home
from watcher.errors import ConfigError
from watcher.model import Digest, Edition, Recipient, Settings
from watcher.pipeline.desk import Desk
from watcher.store import editions, held


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


def rendered(
    edition: Edition,
    recipients: Sequence[Recipient],
    mailed: Mapping[str, frozenset[str]],
    templates: render.Templates,
    settings: Settings,
) -> Rendered:
    """Render `edition` for each recipient, without what is `mailed` to them already.

    A mail that a template cannot make is held by itself (row E13). What a post carries is what its mail shows.
    """
    posts: list[editions.Post] = []
    kept: list[tuple[Recipient, str]] = []
    for recipient in recipients:
        own = digest.for_recipient(edition, recipient, mailed.get(recipient.id, frozenset()))
        try:
            message = render.message(own, recipient, templates, settings)
        except ConfigError as error:
            kept.append((recipient, error.message))
        else:
            posts.append((recipient, message, render.shown(own, templates, settings)))
    return Rendered(posts=tuple(posts), held=tuple(kept))


def release(desk: Desk, wanted: Digest) -> Released:
    """Render again the held mails of `wanted`, those of older editions first, and queue those that succeed.

    Each is the mail of the edition that was frozen. Who is no longer a recipient is owed nothing (row E11).
    """
    waiting = desk.store.read(lambda tx: held.of_digest(tx, wanted.id))
    if not waiting:
        return Released()
    templates = templates_of(desk.home)
    people = {recipient.id: recipient for recipient in wanted.recipients}
    settled = [_settle(desk, mails, people, templates) for mails in waiting]
    return Released(mails=sum(one.mails for one in settled), held=tuple(held for one in settled for held in one.held))


def _settle(desk: Desk, mails: held.HeldMails, people: Mapping[str, Recipient], templates: render.Templates) -> Released:
    owed = [people[ident] for ident in mails.problems if ident in people]
    gone = [ident for ident in mails.problems if ident not in people]
    mailed = desk.store.read(lambda tx: editions.mailed(tx, [recipient.id for recipient in owed]))
    done = rendered(mails.frozen.edition, owed, mailed, templates, desk.config.settings)
    now = desk.now()
    queued = desk.store.write(
        lambda tx: held.settle(tx, mails.frozen.id, posts=done.posts, kept=done.held, dropped=gone, now=now)
    )
    return Released(mails=queued, held=tuple((recipient.id, problem) for recipient, problem in done.held))


def templates_of(home: Home) -> render.Templates:
    """Return the home's templates, which name their files whole in mistakes. Raises ConfigError when there are none."""
    root = home.templates
    files = {path.relative_to(root).as_posix(): _read(path) for path in sorted(root.rglob("*.j2"))}
    if not files:
        raise ConfigError("there are no templates.", file=str(root), remedy="`watcher init` lays them out.")
    return render.Templates(files, root=str(root))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror}).", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is not written in UTF-8.", file=str(path)) from error
