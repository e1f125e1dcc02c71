"""Data sets: bodies that go to a file, and files that do not stay behind."""

import gzip
import secrets
from pathlib import Path

import pytest

from tests.fetch.servers import LOOPBACK, Clock, Server, reply
from watcher.errors import FetchError
from watcher.fetch import Client
from watcher.model import Request, Settings


@pytest.fixture
def downloading(tmp_path: Path, clock: Clock) -> Client:
    """A client whose downloads go to the test's folder."""
    settings = Settings(contact="veille@example.org", gap=0.0, allow_private=LOOPBACK)
    return Client(settings=settings, hosts={}, now=clock, downloads=tmp_path)


def left(folder: Path) -> list[Path]:
    """Return the files in `folder`."""
    return list(folder.iterdir())


async def test_a_data_set_goes_to_a_file(server: Server, downloading: Client, tmp_path: Path) -> None:
    """What asks for a file gets one, decoded, and nothing in memory."""
    content = secrets.token_bytes(300_000)
    server.routes["/feed"] = reply(200, gzip.compress(content), {"Content-Encoding": "gzip", "ETag": '"a"'})
    async with downloading as client:
        result = await client.fetch(Request(url=server.url(), spool=True))
    assert result.body == b""
    assert result.header("etag") == '"a"'
    assert result.file is not None
    assert result.file.read_bytes() == content
    assert left(tmp_path) == [result.file]


async def test_an_unchanged_data_set_leaves_no_file(server: Server, downloading: Client, tmp_path: Path) -> None:
    """A 304 costs one request and nothing on the disk."""
    server.routes["/feed"] = reply(304)
    async with downloading as client:
        result = await client.fetch(Request(url=server.url(), etag='"a"', spool=True))
    assert result.not_modified
    assert result.file is None
    assert left(tmp_path) == []


async def test_a_data_set_that_passes_its_bound_leaves_no_file(server: Server, downloading: Client, tmp_path: Path) -> None:
    """What is cut short, by its size or by the server, is removed (rows N01, N06)."""
    async with downloading as client:
        server.routes["/feed"] = reply(200, b"x" * 100_000)
        with pytest.raises(FetchError) as large:
            await client.fetch(Request(url=server.url(), spool=True, max_bytes=50_000))
        assert large.value.reason == "too_large"
        server.routes["/feed"] = reply(200, gzip.compress(secrets.token_bytes(1000))[:-10], {"Content-Encoding": "gzip"})
        with pytest.raises(FetchError) as cut:
            await client.fetch(Request(url=server.url(), spool=True))
        assert cut.value.reason == "truncated"
    assert left(tmp_path) == []
