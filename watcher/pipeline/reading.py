"""Read one page in the sandbox: extract its text, complete its document, judge it. The main process only fetches and stores."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from watcher import classify, extract, seeds
from watcher.model import Document, FetchResult, Source, Verdict
from watcher.pipeline import documents

if TYPE_CHECKING:
    from watcher.classify import Classifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a worker needs to know beside the page. `version` is that of the seeds: another one makes it load them again."""

    document: Document
    source: Source
    news_since: datetime | None
    seeds: Path
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A document with its text, and the verdict on it."""

    document: Document
    verdict: Verdict


def read(result: FetchResult, task: Task) -> Read:
    """Return the document that `result` completes, judged. Raises ExtractError, BlockedError."""
    page = extract.read(result, language=task.source.language, dated=task.document.published_at is not None)
    whole = documents.completed(task.document, page, reserved=result.reserved, news_since=task.news_since, now=result.fetched_at)
    return Read(document=whole, verdict=documents.judge(_classifier(task.seeds, task.version), whole, task.source))


@lru_cache(maxsize=1)
def _classifier(folder: Path, version: str) -> "Classifier":  # noqa: ARG001 - see below
    # `version` is in the key of the cache alone. Seeds saved while a poll runs are read by the workers that start after:
    # each verdict carries the version of the classifier that gave it.
    corpus = seeds.load(folder)
    return classify.load(corpus.themes, corpus.seeds, corpus.model, rule=corpus.rule)
