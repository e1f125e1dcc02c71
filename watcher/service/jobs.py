"""The two jobs of the service: reading what is due, and mailing what is due. Each runs in a thread and ends when asked."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from watcher.deliver import Transport
from watcher.errors import WatcherError
from watcher.logs import Log
from watcher.model import Delivery, PollReport, PollStatus
from watcher.pipeline import calendar, epoch, mail, retention, telling
from watcher.pipeline.desk import Desk, Quiet
from watcher.pipeline.poll import poll
from watcher.service.work import Stop
from watcher.store import poison
from watcher.web.metrics import Counters
from watcher.web.pulse import Pulse


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """What the jobs note: in the log, in the figures, in the pulse."""

    log: Log
    counters: Counters
    pulse: Pulse

    def read(self, desk: Desk, stop: Stop) -> None:
        """Poll what is due; then watch over the health of sources, and forget what is too old.

        Asked to end, it ends between two steps of any source: what was read is stored, what was not is read next time.
        """
        with self._noted("poll"):
            cancellable(poll(desk, progress=_Told(self)), stop)
            self.pulse.last_poll_at = desk.now()
            self._tell(desk)
            forgotten = retention.purge_daily(desk)
            if forgotten and forgotten != retention.Purged():
                self.log.info("forgotten", what=forgotten.sentence())
        self._note_poison()

    def mail(self, desk: Desk, stop: Stop) -> None:
        """Publish what is due and hand over what waits; then send the week's report to who looks after the service."""
        with self._noted("mail"):
            turn = calendar.publish_due(desk)
            self._note_poison()
            for one in turn.published:
                self.pulse.last_edition_at = desk.now()
                fields = {"digest": one.digest.id, "number": one.edition.number, "period": one.edition.period.key}
                self.log.info("edition", **fields, mails=one.mails, held=len(one.held))
            self._deliver(desk, stop)
            self._tell(desk)
            self._deliver(desk, stop)
            if turn.problems:
                raise WatcherError("; ".join(f"{digest}: {problem}" for digest, problem in turn.problems))

    def _deliver(self, desk: Desk, stop: Stop) -> None:
        try:
            outcome = mail.deliver_due(desk, Ending(mail.transport_of(desk), stop))
        except StopError:
            return
        # Nothing due, or another process at it: neither says whether mail may leave.
        self._note_held(None if outcome.counts else epoch.hold(desk))
        for state, count in outcome.counts.items():
            self.counters.mail(str(state), count)
        if outcome.counts:
            self.log.info("mail", **{str(state): count for state, count in outcome.counts.items()})
        for problem in outcome.problems:
            if problem != outcome.held:
                self.log.warning("mail_problem", problem=problem)

    def _note_held(self, why: str | None) -> None:
        """Note why no mail may leave at all, for as long as it lasts."""
        if why is None:
            self.pulse.over("outbox")
        elif self.pulse.note("outbox", why):
            self.log.error("problem", subject="outbox", problem=why)

    def _note_poison(self) -> None:
        """Name the rows that were passed over because they cannot be read (row P08)."""
        said = poison.sentence()
        if said is not None and self.pulse.note("rows", said):
            self.log.error("problem", subject="rows", problem=said)

    def _tell(self, desk: Desk) -> None:
        """Have begun and ended alarms told, and the week's report sent when it is due."""
        # A mistake in templates/admin keeps nobody from reading and mailing.
        with self._noted("telling"):
            problems = self.pulse.to_tell()
            changed = telling.tell(desk, problems)
            self.pulse.told(problems)
            for alarm in changed.begun:
                self.log.warning("alarm", kind=alarm.kind, subject=alarm.subject or None, detail=alarm.detail)
            for alarm in changed.ended:
                self.log.info("alarm_over", kind=alarm.kind, subject=alarm.subject or None, since=alarm.since)
            if changed.report:
                self.log.info("report", period=changed.report)

    def _noted(self, subject: str) -> "_Noted":
        return _Noted(self, subject)


class _Noted:
    """Notes what a job failed on, once, until it succeeds again."""

    def __init__(self, jobs: Jobs, subject: str) -> None:
        self._jobs = jobs
        self._subject = subject

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        pulse, subject = self._jobs.pulse, self._subject
        if error is None:
            pulse.over(subject)
            return False
        if isinstance(error, StopError | asyncio.CancelledError):
            return True
        if not isinstance(error, WatcherError):
            return False
        self._jobs.counters.error(subject)
        if pulse.note(subject, error.message):
            self._jobs.log.error("problem", subject=subject, problem=error.message)
        return True


def cancellable(work: Coroutine[Any, Any, object], stop: Stop) -> None:
    """Run `work` in a loop of this thread; when the end is asked for, cancel it and wait until it is through."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        task = loop.create_task(work)
        stop.call(lambda: _cancel(loop, task))
        await task

    asyncio.run(run())


def _cancel(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[object]") -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(task.cancel)


class StopError(Exception):
    """That the end was asked for between two mails."""


class Ending:
    """A way for mails to leave that takes no more of them once the end is asked for: the rest stays queued as it was."""

    def __init__(self, way: Transport, stop: Stop) -> None:
        self._way = way
        self._stop = stop

    def __enter__(self) -> Self:
        self._way.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._way.__exit__(kind, error, trace)

    def send(self, delivery: Delivery, before_final_dot: Callable[[], None]) -> str:
        """Hand a mail over. Raises StopError when the end was asked for, before anything of it was said."""
        if self._stop.wished:
            raise StopError
        return self._way.send(delivery, before_final_dot)


class _Told(Quiet):
    """Progress of a poll as one line of the log a source."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def source(self, report: PollReport) -> None:
        """Log and count what one source gave."""
        self._jobs.counters.poll(report)
        fields = {"new": report.new, "known": report.known, "revised": report.revised, "backfill": report.backfill}
        counted = {name: count for name, count in fields.items() if count}
        aside = {"rejected": dict(report.rejected) or None, "failed": dict(report.failed) or None}
        tell = self._jobs.log.warning if report.status is PollStatus.FAILED else self._jobs.log.info
        tell(
            "source",
            source=report.source,
            status=str(report.status),
            reason=report.reason,
            **counted,
            **aside,
            seconds=report.seconds,
            error=report.error,
        )
