"""What the tests of the source kinds share: answers made of files, and one fixed instant."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from watcher import sources
from watcher.model import FetchResult, Request, Source, SourceState

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

Answer = Callable[..., FetchResult]
MakeSource = Callable[..., Source]


@pytest.fixture
def answer() -> Answer:
    """Make a complete answer, as the fetcher hands it over."""

    def make(
        body: bytes | str,
        *,
        url: str = "https://flux.example/dossier/flux",
        media_type: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> FetchResult:
        data = body.encode() if isinstance(body, str) else body
        typed = (("content-type", media_type),) if media_type else ()
        return FetchResult(request=Request(url=url), url=url, status=200, headers=(*typed, *headers), body=data, fetched_at=NOW)

    return make


@pytest.fixture
def source() -> MakeSource:
    """Make a source of a kind, with options as they stand in sources.yaml."""

    def make(kind: str, *, url: str = "https://flux.example/dossier/flux", **options: object) -> Source:
        return Source(id="essai", kind=kind, name="Essai", url=url, options=sources.KINDS[kind].Options(**options))

    return make


@pytest.fixture
def state() -> SourceState:
    """The state of a source that was never read."""
    return SourceState(source_id="essai")
