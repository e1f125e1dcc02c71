"""The AMO data set: names made anew from the zip of actors and bodies, in the shapes that are described of it."""

import json
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from watcher import reference
from watcher.errors import ParseError
from watcher.model import Member, Reference
from watcher.sandbox import Sandbox

ACTOR = {
    "acteur": {
        "uid": {"@xsi:type": "IdActeur_type", "#text": "PA1008"},
        "etatCivil": {"ident": {"civ": "Mme", "prenom": "Léa", "nom": "D'Exemple-Fictif", "alpha": "Exemple"}},
        "mandats": {"mandat": [{"uid": "PM1", "organes": {"organeRef": "PO1"}}]},
    }
}
BODY = {"organe": {"uid": "PO845401", "codeType": "GP", "libelle": "Groupe  d’exemple", "libelleAbrege": "GE"}}
MINISTRY = {"organe": {"uid": {"#text": "PO9"}, "codeType": "MINISTERE", "libelle": "Ministère de l'avenir"}}
OTHER = {"organe": {"uid": "PO10", "codeType": "CIRCONSCRIPTION", "libelle": "1ère circonscription"}}


def zipped(path: Path, files: Mapping[str, object]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, str) else json.dumps(content))
    return str(path)


def expected(names: Reference) -> None:
    assert dict(names.members) == {"PA1008": Member(name="Léa D'Exemple-Fictif", civility="Mme", ref="PA1008")}
    assert dict(names.bodies) == {"PO845401": "Groupe d’exemple", "PO9": "Ministère de l'avenir"}


def test_one_file_for_each_actor_and_body(tmp_path: Path) -> None:
    """Members, groups and ministries are named; constituencies and committees are left out."""
    files = {"json/acteur/PA1008.json": ACTOR, "json/organe/PO845401.json": BODY, "json/organe/PO9.json": MINISTRY,
             "json/organe/PO10.json": OTHER, "json/deport/x.json": {"deport": {"uid": "D1"}}, "lisez.txt": "bonjour"}  # fmt: skip
    expected(reference.from_amo(zipped(tmp_path / "amo.zip", files)))


def test_one_file_for_all(tmp_path: Path) -> None:
    """The older layout: one export with lists."""
    whole = {"export": {"acteurs": {"acteur": [ACTOR["acteur"]]}, "organes": {"organe": [BODY["organe"], MINISTRY["organe"]]}}}
    expected(reference.from_amo(zipped(tmp_path / "amo.zip", {"AMO.json": whole})))


async def test_a_refresh_makes_the_file_of_the_home(tmp_path: Path) -> None:
    """From the zip, in a worker, to the names that the next poll uses."""
    path = zipped(tmp_path / "amo.zip", {"a.json": ACTOR, "b.json": BODY})
    with Sandbox(workers=1) as box:
        names = await box.run(reference.from_amo, path, returns=Reference)
    reference.save(names, tmp_path / "reference" / "members.json", on=date(2026, 11, 20))
    assert reference.load(tmp_path).members["PA1008"].civility == "Mme"


@pytest.mark.parametrize(
    ("files", "expected_reason"),
    [
        ({"a.json": "{", "b.json": ACTOR}, "unreadable"),
        ({"a.json": {"acteur": {"uid": 7, "etatCivil": None}}, "b.json": {"organe": [1, {"uid": "PO1"}]}}, "no_names"),
        ({}, "no_names"),
        ({"../a.json": ACTOR}, "archive_name"),
    ],
)
def test_what_is_no_reference_is_refused(tmp_path: Path, files: dict[str, object], expected_reason: str) -> None:
    """A data set that changed its shape, or is broken, never replaces good names by none."""
    with pytest.raises(ParseError) as caught:
        reference.from_amo(zipped(tmp_path / "amo.zip", files))
    assert caught.value.reason == expected_reason


def test_one_broken_file_among_many_is_borne(tmp_path: Path) -> None:
    """One in a hundred may be unreadable; more is an alarm."""
    files: dict[str, object] = {
        f"{n}.json": {"organe": {"uid": f"PO{n}", "codeType": "GP", "libelle": f"G{n}"}} for n in range(150)
    }
    assert len(reference.from_amo(zipped(tmp_path / "amo.zip", {**files, "x.json": "{"})).bodies) == 150
