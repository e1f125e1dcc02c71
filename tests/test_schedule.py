"""Which sources are due, when to look again, and which editions should have left."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from watcher import schedule
from watcher.errors import FetchError
from watcher.model import Digest, FetchResult, Request, Source, SourceState

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SOURCE = Source(id="dares", kind="feed", name="Dares", url="https://dares.example/rss", every=timedelta(hours=6))
WEEKLY = Digest(id="veille", title="Veille", day="monday", at="07:30")


def answer(*headers: tuple[str, str], moved_to: str | None = None) -> FetchResult:
    """Return a full answer with `headers`."""
    return FetchResult(
        request=Request(url=SOURCE.url),
        url=SOURCE.url,
        status=200,
        headers=headers,
        body=b"<rss/>",
        fetched_at=NOW,
        moved_to=moved_to,
    )


def test_what_was_never_read_is_due_before_what_is_overdue() -> None:
    """Every source gets its turn: never read first, then the longest overdue, and nothing that is not yet due."""
    names = ("late", "later", "never", "soon", "off")
    sources = [replace(SOURCE, id=name, enabled=name != "off") for name in names]
    at = {"late": NOW - timedelta(hours=2), "later": NOW - timedelta(hours=1), "soon": NOW + timedelta(minutes=1)}
    states = {name: SourceState(source_id=name, next_poll_at=when) for name, when in at.items()}
    assert [s.id for s in schedule.due(sources, states, NOW)] == ["never", "late", "later"]


def test_validators_are_kept_to_the_letter_and_only_from_full_answers() -> None:
    """An ETag goes back as it came, quotes and weakness included; a 304 does not replace it (row N22)."""
    full = schedule.after_success(
        SourceState(source_id="dares"), SOURCE, answer(("etag", 'W/"a b"')), items=10, now=NOW, rng=Random(1)
    )
    unchanged = schedule.after_success(full, SOURCE, answer(("etag", '"other"')), items=None, now=NOW, rng=Random(1))
    assert full.etag == unchanged.etag == 'W/"a b"'
    assert full.joined_at == NOW


def test_a_moved_address_is_proposed_after_three_sightings_and_forgotten_when_it_wavers() -> None:
    """One 301 may be an accident: only the third in a row, to the same place, is proposed (row N08)."""
    state = SourceState(source_id="dares")
    for seen in range(1, 4):
        state = schedule.after_success(
            state, SOURCE, answer(moved_to="https://new.example/rss"), items=None, now=NOW, rng=Random(1)
        )
        assert schedule.proposed_address(state) == ("https://new.example/rss" if seen == 3 else None)
    state = schedule.after_success(state, SOURCE, answer(), items=None, now=NOW, rng=Random(1))
    assert schedule.proposed_address(state) is None


@given(failures=st.integers(0, 10_000))
def test_a_failing_source_is_never_given_up(failures: int) -> None:
    """Backoff grows to a day and stays there, jitter included: no number of failures stops a source for good (row N25)."""
    state = SourceState(source_id="dares", failures=failures)
    after = schedule.after_failure(state, SOURCE, FetchError("503", reason="http_503"), now=NOW, rng=Random(failures))
    assert after.next_poll_at is not None
    assert timedelta(hours=6) <= after.next_poll_at - NOW <= timedelta(hours=24) * 1.1
    assert after.failures == failures + 1


def test_retry_after_is_obeyed_beyond_our_own_backoff() -> None:
    """What the host asks for wins over our own impatience (row N21)."""
    asked = NOW + timedelta(days=3)
    error = FetchError("429", reason="http_429", retry_after=asked)
    assert schedule.after_failure(SourceState(source_id="dares"), SOURCE, error, now=NOW, rng=Random(1)).next_poll_at == asked


def test_a_source_that_is_gone_is_asked_once_a_month() -> None:
    """410 means stop and tell; a monthly look notices a publisher who changed their mind."""
    error = FetchError("410", reason="gone", transient=False)
    after = schedule.after_failure(SourceState(source_id="dares"), SOURCE, error, now=NOW, rng=Random(1))
    assert after.gone
    assert after.next_poll_at is not None
    assert after.next_poll_at - NOW >= timedelta(days=30)


def test_our_own_network_being_down_blames_no_source() -> None:
    """When several hosts are unreachable and none answered, it is us (row N20)."""
    assert schedule.network_is_down(asked=40, unreachable_hosts=40, answered=0)
    assert not schedule.network_is_down(asked=40, unreachable_hosts=39, answered=1)
    assert not schedule.network_is_down(asked=1, unreachable_hosts=1, answered=0)
    after = schedule.after_outage(SourceState(source_id="dares", failures=2), SOURCE, now=NOW, rng=Random(1))
    assert after.failures == 2


def test_one_edition_per_iso_week_across_both_clock_changes() -> None:
    """Minute by minute over a change of clocks, at any hour of the night, a week has exactly one edition (rows T01, T05)."""
    for hour in range(5):
        digest = replace(WEEKLY, day="sunday", at=f"{hour:02d}:30")
        for change in (datetime(2027, 3, 28, tzinfo=PARIS), datetime(2027, 10, 31, tzinfo=PARIS)):
            start = (change - timedelta(hours=6)).astimezone(UTC)
            periods = [schedule.edition_due(digest, PARIS, start + timedelta(minutes=m)).period.key for m in range(20 * 60)]
            assert len(set(periods)) == 2
            assert sum(a != b for a, b in pairwise(periods)) == 1


def test_an_edition_is_named_after_the_last_complete_week() -> None:
    """Monday 07:30 sends the week that ended the night before; the year's last week keeps its ISO name (row T04)."""
    monday = datetime(2026, 11, 16, 7, 30, tzinfo=PARIS).astimezone(UTC)
    assert schedule.edition_due(WEEKLY, PARIS, monday).period.key == "2026-W46"
    assert schedule.edition_due(WEEKLY, PARIS, monday - timedelta(minutes=1)).period.key == "2026-W45"
    assert schedule.edition_due(WEEKLY, PARIS, datetime(2027, 1, 4, 12, tzinfo=UTC)).period.key == "2026-W53"


def test_news_starts_with_the_last_period_of_the_digests_that_a_source_feeds() -> None:
    """A source that feeds a weekly digest brings last week's articles as news; one that feeds none has no start."""
    since = schedule.news_since(SOURCE, [WEEKLY], PARIS, NOW)
    assert since == datetime(2026, 11, 9, tzinfo=PARIS)
    elsewhere = replace(WEEKLY, themes=("cyber-donnees",))
    assert schedule.news_since(replace(SOURCE, themes=("territoires",)), [elsewhere], PARIS, NOW) is None
