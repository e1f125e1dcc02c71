"""A store for properties: all the examples of a module share it, and each undoes what it did (`builders.undone`)."""

from collections.abc import Iterator

import pytest

from watcher.store import Store


@pytest.fixture(scope="module", params=("sqlite", "postgres"))
def lasting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a store that was empty when the module began, on SQLite, then on PostgreSQL."""
    url = f"sqlite:///{tmp_path_factory.mktemp('lasting')}/watcher.db"
    if request.param == "postgres":
        url = request.getfixturevalue("emptied_postgres")()
    store = Store.open(url)
    yield store
    store.close()
