"""One row that does not load stops neither the tick, nor the polls, nor the editions of others, and is named (row P08)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.pipeline.readers import NOW, lay_out_readers, opened, queue
from tests.store.builders import document, verdict
from tests.store.question_builders import event, question, save
from watcher.model import PollReport, PollStatus, SourceState
from watcher.pipeline import calendar, health
from watcher.pipeline.desk import Desk
from watcher.store import documents, poison, question_tables, questions, schema, service, service_tables, sources


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return a home with two digests, and nothing found unreadable yet."""
    poison._found.clear()  # pyright: ignore[reportPrivateUsage]
    with opened(lay_out_readers(tmp_path_factory.mktemp("home") / "home")) as one:
        (digest,) = one.config.digests
        yield replace(one, config=replace(one.config, digests=(digest, replace(digest, id="autre"))))
    poison._found.clear()  # pyright: ignore[reportPrivateUsage]


def test_a_broken_edition_keeps_neither_the_calendar_nor_other_digests(desk: Desk) -> None:
    """The calendar looks at no content; the digest whose last edition is broken is a problem of its own, the other's is made."""
    queue(desk)
    desk.store.write(lambda tx: tx.connection.execute(update(schema.editions).values(content="{")))
    read = SourceState(source_id="dares", last_success_at=NOW)
    desk.store.write(lambda tx: sources.save_states(tx, [read]))
    later = replace(desk, now=lambda: NOW + timedelta(days=7, hours=1))
    calendar.join(replace(desk, now=lambda: NOW - timedelta(days=30)))
    desk.store.write(lambda tx: sources.save_states(tx, [replace(read, last_success_at=later.now())]))
    assert [one.digest.id for one in desk.store.read(lambda tx: calendar.coming(later, tx))] == ["veille", "autre"]
    turn = calendar.publish_due(later)
    assert [one.digest.id for one in turn.published] == ["autre"]
    assert {name for name, _ in turn.problems} == {"veille"}
    assert all("holds no Edition" in problem for _, problem in turn.problems)


def test_a_broken_verdict_is_passed_over_and_named(desk: Desk) -> None:
    """The document is as one never judged; the others are offered with their verdicts."""
    kept = [document("https://example.org/a"), document("https://example.org/b")]
    desk.store.write(lambda tx: documents.save(tx, kept, {one.key: verdict() for one in kept}))
    table = schema.documents
    broken = update(table).where(table.c.key == kept[0].key).values(verdict='{"relevance": "x"}')
    desk.store.write(lambda tx: tx.connection.execute(broken))
    found = desk.store.read(lambda tx: documents.of_keys(tx, [one.key for one in kept]))
    assert [found[one.key].verdict.relevance for one in kept] == [0, 2]
    assert poison.found() == (f"the verdict of {kept[0].key}",)


def test_a_broken_question_keeps_the_others(desk: Desk) -> None:
    """Its events are left out of the edition, those of the others are in it."""
    save(desk.store, question(1), question(2))
    told = [event(question(number)) for number in (1, 2)]
    desk.store.write(lambda tx: questions.add_events(tx, told, now=NOW, news=True))
    table = question_tables.question_records
    first = desk.store.read(lambda tx: tx.connection.scalar(table.select().with_only_columns(table.c.document_id).limit(1)))
    desk.store.write(lambda tx: tx.connection.execute(update(table).where(table.c.document_id == first).values(record="[]")))
    assert len(desk.store.read(lambda tx: questions.events(tx, None, NOW + timedelta(days=1)))) == 1
    assert len(poison.found()) == 1


def test_broken_memories_of_sources_are_begun_anew(desk: Desk) -> None:
    """A cursor, a health, a report and a heartbeat that do not load are passed over: the service starts and polls."""
    report = PollReport(source="dares", status=PollStatus.READ)
    desk.store.write(lambda tx: sources.save_states(tx, [SourceState(source_id="dares", etag='"x"')]))
    desk.store.write(lambda tx: sources.log_polls(tx, [report, report], NOW))
    health.observe(desk)
    beat = service.Heartbeat(beat_at=NOW, started_at=NOW, pid=1, host="h", program="1")
    desk.store.write(lambda tx: service.beat(tx, beat))
    for table, column in (
        (schema.source_states, "cursor"),
        (service_tables.source_health, "memory"),
        (service_tables.heartbeat, "problems"),
    ):
        desk.store.write(lambda tx, table=table, column=column: tx.connection.execute(update(table).values({column: "nonsense"})))
    reports = schema.poll_reports
    desk.store.write(lambda tx: tx.connection.execute(update(reports).where(reports.c.id == 1).values(report="nonsense")))
    assert desk.store.read(sources.states)["dares"] == SourceState(source_id="dares", etag='"x"')
    assert desk.store.read(service.memories) == {}
    assert len(desk.store.read(lambda tx: service.reports_after(tx, 0))) == 1
    sign = desk.store.read(service.last_beat)
    assert sign is not None
    assert sign.beat_at == NOW
    assert len(poison.found()) == 4
    said = poison.sentence()
    assert said is not None
    assert "the cursor of dares" in said
