"""The ministries that questions were put to, and how long they take to answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select

from watcher.questions.life import WRITTEN
from watcher.store import question_rows, question_tables
from watcher.store.database import Transaction

_OF = question_tables.questions.c


@dataclass(frozen=True, slots=True, kw_only=True)
class MinistryCount:
    """A ministry as questions name it: its identity, None when it is not known, its name, how many questions name it so."""

    id: str | None
    label: str
    questions: int


class Delay(NamedTuple):
    """How many days a ministry takes: the median over `answers` answers."""

    ministry_id: str
    median_days: float
    answers: int


def ministries(tx: Transaction) -> tuple[MinistryCount, ...]:
    """Return the ministries named by questions, those most often named first."""
    query = select(_OF.ministry_id, _OF.ministry, func.count()).where(_OF.ministry != "").group_by(_OF.ministry_id, _OF.ministry)
    found = (MinistryCount(id=key, label=label, questions=count) for key, label, count in tx.connection.execute(query))
    return tuple(sorted(found, key=lambda one: (-one.questions, one.label, one.id or "")))


def chosen(known: Iterable[MinistryCount], asked: str) -> tuple[MinistryCount, ...]:
    """Return the ministries of `known` that `asked` means: that identity, else those whose name holds all of its words.

    A ministry that is found by one of its names is found whole, with the names it had before and has had since.
    """
    named = tuple(known)
    whole = tuple(one for one in named if one.id == asked)
    if whole:
        return whole
    wanted = [f" {word}" for word in question_rows.words_of(asked).split()]
    hits = [one for one in named if wanted and all(word in question_rows.words_of(one.label) for word in wanted)]
    ids = {one.id for one in hits if one.id}
    return tuple(one for one in named if one in hits or one.id in ids)


def is_put_to(tx: Transaction, asked: str) -> ColumnElement[bool]:
    """Return the condition that a question is one of the ministry, or ministries, that `asked` means."""
    meant = chosen(ministries(tx), asked)
    ids = sorted({one.id for one in meant if one.id})
    labels = sorted({one.label for one in meant if not one.id})
    return or_(_OF.ministry_id.in_(ids), and_(_OF.ministry_id.is_(None), _OF.ministry.in_(labels)))


def median_delays(tx: Transaction, since: date, until: date) -> tuple[Delay, ...]:
    """Return the median delay of the written questions answered from `since` to `until`, both included, per ministry.

    The ministry is the one that answered. Longest first. Answers of a ministry without identity, or dated before their
    question, are left out. What is read is one number per ministry and length of delay, however many answers there are.
    """
    query = (
        select(_OF.ministry_id, _OF.delay, func.count())
        .where(_OF.answered_on >= since, _OF.answered_on <= until, _OF.kind == WRITTEN)
        .where(_OF.ministry_id.is_not(None), _OF.delay >= 0)
        .group_by(_OF.ministry_id, _OF.delay)
        .order_by(_OF.ministry_id, _OF.delay)
    )
    found = groupby(tx.connection.execute(query), key=lambda row: row[0])
    delays = (_delay(ministry, [(row[1], row[2]) for row in counted]) for ministry, counted in found)
    return tuple(sorted(delays, key=lambda one: (-one.median_days, one.ministry_id)))


def _delay(ministry: str, counted: list[tuple[int, int]]) -> Delay:
    """Return the median of values given in order with their counts; the mean of the middle two of an even number."""
    answers = sum(count for _, count in counted)
    middle = ((answers - 1) // 2, answers // 2)
    passed, found = 0, list[int]()
    for days, count in counted:
        found += [days for place in middle if passed <= place < passed + count]
        passed += count
    return Delay(ministry, sum(found) / 2, answers)
