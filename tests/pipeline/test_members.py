"""Members of an archive that stop their worker: each costs itself, and never for ever."""

from dataclasses import replace

import pytest

from tests.pipeline import killers
from tests.pipeline.conftest import Clock, only
from watcher.demo.parliament.questions import uid
from watcher.demo.publisher import Publisher
from watcher.model import PollStatus, SourceState
from watcher.pipeline import members, reading
from watcher.pipeline.desk import Desk
from watcher.pipeline.poll import poll
from watcher.store import Transaction, questions, sources
from watcher.store.questions import Filter


def chamber(desk: Desk, publisher: Publisher) -> tuple[Desk, str]:
    """Return a desk that reads the Assemblée alone, and the member of its archive that kills: the source is named after it."""
    chosen = only(desk, "assemblee-questions")
    name = f"{uid(publisher.chamber('assemblee-questions').entries[3].question)}.json"
    (source,) = chosen.config.sources
    return replace(chosen, config=replace(chosen.config, sources=(replace(source, name=name),))), name


def forget_validators(tx: Transaction) -> None:
    sources.save_states(tx, (SourceState(source_id="assemblee-questions"),))


async def test_a_member_that_kills_its_worker_costs_itself(
    desk: Desk, publisher: Publisher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies on one question of the night's archive: the others are kept, it is named and told (row F13)."""
    monkeypatch.setattr(reading, "read_members", killers.dies_on_some)
    chosen, name = chamber(desk, publisher)
    (report,) = await poll(chosen, everything=True)
    assert report.status is PollStatus.READ
    assert report.rejected == {"broken_json": 1, "parser_crashed": 1}
    assert report.error is not None
    assert f"{name} (parser_crashed)" in report.error
    assert desk.store.read(lambda tx: questions.find(tx, Filter(), 100)).total == 16


async def test_a_member_that_kills_three_times_is_left_alone(
    desk: Desk, publisher: Publisher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three nights it is not given to a worker again, and told as quarantined (row H06)."""
    monkeypatch.setattr(reading, "read_members", killers.dies_on_some)
    chosen, _ = chamber(desk, publisher)
    told: list[dict[str, int]] = []
    for _ in range(4):
        (report,) = await poll(chosen, everything=True)
        desk.store.write(forget_validators)  # the archive is fetched again
        clock.pass_(days=1)
        told.append({reason: count for reason, count in report.rejected.items() if reason != "broken_json"})
    assert told == [{"parser_crashed": 1}] * 3 + [{"quarantined": 1}]


async def test_a_reader_that_dies_on_everything_fails_the_poll(
    desk: Desk, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where too many members stop their worker, it is not they who are at fault: the poll fails, nothing is quarantined."""
    monkeypatch.setattr(reading, "read_members", killers.dies_on_all)
    monkeypatch.setattr(members, "MOST_CULPRITS", 2)
    chosen, _ = chamber(desk, publisher)
    for _ in range(3):
        (report,) = await poll(chosen, everything=True)
        assert (report.status, report.reason) == (PollStatus.FAILED, "parser_crashed")
        assert report.error is not None
        assert "the data set, or its reader, is at fault" in report.error
        assert desk.store.read(sources.quarantined) == set()
