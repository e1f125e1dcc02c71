"""The Sénat: the CSV of the questions of the last year, in windows-1252, and a page for each."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from watcher.demo.outlet import Plan, Response
from watcher.demo.parliament import questions, senat_pages
from watcher.demo.parliament.chamber import Publication, dated, downloaded, opened
from watcher.demo.parliament.questions import Entry
from watcher.model import Chamber as House
from watcher.model import QuestionStatus

PATH = "/data/questions/questions-depuis-un-an.csv"
ENCODING = "windows-1252"
COLUMNS = (
    *("Sort", "Nature", "Numéro", "Référence", "Titre", "Nom", "Prénom", "Civilité", "Circonscription", "Groupe"),
    *("Type Appartenance", "Date de publication JO", "Ministère de dépôt", "Ministère de réponse", "Date de réponse JO"),
    *("Thème(s)", "URL Question"),
)
_OUTCOMES = {
    QuestionStatus.OPEN: "En cours",
    QuestionStatus.ANSWERED: "Réponse reçue",
    QuestionStatus.WITHDRAWN: "Retirée",
    QuestionStatus.CONVERTED: "Transformée en QOSD",
}


def table(entries: Sequence[Entry]) -> bytes:
    """Return the CSV: `;` between fields, CRLF, ISO dates, no text of a question."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";", lineterminator="\r\n")
    rows.writerow(COLUMNS)
    rows.writerows(_row(entry) for entry in entries)
    return text.getvalue().encode(ENCODING)


def _row(entry: Entry) -> tuple[str, ...]:
    question, person = entry.question, entry.person
    answer = question.answer
    # An open question has no ministry of answer until it is moved to one.
    answering = question.ministry if answer or question.transfers else None
    return (
        *(_OUTCOMES[question.status], question.kind, questions.senat_number(question), questions.senat_name(question)),
        *(question.title, person.capitals, person.first_name, person.civility, person.place, person.group, person.bond),
        str(question.asked_on),
        question.asked_ministry.label if question.asked_ministry else "",
        answering.label if answering else "",
        str(answer.published_on) if answer else "",
        ", ".join(question.subjects),
        question.addresses[0],
    )


def _publish(entries: Sequence[Entry], rebuilt: datetime) -> Publication:
    pages: dict[str, Response] = {}
    for entry in entries:
        media_type = "text/html; charset=iso-8859-1" if entry.older else "text/html; charset=utf-8"
        page = senat_pages.older(entry) if entry.older else senat_pages.today(entry)
        path = urlsplit(entry.question.addresses[0]).path
        pages[path] = dated(Response(media_type=media_type, body=page), entry, rebuilt)
    return Publication(data_sets={PATH: downloaded(table(entries), "text/csv", rebuilt)}, pages=pages)


PLAN = Plan(
    id="senat-questions",
    name="Sénat, questions (démonstration)",
    kind="senat_questions",
    path=PATH,
    purpose="the Sénat: a CSV in windows-1252, a page per question in today’s form or the older one",
    build=opened(House.SENAT, _publish),
    options=("first_pages: 400                # a year of pages at the first poll: there are a few only",),
)
