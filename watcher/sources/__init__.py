"""The kinds of sources: one file each, two pure functions that say what to ask and what came back.

To add a kind, write its file and add its line to the table below; docs/adding-a-source.md walks through one.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from watcher.errors import BlockedError, ParseError, WatcherError
from watcher.model import FetchResult, Parsed, Request, Source, SourceState
from watcher.sources.announced import Discovered

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["KINDS", "Discovered", "Kind", "discover", "parse"]


class Kind(Protocol):
    """What the file of a kind offers. Both functions are pure; `result.fetched_at` is the clock of `parse`."""

    @property
    def Options(self) -> "type[BaseModel]":  # noqa: N802  it is a class
        """The frozen model of the keys of sources.yaml that belong to this kind alone."""
        ...

    @property
    def first(self) -> Callable[[Source, SourceState], tuple[Request, ...]]:
        """Say what to ask for at the start of a poll."""
        ...

    @property
    def parse(self) -> Callable[[Source, FetchResult, SourceState], Parsed]:
        """Say what came back and what to ask next. Raises ParseError."""
        ...


_MODULES = {
    "assemblee_questions": "watcher.sources.assemblee_questions",
    "feed": "watcher.sources.feed",
    "page": "watcher.sources.page",
    "senat_questions": "watcher.sources.senat_questions",
    "sitemap": "watcher.sources.sitemap",
}


class _Kinds(Mapping[str, Kind]):
    """The table of kinds; the file of one is imported when it is looked up."""

    def __getitem__(self, name: str) -> Kind:
        return cast("Kind", import_module(_MODULES[name]))

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


KINDS: Mapping[str, Kind] = _Kinds()


def parse(source: Source, result: FetchResult, state: SourceState) -> Parsed:
    """Read one answer as its source's kind does. Runs in the sandbox.

    Raises ParseError, or BlockedError when a robot check came instead. Whatever else a parser underneath raises, on
    bytes nobody foresaw, is a ParseError too (`parser_failed`); running out of memory is left to the sandbox.
    """
    from watcher import challenges

    try:
        return KINDS[source.kind].parse(source, result, state)
    except ParseError as error:
        check = challenges.named(result.body, result.headers)
        if check is None:
            raise
        message = f"{result.url} answered a robot check ({check}) instead of content."
        raise BlockedError(message, reason="robot_check", url=result.url) from error
    except (WatcherError, MemoryError):
        raise
    except Exception as error:
        message = f"{result.url} could not be read as a {source.kind} ({type(error).__name__}: {str(error)[:200]})."
        raise ParseError(message, reason="parser_failed", kind=source.kind, url=result.url) from error


def discover(result: FetchResult) -> tuple[Discovered, ...]:
    """Return what could be read regularly at an address: itself when it is a feed, a sitemap or a data set, else its feeds.

    Empty when there is neither: the page may then be watched as a listing (kind `page`). Runs in the sandbox.
    """
    from watcher import media
    from watcher.sources import announced, data_sets, entries
    from watcher.sources.feed import FEEDS, read

    media_type = media.sniff(result.body)
    if media_type in FEEDS:
        try:
            title = entries.title(read(result).title)
        except ParseError:
            title = None
        return (Discovered(url=result.url, kind="feed", title=title, media_type=media_type),)
    if media_type == "application/sitemap+xml" or media_type == "application/gzip":
        return (Discovered(url=result.url, kind="sitemap", media_type=media_type),)
    if (kind := data_sets.in_(result, media_type)) is not None:
        return (Discovered(url=result.url, kind=kind, media_type=media_type),)
    if media_type == "text/html":
        return announced.announced(media.decode(result.body, result.header("content-type")), result.url)
    return ()
