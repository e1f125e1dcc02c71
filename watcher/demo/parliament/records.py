"""Write a question as the Assemblée's data sets hold it, oddities included: the JSON tree, and the same tree as XML.

A draft names the oddities of its record (`quirks`), as they were met in public files:

- `broken-html`: the answer begins with a closing tag, has unquoted attributes, a table between `<!-- DEBTAB -->` and
  `<!-- FINTAB -->` with unbalanced quotes, and ends on an opened paragraph;
- `entities`: `&#339;`, `&#160;` and `&amp;` remain in the text;
- `french-dates`: days are written 10/11/2026;
- `head`: `teteAnalyse` is there, where it is null elsewhere;
- `listed`: the one text of the question is a list of one;
- `mojibake`: some words of the answer are UTF-8 that was read as windows-1252;
- `text-node`: the text is `{"#text": ...}`;
- `typo`: the ministry is a "Minsitère";
- `xsi-nil`: nothing is `{"@xsi:nil": "true"}` instead of null.

Others come from what the question is: several analyses, none, or one; several ministries or one; a report (`signalement`).
"""

import json
import re
from datetime import date
from typing import cast
from xml.sax.saxutils import escape, quoteattr

from watcher.demo.parliament.names import SHORT
from watcher.demo.parliament.questions import Entry, uid
from watcher.model import Ministry

NAMESPACE = "http://schemas.assemblee-nationale.fr/referentiel"
_NIL = {"@xsi:nil": "true"}
_NAMESPACES = {"@xmlns": NAMESPACE, "@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance"}
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_BEFORE_TABLE = "le tableau suivant."
_TABLE = (
    "<!-- DEBTAB --><div align='center'><center><table border='1'><tr> <th rowspan=2\">BRANCHE</th> "
    '<th colspan="2">EMBAUCHES<br>pr&eacute;vues</br></th> </tr>'
    "<tr> <td>M&eacute;tallurgie</td> <td align=right>41&#160;200</td> <td>57&#160;%</td> </tr>"
    "<tr> <td>Chimie</td> <td align=right>12&#160;800</td> <td>44&#160;%</td> </tr>"
    "<tr> <td>Agroalimentaire</td> <td align=right>38&#160;500</td> <td>49&#160;%</td> </table></center></div><!-- FINTAB -->"
)


def as_json(entry: Entry) -> bytes:
    """Return the file of a question in the JSON archive."""
    return json.dumps({"question": record(entry)}, ensure_ascii=False).encode()


def as_xml(entry: Entry) -> bytes:
    """Return the file of a question in the XML archive, where days are written 10/11/2026."""
    tree = _french_dates(record(entry))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element("question", tree)}\n'.encode()


def record(entry: Entry) -> dict[str, object]:
    """Return the tree of a question under `question`."""
    question, person, quirks = entry.question, entry.person, entry.quirks
    number = {"numero": question.number, "regime": "5eme Republique", "legislature": str(question.legislature)}
    author = {
        "identite": {"acteurRef": person.ref, "mandatRef": f"PM{person.ref[2:]}" if person.ref else None},
        "groupe": {"organeRef": person.group_ref, "abrege": person.group_short, "developpe": person.group},
    }
    tree: dict[str, object] = {
        **_NAMESPACES,
        "@xsi:type": "QuestionEcrite_Type",
        "uid": uid(question),
        "identifiant": number,
        "type": question.kind,
        "indexationAN": _index(entry),
        "auteur": author,
        "minInt": _ministry(question.asked_ministry, misspelt="typo" in quirks),
        "minAttribs": {"minAttrib": _attributions(entry)},
        "textesQuestion": {"texteQuestion": _asked(entry)},
        "textesReponse": _answered(entry),
        "cloture": _closing(entry),
        "signalement": {"infoJO": _published(question.signalled_on, None)} if question.signalled_on else None,
    }
    if "french-dates" in quirks:
        tree = _french_dates(tree)
    if "xsi-nil" in quirks:
        tree = {key: _NIL if value is None else value for key, value in tree.items()}
    return tree


def _index(entry: Entry) -> dict[str, object]:
    """Return the indexing; a question of this week has a heading and nothing else yet."""
    question = entry.question
    if not question.subjects:
        return {"rubrique": question.rubric}
    subjects = question.subjects[0] if len(question.subjects) == 1 else list(question.subjects)
    head = question.subjects[0].split(" ")[0].lower() if "head" in entry.quirks else None
    return {"rubrique": question.rubric, "teteAnalyse": head, "analyses": {"analyse": subjects}}


