"""Questions and events for the tests of the store, with only what a test is about spelt out."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from tests.store.builders import NOW, document, verdict
from watcher.model import Answer, Chamber, EventKind, Member, Ministry, Question, QuestionEvent, QuestionStatus
from watcher.store import Store, documents, questions

TODAY = date(2026, 11, 16)
ASKED = date(2026, 10, 1)
LABOUR = Ministry(label="Ministère du travail, de l'emploi, des compétences et de la santé", id="travail", ref="PO1")


def question(number: int | str = 719, **fields: object) -> Question:
    """Return a written question of the Sénat, open, asked on 1 October 2026."""
    plain = Question(
        chamber=Chamber.SENAT,
        legislature=17,
        kind="QE",
        number=str(number),
        title=f"Compétences n° {number}",
        text="Le texte de la question.",
        author=Member(name="Élise d'Aubert-Roy", civility="Mme", group="Les Républicains", constituency="Eure", ref="PA1"),
        asked_on=ASKED,
        page="3506",
        ministry=LABOUR,
        status=QuestionStatus.OPEN,
        status_label="En cours",
        addresses=(f"https://www.senat.fr/questions/base/2026/qSEQ2610{int(str(number)):05}.html",),
    )
    return replace(plain, **fields)  # pyright: ignore[reportArgumentType]


def answered(number: int | str = 719, on: date | None = date(2026, 11, 12), **fields: object) -> Question:
    """Return a question that was answered `on` that day."""
    given: dict[str, object] = {
        "status": QuestionStatus.ANSWERED,
        "status_label": "Réponse publiée",
        "answer": Answer(text=f"La réponse n° {number}.", published_on=on, page="4196", ministry=LABOUR),
    }
    return question(number, **{**given, **fields})


def event(of: Question | None = None, kind: EventKind = EventKind.ASKED, **fields: object) -> QuestionEvent:
    """Return an event of a question, dated from the day it was asked."""
    plain = QuestionEvent(question=(of or question()).key, kind=kind, on=ASKED, read_from="https://www.senat.fr/q")
    return replace(plain, **fields)  # pyright: ignore[reportArgumentType]


def save(store: Store, *asked: Question, now: datetime = NOW, themes: Iterable[str] = ()) -> None:
    """Store questions with the documents that contain them, filed under `themes`."""
    filed = tuple(themes)
    kept = [document(one.key, title=one.title, text=one.text, news=False) for one in asked]
    judged = {one.key: verdict(themes=filed) for one in kept} if filed else {}
    store.write(lambda tx: documents.save(tx, kept, judged))
    store.write(lambda tx: questions.save(tx, asked, now=now))
