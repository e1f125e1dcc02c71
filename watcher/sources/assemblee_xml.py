"""The XML files of the Assemblée, turned into the tree of its JSON ones.

Two families: since the open data (14th to 17th legislature, with or without the namespace of the `referentiel`) the elements
have the names of the JSON keys; before, each question was one `QUESTION` with names in capitals.
"""

from typing import TYPE_CHECKING

from watcher.errors import ParseError
from watcher.sources.assemblee_nodes import Node

if TYPE_CHECKING:
    from lxml.etree import Element

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def trees(data: bytes) -> list[Node]:
    """Return the tree of each question of a file. Raises ParseError (`broken_xml`, `no_question`)."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        message = f"This is XML that cannot be read ({error})."
        raise ParseError(message, reason="broken_xml", kind="assemblee_questions") from error
    found = [root] if _name(root) in ("question", "QUESTION") else list(root.iter("{*}question", "{*}QUESTION"))
    if not found:
        message = f"There is no question below <{_name(root)[:60]}>."
        raise ParseError(message, reason="no_question", kind="assemblee_questions")
    return [_old(one) if _name(one) == "QUESTION" else _tree(one) for one in found]


def _name(element: "Element") -> str:
    return element.tag.rpartition("}")[2]


def _tree(element: "Element") -> Node:
    """Return an element as the JSON files have it: text, null, or an object whose repeated children are a list."""
    if element.get(f"{_XSI}nil") in ("true", "1"):
        return None
    if len(element) == 0:
        return element.text
    if _name(element) == "texte":  # markup that was not escaped
        return _markup(element)
    node: dict[str, Node] = {}
    if kind := element.get(f"{_XSI}type"):
        node["@xsi:type"] = kind
    for child in element.iterchildren("*"):
        name, value = _name(child), _tree(child)
        if name not in node:
            node[name] = value
        elif isinstance(before := node[name], list):
            before.append(value)  # pyright: ignore[reportUnknownMemberType]  a list that was made here
        else:
            node[name] = [before, value]
    return node


def _markup(element: "Element") -> str:
    from lxml import etree

    return (element.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in element)


def _old(question: "Element") -> Node:
    """Return a question in capitals as the tree of a new one. Its identifiers are the references without their letters."""
    number = next((one for child in question.iterchildren("DEPOT") if (one := child.get("NUMERO"))), None)
    asked, closing = question.find("DEPOT"), question.find("CLOTURE")
    index, group = question.find("INDEXATION_AN"), question.find("GROUPE")
    actor = _words(question, "AUTEUR/ID_ACTEUR")
    subjects: list[Node] = [child.text for place in question.iter("ANALYSE") for child in place.iterchildren("ANA")]
    return {
        "identifiant": {"numero": number, "legislature": _words(question, "LEGISLATURE")},
        "type": question.get("TYPE"),
        "indexationAN": {
            "rubrique": None if index is None else index.get("RUBRIQUE"),
            "teteAnalyse": _words(question, "INDEXATION_AN/TETE_ANALYSE"),
            "analyses": {"analyse": subjects},
        },
        "auteur": {
            "identite": {
                "acteurRef": f"PA{actor}",
                "civ": _words(question, "AUTEUR/CIVILITE"),
                "prenom": _words(question, "AUTEUR/PRENOM"),
                "nom": _words(question, "AUTEUR/NOM"),
            },
            "groupe": {
                "organeRef": f"PO{_words(question, 'GROUPE/ID_GROUPE')}",
                "abrege": None if group is None else group.get("SIGLE"),
                "developpe": _words(question, "GROUPE/LIBELLE"),
            },
            "circonscription": _constituency(question),
        },
        "minInt": _ministry(question.find("MINI"), "ID_MINI"),
        "minAttribs": {"minAttrib": _attributions(question)},
        "textesQuestion": {
            "texteQuestion": {"infoJO": _journal(asked, "DATE_JO", "PAGE_JO"), "texte": _words(question, "DEPOT/TEXTE_DEPOT")}
        },
        "erratumQuestion": _journal(question.find("ERRATUM_QUESTION"), "DATE_JO", "PAGE_JO"),
        "erratumReponse": _journal(question.find("ERRATUM_REPONSE"), "DATE_JO", "PAGE_JO"),
        "signalement": {
            **_journal(question.find("SIGNALEMENT"), "DATE_JO", "PAGE_JO"),
            "dateDepotSignal": _words(question, "SIGNALEMENT/DATE_DEPOT_SIGNAL"),
        },
        "renouvellements": [
            {"dateRenouvellement": _words(order, "DATE_RENOUVELLEMENT")}
            for place in question.iterchildren("RENOUVELLEMENT")
            for order in place.iterchildren("ORDRE")
        ],
        "cloture": {
            "codeCloture": _words(question, "CLOTURE/ABREGE"),
            "libelleCloture": _words(question, "CLOTURE/LIBELLE"),
            "dateCloture": _words(question, "CLOTURE/DATE_JO"),
            "infoJO": _journal(closing, "DATE_JO", "PAGE_JO"),
        },
        "textesReponse": {
            "texteReponse": {
                "infoJO": _journal(question.find("REPONSE"), "DATE_JO_REPONSE", "PAGE_JO_REPONSE"),
                "texte": _words(question, "REPONSE/TEXTE_REPONSE"),
            }
        },
    }


def _words(element: "Element", path: str) -> str | None:
    place = element.find(path)
    return None if place is None else (place.text or "").strip() or None


def _journal(place: "Element | None", on: str, page: str) -> dict[str, Node]:
    return {} if place is None else {"dateJO": _words(place, on), "pageJO": _words(place, page)}


def _ministry(place: "Element | None", identifier: str) -> Node:
    if place is None:
        return None
    return {
        "organeRef": f"PO{_words(place, identifier)}",
        "abrege": _words(place, "ABREGE"),
        "developpe": _words(place, "DEVELOPPE"),
    }


def _attributions(question: "Element") -> list[Node]:
    """Return the ministries in charge by their `NUMERO`."""
    orders = [order for place in question.iterchildren("MINA") for order in place.iterchildren("ORDRE")]
    orders.sort(key=lambda order: int(number) if (number := order.get("NUMERO", "")).isdecimal() else 0)
    return [{"infoJO": _journal(order, "DATE_JO", "PAGE_JO"), "denomination": _ministry(order, "ID_MINA")} for order in orders]


def _constituency(question: "Element") -> str | None:
    department = _words(question, "CIRCONSCRIPTION/DEPARTEMENT")
    place = question.find("CIRCONSCRIPTION")
    number = "" if place is None else place.get("NUMERO_CIRCONSCRIPTION", "")
    if not department or not number.isdecimal():
        return department
    return f"{department} ({number}{'re' if number == '1' else 'e'} circonscription)"
