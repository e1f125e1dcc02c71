"""Polls over several days: what is stored, what is counted, what is left alone."""

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pipeline.conftest import Clock, Open, only
from watcher import urls
from watcher.demo.publisher import Publisher
from watcher.errors import StoreError
from watcher.model import Pending, PollReport, PollStatus, TextStatus
from watcher.pipeline.desk import Desk
from watcher.pipeline.poll import poll
from watcher.store import documents, pending, sources

PRESS = (
    "fil-des-metiers",
    "competences-territoires",
    "atelier-numerique",
    "formateurs",
    "gazette-usine",
    "observatoire-mutations",
)


def by_id(reports: tuple[PollReport, ...]) -> dict[str, PollReport]:
    """Return reports by source."""
    return {report.source: report for report in reports}


def balanced(report: PollReport) -> bool:
    """Say whether every item of a report is counted once."""
    parts = (report.new, report.known, report.revised, report.backfill, *report.rejected.values(), *report.failed.values())
    return report.fetched == sum(parts)


async def test_every_source_is_read_or_says_why_not(desk: Desk) -> None:
    """One hostile source costs only itself: the others are read, and each failure has its own code (promises P7, P13)."""
    reports = by_id(await poll(desk, everything=True))
    failed = {name: report.reason for name, report in reports.items() if report.status is PollStatus.FAILED}
    assert failed == {
        "journal-presse": "http_429",
        "archives-gonflees": "ratio",
        "passerelle-interne": "blocked_address",
        "portail-competences": "not_a_feed",
        "la-reserve": "robots",
    }
    assert all(balanced(report) for report in reports.values())
    assert all(reports[name].new + reports[name].backfill > 0 and not reports[name].failed for name in PRESS)


async def test_a_second_poll_finds_nothing_and_asks_politely(desk: Desk, publisher: Publisher, clock: Clock) -> None:
    """Nothing is new twice; listings are asked for with their validators; who said 429 is not asked again (rows N21, N22)."""
    await poll(desk, everything=True)
    publisher.forget_requests()
    clock.pass_(minutes=10)
    reports = by_id(await poll(desk, everything=True))
    assert sum(report.new + report.revised for report in reports.values()) == 0
    assert {reports[name].status for name in PRESS} == {PollStatus.NOT_MODIFIED}
    assert not publisher.hits("journal-presse")
    for name in PRESS:
        (hit,) = publisher.hits(name)
        assert hit.header("If-None-Match")


async def test_a_restart_polls_nothing_early(open_desk: Open, publisher: Publisher, clock: Clock) -> None:
    """Fifty restarts in an hour cost the publishers nothing: what is due is in the store (row N24)."""
    with open_desk() as desk:
        await poll(only(desk, *PRESS))
    publisher.forget_requests()
    for _ in range(5):
        clock.pass_(minutes=1)
        with open_desk() as desk:
            assert await poll(only(desk, *PRESS)) == ()
    assert publisher.requests == ()


async def test_pages_become_documents_with_their_text(desk: Desk) -> None:
    """An article is stored whole, without the furniture of its page, with its title, author, date and verdict."""
    await poll(only(desk, "fil-des-metiers"))
    found = desk.store.read(lambda tx: documents.recent(tx, desk.now().replace(year=2000), 50))
    assert found
    for candidate in found:
        document = candidate.document
        assert document.status is TextStatus.FULL
        assert len(document.text) > 800
        assert document.published_at is not None
        assert candidate.verdict.classifier == desk.classifier.version
        for furniture in ("cookies", "S’abonner", "Formez-vous à l’intelligence artificielle en trois jours", "À lire aussi"):
            assert furniture not in document.text


async def test_an_edited_article_is_a_version_and_a_new_one_is_new(desk: Desk, publisher: Publisher, clock: Clock) -> None:
    """An edit keeps what was there before; a publication is found at the next poll (row F06)."""
    one = only(desk, "fil-des-metiers")
    await poll(one)
    publisher.edit("offres-cadres-industrie-ia", title="Offres de cadres : l’industrie cherche toujours")
    publisher.publish("assistants-juridiques-reconversion", clock.now)
    clock.pass_(hours=7)
    (report,) = await poll(one)
    assert (report.new, report.revised) == (1, 1)
    known = {
        c.document.key: c.document for c in desk.store.read(lambda tx: documents.recent(tx, clock.now.replace(year=2000), 50))
    }
    changed = known[urls.canonical(publisher.address("offres-cadres-industrie-ia"))]
    assert changed.version > 1
    assert changed.title == "Offres de cadres : l’industrie cherche toujours"
    assert len(desk.store.read(lambda tx: documents.versions(tx, changed.key))) == changed.version - 1


