"""Poll: what is due is asked, what is new is stored, what waits is read. One report per source, and every item counted."""

import asyncio
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from watcher import locks, schedule
from watcher.errors import ConfigError, FetchError, SourceError, StoreError, UnknownNameError
from watcher.fetch import Client, is_network
from watcher.model import PollReport, PollStatus, Source, SourceState
from watcher.pipeline import archive, listing, parliament, room
from watcher.pipeline.desk import Desk, Progress, Quiet
from watcher.pipeline.pages import Tools
from watcher.pipeline.take import drain, take
from watcher.pipeline.writer import Writer
from watcher.sandbox import Sandbox
from watcher.store import Transaction
from watcher.store import pending as waiting
from watcher.store import sources as memory

SOURCES_AT_ONCE = 64
MOST_WAITING = 100_000


async def poll(
    desk: Desk,
    *,
    only: Sequence[str] = (),
    everything: bool = False,
    most_pages: int | None = None,
    progress: Progress | None = None,
) -> tuple[PollReport, ...]:
    """Read the sources that are due, or those named in `only`, or all of them, and return a report for each.

    Naming a source, or `everything`, overrides when it is due, never robots.txt, Retry-After or 410. `most_pages` bounds how
    many article pages are read per source, newest first; the others wait in the store.
    """
    if not desk.config.settings.contact and not desk.config.settings.allow_private:
        raise ConfigError(
            "settings.contact is empty: nobody would know who is asking.",
            file=str(desk.home.sources_yaml),
            remedy="Write `contact: you@example.org` under `settings:`, or set WATCHER_CONTACT.",
        )
    with _alone(desk):
        room.sweep(desk.home.var, desk.now())
        room.check(desk.home.var)
        return await _poll(desk, only=only, everything=everything, most_pages=most_pages, progress=progress or Quiet())


@contextmanager
def _alone(desk: Desk) -> Generator[None]:
    """Hold the home's lock on polling, which dies with the process: two polls at once would ask everything twice (row P01)."""
    with locks.held(desk.home.var / "poll.lock") as ours:
        if not ours:
            raise StoreError("Another poll of this home is running.", remedy="Wait for it to end.")
        yield


async def _poll(
    desk: Desk, *, only: Sequence[str], everything: bool, most_pages: int | None, progress: Progress
) -> tuple[PollReport, ...]:
    await _rename(desk)
    now = desk.now()
    states, hosts, quarantined, held_over = await desk.read(
        lambda tx: (memory.states(tx), memory.hosts(tx), memory.quarantined(tx), waiting.due(tx, now, MOST_WAITING))
    )
    chosen = _chosen(desk, states, only=only, everything=everything)
    if any(source.kind.endswith("_questions") for source in chosen):
        _ = desk.reference  # a mistake in its files is told before anything is asked
    progress.begin(len(chosen))
    settings = desk.config.settings
    async with (
        Writer(desk.store) as writer,
        Client(settings=settings, hosts=hosts, now=desk.now, downloads=desk.home.var) as client,
    ):
        with Sandbox(preload=("watcher.pipeline.warm",), kept=lambda: desk.classifier) as sandbox:
            tools = Tools(
                desk=desk,
                client=client,
                sandbox=sandbox,
                writer=writer,
                progress=progress,
                quarantined=set(quarantined),
                waiting={page.source_id for page in held_over},
            )
            places = asyncio.Semaphore(SOURCES_AT_ONCE)
            begun = [
                asyncio.create_task(_one(s, states.get(s.id) or SourceState(source_id=s.id), tools, places, most_pages))
                for s in chosen
            ]
            try:
                outcomes = await asyncio.gather(*begun)
            except asyncio.CancelledError:
                # Who failed, and who asked us to wait, is asked again no sooner for our having been stopped (row N24).
                await _settle(_ended(begun), tools)
                raise
        await _settle(outcomes, tools)
    return tuple(report for report, _, _ in outcomes)


