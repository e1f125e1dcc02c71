"""One parliamentary question as `watcher questions` shows it: who, where it stands, what happened to it, its texts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import click

from watcher.cli.common import many, print_json, table
from watcher.errors import UnknownNameError
from watcher.model import Chamber, EventKind, Question, QuestionEvent, QuestionStatus

if TYPE_CHECKING:
    from watcher.store import Store, Transaction
    from watcher.store.questions import Listed

CHAMBERS = {Chamber.SENAT: "Sénat", Chamber.ASSEMBLEE: "Assemblée"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Life:
    """A question and what is known around it: its events, those that got the same answer, those that point at it."""

    question: Question
    events: tuple[QuestionEvent, ...]
    alike: tuple[str, ...]
    linked: tuple[QuestionEvent, ...]


def names_one(word: str) -> bool:
    """Say whether `word` is the key or the address of a question."""
    from watcher import urls
    from watcher.numbering import address_key, is_key

    return is_key(word) or urls.is_web(word) or address_key(word) is not None


def show_one(store: "Store", name: str, *, as_json: bool) -> None:
    """Print the question whose key or address is `name`. Raises UnknownNameError."""
    from watcher.numbering import address_key, is_key
    from watcher.store import questions

    def read(tx: "Transaction") -> _Life | None:
        key = name if is_key(name) else questions.key_of(tx, name) or address_key(name) or name
        question = questions.get(tx, [key]).get(key)
        if question is None:
            return None
        return _Life(
            question=question,
            events=questions.events_of(tx, key),
            alike=questions.answered_alike(tx, key),
            linked=questions.linked_to(tx, question),
        )

    found = store.read(read)
    if found is None:
        raise UnknownNameError("question", name, remedy="`watcher questions WORDS` lists those there are.")
    if as_json:
        told = {"key": found.question.key, "question": found.question, "events": found.events, "answered_alike": found.alike}
        print_json({**told, "linked_from": [{"question": one.question, "kind": one.kind} for one in found.linked]})
        return
    _show(found)


def short(one: "Listed | Question") -> str:
    """Return a question's short name: "Sénat QE 719"."""
    return f"{CHAMBERS[one.chamber]} {one.kind} {one.number}"


def state(one: "Listed | Question") -> str:
    """Return how far a question is, with the source's own word for it: the only thing known of some endings."""
    status = "closed, nobody here knows how" if one.status is QuestionStatus.CLOSED else one.status.value
    return f"{status} ({one.status_label})" if one.status_label else status


def day(on: date | None) -> str:
    """Return a day as 2024-10-03, a dash for none."""
    return on.isoformat() if on else "-"


def _show(found: _Life) -> None:
    question = found.question
    click.echo(f"{short(question)} (legislature {question.legislature}): {question.title}")
    author = question.author
    if author:
        told = ", ".join(part for part in (author.group, author.constituency) if part)
        click.echo(f"  {' '.join(filter(None, (author.civility, author.name)))}" + (f" ({told})" if told else ""))
    click.echo(f"  {state(question)}; {question.key}")
    for address in question.addresses[:1]:
        click.echo(f"  {address}")
    for line in _links(question, found.linked):
        click.echo(f"  {line}")
    click.echo("")
    table(((day(event.on), _sentence(event), event.read_from) for event in found.events), indent="  ")
    if found.alike:
        click.echo(f"\nThe same answer was given to {many(len(found.alike), 'other question')}: {', '.join(found.alike)}.")
    for passage in (question.text, question.answer.text if question.answer else ""):
        if passage:
            click.echo(f"\n{click.wrap_text(passage, 100, preserve_paragraphs=True)}")


def _links(question: Question, linked: Iterable[QuestionEvent]) -> list[str]:
    """Return one line for each other question that this one names, or that names this one."""
    lines = [f"became {question.converted_to}"] if question.converted_to else []
    lines += [f"reminds of {question.recalls}"] if question.recalls else []
    said = {EventKind.CONVERTED: "was", EventKind.RECALLED: "recalled by"}
    return lines + [f"{said[event.kind]} {event.question}" for event in linked if event.kind in said]


def _sentence(event: QuestionEvent) -> str:
    told = [event.kind.value]
    if event.kind is EventKind.ANSWERED and event.days is not None:
        told.append(f"after {many(event.days, 'day')}")
    if event.from_ministry:
        told.append(f"from {event.from_ministry}")
    if event.to_ministry:
        told.append(f"to {event.to_ministry}")
    if event.page:
        told.append(f"p. {event.page}")
    if event.linked:
        told.append(event.linked)
    if event.label:
        told.append(f"({event.label})")
    return " ".join(told)
