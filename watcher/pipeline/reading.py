"""Read one page in the sandbox: extract its text, complete its document, judge it. The main process only fetches and stores."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from watcher import changes, extract, sources, text
from watcher.errors import ExtractError
from watcher.model import Document, Extracted, FetchResult, Item, Parsed, Source, Verdict
from watcher.pipeline import documents
from watcher.sandbox.inside import kept

if TYPE_CHECKING:
    from watcher.classify import Classifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a worker needs to know beside the page."""

    document: Document
    source: Source
    news_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A document with its text, the words under which it is found, and the verdict on it."""

    document: Document
    indexed: text.Indexed
    verdict: Verdict


def page_of(result: FetchResult, source: Source, document: Document) -> Extracted:
    """Return what the page of `document` says, as the kind of its source reads it. Raises ExtractError, BlockedError."""
    own = getattr(sources.KINDS[source.kind], "read_page", None)  # of kinds whose pages are not articles
    if own is None:
        return extract.read(result, language=source.language, dated=document.published_at is not None)
    page: Extracted = own(source, result)
    if page.question is not None and page.question.key != document.key:
        message = f"{result.url} shows {page.question.key}, where {document.key} was listed."
        raise ExtractError(message, reason="another_question", url=result.url)
    return page


def read(result: FetchResult, task: Task) -> Read:
    """Return the document that `result` completes, judged. Raises ExtractError, BlockedError."""
    page = page_of(result, task.source, task.document)
    whole = documents.completed(task.document, page, reserved=result.reserved, news_since=task.news_since, now=result.fetched_at)
    return judged(whole, task.source, _classifier())


def judged(document: Document, source: Source, classifier: "Classifier") -> Read:
    """Return `document` with the words under which it is found, and the verdict on it."""
    indexed = text.indexed(document.title, document.text, document.summary)
    return Read(document=document, indexed=indexed, verdict=documents.judge(classifier, document, source))


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Some members of the archive at `path`, to be read as of `at`."""

    path: str
    names: tuple[str, ...]
    source: Source
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is worked out of an item before it is known whether it is new: the verdict on it, the hash of what its listing says
    (`changes.listed_hash`), the fingerprint of its document and the words under which that is found.
    """

    verdict: Verdict
    listed: str
    fingerprint: str
    indexed: text.Indexed


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What some members of an archive hold, and what was prepared of each of their items."""

    parsed: Parsed
    prepared: tuple[Prepared, ...]

    def __post_init__(self) -> None:
        if len(self.parsed.items) != len(self.prepared):
            raise ValueError(f"{len(self.prepared)} are prepared of {len(self.parsed.items)} items.")


def read_members(task: Members) -> Batch:
    """Return the items of some members of an archive, judged. Raises ParseError for an archive that cannot be trusted."""
    kind: Any = sources.KINDS[task.source.kind]
    parsed: Parsed = kind.parse_members(task.path, task.names, task.source, task.at)
    classifier = _classifier()
    return Batch(parsed=parsed, prepared=tuple(_prepared(item, task.source, classifier) for item in parsed.items))


def _prepared(item: Item, source: Source, classifier: "Classifier") -> Prepared:
    title, words, summary = documents.told(item)
    return Prepared(
        verdict=documents.judge_item(classifier, item, source),
        listed=changes.listed_hash(item),
        fingerprint=text.fingerprint(item.title, words),
        indexed=text.indexed(title, words, summary),
    )


def _classifier() -> "Classifier":
    """Return the classifier that the sandbox was opened with (`opened`)."""
    return cast("Classifier", kept())
