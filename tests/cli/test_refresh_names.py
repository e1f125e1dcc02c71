"""`watcher sources refresh-names`: names from the AMO data set into the home, never into the package."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.fetch.servers import in_a_thread, reply
from tests.store.question_builders import question, save
from watcher import reference
from watcher.model import Chamber, Member
from watcher.store import Store, questions

OLD = {"members": {"PA1": {"name": "Ancien Membre"}, "PA2": {"name": "Nom Ancien"}}, "bodies": {"PO1": "Groupe d'avant"}}


def amo(path: Path, **members: str) -> Path:
    """Write a zip of actors by reference, with one group."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for ref, name in members.items():
            first, last = name.split()
            actor = {"uid": ref, "etatCivil": {"ident": {"civ": "Mme", "prenom": first, "nom": last}}}
            archive.writestr(f"json/acteur/{ref}.json", json.dumps({"acteur": actor}))
        archive.writestr(
            "json/organe/PO9.json", json.dumps({"organe": {"uid": "PO9", "codeType": "GP", "libelle": "Groupe neuf"}})
        )
    return path


def held(home: Path) -> Path:
    file = home / "reference/members.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(OLD), "utf-8")
    return file


def test_a_file_that_was_brought_here(home: Path, shell: Shell, tmp_path: Path) -> None:
    """New names are added, changed ones replaced, those of members who left kept; the count of each is told."""
    file = held(home)
    packed = amo(tmp_path / "amo.zip", PA2="Nom Nouveau", PA3="Léa Fictive")
    code, out, err = shell("sources", "refresh-names", str(packed))
    assert code == 0, err
    assert f"{file} holds 3 members and 2 groups and ministries: 2 added, 1 changed." in out
    names = reference.load(home)
    assert [names.members[ref].name for ref in ("PA1", "PA2", "PA3")] == ["Ancien Membre", "Nom Nouveau", "Léa Fictive"]
    assert names.bodies["PO9"] == "Groupe neuf"
    assert json.loads(file.read_text("utf-8"))["date"]


def test_stored_questions_get_the_names_they_lack(home: Path, shell: Shell, tmp_path: Path) -> None:
    """A new member is a reference until the next refresh; the question is not read again, and gets the name all the same."""
    store = Store.open(f"sqlite:///{home}/var/watcher.db")
    new = question(1, chamber=Chamber.ASSEMBLEE, author=Member(ref="PA999001", group_ref="PO9"))
    stranger = question(2, chamber=Chamber.ASSEMBLEE, author=Member(ref="PA999002"))
    save(store, new, stranger, question(3))
    code, out, err = shell("sources", "refresh-names", str(amo(tmp_path / "amo.zip", PA999001="Léa Fictive")))
    assert code == 0, err
    assert "1 question got a name that was missing." in out
    held = store.read(lambda tx: questions.get(tx, [new.key, stranger.key]))
    store.close()
    assert held[new.key].author == Member(
        name="Léa Fictive", civility="Mme", group="Groupe neuf", ref="PA999001", group_ref="PO9"
    )
    assert held[stranger.key] == stranger


def test_an_address(home: Path, shell: Shell, tmp_path: Path) -> None:
    """It is fetched by the guarded client, with what is being done told, and no download is left behind."""
    config = home / "sources.yaml"
    config.write_text(config.read_text("utf-8").replace("settings:\n", "settings:\n  allow_private: [127.0.0.0/8]\n"), "utf-8")
    with in_a_thread({"/amo.zip": reply(200, amo(tmp_path / "amo.zip", PA3="Léa Fictive").read_bytes())}) as server:
        code, out, err = shell("sources", "refresh-names", server.url("/amo.zip"), "--json")
        assert code == 0, err
    assert json.loads(out)["members"] == 1
    assert f"Fetching {server.url('/amo.zip')}." in err
    assert not list((home / "var").glob("download-*"))
    assert reference.load(home).members["PA3"].civility == "Mme"


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("nowhere.zip", "nowhere.zip cannot be read: No such file or directory"),
        ("page.zip", "page.zip is not read: it is no zip archive"),
        ("empty.zip", "empty.zip holds no name"),
        ("http://127.0.0.1:9/amo.zip", "127.0.0.1"),
    ],
)
def test_what_cannot_be_trusted_changes_nothing(home: Path, shell: Shell, target: str, told: str) -> None:
    """A file that is missing, is no zip or holds no name, an address that must not be reached: named, and nothing is written."""
    before = held(home).read_bytes()
    (home.parent / "page.zip").write_text("<html>Maintenance</html>")
    with zipfile.ZipFile(home.parent / "empty.zip", "w") as archive:
        archive.writestr("lisez-moi.txt", "rien")
    code, _, err = shell("sources", "refresh-names", target)
    assert code == 1
    assert told in err
    assert (home / "reference/members.json").read_bytes() == before


def test_a_mistake_in_the_names_of_the_home_is_told_first(home: Path, shell: Shell, tmp_path: Path) -> None:
    """What people wrote by hand is not thrown away because it cannot be read: it is told at its place, exit code 3."""
    held(home).write_text('{"members": {"PA1": {"nom": "x"}}}', "utf-8")
    code, _, err = shell("sources", "refresh-names", str(amo(tmp_path / "amo.zip", PA3="Léa Fictive")))
    assert code == 3
    assert "members.json:1" in err
