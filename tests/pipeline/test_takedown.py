"""Taking an article down (row S08): gone from the archive, the index, the next mail and old backups, and never read again."""

import json
from datetime import timedelta
from pathlib import Path

from tests.pipeline.conftest import Clock, Open, only
from watcher.demo.publisher import Publisher
from watcher.model import Edition
from watcher.pipeline import backup, publish, restore
from watcher.pipeline.desk import Desk
from watcher.pipeline.poll import poll
from watcher.pipeline.takedown import FILE, reapply, take_down
from watcher.store import Transaction, documents, editions, search, takedowns

SOURCE = "fil-des-metiers"


def entries(edition: Edition) -> list[str]:
    """Return the keys of the documents that an edition shows."""
    return [entry.document_key for section in edition.sections for entry in section.entries]


def last(desk: Desk) -> Edition:
    """Return the last frozen edition."""

    def read(tx: Transaction) -> Edition:
        found = editions.last(tx, "veille")
        assert found is not None
        return found.edition

    return desk.store.read(read)


async def test_gone_and_never_read_again(desk: Desk, publisher: Publisher, clock: Clock) -> None:
    """The article leaves archive and index; its page is not asked for again though its source lists it still."""
    await poll(only(desk, SOURCE))
    document = desk.store.read(lambda tx: documents.recent(tx, clock.now.replace(year=2000), 50))[0].document
    word = max(document.title.split(), key=len)
    assert desk.store.read(lambda tx: search.find(tx, document.title)).total >= 1
    done = take_down(desk, document.url)
    assert (done.key, done.held) == (document.key, True)
    assert desk.store.read(lambda tx: documents.get(tx, document.key)) is None
    found = desk.store.read(lambda tx: search.find(tx, word))
    assert document.key not in [hit.key for hit in found.hits]
    assert desk.store.problems() == ()
    publisher.forget_requests()
    clock.pass_(hours=2)
    (report,) = await poll(only(desk, SOURCE), everything=True)
    asked = [hit.path for hit in publisher.hits(SOURCE)]
    assert not [path for path in asked if path in document.url]
    assert report.new == 0
    assert desk.store.read(lambda tx: documents.get(tx, document.key)) is None


async def test_what_was_never_held_is_kept_out(desk: Desk, clock: Clock) -> None:
    """An address taken down before its first reading is counted as rejected, `taken_down`, and never stored."""
    await poll(only(desk, SOURCE))
    wanted = desk.store.read(lambda tx: documents.recent(tx, clock.now.replace(year=2000), 50))[0].document
    fetched = len(desk.store.read(lambda tx: documents.recent(tx, clock.now.replace(year=2000), 50)))
    assert fetched > 1
    desk.store.write(lambda tx: tx.connection.exec_driver_sql("DELETE FROM documents"))
    desk.store.write(lambda tx: tx.connection.exec_driver_sql("DELETE FROM source_states"))
    assert not take_down(desk, wanted.url).held
    (report,) = await poll(only(desk, SOURCE), everything=True)
    assert report.rejected.get("taken_down") == 1
    assert desk.store.read(lambda tx: documents.get(tx, wanted.key)) is None
    total = report.new + report.known + report.revised + report.backfill
    assert report.fetched == total + sum(report.rejected.values()) + sum(report.failed.values())


async def test_out_of_editions_and_of_the_next_mail(desk: Desk, clock: Clock) -> None:
    """What a frozen edition quoted of it is emptied, everything else of the edition is as it was; the next one has it not."""
    await poll(desk)
    publish.publish(desk, "veille")
    before = last(desk)
    key = entries(before)[0]
    done = take_down(desk, key)
    assert done.entries >= 1
    after = last(desk)
    assert entries(after) == entries(before)
    for old, new in zip(before.sections, after.sections, strict=True):
        for one, other in zip(old.entries, new.entries, strict=True):
            if one.document_key == key:
                assert (other.title, other.excerpts, other.evidence) == ("", (), ())
            else:
                assert other == one
    clock.pass_(days=7)
    edition, _ = publish.preview(desk, "veille")
    assert key not in entries(edition)
    assert take_down(desk, key).entries == 0


async def test_an_old_backup_does_not_bring_it_back(open_desk: Open, home: Path, tmp_path: Path, clock: Clock) -> None:
    """A backup made before the request, restored after it: the article is taken out again."""
    with open_desk() as desk:
        await poll(only(desk, SOURCE))
        place, now = desk.home, clock.now
        made = backup.backup(place, None, tmp_path / "old.tar.gz", now=now)
        key = desk.store.read(lambda tx: documents.recent(tx, now.replace(year=2000), 50))[0].document.key
        take_down(desk, key)
        assert json.loads((place.var / FILE).read_text("utf-8"))["key"] == key
    done = restore.restore(made.file, place, None, now=now + timedelta(hours=1), aside=True)
    assert done.reapplied == 1
    with open_desk() as desk:
        assert desk.store.read(lambda tx: documents.get(tx, key)) is None
        assert [one for one, _ in desk.store.read(takedowns.every)] == [key]
        assert reapply(desk.home, desk.store) == 0
