"""One question of the Assemblée nationale: from the tree of its data sets to the noun.

The shape is that of the 17th legislature's JSON (docs/parliament.md); the 14th to 16th differ by `ANALYSE`/`ANA` and by the
form of dates, and the XML files are turned into the same tree (`assemblee_xml`).
"""

import re
from datetime import date
from typing import NamedTuple

from watcher import text
from watcher.errors import ParseError
from watcher.model import Answer, Chamber, Member, Ministry, Question, QuestionStatus, Transfer
from watcher.sources import prose
from watcher.sources.assemblee_nodes import Node, day, days, each, get, line, markup, ref

SITE = "https://www.assemblee-nationale.fr"
_UID = re.compile(r"QANR[0-9]L([0-9]{1,2})(Q[A-Z]{1,5})0*([0-9]{1,7})")
_NUMBER = re.compile(r"0*([0-9]{1,7})")
_KIND = re.compile(r"Q[A-Z]{1,5}")
_RENEWALS, _ERRATA = "renouvellement", "errat"  # how the keys of records begin that no file at hand shows
# fmt: off
_USUAL = frozenset({
    "@xmlns", "@xmlns:xsi", "@xsi:type", "uid", "identifiant", "type", "indexationAN", "auteur", "minInt", "minAttribs",
    "textesQuestion", "textesReponse", "texteQuestion", "texteReponse", "cloture", "signalement",
})
# fmt: on
_TYPES = {"QuestionEcrite_Type": "QE", "QuestionGouvernement_Type": "QG", "QuestionOrale_Type": "QOSD"}
# In a transcript, the first speaker who is introduced as a member of the Government: <strong>M. X,</strong><i> ministre ...
_GOVERNMENT = re.compile(
    r"<strong>[^<]{2,150}</strong>\s*<i>[^<]{0,200}?(?:ministre|secr[ée]taire d|garde des sceaux|haut-commissaire)", re.IGNORECASE
)
# In order: a withdrawal "sans réponse" is a withdrawal.
_ENDINGS = (
    (re.compile(r"fin de mandat|caduc|caduque|legislature|dissolution"), QuestionStatus.LAPSED),
    (re.compile(r"retir|retrait"), QuestionStatus.WITHDRAWN),
    (re.compile(r"transform|convert"), QuestionStatus.CONVERTED),
    (re.compile(r"reponse"), QuestionStatus.ANSWERED),
)
_CODES = {"REP": QuestionStatus.ANSWERED, "RET": QuestionStatus.WITHDRAWN, "CAD": QuestionStatus.LAPSED}


class _Identity(NamedTuple):
    legislature: int
    kind: str
    number: str


class _Text(NamedTuple):
    """The text of a question or of an answer, still markup, with the day and the page of its first publication."""

    markup: str = ""
    on: date | None = None
    page: str | None = None


def records(tree: Node) -> list[Node]:
    """Return the questions that a file holds: one under `question`, or several below another root. Raises ParseError."""
    for holder in (tree, *(tree.values() if isinstance(tree, dict) else ())):
        if found := each(holder, "question"):
            return found
    if get(tree, "uid") is not None or get(tree, "identifiant") is not None:
        return [tree]
    raise ParseError("There is no question in it.", reason="no_question", kind="assemblee_questions")


def question(node: Node, *, legislature: int | None, latest: date, site: str = SITE) -> Question:
    """Return the question that the tree `node` tells of, with its page on `site`.

    `legislature` is used where the record names none; dates after `latest` are no dates. Names of members and bodies stay
    references (`Member.ref`, `group_ref`, `Ministry.ref`). Raises ParseError (`no_identity`).
    """
    who = _identity(node, legislature)
    asked, answered = _text(each(node, "textesQuestion", "texteQuestion"), latest), _answered(node, latest)
    words, reply = asked.markup, answered.markup
    if who.kind == "QG" and not words and (turn := _GOVERNMENT.search(reply)):
        words, reply = reply[: turn.start()], reply[turn.start() :]
    status, label, closed_on = _closing(node, answered, latest)
    answer = Answer(text=prose.plain(reply), published_on=answered.on or closed_on, page=answered.page)
    ministry, history = _ministry(get(node, "minInt")), _attributions(node, latest)
    subjects = _subjects(node)
    dated = _dated(node, latest)
    rubric = line(get(node, "indexationAN", "rubrique")) or None
    return Question(
        chamber=Chamber.ASSEMBLEE,
        legislature=who.legislature,
        kind=who.kind,
        number=who.number,
        title=". ".join(subjects) or line(get(node, "indexationAN", "teteAnalyse")) or rubric or "",
        text=prose.plain(words),
        author=_author(get(node, "auteur")),
        asked_on=asked.on or (history[0].on if history else None) or (answered.on if who.kind == "QG" else None),
        page=asked.page or (answered.page if who.kind == "QG" else None),
        asked_ministry=ministry or (history[0].to if history else None),
        ministry=history[-1].to if history else ministry,
        rubric=rubric,
        subjects=subjects,
        status=status,
        status_label=label,
        signalled_on=next(iter(days(get(node, "signalement"), latest)), None),
        renewed_on=tuple(sorted(dated[_RENEWALS])),
        transfers=_transfers(ministry, history),
        errata=tuple(sorted(dated[_ERRATA])),
        answer=answer if status is QuestionStatus.ANSWERED else None,
        closed_on=closed_on,
        addresses=(f"{site}/dyn/{who.legislature}/questions/QANR5L{who.legislature}{who.kind}{who.number}",),
    )


