"""Retention: what the settings say is kept for so long is kept for so long, and looked at once a day."""

from dataclasses import replace
from datetime import timedelta

from tests.pipeline.conftest import Clock, only
from watcher.pipeline import retention
from watcher.pipeline.desk import Desk
from watcher.pipeline.poll import poll
from watcher.store import documents, search, sources

DAY = timedelta(days=1)
SOURCE = "cyber-donnees-hebdo"


def keeping(desk: Desk, *, texts: timedelta, logs: timedelta) -> Desk:
    """Return `desk` with these retention settings."""
    settings = replace(desk.config.settings, keep_texts=texts, keep_logs=logs)
    return replace(desk, config=replace(desk.config, settings=settings))


async def test_texts_and_logs_are_kept_as_long_as_the_settings_say(desk: Desk, clock: Clock) -> None:
    """Nothing goes before its time, everything after; titles, verdicts and themes stay and are found (row S05)."""
    desk = keeping(only(desk, SOURCE), texts=60 * DAY, logs=10 * DAY)
    await poll(desk)
    clock.now += 9 * DAY
    assert retention.purge(desk) == retention.Purged()
    clock.now += 2 * DAY
    assert retention.purge(desk).polls == 1
    assert desk.store.read(sources.last_reports) == {}
    before = desk.store.read(lambda tx: documents.recent(tx, clock.now - 90 * DAY, 100))
    assert all(candidate.document.text or candidate.document.summary for candidate in before)
    clock.now += 50 * DAY
    done = retention.purge(desk)
    assert done.texts == len(before) > 1
    after = desk.store.read(lambda tx: documents.recent(tx, clock.now - 90 * DAY, 100))
    assert [c.verdict for c in after] == [c.verdict for c in before]
    assert not any(c.document.text or c.document.summary for c in after)
    title = after[0].document.title
    assert after[0].document.key in {hit.key for hit in desk.store.read(lambda tx: search.find(tx, title)).hits}


async def test_a_text_that_an_edition_may_quote_is_kept(desk: Desk, clock: Clock) -> None:
    """However short the setting, nothing goes before the edition that may carry it has left."""
    desk = keeping(only(desk, SOURCE), texts=DAY, logs=DAY)
    await poll(desk)
    clock.now += 14 * DAY
    assert retention.purge(desk).texts == 0
    clock.now += 2 * DAY
    assert retention.purge(desk).texts > 0


async def test_it_is_looked_at_once_a_day(desk: Desk, clock: Clock) -> None:
    """An hourly poll does not go through the archive every hour; a clock that was set back does not stop it."""
    assert retention.purge_daily(desk) is not None
    clock.pass_(hours=23)
    assert retention.purge_daily(desk) is None
    clock.pass_(hours=2)
    assert retention.purge_daily(desk) is not None
    clock.pass_(days=-30)
    assert retention.purge_daily(desk) is not None
    (desk.home.var / retention.STAMP).write_text("not a date", "utf-8")
    assert retention.purge_daily(desk) is not None
