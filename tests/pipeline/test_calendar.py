"""Editions leave at their hour, late once, or wait for a person (promise P4)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.homes import shipped
from watcher import config, schedule
from watcher.cli.init import lay_out
from watcher.config import Config
from watcher.model import Digest, Recipient, Settings, Source, SourceState, Subscription
from watcher.pipeline import calendar, forgetting
from watcher.pipeline.desk import Desk
from watcher.pipeline.status import status
from watcher.store import Store, recipients, service, sources

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 11, 16, 7, 30, tzinfo=PARIS)
READER = Recipient(id="lecture", address="lecture@example.org")
DIGEST = Digest(id="veille", title="Veille", day="monday", at="07:30", recipients=(READER,))

Open = Callable[[datetime], Desk]


@pytest.fixture
def at(sqlite_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Open:
    """Return a way to open a home at an instant: one source, read until then, and one weekly digest."""
    home = tmp_path_factory.mktemp("home") / "veille"
    lay_out(home)
    source = Source(id="dares", kind="feed", name="Dares", url="https://dares.example/flux")

    def opened(when: datetime) -> Desk:
        when = when.astimezone(UTC)
        read = SourceState(source_id="dares", joined_at=when - timedelta(days=90), last_success_at=when - timedelta(minutes=5))
        sqlite_store.write(lambda tx: sources.save_states(tx, [read]))
        loaded = Config(settings=Settings(contact="veille@example.org"), sources=(source,), digests=(DIGEST,))
        return Desk(home=config.Home(home), config=loaded, seeds=shipped(), store=sqlite_store, now=lambda: when)

    return opened


def left(desk: Desk) -> list[str]:
    """Publish what is due and return the periods of the editions that left."""
    turn = calendar.publish_due(desk)
    assert turn.problems == ()
    return [one.edition.period.key for one in turn.published if one.created]


def test_an_edition_leaves_at_its_hour_once(at: Open) -> None:
    """Not a second before, once at the hour, and not again at any later tick."""
    calendar.join(at(MONDAY - timedelta(days=30)))
    assert left(at(MONDAY - timedelta(days=6))) == ["2026-W45"]
    assert left(at(MONDAY - timedelta(seconds=1))) == []
    assert left(at(MONDAY)) == ["2026-W46"]
    assert [left(at(MONDAY + timedelta(seconds=30 * n))) for n in range(5)] == [[]] * 5


@pytest.mark.parametrize("down", [timedelta(seconds=10), timedelta(minutes=10), timedelta(hours=2), timedelta(hours=48)], ids=str)
def test_down_at_the_hour_the_edition_leaves_late_once(at: Open, down: timedelta) -> None:
    """Back within two days, the missed edition is sent late, once (row T02)."""
    calendar.join(at(MONDAY - timedelta(days=30)))
    assert left(at(MONDAY - timedelta(days=6))) == ["2026-W45"]
    assert left(at(MONDAY + down)) == ["2026-W46"]
    assert left(at(MONDAY + down + timedelta(seconds=30))) == []


def test_after_three_days_it_waits_for_a_person(at: Open) -> None:
    """Later than two days, nothing leaves by itself: `status` and `review` tell, the next week is sent as usual (row T02)."""
    calendar.join(at(MONDAY - timedelta(days=30)))
    left(at(MONDAY - timedelta(days=6)))
    late = at(MONDAY + timedelta(days=3))
    assert left(late) == []
    found = status(late)
    assert found.waiting.late == {"veille": "2026-W46"}
    assert found.waiting.total == 1
    assert found.digests[0].held
    assert found.digests[0].late == timedelta(days=3)
    assert left(at(MONDAY + timedelta(days=7))) == ["2026-W47"]


def test_a_person_may_let_it_be(at: Open) -> None:
    """An edition that was refused waits for nobody any more, and never leaves by itself."""
    calendar.join(at(MONDAY - timedelta(days=30)))
    left(at(MONDAY - timedelta(days=6)))
    late = at(MONDAY + timedelta(days=3))
    late.store.write(lambda tx: service.refuse_edition(tx, "veille", "2026-W46", late.now()))
    assert status(late).waiting.total == 0
    assert left(late) == []


def test_two_weeks_away_are_one_edition(at: Open) -> None:
    """After fifteen days the missing weeks are in the next edition, which takes all since the last: one, not three (row T02)."""
    calendar.join(at(MONDAY - timedelta(days=30)))
    assert left(at(MONDAY - timedelta(days=7))) == ["2026-W45"]
    assert left(at(MONDAY + timedelta(days=8))) == ["2026-W47"]
    assert left(at(MONDAY + timedelta(days=8, seconds=30))) == []


def test_a_new_digest_owes_nothing_for_the_past(at: Open) -> None:
    """On a Thursday's installation nothing is late and nothing waits; the first edition is Monday's."""
    thursday = at(MONDAY + timedelta(days=3))
    calendar.join(thursday)
    assert left(thursday) == []
    assert status(thursday).waiting.total == 0
    assert left(at(MONDAY + timedelta(days=7))) == ["2026-W47"]


def test_a_digest_that_nobody_receives_is_never_due(at: Open) -> None:
    """A digest without recipients is no problem at each tick."""
    desk = at(MONDAY + timedelta(hours=1))
    calendar.join(at(MONDAY - timedelta(days=30)))
    bare = replace(desk, config=replace(desk.config, digests=(replace(DIGEST, recipients=()),)))
    assert calendar.publish_due(bare) == calendar.Turn()


def test_a_digest_that_everybody_left_or_reads_each_day_is_not_owed(at: Open) -> None:
    """When all its readers chose another pace, or left, its own weekly edition is neither made nor missed."""
    calendar.join(at(MONDAY - timedelta(days=30)))
    left(at(MONDAY - timedelta(days=6)))
    choice = Subscription(
        recipient_id=READER.id, digest="veille", frequency="daily", decided_at=MONDAY.astimezone(UTC), decided_by="operator"
    )
    desk = at(MONDAY + timedelta(days=3))
    desk.store.write(lambda tx: recipients.choose(tx, choice))
    assert status(desk).waiting.late == {}
    desk.store.write(lambda tx: recipients.choose(tx, replace(choice, frequency=None, active=False)))
    assert status(desk).waiting.late == {}
    assert left(desk) == []


@pytest.mark.parametrize("frequency", ["daily", None])
def test_a_digest_whose_readers_all_chose_another_pace_or_are_forgotten_is_no_problem(at: Open, frequency: str | None) -> None:
    """Nobody is owed its own edition: at each look there is neither an edition of it nor a problem, and none is due."""
    calendar.join(at(MONDAY - timedelta(days=30)))
    desk = at(MONDAY + timedelta(hours=1))
    if frequency is None:
        forgetting.forget(desk, READER.address)
    reader = replace(READER, frequency=frequency)
    desk = replace(desk, config=replace(desk.config, digests=(replace(DIGEST, recipients=(reader,)),)))
    for _ in range(2):
        turn = calendar.publish_due(desk)
        assert (turn.problems, [one.digest.id for one in turn.published if one.digest.id == DIGEST.id]) == ((), [])
    (told,) = status(desk).digests
    assert not told.due


def test_a_daily_edition_late_past_midnight_is_that_of_its_day(at: Open) -> None:
    """A daily digest of 23:00, sent two hours late, is named after the day it should have left on, once (row T08)."""
    calendar.join(at(MONDAY - timedelta(days=30)))
    daily = replace(DIGEST, frequency="daily", at="23:00")

    def opened(when: datetime) -> Desk:
        desk = at(when)
        return replace(desk, config=replace(desk.config, digests=(daily,)))

    assert left(opened(MONDAY)) == ["2026-11-14"]
    assert left(opened(datetime(2026, 11, 17, 1, tzinfo=PARIS))) == ["2026-11-15"]
    assert left(opened(datetime(2026, 11, 17, 22, 59, tzinfo=PARIS))) == []
    assert left(opened(datetime(2026, 11, 17, 23, tzinfo=PARIS))) == ["2026-11-16"]


def test_one_digest_that_fails_keeps_no_other(at: Open) -> None:
    """A digest that cannot be made yet is named with what it waits for, which is no problem; the others leave."""
    calendar.join(at(MONDAY - timedelta(days=30)))
    desk = at(MONDAY)
    broken = replace(DIGEST, id="autre", title="Autre")
    desk = replace(desk, config=replace(desk.config, digests=(broken, DIGEST)))
    calendar.join(replace(desk, now=lambda: MONDAY.astimezone(UTC) - timedelta(days=30)))
    never = SourceState(source_id="dares", last_success_at=MONDAY.astimezone(UTC) - timedelta(days=40))
    assert left(at(MONDAY - timedelta(days=6))) == ["2026-W45"]
    desk.store.write(lambda tx: sources.save_states(tx, [never]))
    turn = calendar.publish_due(desk)
    assert [one.digest.id for one in turn.published] == ["autre"]
    assert [name for name, _ in turn.idle] == ["veille"]
    assert not turn.problems


@pytest.mark.parametrize(
    "day", [datetime(2027, 3, 28, tzinfo=PARIS), datetime(2027, 10, 31, tzinfo=PARIS)], ids=["march", "october"]
)
def test_the_next_edition_is_by_the_clock_on_the_wall(day: datetime) -> None:
    """Across both changes of clocks, 02:30 on Sunday and 07:30 on Monday come when a clock on the wall says (row T01)."""
    for digest in (replace(DIGEST, day="sunday", at="02:30"), DIGEST, replace(DIGEST, frequency="daily", at="02:30")):
        now = (day - timedelta(days=10)).astimezone(UTC)
        for _ in range(4):
            following = schedule.next_edition(digest, PARIS, now)
            assert now < following <= now + timedelta(days=7, hours=1)
            before = schedule.edition_due(digest, PARIS, following - timedelta(seconds=1)).period.key
            assert schedule.edition_due(digest, PARIS, following).period.key != before
            now = following
