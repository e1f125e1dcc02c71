"""Questions and their events to rows and back; what a row says that the noun does not is worked out here, once."""

import hashlib
import re
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, RowMapping

from watcher import text, urls
from watcher.model import EventKind, Ministry, Question, QuestionEvent
from watcher.questions import due_on, is_open
from watcher.store import question_tables, rows
from watcher.text import storable

_PLAIN = re.compile(r"https://[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*\.[a-z]+(?:/[A-Za-z0-9_-]+)+(?:\.(?:html?|pdf))?", re.ASCII)

EVENT_COLUMNS: tuple[Column[Any], ...] = tuple(question_tables.question_events.c[field.name] for field in fields(QuestionEvent))


def values_of(question: Question, *, document_id: int, recorded_at: datetime, now: datetime) -> dict[str, Any]:
    """Return the row of `question`, first known at `recorded_at` and seen `now`."""
    answered_on = question.answer.published_on if question.answer else None
    ministry = ministry_of(question)
    author, group = (question.author.name, question.author.group) if question.author else ("", "")
    return {
        "document_id": document_id,
        "document_key": question.key,
        "chamber": question.chamber,
        "legislature": question.legislature,
        "kind": question.kind,
        "number": question.number,
        "status": question.status,
        "asked_on": question.asked_on,
        "answered_on": answered_on,
        "latest_on": question.latest_on or recorded_at.date(),
        "due_on": due_on(question) if is_open(question) else None,
        "delay": (answered_on - question.asked_on).days if answered_on and question.asked_on else None,
        "ministry_id": ministry.id,
        "ministry": ministry.label,
        "author": author,
        "author_words": words_of(author),
        "group": group,
        "group_words": words_of(group),
        "answer_hash": answer_hash(question),
        "recorded_at": recorded_at,
        "seen_at": now,
        "status_label": question.status_label,
        "url": question.addresses[0] if question.addresses else "",
        "title": question.title,
    }


def ministry_of(question: Question) -> Ministry:
    """Return the ministry that answered, else the one in charge, else the one that was asked."""
    of_answer = question.answer.ministry if question.answer else None
    return of_answer or question.ministry or question.asked_ministry or Ministry()


def answer_hash(question: Question) -> str | None:
    """Return the hash of the answer, the same whatever the case, apostrophes and blanks; None without an answer.

    Half of all answers are given to several questions, and are then the same to the letter; `text.fingerprint`, which reads
    more into a text, costs as much as all the rest of saving a question.
    """
    answer = " ".join(text.casefold(storable(question.answer.text).replace("’", "'")).split()) if question.answer else ""
    return hashlib.sha256(answer.encode()).hexdigest() if answer else None


@lru_cache(maxsize=8_192)
def words_of(name: str) -> str:
    """Return the folded words of a name, each after a blank: "Élise d'Aubert-Roy" gives " elise aubert roy"."""
    return "".join(f" {word.text}" for word in text.words(text.fold(storable(name))))


def address_of(address: str) -> str:
    """Return the one form that all spellings of `address` share; what is no web address is left as it is."""
    # Most are in that form already, and taking an address apart costs a quarter of saving a question.
    if _PLAIN.fullmatch(address) and "amp" not in address:
        return address
    try:
        return urls.canonical(address)
    except ValueError:
        return address


def event(row: RowMapping) -> QuestionEvent:
    """Return the event of a row that has EVENT_COLUMNS, whatever else it has."""
    values: dict[str, Any] = {column.name: row[column.name] for column in EVENT_COLUMNS}
    values["kind"] = EventKind(values["kind"])
    return QuestionEvent(**values)


def event_values(event: QuestionEvent) -> dict[str, Any]:
    """Return the row of an event, but for what is known of when it was recorded."""
    return rows.columns_of(event, question_tables.question_events)
