"""What is remembered of the members of archives, so that only what changed is read again."""

from watcher.model import ArchiveMember
from watcher.store import Store, archives


def member(name: str, crc: int = 1, size: int = 10) -> ArchiveMember:
    return ArchiveMember(name=name, crc=crc, size=size)


def read(store: Store, *members: ArchiveMember, source: str = "an") -> None:
    store.write(lambda tx: archives.save_members(tx, source, members))


def known(store: Store, source: str = "an") -> dict[str, tuple[int, int]]:
    return store.read(lambda tx: archives.members(tx, source))


def test_members_are_known_by_source(store: Store) -> None:
    """Each source has its own members; checksums take 32 bits without sign and sizes more."""
    read(store, member("json/é.json", 2**32 - 1, 2**33), member("b"))
    read(store, member("b", 7), source="senat")
    assert known(store) == {"json/é.json": (2**32 - 1, 2**33), "b": (1, 10)}
    assert known(store, "senat") == {"b": (7, 10)}
    assert known(store, "other") == {}


def test_a_member_read_again_replaces_what_was_known(store: Store) -> None:
    """The last reading counts; those that are not named stay; a name given twice counts once."""
    read(store, member("a"), member("b"))
    read(store, member("a", 5, 50), member("a", 6, 60))
    assert known(store) == {"a": (6, 60), "b": (1, 10)}
    read(store)
    assert len(known(store)) == 2


def test_members_are_forgotten_to_be_read_again(store: Store) -> None:
    """Some or all of a source's members can be forgotten; the others stay."""
    read(store, *(member(f"m{n}") for n in range(1200)))
    read(store, member("m1"), source="senat")
    store.write(lambda tx: archives.forget_members(tx, "an", [f"m{n}" for n in range(1199)]))
    assert known(store) == {"m1199": (1, 10)}
    store.write(lambda tx: archives.forget_members(tx, "an"))
    assert (known(store), known(store, "senat")) == ({}, {"m1": (1, 10)})


def test_a_name_that_no_engine_stores(store: Store) -> None:
    """A hostile name is stored readable, and is merely met as new next time (row F10)."""
    read(store, member("a\x00\ud800"))
    assert known(store) == {"a\ufffd\ufffd": (1, 10)}