def _attributions(entry: Entry) -> object:
    question, misspelt = entry.question, "typo" in entry.quirks
    found: list[object] = [
        {"infoJO": _published(question.asked_on, None), "denomination": _ministry(question.asked_ministry, misspelt=misspelt)},
        *(
            {
                "infoJO": _published(transfer.on, None, "JO_LOI_DECRET" if entry.decree else "JO_QUESTION"),
                "denomination": _ministry(transfer.to),
            }
            for transfer in question.transfers
        ),
    ]
    return found if len(found) > 1 else found[0]


def _asked(entry: Entry) -> object:
    question = entry.question
    text: object = _entities(question.text) if "entities" in entry.quirks else question.text
    if "text-node" in entry.quirks:
        text = {"#text": text}
    asked = {"infoJO": _published(question.asked_on, question.page), "texte": text}
    return [asked] if "listed" in entry.quirks else asked


def _answered(entry: Entry) -> object:
    answer = entry.question.answer
    if answer is None:
        return None
    text = _mojibake(answer.text) if "mojibake" in entry.quirks else answer.text
    text = _entities(text) if "entities" in entry.quirks else text
    if "broken-html" in entry.quirks:
        text = f'</p><p align="CENTER"> {entry.question.title.upper()} <a name=PG1></a> </p><br>{text}<br> <p>'.replace(
            _BEFORE_TABLE, _BEFORE_TABLE + _TABLE
        )
    return {"texteReponse": {"infoJO": _published(answer.published_on, answer.page), "texte": text}}


def _closing(entry: Entry) -> object:
    question = entry.question
    code, label = ("REP_PUB", "Réponse publiée") if question.answer else (entry.code, question.status_label)
    if not code:
        return None
    page = question.answer.page if question.answer else None
    return {
        "codeCloture": code,
        "libelleCloture": label,
        "dateCloture": str(question.closed_on),
        "infoJO": _published(question.closed_on, page),
    }


def _published(on: date | None, page: str | None, kind: str = "JO_QUESTION") -> dict[str, object]:
    number = str(on.isocalendar().week) if on and kind == "JO_QUESTION" else None
    day = str(on) if on else None
    return {"typeJO": kind, "dateJO": day, "pageJO": page, "numJO": number, "urlLegifrance": None, "referenceNOR": None}


def _ministry(ministry: Ministry | None, *, misspelt: bool = False) -> dict[str, object] | None:
    if ministry is None or ministry.ref is None:
        return None
    label = ministry.label.replace("Ministère", "Minsitère") if misspelt else ministry.label
    return {"organeRef": ministry.ref, "abrege": SHORT[ministry.ref], "developpe": label}


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("œ", "&#339;").replace("\u00a0", "&#160;")


def _mojibake(text: str) -> str:
    """Return `text` with the second half damaged where each letter survives it: é becomes Ã©, è becomes Ã¨."""
    half = text.rindex(" ", 0, len(text) // 2)
    return text[:half] + text[half:].replace("é", "Ã©").replace("è", "Ã¨").replace("ê", "Ãª")


def _element(name: str, node: object) -> str:
    """Return `node` as an element: keys with `@` are attributes, a list is the element several times."""
    if isinstance(node, list):
        return "".join(_element(name, one) for one in cast("list[object]", node))
    if node is None:
        return f'<{name} xsi:nil="true"/>'
    if not isinstance(node, dict):
        return f"<{name}>{escape(str(node))}</{name}>"
    tree = cast("dict[str, object]", node)
    attributes = "".join(f" {key[1:]}={quoteattr(str(value))}" for key, value in tree.items() if key.startswith("@"))
    inside = "".join(
        escape(str(value)) if key == "#text" else _element(key, value) for key, value in tree.items() if not key.startswith("@")
    )
    return f"<{name}{attributes}>{inside}</{name}>"


def _french_dates(tree: dict[str, object]) -> dict[str, object]:
    """Return `tree` with the days of every key that begins with `date` written 10/11/2026."""

    def walk(key: str, node: object) -> object:
        if isinstance(node, dict):
            return {name: walk(name, value) for name, value in cast("dict[str, object]", node).items()}
        if isinstance(node, list):
            return [walk(key, one) for one in cast("list[object]", node)]
        return _ISO.sub(r"\3/\2/\1", node) if isinstance(node, str) and key.startswith("date") else node

    return {name: walk(name, value) for name, value in tree.items()}
