"""What the service remembers between two of its lives, on both engines."""

from datetime import timedelta

from tests.store.builders import HOUR, NOW
from watcher.health import Memory
from watcher.model import PollReport, PollStatus
from watcher.store import Store, service, sources
from watcher.store.service import Alarm, Heartbeat


def test_a_sign_of_life_takes_the_place_of_the_last(store: Store) -> None:
    """There is one heartbeat, with the problems of then; it can be forgotten."""
    assert store.read(service.last_beat) is None
    first = Heartbeat(beat_at=NOW, started_at=NOW, pid=7, host="h", program="1", problems={"clock": "Behind."})
    second = Heartbeat(beat_at=NOW + HOUR, started_at=NOW, last_poll_at=NOW, pid=7, host="h", program="1")
    store.write(lambda tx: service.beat(tx, first))
    assert store.read(service.last_beat) == first
    store.write(lambda tx: service.beat(tx, second))
    assert store.read(service.last_beat) == second
    store.write(service.forget_beat)
    assert store.read(service.last_beat) is None


def test_an_alarm_keeps_its_beginning(store: Store) -> None:
    """Noted again, an alarm lasts since its first day; its end removes it."""
    alarm = Alarm(kind="failing", subject="dares", since=NOW, detail="http_503")
    store.write(lambda tx: service.raise_alarms(tx, [alarm]))
    later = Alarm(kind="failing", subject="dares", since=NOW + HOUR, detail="dns")
    store.write(lambda tx: service.raise_alarms(tx, [later, Alarm(kind="disk", subject="", since=NOW + HOUR)]))
    found = store.read(service.alarms)
    assert [(one.kind, one.since, one.detail) for one in found] == [("failing", NOW, "dns"), ("disk", NOW + HOUR, "")]
    store.write(lambda tx: service.end_alarms(tx, [later]))
    assert [one.kind for one in store.read(service.alarms)] == ["disk"]


def test_a_digest_is_known_since_its_first_day(store: Store) -> None:
    """Joining twice changes nothing; what a person did not want is remembered."""
    store.write(lambda tx: service.join_digests(tx, ["veille"], NOW))
    store.write(lambda tx: service.join_digests(tx, ["veille", "autre"], NOW + HOUR))
    assert store.read(service.joined_digests) == {"veille": NOW, "autre": NOW + HOUR}
    store.write(lambda tx: service.refuse_edition(tx, "veille", "2026-W46", NOW))
    store.write(lambda tx: service.refuse_edition(tx, "veille", "2026-W46", NOW))
    assert store.read(service.refused_editions) == {("veille", "2026-W46")}


def test_the_health_of_sources_is_remembered(store: Store) -> None:
    """A memory comes back as it was; reports come back in their order, after a number or since an instant."""
    memory = Memory(report=3, failed=2, usual=12.5, reason="dns", news_at=NOW)
    store.write(lambda tx: service.save_memories(tx, {"dares": memory}))
    assert store.read(service.memories) == {"dares": memory}
    reports = [PollReport(source=name, status=PollStatus.READ, fetched=n) for n, name in enumerate(("a", "b", "c"))]
    for n, report in enumerate(reports):
        store.write(lambda tx, r=report, n=n: sources.log_polls(tx, [r], NOW + timedelta(hours=n)))
    numbered = store.read(lambda tx: service.reports_after(tx, 0))
    assert [report for _, report, _ in numbered] == reports
    assert [at for _, _, at in numbered] == [NOW, NOW + HOUR, NOW + 2 * HOUR]
    assert store.read(lambda tx: service.reports_after(tx, numbered[1][0])) == numbered[2:]
    assert store.read(lambda tx: service.reports_since(tx, NOW + HOUR)) == tuple(reports[1:])
