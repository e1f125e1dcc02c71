"""Several that read and write at once."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from tests.store.builders import NOW, document, edition, post
from watcher.errors import StoreError
from watcher.model import Sighting, TextStatus
from watcher.store import Store, Transaction, documents, editions, outbox, sources

TIMES = 20


@pytest.fixture
def another(database_url: str) -> Iterator[Callable[[], Store]]:
    """Give a function that opens the same database again, as another process would."""
    opened: list[Store] = []

    def open_again() -> Store:
        opened.append(Store.open(database_url))
        return opened[-1]

    yield open_again
    for store in opened:
        store.close()


def together(*jobs: Callable[[], object]) -> list[object]:
    """Run `jobs` at the same time and return what they return."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], object]) -> object:
        barrier.wait(30)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_four_writers_and_a_reader(store: Store, another: Callable[[], Store]) -> None:
    """Four processes that read then write lose no update and see no lock error, while a fifth reads (row D05)."""
    slowest: list[float] = []

    def write(mine: Store) -> None:
        for turn in range(TIMES):
            started = time.monotonic()
            mine.write(lambda tx, turn=turn: sources.strike(tx, "shared", f"turn {turn}", NOW))
            slowest.append(time.monotonic() - started)

    def read(mine: Store) -> None:
        for _ in range(TIMES):
            mine.read(sources.quarantined)

    stores = [another() for _ in range(5)]
    together(*(lambda mine=mine: write(mine) for mine in stores[:4]), lambda: read(stores[4]))
    assert store.write(lambda tx: sources.strike(tx, "shared", "last", NOW)) == 4 * TIMES + 1
    assert max(slowest) < 20


def test_two_writers_of_one_new_item(store: Store, another: Callable[[], Store]) -> None:
    """Two processes that see the same new items at once store each once, without a second version (row D11)."""

    def work(tx: Transaction, n: int) -> None:
        key = f"k{n}"
        if not documents.known(tx, "outlet", [key], []):
            documents.save(tx, [document(key, status=TextStatus.PENDING)], {})
        documents.sight(tx, [Sighting(source_id="outlet", document_key=key, guid="g", listed="h", seen_at=NOW)])

    def run(mine: Store) -> None:
        for n in range(TIMES):
            mine.write(lambda tx, n=n: work(tx, n))

    together(*(lambda mine=mine: run(mine) for mine in (another(), another())))
    assert store.read(documents.counts)["total"] == TIMES
    assert all(store.read(lambda tx, n=n: documents.versions(tx, f"k{n}")) == () for n in range(TIMES))


def test_two_that_freeze_one_period(store: Store, another: Callable[[], Store]) -> None:
    """Two processes that freeze the same period at once give one edition and one mail each (promises P2, P3)."""
    made = edition()

    def freeze(mine: Store) -> object:
        return mine.write(lambda tx: editions.freeze(tx, made, [post("ana", made), post("bo", made)], NOW))

    results = together(*(lambda mine=mine: freeze(mine) for mine in (another(), another(), another())))
    assert sorted(result.created for result in results if isinstance(result, editions.Frozen)) == [False, False, True]
    assert sum(store.read(outbox.counts).values()) == 2


def test_what_fails_is_undone_whole(store: Store) -> None:
    """A transaction that raises leaves nothing behind, and what it raised comes out as it is."""

    def work(tx: Transaction) -> None:
        documents.save(tx, [document()], {})
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        store.write(work)
    assert store.read(documents.counts)["total"] == 0


def test_a_reader_sees_one_moment(store: Store, another: Callable[[], Store]) -> None:
    """What is written meanwhile does not show in a reading transaction under way."""
    other = another()

    def work(tx: Transaction) -> tuple[int, int]:
        before = documents.counts(tx)["total"]
        other.write(lambda inner: documents.save(inner, [document()], {}))
        return before, documents.counts(tx)["total"]

    assert store.read(work) == (0, 0)
    assert store.read(documents.counts)["total"] == 1


def test_a_write_inside_a_write_is_refused(store: Store) -> None:
    """Beginning a second writing transaction inside the first is said at once, rather than waited for."""
    with pytest.raises(StoreError, match="inside another"):
        store.write(lambda _: store.write(sources.states))
    store.write(lambda tx: documents.save(tx, [document()], {}))


def test_a_writer_that_never_ends(sqlite_store: Store, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another process keeps the database, the error says so and what to do (row D05)."""
    monkeypatch.setattr("watcher.store.sqlite.BUSY_TIMEOUT", 0.05)
    monkeypatch.setattr("watcher.store.database.TRIES", 2)
    other = Store.open(sqlite_url)

    def hold(_: Transaction) -> None:
        with pytest.raises(StoreError, match="Another process"):
            other.write(lambda tx: documents.save(tx, [document()], {}))

    sqlite_store.write(hold)
    other.close()


class TestPostgres:
    @pytest.fixture
    def postgres_store(self, postgres_url: str) -> Iterator[Store]:
        store = Store.open(postgres_url)
        yield store
        store.close()

    def test_a_write_skew_is_done_again(self, postgres_store: Store) -> None:
        """Two transactions that read what the other writes come out as if one after the other (row D09)."""
        tries: list[int] = []

        def work(tx: Transaction) -> int:
            sources.quarantined(tx, ["x"])
            tries.append(1)
            if len(tries) == 1:
                thread = threading.Thread(target=lambda: postgres_store.write(lambda inner: sources.strike(inner, "x", "y", NOW)))
                thread.start()
                thread.join()
            return sources.strike(tx, "x", "y", NOW)

        assert postgres_store.write(work) == 2
        assert len(tries) == 2

    def test_a_lost_connection_is_found_again(self, postgres_store: Store, postgres: str) -> None:
        """Connections that the server closed, idle or at work, are replaced and the work done again (row D09)."""

        def kill(spare: int) -> None:
            query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'watcher' AND pid <> %s"
            with psycopg.connect(postgres, autocommit=True) as connection:
                connection.execute(query, (spare,))

        tries: list[int] = []

        def work(tx: Transaction) -> int:
            tries.append(1)
            if len(tries) == 1:
                kill(0)
            return sources.strike(tx, "x", "y", NOW)

        postgres_store.read(sources.states)
        kill(0)
        assert postgres_store.write(work) == 1
        assert len(tries) == 2

    def test_a_connection_lost_at_the_commit_is_not_tried_again(self, postgres_store: Store, postgres: str) -> None:
        """When nobody knows whether a commit took, the work is not done twice behind the caller's back (row D09)."""
        tries: list[int] = []

        def work(tx: Transaction) -> None:
            tries.append(1)
            sources.strike(tx, "x", "y", NOW)
            with psycopg.connect(postgres, autocommit=True) as connection:
                connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'watcher'")

        with pytest.raises(StoreError):
            postgres_store.write(work)
        assert len(tries) == 1
        assert postgres_store.write(lambda tx: sources.strike(tx, "x", "y", NOW + timedelta(1))) == 1
