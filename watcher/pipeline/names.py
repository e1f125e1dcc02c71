"""Refresh the names of a home: members, groups and ministries, from the AMO data set of the Assemblée nationale."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from watcher import questions, reference, urls
from watcher.archives import MIB
from watcher.errors import ParseError, SandboxError
from watcher.fetch import Client
from watcher.model import Reference, Request
from watcher.pipeline.desk import Desk
from watcher.sandbox import Sandbox
from watcher.store import Transaction
from watcher.store import questions as stored
from watcher.store import sources as memory

T = TypeVar("T")

LARGEST = 200 * MIB
SECONDS = 300.0  # to fetch it, and to read it


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a refresh did: how many names the file holds now, how many of them it did not hold or held otherwise.

    `questions` is how many stored questions were given a name that they lacked.
    """

    file: Path
    members: int
    bodies: int
    added: int
    changed: int
    questions: int


async def refresh(desk: Desk, origin: str, *, say: Callable[[str], None]) -> Refreshed:
    """Read the AMO zip at `origin`, an address or a file, into `reference/members.json` of the home.

    Names that the home holds already stay, unless the data set says them otherwise: members leave it when their mandate ends,
    and old questions keep referring to them. Stored questions that lack the name of their author get it. `say` is told what is
    being done. Raises FetchError; ParseError for a zip that cannot be trusted or holds no name (nothing is then written);
    ConfigErrors for a file of names that has mistakes.
    """
    file = desk.home.path / reference.FOLDER / reference.MEMBERS
    held = reference.held(file)
    if urls.is_web(origin):
        found = await _fetched(desk, origin, say)
    else:
        say(f"Reading {origin}.")
        found = await _read(Path(origin), origin)
    whole = Reference(members={**held.members, **found.members}, bodies={**held.bodies, **found.bodies})
    today = desk.now().astimezone(desk.zone).date()
    await asyncio.to_thread(reference.save, whole, file, on=today)
    named = await asyncio.to_thread(desk.store.write, lambda tx: _give_names(tx, reference.load(desk.home.path), desk.now()))
    return Refreshed(
        file=file,
        members=len(whole.members),
        bodies=len(whole.bodies),
        added=len(whole.members) + len(whole.bodies) - len(held.members) - len(held.bodies),
        changed=_changed(held.members, found.members) + _changed(held.bodies, found.bodies),
        questions=named,
    )


def _give_names(tx: Transaction, names: Reference, now: datetime) -> int:
    """Name the stored questions that lack a name: their records are not read again until the Assemblée changes them."""
    lacking = stored.unnamed(tx)
    given = [after for before in lacking if (after := questions.named(before, names)).author != before.author]
    stored.save(tx, given, now=now)
    return len(given)


async def _fetched(desk: Desk, url: str, say: Callable[[str], None]) -> Reference:
    say(f"Fetching {url}.")
    hosts = await desk.read(memory.hosts)
    desk.home.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with Client(settings=desk.config.settings, hosts=hosts, now=desk.now, downloads=desk.home.var) as client:
        result = await client.fetch(
            Request(url=url, accept="application/zip, */*;q=0.5", max_bytes=LARGEST, max_seconds=SECONDS, spool=True)
        )
    if result.file is None:
        raise ParseError(f"{url} answered without a file.", reason="no_names", url=url)
    try:
        say(f"Reading {result.file.stat().st_size / MIB:.1f} MiB.")
        return await _read(result.file, url)
    finally:
        await asyncio.to_thread(result.file.unlink, missing_ok=True)


async def _read(path: Path, origin: str) -> Reference:
    with Sandbox(workers=1, cpu_seconds=SECONDS, wall_seconds=SECONDS) as sandbox:
        try:
            return await sandbox.run(reference.from_amo, str(path), where=origin, returns=Reference)
        except SandboxError as error:
            message = f"{origin} could not be read safely: {error.message}"
            raise ParseError(message, reason=f"parser_{error.reason}", where=origin) from error


def _changed(held: Mapping[str, T], found: Mapping[str, T]) -> int:
    return sum(key in held and held[key] != value for key, value in found.items())
