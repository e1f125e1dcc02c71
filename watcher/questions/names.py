"""Names for what a data set gives as references, and the identity of ministries through their renamings."""

from dataclasses import replace
from datetime import date

from watcher import ministries
from watcher.model import Member, Ministry, Question, Reference


def named(question: Question, reference: Reference) -> Question:
    """Return `question` with the names of its author, group and ministries, and the ids of its ministries.

    What the source says itself stays, but for how ministries are spelt; what `reference` does not know stays empty.
    """
    answered = question.answer.published_on if question.answer else None
    answer = question.answer
    if answer is not None and answer.ministry is not None:
        answer = replace(answer, ministry=_ministry(answer.ministry, answered, reference))
    return replace(
        question,
        author=_member(question.author, reference) if question.author else None,
        asked_ministry=_ministry(question.asked_ministry, question.asked_on, reference) if question.asked_ministry else None,
        ministry=_ministry(question.ministry, answered or question.asked_on, reference) if question.ministry else None,
        transfers=tuple(
            replace(transfer, to=_ministry(transfer.to, transfer.on or question.asked_on, reference))
            for transfer in question.transfers
        ),
        answer=answer,
    )


def _member(member: Member, reference: Reference) -> Member:
    known = reference.members.get(member.ref or "") or Member()
    group = member.group or known.group or reference.bodies.get(member.group_ref or known.group_ref or "", "")
    return Member(
        name=member.name or known.name,
        civility=member.civility or known.civility,
        group=group,
        constituency=member.constituency or known.constituency,
        ref=member.ref,
        group_ref=member.group_ref or known.group_ref,
    )


def _ministry(ministry: Ministry, on: date | None, reference: Reference) -> Ministry:
    label = ministry.label or reference.bodies.get(ministry.ref or "", "")
    return Ministry(label=ministries.display(label), ref=ministry.ref, id=ministry.id or _identity(label, on, reference))


def _identity(label: str, on: date | None, reference: Reference) -> str | None:
    return ministries.ministry_id(label, on, reference.ministries) if label else None
