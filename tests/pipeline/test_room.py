"""The reserve: what would write does not begin on an almost full disk, what reads goes on (row D03)."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.pipeline.conftest import only
from watcher.errors import StoreError
from watcher.pipeline import publish, room
from watcher.pipeline.desk import Desk
from watcher.pipeline.poll import poll
from watcher.pipeline.status import status


class Usage(NamedTuple):
    """What a disk says of itself, in bytes."""

    total: int
    used: int
    free: int


async def test_nothing_is_begun_without_room(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 20 MB free neither a poll nor an edition begins, nothing is asked and nothing frozen; status can be read. With
    space again, both go on without a restart."""
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _path: Usage(10**9, 10**9, 20 << 20))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        with pytest.raises(StoreError, match="20 MB are free"):
            await poll(only(desk, "fil-des-metiers"))
        with pytest.raises(StoreError, match="almost full"):
            publish.publish(desk, "veille")
        assert status(desk).documents == {} or not any(status(desk).documents.values())
    (report,) = await poll(only(desk, "fil-des-metiers"))
    assert report.new > 0
    assert publish.publish(desk, "veille")


def test_a_home_that_is_not_there_yet(tmp_path: Path) -> None:
    """The disk is that of the nearest folder there is."""
    room.check(tmp_path / "not" / "yet")