def _identity(node: Node, legislature: int | None) -> _Identity:
    """Return what identifies a question: its uid, else its number, its type and its legislature."""
    if match := _UID.fullmatch(markup(get(node, "uid")).strip()):
        return _Identity(int(match[1]), match[2], match[3])
    number = _NUMBER.fullmatch(markup(get(node, "identifiant", "numero")).strip())
    kind = markup(get(node, "type")).strip().upper()
    kind = kind if _KIND.fullmatch(kind) else _TYPES.get(markup(get(node, "@xsi:type")), "")
    said = _NUMBER.fullmatch(markup(get(node, "identifiant", "legislature")).strip())
    known = int(said[1]) if said and 0 < int(said[1]) < 100 else legislature
    if number is None or not kind or known is None:
        missing = "number" if number is None else "type" if not kind else "legislature"
        message = f"The question has neither a uid nor a {missing}."
        raise ParseError(message, reason="no_identity", kind="assemblee_questions")
    return _Identity(known, "QG" if kind == "QAG" else kind, number[1])


def _text(found: list[Node], latest: date) -> _Text:
    """Put several texts of one question or answer together; the day is that of the first."""
    parts = dict.fromkeys(part for one in found if (part := markup(get(one, "texte")).strip()))
    dated = [(on, line(get(one, "infoJO", "pageJO"), 12)) for one in found if (on := day(get(one, "infoJO", "dateJO"), latest))]
    on, page = min(dated, default=(None, ""))
    return _Text("\n<p>".join(parts), on, page or None)


def _answered(node: Node, latest: date) -> _Text:
    return _text(each(node, "textesReponse", "texteReponse"), latest)


def _closing(node: Node, answered: _Text, latest: date) -> tuple[QuestionStatus, str, date | None]:
    """Return how far the question is, the source's own label for it, and the day it was closed."""
    closing = get(node, "cloture")
    code, label = line(get(closing, "codeCloture"), 60), line(get(closing, "libelleCloture"))
    closed_on = day(get(closing, "dateCloture"), latest) or day(get(closing, "infoJO", "dateJO"), latest)
    if answered.markup or answered.on:
        return QuestionStatus.ANSWERED, label or code, closed_on
    if not code and not label:
        return (QuestionStatus.UNKNOWN if closed_on else QuestionStatus.OPEN), "", closed_on
    status = _CODES.get(code[:3].upper())
    if status is None:
        folded = text.fold(label or code)
        status = next((status for pattern, status in _ENDINGS if pattern.search(folded)), None)
    if status is None:
        return QuestionStatus.CLOSED, f"{label} ({code})" if label and code else label or code, closed_on
    return status, label or code, closed_on


def _ministry(node: Node) -> Ministry | None:
    label = line(get(node, "developpe")) or line(get(node, "abrege"))
    reference = ref(get(node, "organeRef"))
    return Ministry(label=label, ref=reference) if label or reference else None


def _attributions(node: Node, latest: date) -> list[Transfer]:
    """Return the ministries that were in charge, in the order of the source: the last one is."""
    dated = ((_ministry(get(one, "denomination")), get(one, "infoJO", "dateJO")) for one in each(node, "minAttribs", "minAttrib"))
    return [Transfer(to=ministry, on=day(on, latest)) for ministry, on in dated if ministry]


def _transfers(asked: Ministry | None, history: list[Transfer]) -> tuple[Transfer, ...]:
    """Return the attributions that changed the ministry in charge: another reference, or another label."""
    moves: list[Transfer] = []
    before = asked
    for one in history:
        if before is not None and one.to != before:
            moves.append(one)
        before = one.to
    return tuple(moves)


def _subjects(node: Node) -> tuple[str, ...]:
    index = get(node, "indexationAN")
    found = each(index, "analyses", "analyse") or each(index, "ANALYSE", "ANA") or each(index, "analyse")
    return tuple(dict.fromkeys(words for one in found if (words := line(one))))[:20]


def _author(node: Node) -> Member | None:
    identity, group = get(node, "identite"), get(node, "groupe")
    first, last = line(get(identity, "prenom"), 80), line(get(identity, "nom"), 80)
    member = Member(
        name=f"{first} {last}".strip(),
        civility=line(get(identity, "civ"), 20),
        group=line(get(group, "developpe")) or line(get(group, "abrege")),
        constituency=line(get(node, "circonscription")),
        ref=ref(get(identity, "acteurRef")),
        group_ref=ref(get(group, "organeRef")),
    )
    return member if member != Member() else None


def _dated(node: Node, latest: date) -> dict[str, set[date]]:
    """Return the days found under every key that begins as theirs do, on the question, its text or its answer."""
    found: dict[str, set[date]] = {_RENEWALS: set(), _ERRATA: set()}
    for holder in (node, get(node, "textesQuestion"), get(node, "textesReponse")):
        if isinstance(holder, dict):
            for key in holder.keys() - _USUAL:
                for begins, on in found.items():
                    if key.lower().startswith(begins):
                        on.update(days(holder[key], latest))
    return found