async def test_an_empty_answer_after_a_full_one_changes_nothing(desk: Desk, publisher: Publisher, clock: Clock) -> None:
    """A feed that empties is a failure, and what comes back later is known, not new (row F08)."""
    one = only(desk, "atelier-numerique")
    (first,) = await poll(one)
    publisher.empty("atelier-numerique")
    clock.pass_(hours=7)
    (emptied,) = await poll(one)
    assert (emptied.status, emptied.reason) == (PollStatus.FAILED, "empty")
    publisher.mend("atelier-numerique")
    clock.pass_(hours=25)
    (again,) = await poll(one)
    assert again.new == again.revised == 0
    assert again.status is PollStatus.NOT_MODIFIED or again.known == first.fetched


async def test_a_page_that_fails_is_tried_thrice_then_kept_with_its_summary(
    desk: Desk, publisher: Publisher, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that cannot be read costs only itself: its document stays, with the feed's words, and is flagged."""
    one = only(desk, "kiosque-regional")
    (first,) = await poll(one)
    assert first.failed
    for _ in range(3):
        clock.pass_(days=2)
        await poll(one, everything=True)
    assert desk.store.read(pending.count) == 0
    statuses = Counter(
        c.document.status for c in desk.store.read(lambda tx: documents.recent(tx, clock.now.replace(year=2000), 50))
    )
    assert statuses[TextStatus.SUMMARY] == sum(first.failed.values())


async def test_a_first_fetch_keeps_old_articles_out_of_the_news(desk: Desk) -> None:
    """What a source published before the last week is stored and searchable, and never mailed."""
    reports = await poll(only(desk, *PRESS))
    backfill = sum(report.backfill for report in reports)
    assert backfill > 0
    news = desk.store.read(lambda tx: documents.candidates(tx, None, desk.now()))
    assert len(news) == sum(report.new for report in reports)


async def test_our_own_outage_counts_against_no_source(open_desk: Open, publisher: Publisher, clock: Clock) -> None:
    """When nothing at all answers, it is our network: no source is marked as failing (row N20)."""
    with open_desk() as desk:
        await poll(only(desk, *PRESS))
        publisher.__exit__(None, None, None)
        clock.pass_(hours=7)
        reports = await poll(only(desk, *PRESS))
        assert {report.status for report in reports} == {PollStatus.FAILED}
        states = desk.store.read(sources.states)
        assert all(states[name].failures == 0 for name in PRESS)
        assert {states[name].last_error for name in PRESS} == {"own_network"}
        last = desk.store.read(sources.last_reports)
        assert {last[name][0].reason for name in PRESS} == {"own_network"}


async def test_a_renamed_source_keeps_its_history(desk: Desk, clock: Clock) -> None:
    """`was: old-id` makes a rename a rename: nothing is new again (row Y06)."""
    before = only(desk, "formateurs")
    await poll(before)
    renamed = replace(before.config.sources[0], id="revue-formateurs", was="formateurs")
    clock.pass_(hours=7)
    (report,) = await poll(replace(before, config=replace(before.config, sources=(renamed,))))
    assert report.source == "revue-formateurs"
    assert report.new == report.backfill == 0


async def test_few_pages_at_a_time_and_the_others_wait(desk: Desk) -> None:
    """A bound on pages leaves the rest for the next turn, newest first, and loses none."""
    one = only(desk, "fil-des-metiers")
    (report,) = await poll(one, most_pages=2)
    left = desk.store.read(lambda tx: pending.due(tx, desk.now(), 100))
    assert len(left) == report.fetched - 2
    assert all(isinstance(page, Pending) for page in left)
    await poll(one, everything=True)
    assert desk.store.read(pending.count) == 0


async def test_a_source_that_is_not_there_is_named(desk: Desk, home: Path) -> None:
    """A wrong name on the command line says which file to look in."""
    with pytest.raises(Exception, match="no source 'nulle-part'"):
        await poll(desk, only=("nulle-part",))


async def test_two_polls_of_one_home_do_not_run_together(desk: Desk) -> None:
    """A poll by hand beside one by timer is refused: the publishers see one request at a time (row P01)."""
    one = only(desk, "formateurs")
    results = await asyncio.gather(poll(one), poll(one), return_exceptions=True)
    assert sum(isinstance(result, StoreError) for result in results) == 1
    assert await poll(one) == ()
