"""Status and review: everything that waits for a person is counted once, in one place."""

from dataclasses import replace

from tests.pipeline.conftest import only
from watcher.model import DeliveryState, Document, SourceState
from watcher.pipeline import publish
from watcher.pipeline.desk import Desk
from watcher.pipeline.poll import poll
from watcher.pipeline.status import status
from watcher.store import Transaction, documents, outbox, sources


def held_back(desk: Desk, number: int) -> None:
    """Store `number` documents of one source as a bulk re-import."""
    stored = tuple(
        Document(
            key=f"https://bulk.example/{n}",
            source_id="fil-des-metiers",
            url=f"https://bulk.example/{n}",
            title=f"Titre {n}",
            recorded_at=desk.now(),
            held=True,
        )
        for n in range(number)
    )
    desk.store.write(lambda tx: documents.save(tx, stored, {}))


async def test_all_that_waits_for_a_person_is_counted(desk: Desk) -> None:
    """Bulk re-imports, moved and vanished addresses, mails refused or of unknown fate: one count (rows N08, F06)."""
    await poll(only(desk, "cyber-donnees-hebdo"))
    assert status(desk).waiting.total == 0
    held_back(desk, 3)
    moved = SourceState(source_id="formateurs", moved_to="https://new.example/feed", moved_seen=3)
    gone = SourceState(source_id="gazette-usine", gone=True, last_error="gone")
    twice = SourceState(source_id="atelier-numerique", moved_to="https://other.example/feed", moved_seen=2)
    publish.publish(desk, "veille")

    def mishaps(tx: Transaction) -> None:
        sources.save_states(tx, (moved, gone, twice))
        (mail,) = outbox.due(tx, desk.now(), 10)
        outbox.move(tx, mail.id, DeliveryState.UNKNOWN, now=desk.now())

    desk.store.write(mishaps)
    waiting = status(desk).waiting
    assert waiting.bulk == {"fil-des-metiers": 3}
    assert waiting.moved == {"formateurs": "https://new.example/feed"}
    assert waiting.gone == ("gazette-usine",)
    assert waiting.mails == {"unknown": 1}
    assert waiting.total == 4


async def test_a_source_that_is_switched_off_waits_for_nobody(desk: Desk) -> None:
    """Whoever switched a source off has decided about it."""
    state = SourceState(source_id="formateurs", moved_to="https://new.example/feed", moved_seen=9)
    desk.store.write(lambda tx: sources.save_states(tx, (state,)))
    off = tuple(replace(source, enabled=False) for source in desk.config.sources)
    assert status(replace(desk, config=replace(desk.config, sources=off))).waiting.total == 0
