"""Versions of what people edit, on both engines."""

from datetime import timedelta

import pytest

from tests.store.builders import HOUR, NOW
from watcher.store import Store, kept


def files(number: int) -> dict[str, bytes]:
    """Return the files of a version: one of its own, one that all share."""
    return {"sources.yaml": f"# {number} lecture@example.org".encode(), "seeds/model.json": b"\x00\xff" * 5000}


def test_the_last_version_comes_back_whole(store: Store) -> None:
    """What was kept is given back byte for byte under its hash; kept again, an older one is the last."""
    first = store.write(lambda tx: kept.keep(tx, files(1), NOW))
    store.write(lambda tx: kept.keep(tx, files(2), NOW + HOUR))
    store.write(lambda tx: kept.keep(tx, files(1), NOW + 2 * HOUR))
    last = store.read(kept.last)
    assert last == kept.Kept(sha256=first, kept_at=NOW + 2 * HOUR, files=files(1))
    assert store.read(kept.last_hash) == first == kept.hash_of(files(1))


@pytest.mark.parametrize("back", [timedelta(), timedelta(days=1)])
def test_the_clock_does_not_choose_the_version(store: Store, back: timedelta) -> None:
    """With a clock that stands still, or was set back, the version kept last is the last one all the same."""
    for number in range(6):
        version = store.write(lambda tx, n=number: kept.keep(tx, files(n), NOW - n * back))
        assert store.read(kept.last_hash) == version


def test_twenty_versions_stay_and_a_file_is_stored_once(store: Store) -> None:
    """Old versions go, with the files that nothing else uses."""
    for number in range(kept.MOST_VERSIONS + 5):
        store.write(lambda tx, n=number: kept.keep(tx, files(n), NOW + timedelta(minutes=n)))
    count = store.read(kept.counts)
    assert count == (kept.MOST_VERSIONS, kept.MOST_VERSIONS + 1)


def test_an_address_is_taken_out_of_every_version(store: Store) -> None:
    """Versions that name somebody who asked to be forgotten are forgotten too, whatever the case of letters (promise P12)."""
    other = {"sources.yaml": b"# nobody"}
    store.write(lambda tx: kept.keep(tx, other, NOW))
    for number in range(3):
        store.write(lambda tx, n=number: kept.keep(tx, files(n), NOW + HOUR))
    assert store.write(lambda tx: kept.forget(tx, "Lecture@Example.org")) == 3
    last = store.read(kept.last)
    assert last is not None
    assert last.files == other
    assert store.read(kept.counts) == (1, 1)


def test_there_may_be_none(store: Store) -> None:
    """A service that never ran has kept nothing."""
    assert store.read(kept.last) is None
    assert store.read(kept.last_hash) is None
