"""The Assemblée nationale: the night's archives of the written questions, in JSON and in XML, and a page for each question."""

from collections.abc import Sequence
from datetime import date, datetime
from html import escape
from urllib.parse import urlsplit

from watcher.demo import moments
from watcher.demo.outlet import Plan, Response
from watcher.demo.parliament import archives, records
from watcher.demo.parliament.chamber import Publication, dated, downloaded, opened
from watcher.demo.parliament.questions import LEGISLATURE, Entry, uid
from watcher.model import Chamber as House

_FOLDER = f"/static/openData/repository/{LEGISLATURE}/questions/questions_ecrites"
PATH = f"{_FOLDER}/Questions_ecrites.json.zip"
XML_PATH = f"{_FOLDER}/Questions_ecrites.xml.zip"
IN_XML = 6
"""How many questions the XML archive holds: the demo's is a sample."""

BROKEN = f"json/QANR5L{LEGISLATURE}QE90999.json"
"""The member of the JSON archive that is no JSON: cut in the middle of its text."""


def json_members(entries: Sequence[Entry]) -> dict[str, bytes]:
    """Return the files of the JSON archive by name, the broken one last."""
    members = {f"json/{uid(entry.question)}.json": records.as_json(entry) for entry in entries}
    if entries:
        whole = records.as_json(entries[-1])
        members[BROKEN] = whole.decode()[: len(whole.decode()) // 2].encode()
    return members


def xml_members(entries: Sequence[Entry]) -> dict[str, bytes]:
    """Return the files of the XML archive by name."""
    return {f"xml/{uid(entry.question)}.xml": records.as_xml(entry) for entry in entries[-IN_XML:]}


def page(entry: Entry) -> bytes:
    """Return the page of a question in its visible order, days in words."""
    question, answer = entry.question, entry.question.answer
    lines = [
        f"<p>Rubrique : <span>{escape(question.rubric or '')}</span></p>",
        f"<h1>{escape(question.title)}</h1>",
        f"<p>Question de : <a href='/dyn/deputes/{entry.person.ref}'>{escape(entry.person.printed)}</a></p>",
        f"<p>{escape(entry.person.place)} - {escape(entry.person.group)}</p>",
        f"<p>Question publiée le <span>{_words(question.asked_on)}</span></p>",
    ]
    if question.asked_ministry and question.ministry:
        lines += [
            f"<p>Ministère interrogé : <span>{escape(question.asked_ministry.label)}</span></p>",
            f"<p id='blocMinistereAttributaire'>Ministère attributaire : <span>{escape(question.ministry.label)}</span></p>",
        ]
    lines.append(f"<p>{escape(question.text)}</p>")
    if answer:
        lines += [f"<h2>Réponse publiée le {_words(answer.published_on)}</h2>", f"<p>{escape(answer.text)}</p>"]
    elif question.status_label:
        lines.append(f"<p>{escape(question.status_label)}, le {_words(question.closed_on)}</p>")
    return _PAGE.format(title=escape(question.title), main="\n".join(lines)).encode()


def _words(day: date | None) -> str:
    """Write `10 novembre 2026`."""
    if day is None:
        return ""
    return moments.date_in_words(datetime(day.year, day.month, day.day, 12, tzinfo=moments.PARIS)).split(" ", 1)[1]


def _publish(entries: Sequence[Entry], rebuilt: datetime) -> Publication:
    data_sets = {
        PATH: downloaded(archives.build(json_members(entries), rebuilt), "application/zip", rebuilt),
        XML_PATH: downloaded(archives.build(xml_members(entries), rebuilt), "application/zip", rebuilt),
    }
    pages = {urlsplit(entry.question.addresses[0]).path: dated(Response(body=page(entry)), entry, rebuilt) for entry in entries}
    return Publication(data_sets=data_sets, pages=pages)


PLAN = Plan(
    id="assemblee-questions",
    name="Assemblée nationale, questions écrites (démonstration)",
    kind="assemblee_questions",
    path=PATH,
    purpose="the Assemblée: one archive for all written questions, with the oddities of the real one; one file of it is broken",
    build=opened(House.ASSEMBLEE, _publish),
)

_PAGE = """\
<!DOCTYPE html>
<html lang="fr">
<head><meta charset="utf-8"><title>{title} - Assemblée nationale (démonstration)</title></head>
<body>
<header><p>Assemblée nationale (démonstration)</p><nav><ul><li><a href="/dyn/deputes">Les députés</a></li>\
<li><a href="/dyn/questions">Les questions</a></li></ul></nav></header>
<main>
{main}
</main>
<footer><p>Contenu fictif de démonstration : ni cette question ni son auteur n’existent.</p></footer>
</body>
</html>
"""
