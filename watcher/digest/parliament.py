"""The parliamentary part of an edition: what happened to the questions on its themes, what is overdue, who takes how long.

Pure. A question stands once in an edition, under the last thing that happened to it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import quote

from watcher import numbering, text
from watcher.digest.choice import fits, scores_of
from watcher.digest.excerpts import telling
from watcher.digest.reasons import reasons
from watcher.model import (
    AnswerDelay,
    Candidate,
    Digest,
    EventKind,
    Evidence,
    OverdueQuestion,
    Parliament,
    Question,
    QuestionEntry,
    QuestionEvent,
    QuestionLine,
    Theme,
    ThemeScore,
)

# Who has the floor, and what the benches do, as transcripts note it: no part of a question.
_CHAIR = re.compile(
    r"(?:(?:M\. le président|Mme la présidente)\. )?La parole est à (?P<who>(?:M|Mme)\.? [^.,(]*)?[^.]*\."
    r"(?:(?: \([A-ZÉÀ][^()]{3,200}\.\))? (?P=who)\.)?"  # the record names the speaker once more before the speech
    r"|\([A-ZÉÀ][^()]{3,200}\.\)"
)
ASKED_LIMIT = 260  # characters quoted of a question; its answer gets what the settings allow
MOST_OVERDUE = 10
_ENDED = frozenset({EventKind.WITHDRAWN, EventKind.LAPSED, EventKind.CONVERTED, EventKind.CLOSED})
_MOVED = frozenset({EventKind.TRANSFERRED, EventKind.SIGNALLED, EventKind.RENEWED, EventKind.ERRATUM})
# The later of two counts: an answer makes a transfer of the same week part of its story.
_ORDER = {
    kind: rank
    for rank, kind in enumerate(
        (EventKind.ASKED, EventKind.SIGNALLED, EventKind.RENEWED, EventKind.ERRATUM, EventKind.TRANSFERRED, *sorted(_ENDED))
    )
} | {EventKind.ANSWERED: 99}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the store and the stages say of parliament, for one edition.

    `events` are those offered since the last edition; `candidates` the documents, by question; `answered_alike` the keys of
    questions that got one answer, `put_alike` of those that many members put; `put_before` says of a question how many like it
    were put in earlier weeks, and since when; `overdue` are open questions past their term.
    """

    events: tuple[tuple[QuestionEvent, Question], ...]
    candidates: Mapping[str, Candidate]
    answered_alike: tuple[tuple[str, ...], ...]
    put_alike: tuple[tuple[str, ...], ...]
    overdue: tuple[Question, ...]
    delays: tuple[AnswerDelay, ...]
    today: date
    put_before: Mapping[str, tuple[int, date]] = field(default_factory=dict[str, tuple[int, date]])


def parliament(record: Record, wanted: Digest, themes: Sequence[Theme], titles: Mapping[str, str], excerpt: int) -> Parliament:
    """Choose, group and rank what `record` holds for digest `wanted`; `titles` are those of the seeds, by id."""
    told: dict[str, tuple[QuestionEvent, Question]] = {}
    for event, question in record.events:
        known = told.get(question.key)
        if event.kind in _ORDER and (known is None or _ORDER[event.kind] >= _ORDER[known[0].kind]):
            told[question.key] = (event, question)
    held = record.candidates
    fit = {key: pair for key, pair in told.items() if key in held and fits(held[key], wanted, themes)}
    entries = [_entry([fit[key] for key in keys], record, wanted, themes, titles, excerpt) for keys in _grouped(fit, record)]
    entries.sort(key=lambda entry: (-entry.relevance, -entry.score, entry.key))
    kept = _capped(entries, wanted)
    overdue = [question for question in record.overdue if question.key in held and fits(held[question.key], wanted, themes)]
    overdue.sort(key=lambda question: (question.asked_on or date.max, question.key))
    return Parliament(
        answers=tuple(entry for entry in kept if entry.event is EventKind.ANSWERED),
        asked=tuple(entry for entry in kept if entry.event is EventKind.ASKED),
        moved=tuple(entry for entry in kept if entry.event in _MOVED),
        ended=tuple(entry for entry in kept if entry.event in _ENDED),
        more=len(entries) - len(kept),
        overdue=tuple(
            _overdue(question, scores_of(held[question.key], wanted, themes), record.today) for question in overdue[:MOST_OVERDUE]
        ),
        more_overdue=max(0, len(overdue) - MOST_OVERDUE),
        delays=record.delays,
    )


def own(part: Parliament, wanted: Set[str], mailed: Set[str]) -> Parliament:
    """Return `part` as a recipient reads it: the entries on the themes `wanted` (all when empty) not `mailed` before."""

    def kept(entries: Sequence[QuestionEntry]) -> tuple[QuestionEntry, ...]:
        return tuple(e for e in entries if e.key not in mailed and (not wanted or wanted & set(e.themes)))

    overdue = tuple(row for row in part.overdue if not wanted or wanted & set(row.themes))
    return replace(
        part,
        answers=kept(part.answers),
        asked=kept(part.asked),
        moved=kept(part.moved),
        ended=kept(part.ended),
        overdue=overdue,
        more=0 if wanted else part.more,
        more_overdue=0 if wanted else part.more_overdue,
    )


