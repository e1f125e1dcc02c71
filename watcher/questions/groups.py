"""Questions that are one entry to a reader: many under one answer, and one question that many members put.

Merging wrongly hides a question, missing a group only repeats it: an answer must be the same word for word, on the same day,
and long enough to be about something; questions must be nearly the same text.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from watcher import text
from watcher.model import Question
from watcher.questions.wording import bare_text, is_reminder

# Jaccard index of runs of five words from which two questions are one. Of 629 real ones, pairs on subjects of their own reach
# 0.10, the same question put again 0.87 and more.
LIKE = 0.6
CAMPAIGN = timedelta(days=183)
_FEWEST_RUNS = 30
_TELLING_WORDS = 40  # answers shorter than that are also given to unrelated questions ("... est en cours d'examen")


class GroupKind(StrEnum):
    """Why questions are together: they got one answer, or they are one question put by many."""

    ANSWER = "answer"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """At least two questions, by key, the oldest first. A question is in one group of each kind at most."""

    kind: GroupKind
    questions: tuple[str, ...]


def groups(questions: Sequence[Question]) -> tuple[Group, ...]:
    """Return the groups among `questions`, in the order of their oldest question, answers before campaigns."""
    oldest_first = sorted({question.key: question for question in questions}.values(), key=_age)
    made = [(GroupKind.ANSWER, found) for found in _under_one_answer(oldest_first)]
    made += [(GroupKind.CAMPAIGN, found) for found in _put_by_many(oldest_first)]
    return tuple(Group(kind=kind, questions=tuple(one.key for one in found)) for kind, found in made)


def answer_hash(question: Question) -> str | None:
    """Return a hash of the words of the answer and its date, None without one; quotes, case and blanks do not change it."""
    answer = question.answer
    if answer is None or not answer.text.strip():
        return None
    day = answer.published_on.isoformat() if answer.published_on else ""
    return hashlib.sha256(f"{day}\n{text.fingerprint('', answer.text)}".encode()).hexdigest()


def _age(question: Question) -> tuple[date, str, int, str]:
    number = int(question.number) if question.number.isdecimal() else 0
    return question.asked_on or date.max, question.chamber, number, question.key


def _under_one_answer(questions: Iterable[Question]) -> list[list[Question]]:
    by_answer: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        if question.answer and question.answer.published_on and (hashed := answer_hash(question)):
            by_answer[hashed].append(question)
    found = [same for same in by_answer.values() if len(same) > 1]
    return [part for same in found for part in ([same] if _tells_something(same[0]) else _of_one_title(same))]


def _tells_something(question: Question) -> bool:
    return question.answer is not None and len(text.words(question.answer.text)) >= _TELLING_WORDS


def _of_one_title(questions: Iterable[Question]) -> list[list[Question]]:
    """Part questions that got one short answer by their titles: it may be a formula that says nothing of any of them."""
    by_title: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        by_title[" ".join(text.fold(question.title).split())].append(question)
    return [same for title, same in by_title.items() if title and len(same) > 1]


def _put_by_many(questions: Iterable[Question]) -> list[list[Question]]:
    """Join each question to the oldest one it is nearly the same as. Being like a like one is not enough: no chains."""
    runs = {question.key: text.shingles(bare_text(question)) for question in questions if not is_reminder(question)}
    runs = {key: found for key, found in runs.items() if len(found) >= _FEWEST_RUNS}
    telling = _rarest(runs)
    leaders: dict[int, list[int]] = defaultdict(list)  # from a run of words to the campaigns whose first question holds it
    campaigns: list[list[Question]] = []
    for question in questions:
        if question.key not in runs:
            continue
        near = sorted({place for run in telling[question.key] for place in leaders[run]})
        joined = next((place for place in near if _is_one(campaigns[place][0], question, runs)), None)
        if joined is not None:
            campaigns[joined].append(question)
            continue
        for run in telling[question.key]:
            leaders[run].append(len(campaigns))
        campaigns.append([question])
    return [found for found in campaigns if len({_who(question) for question in found}) > 1]


def _rarest(runs: Mapping[str, frozenset[int]]) -> dict[str, list[int]]:
    """Return, for each text, the rarest runs of which two texts as like as LIKE must share one (prefix filtering)."""
    times = Counter(run for found in runs.values() for run in found)
    return {
        key: sorted(found, key=lambda run: (times[run], run))[: len(found) - int(LIKE * len(found)) + 1]
        for key, found in runs.items()
    }


def _is_one(first: Question, question: Question, runs: Mapping[str, frozenset[int]]) -> bool:
    if first.asked_on and question.asked_on and question.asked_on - first.asked_on > CAMPAIGN:
        return False
    one, other = runs[first.key], runs[question.key]
    shared = len(one & other)
    return shared >= LIKE * (len(one) + len(other) - shared)


def _who(question: Question) -> str:
    author = question.author
    return (author.ref or text.fold(author.name) if author else "") or question.key
