"""The health of a source, with a memory: one bad day is none, what lasts is told, and what is over is over."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher import health
from watcher.health import Memory, Trouble
from watcher.model import PollReport, PollStatus

NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)


def read(fetched: int = 20, new: int = 1, error: str | None = None, **rejected: int) -> PollReport:
    """Return the report of an answer."""
    known = fetched - new - sum(rejected.values())
    return PollReport(
        source="dares", status=PollStatus.READ, fetched=fetched, new=new, known=known, rejected=rejected, error=error
    )


def failed(reason: str) -> PollReport:
    """Return the report of a poll that failed."""
    return PollReport(source="dares", status=PollStatus.FAILED, reason=reason, error="It failed.")


SAME = PollReport(source="dares", status=PollStatus.NOT_MODIFIED)


def after(*reports: PollReport, memory: Memory | None = None, every: timedelta = timedelta(hours=6)) -> tuple[Memory, datetime]:
    """Return the memory after `reports`, one every six hours, and when the last one was."""
    memory, at = memory or Memory(), NOW
    for number, report in enumerate(reports, memory.report + 1):
        at += every
        memory = health.after(memory, report, number, at)
    return memory, at


def troubles(*reports: PollReport, every: timedelta = timedelta(hours=6)) -> dict[Trouble, str]:
    """Return what is wrong after `reports`."""
    memory, at = after(*reports, every=every)
    return health.troubles(memory, at)


def test_failing_takes_three_polls_and_one_answer_ends_it() -> None:
    """Two failures are bad luck, three are told with their code, one answer ends it."""
    assert troubles(read(), failed("dns"), failed("http_503")) == {}
    assert troubles(read(), failed("dns"), failed("dns"), failed("http_503")) == {Trouble.FAILING: "http_503"}
    assert troubles(failed("dns"), failed("dns"), failed("dns"), SAME) == {}


def test_gone_is_told_at_once() -> None:
    """410 is not bad luck (row N25)."""
    assert troubles(read(), failed("gone")) == {Trouble.FAILING: "gone"}


def test_silence_is_told_as_silence() -> None:
    """Nothing where there was always something, twice in a row, is silence, not failure (promise P14)."""
    assert troubles(read(), failed("empty")) == {}
    assert troubles(read(), *[failed("empty")] * 4) == {Trouble.SILENT: "empty"}
    assert troubles(read(), failed("empty"), failed("empty"), read()) == {}


def test_stale_takes_a_month_and_eight_polls() -> None:
    """A source that answers and brings nothing new is stale after a month; one thing new and it lives."""
    quiet = read(new=0)
    assert troubles(read(), *[quiet] * 100) == {}  # 25 days
    assert troubles(read(), *[quiet] * 121) == {Trouble.STALE: "30"}
    assert troubles(read(), *[SAME] * 121) == {Trouble.STALE: "30"}
    assert troubles(read(), *[quiet] * 7, every=timedelta(days=7)) == {}
    assert troubles(read(), *[quiet] * 121, read()) == {}


def test_shrinking_is_measured_against_what_was_usual() -> None:
    """Less than half the usual entries, three times in a row, is told with both figures; lasting a month, it is usual."""
    usual, short = [read(20)] * 5, read(6)
    assert troubles(*usual, short, short) == {}
    assert troubles(*usual, short, short, short) == {Trouble.SHRINKING: "6/20"}
    assert troubles(*usual, short, short, short, read(19)) == {}
    assert troubles(*usual, short, short, failed("dns"), short) == {Trouble.SHRINKING: "6/20"}
    assert troubles(*usual, *[short] * (health.SETTLED + 1)) == {}
    assert troubles(*[read(5)] * 5, *[read(1)] * 5) == {}  # a small source rises and falls by itself


def test_drift_is_a_fifth_that_is_not_understood() -> None:
    """Entries without identity, or set aside, twice in a row, are a format that drifts; repeated ones are not (row F13)."""
    odd = read(20, no_identity=5)
    assert troubles(read(), odd) == {}
    assert troubles(read(), odd, odd) == {Trouble.DRIFT: "2"}
    assert troubles(read(), odd, odd, read()) == {}
    assert troubles(read(), *[read(20, repeated=10)] * 3) == {}
    assert troubles(*[read(error="21 of 900 records were set aside.")] * 2) == {Trouble.DRIFT: "2"}


def test_moved_is_told_with_its_address() -> None:
    """The address that permanent redirects propose is told (row N08)."""
    memory, at = after(read())
    assert health.troubles(memory, at, moved_to="https://new.example/") == {Trouble.MOVED: "https://new.example/"}


_REPORTS = st.sampled_from(
    [read(), read(0, 0), read(6), read(20, no_identity=8), SAME, failed("dns"), failed("empty"), failed("gone")]
)


@given(st.lists(_REPORTS, max_size=60))
def test_one_good_answer_with_news_ends_everything_but_shrinking(reports: list[PollReport]) -> None:
    """Whatever was, a full answer with something new leaves nothing wrong but, at most, its size."""
    memory, at = after(*reports, read(20), read(20))
    assert health.troubles(memory, at).keys() <= {Trouble.SHRINKING}


@given(st.lists(_REPORTS, max_size=40))
def test_nothing_is_wrong_before_its_threshold(reports: list[PollReport]) -> None:
    """No trouble is told before its number of polls has passed."""
    memory, at = Memory(), NOW
    for number, report in enumerate(reports, 1):
        at += timedelta(hours=6)
        memory = health.after(memory, report, number, at)
        for trouble in health.troubles(memory, at):
            assert number >= health.THRESHOLDS[trouble] or memory.reason == "gone"


@pytest.mark.parametrize("trouble", [trouble for trouble in Trouble if trouble is not Trouble.MOVED])
def test_every_trouble_has_a_threshold_of_more_than_one(trouble: Trouble) -> None:
    """One bad day tells nobody anything."""
    assert health.THRESHOLDS[trouble] > 1
