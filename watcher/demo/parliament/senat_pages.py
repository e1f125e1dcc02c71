"""Write the page of a question as the Sénat does today, and as it did before.

Only the visible order of today's pages is known, not their tags: a reader that leans on the tags chosen here is wrong.
"""

from html import escape

from watcher.demo.parliament.questions import Entry, senat_number
from watcher.model import QuestionStatus

_KINDS = {"QE": "Question écrite", "QOSD": "Question orale sans débat", "QG": "Question d’actualité au Gouvernement"}
_FICTION = "Contenu fictif de démonstration : ni cette question ni son auteur n’existent."


def today(entry: Entry) -> bytes:
    """Return the page in UTF-8, in today's visible order."""
    question, person = entry.question, entry.person
    lines = [
        f"<h1>{escape(question.title)}</h1>",
        f"<p>{_KINDS[question.kind]} n°{senat_number(question)} - {question.legislature}<sup>e</sup> législature</p>",
        f"<h2>Question de {person.civility} {escape(person.capitals)} {escape(person.first_name)} "
        f"({escape(person.place)} - {escape(person.group)}) publiée le {question.asked_on:%d/%m/%Y}</h2>",
    ]
    if question.sitting_on:
        lines.append(f"<p>Question posée en séance publique le {question.sitting_on:%d/%m/%Y}</p>")
    lines += [f"<p>{escape(question.text)}</p>", f"<p>- page {question.page}</p>", *_today_outcome(entry)]
    lines.append("<p>Page mise à jour le</p>")
    return _TODAY.format(title=escape(question.title), main="\n".join(lines), fiction=_FICTION).encode()


def _today_outcome(entry: Entry) -> list[str]:
    question, answer, lines = entry.question, entry.question.answer, list[str]()
    if question.recalls and entry.linked:
        lines.append(f'<p>Rappelle la question n°<a href="{entry.linked.addresses[0]}">{senat_number(entry.linked)}</a></p>')
    lines += [f"<h2>Transmise au {escape(transfer.to.label)}</h2>" for transfer in question.transfers]
    if answer and answer.ministry:
        lines += [
            f"<h2>Réponse du {escape(answer.ministry.label)} publiée le {answer.published_on:%d/%m/%Y}</h2>",
            f"<p>{escape(answer.text)}</p>",
            f"<p>- page {answer.page}</p>",
        ]
    if question.status is QuestionStatus.WITHDRAWN:
        lines.append(f"<p>La question a été retirée ({escape(question.status_label)})</p>")
    return lines


def older(entry: Entry) -> bytes:
    """Return the page in the form of before 2022: it says iso-8859-1 and is windows-1252."""
    question, person = entry.question, entry.person
    name = f"{person.first_name} {person.last_name.upper()}"
    lines = [
        f"<h1>{escape(question.title)}</h1>",
        f"<h2>{question.legislature}<sup>e</sup> législature</h2>",
        f"<h2>{_KINDS[question.kind]} n° {senat_number(question)} de <b>{person.civility} {escape(name)}</b> "
        f"({escape(person.place)} - {escape(person.group)})</h2>",
        f"<h3>publiée dans le JO Sénat du {question.asked_on:%d/%m/%Y} - page {question.page}</h3>",
    ]
    lines += [f"<p><i>Erratum : JO du {day:%d/%m/%Y}, p. {entry.erratum_page}</i></p>" for day in question.errata]
    lines += [f"<h3>Concerne le thème : {escape(question.rubric or '')}</h3>", f"<p>{escape(question.text)}</p>"]
    lines += _older_outcome(entry)
    page = _OLDER.format(title=escape(question.title), main="\n".join(lines), fiction=_FICTION)
    return page.replace("’", "'").replace("\n", "\r\n").encode("windows-1252")


def _older_outcome(entry: Entry) -> list[str]:
    question, answer = entry.question, entry.question.answer
    lines = [f"<h3>Transmise au {escape(transfer.to.label)}</h3>" for transfer in question.transfers]
    if answer and answer.ministry:
        lines += [
            f"<h2>Réponse du {escape(answer.ministry.label)}</h2>",
            f"<h3>publiée dans le JO Sénat du {answer.published_on:%d/%m/%Y} - page {answer.page}</h3>",
            f"<p>{escape(answer.text)}</p>",
        ]
    elif entry.linked and question.converted_to:
        lines.append(f'<h2>Transformée en QOSD : <a href="{entry.linked.addresses[0]}">{senat_number(entry.linked)}</a></h2>')
    elif question.ministry:
        lines.append(f"<h2>En attente de réponse du {escape(question.ministry.label)}</h2>")
    return lines


_TODAY = """\
<!DOCTYPE html>
<html lang="fr">
<head><meta charset="utf-8"><title>{title} - Sénat (démonstration)</title></head>
<body>
<a href="#main">Aller au contenu</a>
<header><p>Sénat (démonstration)</p><nav aria-label="Navigation principale">
<ul><li><a href="/travaux">Travaux parlementaires</a></li><li><a href="/senateurs">Vos sénateurs</a></li>
<li><a href="/europe">Europe et international</a></li></ul></nav></header>
<nav aria-label="Fil d’Ariane"><ol><li><a href="/">Accueil</a></li><li><a href="/questions">Questions</a></li></ol></nav>
<main id="main">
{main}
</main>
<aside><h2>Partager cette page</h2><ul><li><a href="#">Imprimer</a></li><li><a href="#">Envoyer</a></li></ul></aside>
<footer><p>{fiction}</p><ul><li><a href="/mentions">Mentions légales</a></li></ul></footer>
</body>
</html>
"""
_OLDER = """\
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" lang="fr">
<head><meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1" />
<title>{title} - Sénat (démonstration)</title></head>
<body>
<div id="header"><h2>Sénat (démonstration)</h2>
<ul><li><a href="/seances">Séances</a></li><li><a href="/basile">Recherche de questions</a></li></ul></div>
<!-- START : primary -->
<div id="primary">
{main}
</div>
<!-- END : primary -->
<div id="footer"><p>{fiction}</p></div>
</body>
</html>
"""
