"""Figures for Prometheus: what is counted, and that what deploy/ asks for is what is answered."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from tests.homes import put_archive, shipped
from watcher import config
from watcher.cli.init import lay_out
from watcher.errors import StoreError
from watcher.model import DeliveryState, PollReport, PollStatus, SourceState
from watcher.pipeline.desk import Desk
from watcher.store import Store, service, sources
from watcher.store.service import Alarm
from watcher.web.metrics import Counters, exposition
from watcher.web.pulse import Pulse

DEPLOY = Path(__file__).parents[2] / "deploy"
NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)
NAME = re.compile(r"\bwatcher_[a-z_]+\b")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return a home of the shipped sources, of which one fails, with an alarm."""
    home = config.Home(tmp_path / "home")
    lay_out(home.path)
    put_archive(home.var / "watcher.db", NOW)
    store = Store.open(home.database_url, now=lambda: NOW)
    loaded = config.load(home, {}, themes=[theme.id for theme in shipped().themes])
    first = loaded.sources[0].id
    store.write(lambda tx: sources.save_states(tx, [SourceState(source_id=first, last_error="dns", failing_since=NOW)]))
    store.write(lambda tx: service.raise_alarms(tx, [Alarm(kind="failing", subject=first, since=NOW)]))
    yield Desk(home=home, config=loaded, seeds=shipped(), store=store, now=lambda: NOW)
    store.close()


@pytest.fixture
def pulse() -> Pulse:
    """Return the pulse of a service that has ticked once and has a problem."""
    return Pulse(version="1.2", started_at=NOW, period=30, ticked=1.0, last_poll_at=NOW, problems={"configuration": "No."})


@pytest.fixture
def counters() -> Counters:
    """Return counters that have counted one thing of each kind."""
    counted = Counters()
    parts = {"new": 2, "known": 1, "revised": 1, "backfill": 1, "rejected": {"repeated": 3}, "failed": {"http_404": 4}}
    counted.poll(PollReport(source="dares", status=PollStatus.READ, fetched=12, seconds=1.5, **parts))  # pyright: ignore[reportArgumentType]
    counted.poll(PollReport(source="dares", status=PollStatus.FAILED, reason="dns", seconds=0.5))
    counted.mail("sent", 3)
    counted.error("mail")
    return counted


def samples(text: str) -> dict[str, dict[tuple[str, ...], float]]:
    """Return the figures of an exposition, by name and by the values of their labels, sorted."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.values()))] = sample.value
    return found


def test_what_is_counted_adds_up(desk: Desk, pulse: Pulse, counters: Counters) -> None:
    """Polls and items are counted by source, outcome and reason: fetched is the sum of its parts (promise P13)."""
    body, kind = exposition(pulse, desk, counters)
    assert kind.startswith("text/plain")
    found = samples(body.decode())
    assert found["watcher_polls_total"] == {("dares", "read"): 1, ("dares", "failed"): 1}
    parts = ("watcher_items_total", "watcher_items_rejected_total", "watcher_items_failed_total")
    assert sum(sum(found[name].values()) for name in parts) == 12
    assert found["watcher_items_failed_total"] == {("dares", "http_404"): 4}
    assert found["watcher_source_failures_total"] == {("dares", "dns"): 1}
    assert found["watcher_poll_seconds_sum"] == {(): 2.0}
    assert found["watcher_mails_handled_total"]["sent",] == 3
    assert found["watcher_errors_total"] == {("mail",): 1}


def test_the_first_refusal_is_an_increase(desk: Desk, pulse: Pulse) -> None:
    """Each state that a mail may come to is counted from 0 on: what alerts ask for is the increase (promise P14)."""
    counted = Counters()
    before = samples(exposition(pulse, desk, counted)[0].decode())["watcher_mails_handled_total"]
    assert before == {(str(state),): 0.0 for state in DeliveryState}
    counted.mail("refused", 1)
    after = samples(exposition(pulse, desk, counted)[0].decode())["watcher_mails_handled_total"]
    assert after["refused",] - before["refused",] == 1


def test_how_things_are_is_read_when_asked(desk: Desk, pulse: Pulse, counters: Counters) -> None:
    """Sources by state, alarms, problems, disk, version: as they are now."""
    found = samples(exposition(pulse, desk, counters)[0].decode())
    assert found["watcher_sources"]["dns",] == 1
    assert sum(found["watcher_sources"].values()) == len(desk.config.sources)
    assert found["watcher_alarms"] == {("failing",): 1}
    assert found["watcher_problem"] == {("configuration",): 1}
    assert found["watcher_build_info"] == {("1.2",): 1}
    assert found["watcher_last_poll_timestamp_seconds"] == {(): NOW.timestamp()}
    assert found["watcher_database_up"] == {(): 1}
    assert found["watcher_disk_free_bytes"][()] > 0


def test_without_its_database_the_process_still_answers(
    desk: Desk, pulse: Pulse, counters: Counters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that does not answer is told; what the process knows of itself stays."""

    def fail(_: object) -> None:
        raise StoreError("The disk is gone.")

    monkeypatch.setattr(desk.store, "read", fail)
    found = samples(exposition(pulse, desk, counters)[0].decode())
    assert found["watcher_database_up"] == {(): 0}
    assert "watcher_tick_age_seconds" in found
    assert "watcher_sources" not in found


def asked(text: str) -> set[str]:
    """Return the names of figures in a text."""
    return set(NAME.findall(text))


def families(body: bytes) -> set[str]:
    """Return the names of the figures of an exposition, those without a sample yet included."""
    declared = re.findall(r"^# TYPE (\S+) (\S+)$", body.decode(), re.MULTILINE)
    return {name for name, kind in declared if kind != "summary"} | {
        f"{name}_{part}" for name, kind in declared if kind == "summary" for part in ("sum", "count")
    }


def test_every_alert_asks_for_a_figure_that_there_is(desk: Desk, pulse: Pulse, counters: Counters) -> None:
    """deploy/alerts.yml: each rule names figures of /metrics, and has a severity, a summary and a remedy."""
    known = families(exposition(pulse, desk, counters)[0])
    rules = YAML(typ="safe").load(DEPLOY / "alerts.yml")["groups"][0]["rules"]  # pyright: ignore[reportUnknownMemberType]
    assert len(rules) >= 10
    for rule in rules:
        assert asked(rule["expr"]) <= known, rule["alert"]
        assert asked(rule["expr"]) or "up{" in rule["expr"]
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["remedy"]


def test_the_dashboard_shows_every_figure(desk: Desk, pulse: Pulse, counters: Counters) -> None:
    """deploy/grafana.json: each panel asks for figures that there are, none is left out, and no panel covers another."""
    known = families(exposition(pulse, desk, counters)[0])
    panels = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))["panels"]
    shown = {name for panel in panels for target in panel["targets"] for name in asked(target["expr"])}
    assert shown == known
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
