"""The kinds as they are really called: in a worker process, their nouns rebuilt on this side."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from watcher import sources
from watcher.errors import BlockedError, ParseError, SandboxError
from watcher.model import FetchResult, Parsed, Source, SourceState
from watcher.sandbox import Sandbox
from watcher.sources import Discovered

HERE = Path(__file__).parent

Answer = Callable[..., FetchResult]
MakeSource = Callable[..., Source]


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(workers=1) as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    "case", ["feed/atom10.xml", "feed/jsonfeed11.json", "feed/tronque.xml", "page/cartes.html", "sitemap/index.xml"]
)
async def test_what_is_parsed_in_a_worker_is_what_is_parsed_here(
    case: str, box: Sandbox, answer: Answer, source: MakeSource, state: SourceState
) -> None:
    """Items, requests, counts and dates cross the process unchanged."""
    made, result = source(case.split("/")[0]), answer((HERE / case).read_bytes(), url="https://bois.example/actualites")
    there = await box.run(sources.parse, made, result, state, returns=Parsed)
    assert there == sources.parse(made, result, state)
    assert there.items or there.follow


async def test_what_is_discovered_crosses_too(box: Sandbox, answer: Answer) -> None:
    """A tuple of findings is rebuilt as such."""
    result = answer((HERE / "feed" / "rss20.xml").read_bytes())
    assert await box.run(sources.discover, result, returns=tuple[Discovered, ...]) == sources.discover(result)


async def test_what_is_refused_in_a_worker_is_refused_here(
    box: Sandbox, answer: Answer, source: MakeSource, state: SourceState
) -> None:
    """A ParseError and a BlockedError keep their class, reason, kind and address."""
    with pytest.raises(ParseError) as caught:
        await box.run(sources.parse, source("feed"), answer("<html><body>Non</body></html>"), state, returns=Parsed)
    assert (caught.value.reason, caught.value.kind, caught.value.url) == (
        "not_a_feed",
        "feed",
        "https://flux.example/dossier/flux",
    )
    check = "<html><script>window._cf_chl_opt={}</script></html>"
    with pytest.raises(BlockedError):
        await box.run(sources.parse, source("page"), answer(check), state, returns=Parsed)


async def test_a_feed_that_keeps_its_parser_busy_is_ended(answer: Answer, source: MakeSource, state: SourceState) -> None:
    """Two megabytes of broken XML cost one second here, not ten; the next feed is read (row F03, promise P7)."""
    broken = b"<rss version='2.0'><channel>" + b"<item><title>a<b>&zz; </title><description>x</item>" * 60_000
    with Sandbox(workers=1, cpu_seconds=1, wall_seconds=60) as sandbox:
        with pytest.raises(SandboxError) as caught:
            await sandbox.run(sources.parse, source("feed"), answer(broken), state, returns=Parsed)
        assert caught.value.reason == "cpu"
    with Sandbox(workers=1) as sandbox:
        good = answer((HERE / "feed" / "rss20.xml").read_bytes())
        assert (await sandbox.run(sources.parse, source("feed"), good, state, returns=Parsed)).items
