"""Make documents of items, and complete them with what their page says. Pure: values in, values out."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from watcher import dates, text, urls
from watcher.model import Change, ChangeKind, Document, Extracted, Item, Question, Reference, Source, TextStatus, Verdict
from watcher.questions import named

if TYPE_CHECKING:
    from watcher.classify import Classifier

# A reserved text (Directive (EU) 2019/790, article 4) is never kept: what may be quoted of it is a very short extract.
RESERVED_EXTRACT = 200


class Told(NamedTuple):
    """What an item says by itself, as its document has it."""

    title: str
    text: str
    summary: str


def told(item: Item) -> Told:
    """Return what the document of `item` says before its page is read, where nothing is reserved."""
    words = item.content or item.summary
    return Told(item.title or text.clean_line(words, 120), words, text.clean_line(item.summary, 2000))


def says(document: Document, item: Item) -> bool:
    """Say whether `document` holds what `item` tells, and nothing else: what was worked out of the one is true of the other."""
    return (document.title, document.text, document.summary) == told(item)


def of_change(
    change: Change,
    source: Source,
    *,
    has_page: bool,
    reserved: str | None,
    now: datetime,
    reference: Reference | None = None,
    fingerprint: str | None = None,
) -> Document:
    """Return the document that a NEW, BACKFILL or BULK `change` starts: its listing's words, until its page is read.

    `reference` gives the names of its question, if it holds one. `fingerprint` is that of its item, where somebody worked it
    out already; it is not used when the text is reserved.
    """
    item = change.item
    question, author = _named(item, reference)
    title, words, summary = told(item)
    status = TextStatus.FULL if item.content else TextStatus.SUMMARY
    if has_page:
        status = TextStatus.PENDING
    if reserved:
        title, words, summary = item.title, "", text.clean_line(item.summary, RESERVED_EXTRACT)
        status, fingerprint = TextStatus.RESERVED, None
    return Document(
        key=change.key,
        source_id=source.id,
        url=urls.untracked(item.url) if item.url else "",
        title=title,
        text=words,
        summary=summary,
        author=author,
        publisher=source.name,
        published_at=dates.plausible(item.published_at, now=now),
        recorded_at=now,
        language=item.language or source.language,
        status=status,
        reserved=reserved,
        news=change.kind is not ChangeKind.BACKFILL,
        held=change.kind is ChangeKind.BULK,
        fingerprint=fingerprint or text.fingerprint(item.title, words),
        guid=item.guid,
        question=question,
    )


def relisted(document: Document, change: Change, *, has_page: bool, now: datetime, reference: Reference | None) -> Document:
    """Return `document` with what its listing says now, for a REVISED `change`. Its text is its page's, when it has one."""
    item = change.item
    title = item.title or document.title
    words = document.text
    if not has_page and not document.reserved:
        words = item.content or item.summary or document.text
    return replace(
        document,
        title=title,
        text=words,
        summary=item.summary or document.summary,
        published_at=dates.plausible(item.published_at, now=now) or document.published_at,
        fingerprint=text.fingerprint(title, words),
        question=_named(item, reference)[0],
    )


def _named(item: Item, reference: Reference | None) -> tuple[Question | None, str | None]:
    """Return the question of `item`, with the names that `reference` has for it, and the author of its document."""
    question = item.question
    if question is None or reference is None:
        return question, item.author
    question = named(question, reference)
    return question, (question.author.name if question.author else None) or item.author


def completed(
    document: Document, page: Extracted, *, reserved: str | None, news_since: datetime | None, now: datetime
) -> Document:
    """Return `document` with the text of its page.

    The listing's title and date win over the page's: extractors confuse the date of an article with those around it. A
    document without a date is placed by its page's, and so becomes news or not.
    """
    dated = document.published_at or dates.plausible(page.published_at, now=now)
    news = document.news
    if document.published_at is None and dated is not None and news_since is not None:
        news = dated >= news_since
    title = document.title or page.title or ""
    common = replace(
        document,
        title=title,
        author=document.author or page.author,
        published_at=dated,
        language=text.language(f"{title}. {page.text}", page.language or document.language),
        media_type=page.media_type,
        pages=page.pages,
        news=news,
        question=page.question or document.question,
    )
    why = reserved or ("page" if page.status is TextStatus.RESERVED else None)
    if why:
        return replace(
            common,
            text="",
            summary=text.clean_line(document.summary, RESERVED_EXTRACT),
            status=TextStatus.RESERVED,
            reserved=why,
            fingerprint=text.fingerprint(title, ""),
        )
    return replace(common, text=page.text, status=page.status, fingerprint=text.fingerprint(title, page.text))


def given_up(document: Document) -> Document:
    """Return `document` as it stays when its page cannot be read: with its summary, and flagged as such."""
    if document.status is not TextStatus.PENDING:
        return document
    return replace(document, title=document.title or document.url, status=TextStatus.SUMMARY)


def words_of(document: Document) -> str:
    """Return the words on which a document is judged: its text, or its summary where there is none."""
    return document.text or document.summary


def judge(classifier: "Classifier", document: Document, source: Source | None) -> Verdict:
    """Return the verdict on `document` that is kept, on the themes that its source is restricted to.

    It has reasons for what readers may be told of (`Classifier.verdict`, `sparing`); `explained` gives them all.
    """
    return _judged(classifier, document, source, words_of(document), document.language, sparing=True)


def explained(classifier: "Classifier", document: Document, source: Source | None) -> Verdict:
    """Return the same verdict as `judge`, with the reasons for every theme."""
    return _judged(classifier, document, source, words_of(document), document.language)


def judge_item(classifier: "Classifier", item: Item, source: Source) -> Verdict:
    """Return the verdict that is kept on what an item says by itself, where no page completes it."""
    return _judged(classifier, item, source, item.content or item.summary, item.language or source.language, sparing=True)


def _judged(
    classifier: "Classifier",
    what: Document | Item,
    source: Source | None,
    words: str,
    language: str | None,
    *,
    sparing: bool = False,
) -> Verdict:
    kind = "article" if what.question is None else "question"
    only = set(source.themes) if source else set[str]()
    # Of a restricted source the best of its themes may be told, on or not: they are few, and all have their reasons.
    verdict = classifier.verdict(what.title, words, kind=kind, language=language, sparing=sparing and not only)
    return replace(verdict, themes=tuple(score for score in verdict.themes if score.theme in only)) if only else verdict