def _capped(entries: Sequence[QuestionEntry], wanted: Digest) -> list[QuestionEntry]:
    """Keep the best of each sort: a dissolution, which ends hundreds at once, leaves the answers where they are."""
    counted: Counter[frozenset[EventKind]] = Counter()
    kept: list[QuestionEntry] = []
    for entry in entries:
        sort = next((kinds for kinds in (_ENDED, _MOVED) if entry.event in kinds), frozenset({entry.event}))
        counted[sort] += 1
        if counted[sort] <= wanted.max_per_section:
            kept.append(entry)
    return kept


def _grouped(fit: Mapping[str, tuple[QuestionEvent, Question]], record: Record) -> list[list[str]]:
    """Put together the questions to which the same thing happened and that got one answer, or are one question."""
    answered, put = _places(record.answered_alike), _places(record.put_alike)
    groups: dict[tuple[object, ...], list[str]] = {}
    for key, (event, _) in sorted(fit.items(), key=lambda item: (item[1][1].asked_on or date.max, item[0])):
        group_of = answered if event.kind is EventKind.ANSWERED else put
        groups.setdefault((event.kind, group_of.get(key, key)), []).append(key)
    return list(groups.values())


def _places(groups: Iterable[tuple[str, ...]]) -> dict[str, int]:
    return {key: number for number, keys in enumerate(groups) for key in keys}


def _entry(
    told: Sequence[tuple[QuestionEvent, Question]],
    record: Record,
    wanted: Digest,
    themes: Sequence[Theme],
    titles: Mapping[str, str],
    excerpt: int,
) -> QuestionEntry:
    event, question = told[0]
    best = max((record.candidates[one.key] for _, one in told), key=lambda c: (c.verdict.relevance, c.verdict.score))
    candidate = record.candidates[question.key]
    scores = scores_of(best, wanted, themes)
    asked, answered = _quoted(
        question, candidate, [e for score in scores_of(candidate, wanted, themes) for e in score.evidence], excerpt
    )
    passage = (answered or asked)[:1]
    before = [record.put_before[one.key] for it, one in told if it.kind is EventKind.ASKED and one.key in record.put_before]
    address = question.addresses[0] if question.addresses else candidate.document.url
    return QuestionEntry(
        key=f"{question.key}#{event.kind.value}{event.detail}",
        event=event.kind,
        title=text.clean_line(question.title) or text.clean_line(candidate.document.title),
        url=_at(address, passage[0]) if passage and address else address,
        questions=tuple(_line(one) for _, one in told),
        on=event.on,
        days=event.days,
        ministry=_ministry(question, event),
        from_ministry=event.from_ministry if event.kind is EventKind.TRANSFERRED else None,
        page=event.page,
        label=event.label,
        asked=asked,
        answered=answered,
        relevance=best.verdict.relevance,
        score=best.verdict.score,
        **reasons(scores, titles),
        recalls=question.recalls.rpartition(":")[2] if question.recalls and numbering.is_key(question.recalls) else None,
        before=max((count for count, _ in before), default=0),
        before_since=min((day for _, day in before), default=None),
    )


def _quoted(
    question: Question, candidate: Candidate, evidence: Sequence[Evidence], excerpt: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the telling sentences of the question, and of its answer; terms are found again in each part by their place."""
    document = candidate.document
    answer = question.answer.text if question.answer else ""
    start = document.text.find(answer) if answer else -1
    of_answer = [replace(e, start=e.start - start, end=e.end - start) for e in evidence if start >= 0 and e.start >= start]
    of_question = [e for e in evidence if start < 0 or e.end <= start]
    asked = telling(replace(document, text=_CHAIR.sub(_blank, question.text), summary=""), of_question, min(excerpt, ASKED_LIMIT))
    answered = telling(replace(document, text=_CHAIR.sub(_blank, answer), summary=""), of_answer, excerpt) if answer else ()
    return asked, answered


def _blank(words: re.Match[str]) -> str:
    return " " * len(words[0])  # places in the text stay what they are


def _at(address: str, passage: str) -> str:
    """Return the address of a passage in a page (WICG, URL fragment text directives): browsers that know it scroll there."""
    words = passage.removesuffix(" […]").split()[:8]
    return f"{address}#:~:text={quote(' '.join(words), safe='').replace('-', '%2D')}" if "#" not in address else address


def _ministry(question: Question, event: QuestionEvent) -> str:
    answering = question.answer.ministry if question.answer and event.kind is EventKind.ANSWERED else None
    holder = answering or question.ministry or question.asked_ministry
    return text.clean_line(holder.label) if holder else ""


def _line(question: Question) -> QuestionLine:
    author = question.author
    return QuestionLine(
        key=question.key,
        chamber=question.chamber,
        kind=question.kind,
        number=question.number,
        url=question.addresses[0] if question.addresses else "",
        author=text.clean_line(f"{author.civility} {author.name}".strip()) if author else "",
        group=text.clean_line(author.group, 80) if author else "",
        constituency=text.clean_line(author.constituency, 80) if author else "",
        asked_on=question.asked_on,
    )


def _overdue(question: Question, scores: Iterable[ThemeScore], today: date) -> OverdueQuestion:
    holder = question.ministry or question.asked_ministry
    return OverdueQuestion(
        question=_line(question),
        title=text.clean_line(question.title),
        ministry=text.clean_line(holder.label) if holder else "",
        days=(today - question.asked_on).days if question.asked_on else 0,
        themes=tuple(score.theme for score in scores),
    )
