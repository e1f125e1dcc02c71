"""Figures for Prometheus: what this process counted since it began, and how things are now, read from the store.

Names follow its conventions: counters end in `_total`, instants are seconds since 1970. deploy/alerts.yml and the dashboard
name them.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Summary, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from watcher.errors import StoreError
from watcher.model import DeliveryState, PollReport
from watcher.pipeline import backup
from watcher.pipeline.desk import Desk
from watcher.pipeline.status import Status, disk_free, status
from watcher.web.pulse import Pulse

OUTCOMES = ("new", "known", "revised", "backfill")


class Counters:
    """What is counted as it happens: polls and items by source, mails by state, problems by subject."""

    def __init__(self) -> None:
        disable_created_metrics()  # an instant per series says nothing that the process's start does not
        self.registry = CollectorRegistry(auto_describe=False)
        self._polls = self._counter("watcher_polls", "Polls by source and status.", ("source", "status"))
        self._items = self._counter("watcher_items", "Items listed, by source and outcome.", ("source", "outcome"))
        self._rejected = self._counter("watcher_items_rejected", "Items set aside, by source and reason.", ("source", "reason"))
        self._failed = self._counter("watcher_items_failed", "Items unread, by source and reason.", ("source", "reason"))
        self._failures = self._counter("watcher_source_failures", "Failed polls, by source and reason.", ("source", "reason"))
        self._mails = self._counter("watcher_mails_handled", "Hand-overs of mails, by the state they led to.", ("state",))
        for state in DeliveryState:
            self._mails.labels(str(state))  # a series that begins with its first count shows no increase
        self._errors = self._counter("watcher_errors", "Errors by what they stopped.", ("subject",))
        self._seconds = Summary("watcher_poll_seconds", "Seconds that the poll of a source took.", registry=self.registry)

    def poll(self, report: PollReport) -> None:
        """Count what the poll of one source gave."""
        self._polls.labels(report.source, str(report.status)).inc()
        self._seconds.observe(report.seconds)
        for outcome in OUTCOMES:
            if count := getattr(report, outcome):
                self._items.labels(report.source, outcome).inc(count)
        for counter, reasons in ((self._rejected, report.rejected), (self._failed, report.failed)):
            for reason, count in reasons.items():
                counter.labels(report.source, reason).inc(count)
        if report.reason:
            self._failures.labels(report.source, report.reason).inc()

    def mail(self, state: str, count: int) -> None:
        """Count hand-overs that led to `state`."""
        self._mails.labels(state).inc(count)

    def error(self, subject: str) -> None:
        """Count that something of `subject` failed."""
        self._errors.labels(subject).inc()

    def _counter(self, name: str, told: str, labels: tuple[str, ...]) -> Counter:
        return Counter(name, told, labels, registry=self.registry)


def exposition(pulse: Pulse, desk: Desk, counters: Counters) -> tuple[bytes, str]:
    """Return the text of all figures (Prometheus text format) and its media type."""
    present = CollectorRegistry(auto_describe=False)
    present.register(_Present(pulse, desk))
    return generate_latest(counters.registry) + generate_latest(present), CONTENT_TYPE_LATEST


class _Present(Collector):
    """How things are at the moment they are asked for."""

    def __init__(self, pulse: Pulse, desk: Desk) -> None:
        self._pulse = pulse
        self._desk = desk

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges. A database that does not answer leaves those of the process, and says so."""
        yield from self._of_process()
        try:
            found = status(self._desk)
        except StoreError:
            yield GaugeMetricFamily("watcher_database_up", "Whether the database answers.", value=0)
            return
        yield GaugeMetricFamily("watcher_database_up", "Whether the database answers.", value=1)
        yield from _of_store(found)

    def _of_process(self) -> Iterator[Metric]:
        pulse = self._pulse
        yield InfoMetricFamily("watcher_build", "The version that runs.", value={"version": pulse.version})
        yield GaugeMetricFamily(
            "watcher_tick_age_seconds", "Seconds since the last tick.", value=pulse.tick_age if pulse.ticked else float("nan")
        )
        # A service that never manages to poll must grow old in the alerts, too: not a number, it would never.
        last = (pulse.last_poll_at or pulse.started_at).timestamp()
        told = "When the last poll ended, or the service began where there was none."
        yield GaugeMetricFamily("watcher_last_poll_timestamp_seconds", told, value=last)
        copied = backup.last(self._desk.home)
        yield GaugeMetricFamily(
            "watcher_last_backup_timestamp_seconds",
            "When the last good backup was made.",
            value=copied.timestamp() if copied else float("nan"),
        )
        problems = GaugeMetricFamily("watcher_problem", "Problems that last, by subject: 1 each.", labels=["subject"])
        for subject in sorted(pulse.problems):
            problems.add_metric([subject], 1)
        yield problems
        free = disk_free(self._desk)
        yield GaugeMetricFamily("watcher_disk_free_bytes", "Bytes free where the program writes.", value=free)


def _of_store(found: Status) -> Iterator[Metric]:
    states = GaugeMetricFamily("watcher_sources", "Sources by state: ok, new, off, or the code of what fails.", labels=["state"])
    counts: dict[str, int] = {}
    for source in found.sources:
        counts[source.state] = counts.get(source.state, 0) + 1
    for state, count in sorted(counts.items()):
        states.add_metric([state], count)
    yield states
    mails = GaugeMetricFamily("watcher_mails", "Mails by state.", labels=["state"])
    for state, count in found.outbox.items():
        mails.add_metric([state], count)
    yield mails
    yield GaugeMetricFamily("watcher_pages_waiting", "Pages still to read.", value=found.pages_waiting)
    yield GaugeMetricFamily("watcher_decisions_waiting", "What waits for a person.", value=found.waiting.total)
    late = GaugeMetricFamily(
        "watcher_edition_late_seconds", "How late the edition that is due is; 0 when none.", labels=["digest"]
    )
    for digest in found.digests:
        late.add_metric([digest.id], digest.late.total_seconds() if digest.late else 0)
    yield late
    alarms = GaugeMetricFamily("watcher_alarms", "What is wrong, by kind.", labels=["kind"])
    kinds: dict[str, int] = {}
    for alarm in found.alarms:
        kinds[alarm.kind] = kinds.get(alarm.kind, 0) + 1
    for kind, count in sorted(kinds.items()):
        alarms.add_metric([kind], count)
    yield alarms
