"""What we hold of a question when another reading of it comes: the listing, its page, a later or an older copy of either.

A reading never takes away. A date or a text is replaced by another one, never by nothing; how far a question is only goes
forward, so that the order in which readings come, stale ones included, does not matter.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from watcher import numbering, text
from watcher.model import Answer, Member, Ministry, Question, QuestionStatus, Transfer

T = TypeVar("T")

# From what says least to what nothing can take back.
_FORWARD = (
    QuestionStatus.UNKNOWN,
    QuestionStatus.OPEN,
    QuestionStatus.CLOSED,
    QuestionStatus.LAPSED,
    QuestionStatus.WITHDRAWN,
    QuestionStatus.CONVERTED,
    QuestionStatus.ANSWERED,
)


def merge(before: Question | None, after: Question) -> Question:
    """Return what is known once `after` was read where `before` was held. Raises ValueError on two different questions."""
    if before is None:
        return after
    if before.key != after.key:
        raise ValueError(f"{after.key} cannot be joined to {before.key}: they are two questions.")
    older = _rank(after) < _rank(before)
    stale = older and _says_something(after)
    return replace(
        before,
        title=after.title or before.title,
        text=after.text or before.text,
        author=_member(before.author, after.author),
        asked_on=after.asked_on or before.asked_on,
        sitting_on=after.sitting_on or before.sitting_on,
        page=after.page or before.page,
        # Whom it was put to does not change; pages and listings only word it differently.
        asked_ministry=_ministry(after.asked_ministry, before.asked_ministry),
        # A stale copy names the ministry that had the question before; its state tells that it is stale.
        ministry=_ministry(after.ministry, before.ministry) if stale else _ministry(before.ministry, after.ministry),
        rubric=after.rubric or before.rubric,
        subjects=after.subjects or before.subjects,
        status=before.status if older else after.status,
        status_label=_label(before, after, older),
        signalled_on=after.signalled_on or before.signalled_on,
        renewed_on=_longer(before.renewed_on, after.renewed_on),
        transfers=_transfers(before.transfers, after.transfers),
        errata=_longer(before.errata, after.errata),
        answer=_answer(before.answer, after.answer),
        closed_on=(before.closed_on or after.closed_on) if stale else (after.closed_on or before.closed_on),
        converted_to=_link(before.converted_to, after.converted_to),
        recalls=_link(before.recalls, after.recalls),
        addresses=tuple(dict.fromkeys((*before.addresses, *after.addresses))),
    )


def _rank(question: Question) -> int:
    if question.status is QuestionStatus.UNKNOWN and question.status_label:
        return _FORWARD.index(QuestionStatus.OPEN) * 2 + 1  # a word that nobody knows, where "En cours" stood
    return _FORWARD.index(question.status) * 2


def _says_something(question: Question) -> bool:
    return question.status is not QuestionStatus.UNKNOWN or bool(question.status_label)


def _label(before: Question, after: Question, older: bool) -> str:
    """Return the word for the state that was kept; the word for an earlier state would belie it."""
    if older:
        return before.status_label
    return after.status_label or (before.status_label if before.status is after.status else "")


def _longer(before: tuple[T, ...], after: tuple[T, ...]) -> tuple[T, ...]:
    return after if len(after) >= len(before) else before


def _link(before: str | None, after: str | None) -> str | None:
    """Prefer the key of the other question to an address of it that leads to no key."""
    if before is None or after is None:
        return after or before
    return before if numbering.is_key(before) and not numbering.is_key(after) else after


def _member(before: Member | None, after: Member | None) -> Member | None:
    if before is None or after is None:
        return after or before
    return Member(
        name=after.name or before.name,
        civility=after.civility or before.civility,
        group=after.group or before.group,
        constituency=after.constituency or before.constituency,
        ref=after.ref or before.ref,
        group_ref=after.group_ref or before.group_ref,
    )


def _ministry(before: Ministry | None, after: Ministry | None) -> Ministry | None:
    """Take the later ministry, with what the earlier reading knew of the same one."""
    if before is None or after is None:
        return after or before
    if not same_ministry(before, after):
        return after if after.label or after.ref else before
    return Ministry(label=after.label or before.label, ref=after.ref or before.ref, id=after.id or before.id)


def same_ministry(one: Ministry, other: Ministry) -> bool:
    """Say whether two readings name one ministry of one day: by `ref` when both have one, else by label."""
    if one.ref and other.ref:
        return one.ref == other.ref
    return _folded(one.label) == _folded(other.label)


def _folded(label: str) -> str:
    return " ".join(word.text for word in text.words(text.fold(label)))


def _answer(before: Answer | None, after: Answer | None) -> Answer | None:
    if before is None or after is None:
        return after or before
    return Answer(
        text=after.text or before.text,
        published_on=after.published_on or before.published_on,
        page=after.page or before.page,
        ministry=_ministry(before.ministry, after.ministry),
    )


def _transfers(before: tuple[Transfer, ...], after: tuple[Transfer, ...]) -> tuple[Transfer, ...]:
    """Join two histories, each of which may lack a part of the other; a date that one gives completes the other's."""
    newer = len(after) > len(before)
    base, others = (after, before) if newer else (before, after)
    twins = _twins(base, others)
    whole = [_joined(others[twins[place]], one, newer) if place in twins else one for place, one in enumerate(base)]
    for place, one in enumerate(others):
        if place not in twins.values():
            whole.insert(_place(one, whole), one)
    return tuple(whole)


def _place(transfer: Transfer, among: Sequence[Transfer]) -> int:
    """Return where an unknown transfer belongs: before the first one of a later day, else last."""
    on = transfer.on or date.max
    return next((place for place, one in enumerate(among) if one.on is not None and one.on > on), len(among))


def _twins(base: Sequence[Transfer], others: Sequence[Transfer]) -> dict[int, int]:
    """Return which transfer of `others` each of `base` is: the same day first, then one without a day, then a corrected day."""
    twins: dict[int, int] = {}
    for alike in (_same_day, _undated, _any_day):
        for place, one in enumerate(base):
            if place in twins:
                continue
            free = (at for at, other in enumerate(others) if at not in twins.values() and same_ministry(one.to, other.to))
            at = next((at for at in free if alike(one, others[at])), None)
            if at is not None:
                twins[place] = at
    return twins


def _same_day(one: Transfer, other: Transfer) -> bool:
    return one.on == other.on


def _undated(one: Transfer, other: Transfer) -> bool:
    return one.on is None or other.on is None


def _any_day(_one: Transfer, _other: Transfer) -> bool:
    return True


def _joined(other: Transfer, one: Transfer, newer: bool) -> Transfer:
    """Join two readings of one transfer, `one` being the later reading when `newer`."""
    old, new = (other, one) if newer else (one, other)
    return Transfer(to=_ministry(old.to, new.to) or new.to, on=new.on or old.on)
