"""The AMO data set of the Assemblée (Acteurs, Mandats, Organes): a zip from which the names are made anew.

https://data.assemblee-nationale.fr/static/openData/repository/17/amo/deputes_actifs_mandats_actifs_organes/ and its siblings.
No copy of it was at hand: the shapes read here are those that public readers describe, one JSON file for each actor and body
(`{"acteur": {...}}`, `{"organe": {...}}`) or one for all (`{"export": {"acteurs": {"acteur": [...]}}}`), taken with tolerance.
"""

from collections.abc import Iterator
from typing import TypeAlias

from watcher import text
from watcher.archives import MIB, Archive, Limits, MemberError
from watcher.errors import ParseError
from watcher.model import Member, Reference

Node: TypeAlias = "dict[str, Node] | list[Node] | str | int | float | bool | None"
AMO = (
    "https://data.assemblee-nationale.fr/static/openData/repository/17/amo/deputes_actifs_mandats_actifs_organes/"
    "AMO10_deputes_actifs_mandats_actifs_organes.json.zip"
)
LIMITS = Limits(entries=200_000, member=128 * MIB, total=1_024 * MIB)
BODIES = frozenset({"GP", "MINISTERE", "GROUPESENAT"})


def from_amo(path: str, *, where: str = "") -> Reference:
    """Return the members, and the labels of groups and ministries, in the AMO zip at `path`; no ministries' names.

    `where` is what errors call it, when it is not `path`. Runs in the sandbox. Raises ParseError: `archive_*`, `unreadable` when
    it is no file to be read or more than one file in a hundred inside is none, or `no_names` when no name was found.
    """
    from pydantic_core import from_json

    members: dict[str, Member] = {}
    bodies: dict[str, str] = {}
    read = unread = 0
    where = where or path
    try:
        archive_of_names = Archive(path, LIMITS, where=where)
    except OSError as error:
        raise ParseError(f"{where} cannot be read: {error.strerror}.", reason="unreadable", where=where) from error
    with archive_of_names as archive:
        for listed in archive.members:
            if not listed.name.endswith(".json"):
                continue
            try:
                tree: Node = from_json(archive.read(listed.name))
            except (MemberError, ValueError):
                unread += 1
                continue
            read += 1
            for actor in _found(tree, "acteur"):
                if member := _member(actor):
                    members[member.ref or ""] = member
            for body in _found(tree, "organe"):
                if label := _label(body):
                    bodies[label[0]] = label[1]
    if unread > read // 100:
        message = f"{unread} of the {read + unread} files of {where} cannot be read: it is not taken for the new reference."
        raise ParseError(message, reason="unreadable", where=where)
    if not members and not bodies:
        raise ParseError(f"{where} holds no name of a member or a body.", reason="no_names", where=where)
    return Reference(members=members, bodies=bodies)


def _found(tree: Node, name: str, depth: int = 4) -> Iterator[dict[str, Node]]:
    """Give every object that stands under the key `name`, alone or in a list."""
    if depth == 0 or not isinstance(tree, dict):
        return
    for key, value in tree.items():
        if key == name:
            yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict))
        else:
            yield from _found(value, name, depth - 1)


def _member(actor: dict[str, Node]) -> Member | None:
    civil = actor.get("etatCivil")
    identity = civil.get("ident") if isinstance(civil, dict) else None
    if not isinstance(identity, dict):
        return None
    reference = _words(actor.get("uid"))
    name = f"{_words(identity.get('prenom'))} {_words(identity.get('nom'))}".strip()
    if not reference.startswith("PA") or not name:
        return None
    return Member(name=name, civility=_words(identity.get("civ")), ref=reference)


def _label(body: dict[str, Node]) -> tuple[str, str] | None:
    reference, label = _words(body.get("uid")), _words(body.get("libelle"))
    kind = _words(body.get("codeType"))
    return (reference, label) if reference.startswith("PO") and label and kind in BODIES else None


def _words(node: Node) -> str:
    """Return a text, bare or under `#text`, as one clean line."""
    if isinstance(node, dict):
        node = node.get("#text")
    return text.clean_line(node, 500) if isinstance(node, str) else ""