Outcome = tuple[PollReport, SourceState, SourceError | None]


def _ended(begun: Sequence["asyncio.Task[Outcome]"]) -> list[Outcome]:
    """Return what became of the sources that were done when the poll was cancelled."""
    done = (task for task in begun if task.done() and not task.cancelled())
    return [task.result() for task in done if task.exception() is None]


async def _rename(desk: Desk) -> None:
    """Let the history of a source that says `was: old-id` follow it to its new id (row Y06)."""
    renamed = [(source.was, source.id) for source in desk.config.sources if source.was]
    if not renamed:
        return
    known = await desk.read(memory.states)

    def rename(tx: Transaction) -> None:
        for was, now_id in renamed:
            if was in known:
                memory.rename(tx, was, now_id)

    await asyncio.to_thread(desk.store.write, rename)


def _chosen(desk: Desk, states: Mapping[str, SourceState], *, only: Sequence[str], everything: bool) -> tuple[Source, ...]:
    by_id = {source.id: source for source in desk.config.sources}
    unknown = [name for name in only if name not in by_id]
    if unknown:
        raise UnknownNameError("source", unknown[0], by_id, remedy="`watcher sources list` shows their ids.")
    if only:
        return tuple(by_id[name] for name in dict.fromkeys(only))
    if everything:
        return tuple(source for source in desk.config.sources if source.enabled)
    return schedule.due(desk.config.sources, states, desk.now())


async def _one(source: Source, state: SourceState, tools: Tools, places: asyncio.Semaphore, most_pages: int | None) -> Outcome:
    async with places:
        started = time.monotonic()
        try:
            found = await listing.read(source, state, tools.client, tools.sandbox)
            done = await archive.read(source, state, found, tools) if found.result.file else None
        except SourceError as error:
            report, error_out = _failed(source, error), error
            after = schedule.after_failure(state, source, error, now=tools.desk.now(), rng=tools.desk.rng)
            # A failed listing does not keep the pages that wait from being read.
            await drain(source, after, {}, tools, most_pages)
        else:
            report, after = done or await take(source, state, found, tools, most_pages)
            error_out = None
        report = replace(report, seconds=round(time.monotonic() - started, 3))
        tools.progress.source(report)
        return report, after, error_out


def _failed(source: Source, error: SourceError) -> PollReport:
    return PollReport(source=source.id, status=PollStatus.FAILED, reason=error.reason, error=error.message)


async def _settle(outcomes: Sequence[Outcome], tools: Tools) -> None:
    """Store how the failed sources are, unless it was our own network that failed, and what hosts asked of us."""
    now, rng = tools.desk.now(), tools.desk.rng
    broken = [(after, error) for _, after, error in outcomes if error is not None]
    cut_off = {error.url for _, error in broken if isinstance(error, FetchError) and is_network(error)}
    answered = len(outcomes) - len(broken) + sum(not (isinstance(e, FetchError) and is_network(e)) for _, e in broken)
    by_id = {source.id: source for source in tools.desk.config.sources}
    states = [after for after, _ in broken]
    reports = tuple(report for report, _, _ in outcomes)
    if schedule.network_is_down(len(outcomes), len(cut_off), answered):
        before = await tools.desk.read(memory.states)
        states = [
            schedule.after_outage(
                before.get(s.source_id, SourceState(source_id=s.source_id)), by_id[s.source_id], now=now, rng=rng
            )
            for s in states
        ]
        # Said in the report itself: whoever reads it later knows no more how the network was.
        reports = tuple(replace(report, reason=schedule.OWN_NETWORK) for report in reports)
    hosts = tools.client.changed_hosts()

    def save(tx: Transaction) -> None:
        memory.save_states(tx, states)
        memory.save_hosts(tx, hosts)
        memory.log_polls(tx, reports, now)
        parliament.pass_time(tx, now.astimezone(tools.desk.zone).date(), now)

    await asyncio.to_thread(tools.desk.store.write, save)  # not by the writer, which would wait for company
