"""Names for references: the shipped data, the files of the home over it, and what is told of their mistakes."""

import json
import pickle
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from watcher import reference
from watcher.errors import ConfigErrors
from watcher.ministries import ministry_id
from watcher.model import Member, Reference


def home(path: Path, **files: str) -> Path:
    """Write a home whose reference/ holds `files` (`_` in a name stands for a dot)."""
    folder = path / "reference"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content, "utf-8")
    return path


def problems(path: Path) -> list[str]:
    """Return the messages of the mistakes found in a home, without the folder."""
    with pytest.raises(ConfigErrors) as caught:
        reference.load(path)
    return [error.message.replace(f"{path / 'reference'}/", "") for error in caught.value.errors]


def test_the_shipped_data_names_members_groups_and_ministries(tmp_path: Path) -> None:
    """Without any file in the home: the author of a real question, her group, the ministry, and all the others."""
    names = reference.load(tmp_path)
    assert names.members["PA842279"] == Member(name="Anchya Bamana", civility="Mme", ref="PA842279")
    assert names.bodies["PO845401"] == "Rassemblement National"
    assert names.bodies["PO847643"] == "Ministère de l'intérieur"
    assert (len(names.members), len(names.bodies)) == (3_114, 831)
    assert names.members.get("PA0") is None
    assert ministry_id("Ministère du travail", None, names.ministries) == "travail"


def test_the_shipped_members_are_read_when_the_first_is_looked_up() -> None:
    """Loading is cheap: three thousand members are unpacked only by who needs one."""
    code = (
        "import gzip; from pathlib import Path; from watcher import reference; opened = []\n"
        "real = gzip.decompress; gzip.decompress = lambda data: opened.append(1) or real(data)\n"
        "names = reference.load(Path('nulle-part')); before = len(opened); names.members['PA842279']; print(before, len(opened))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "1"]


def test_the_home_overrides_and_adds(tmp_path: Path) -> None:
    """A member who married, a new body, and names of ministries that are read before the shipped ones."""
    members = {
        "date": "2026-11-20",
        "members": {"PA842279": {"name": "Anchya Autre"}, "PA999999": {"name": "Zoé Neuve", "civility": "Mme"}},
        "bodies": {"PO999999": "Groupe neuf"},
    }
    table = "ministries:\n  - {id: avenir, label: Avenir, names: [{words: [avenir]}, {words: [travail], since: 2030-01-01}]}\n"
    names = reference.load(home(tmp_path, members_json=json.dumps(members), ministries_yaml=table))
    assert names.members["PA842279"].name == "Anchya Autre"
    assert names.members["PA999999"] == Member(name="Zoé Neuve", civility="Mme", ref="PA999999")
    assert names.members["PA923"].name == "François Cornut-Gentille"
    assert names.bodies["PO999999"] == "Groupe neuf"
    assert len(names.members) == 3_115
    assert set(names.members) >= {"PA999999", "PA923"}
    assert ministry_id("Ministère de l'avenir", None, names.ministries) == "avenir"
    assert ministry_id("Ministère du travail", date(2026, 1, 1), names.ministries) == "travail"
    assert ministry_id("Ministère du travail", date(2030, 1, 1), names.ministries) == "avenir"


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    """A refresh writes the file of the home; nothing is left beside it."""
    fresh = Reference(members={"PA1": Member(name="Ada Lys", civility="Mme", ref="PA1")}, bodies={"PO1": "Groupe un"})
    reference.save(fresh, tmp_path / "reference" / "members.json", on=date(2026, 11, 20))
    names = reference.load(tmp_path)
    assert (names.members["PA1"], names.bodies["PO1"]) == (fresh.members["PA1"], "Groupe un")
    written = json.loads((tmp_path / "reference" / "members.json").read_text("utf-8"))
    assert (written["date"], written["source"].partition(",")[0]) == ("2026-11-20", "Assemblée nationale")
    assert [path.name for path in (tmp_path / "reference").iterdir()] == ["members.json"]


def test_it_can_be_sent_to_a_worker(tmp_path: Path) -> None:
    """The names cross a process without the shipped data inside."""
    names = reference.load(tmp_path)
    sent = pickle.dumps(names)
    assert len(sent) < 50_000
    assert pickle.loads(sent).members["PA842279"].name == "Anchya Bamana"


NAMED = "ministries:\n  - id: mer\n    label: Mer\n    names:\n"
MISTAKES = [
    (
        {"members_json": '{"members": {\n  "PA1": {"name": "A"},\n}}'},
        ["members.json:3:1: is not valid JSON: Expecting property name enclosed in double quotes."],
    ),
    (
        {"members_json": '{"members": {\n  "PA1": {"nom": "A"}}}'},
        [
            "members.json:2:10: members.PA1.name: this key is missing.",
            "members.json:2:11: members.PA1.nom: this key is not known.",
        ],
    ),
    (
        {"members_json": '{"bodies":\n {"X1": "a",\n  "PO2": 7}}'},
        [
            "members.json:2:9: bodies.X1: 'X1' is no reference such as PA1234 or PO1234.",
            "members.json:3:10: bodies.PO2: expected a text.",
        ],
    ),
    ({"members_json": "[]"}, ["members.json:1:1: expected a mapping."]),
    ({"ministries_yaml": ""}, ["ministries.yaml:1:1: is empty. Remove it, or write `ministries:`."]),
    (
        {"ministries_yaml": 'ministries:\n  - "\\UFFFFFFFF": 1\n'},
        ["ministries.yaml:1:1: is not valid YAML: Python int too large to convert to C int."],
    ),
    (
        {"ministries_yaml": "ministries:\n  - id: [\n"},
        ["ministries.yaml:3:1: is not valid YAML: expected the node content, but found '<stream end>'."],
    ),
    (
        {"ministries_yaml": NAMED.replace("mer", "Mer") + "      - words: [Énergie]\n"},
        [
            "ministries.yaml:2:9: ministries.1.id: 'Mer' is no identity: write small letters, words joined by -.",
            "ministries.yaml:5:16: ministries.1.names.1.words: 'Énergie' is compared folded, word by word: write energie.",
        ],
    ),
    (
        {"ministries_yaml": NAMED + "      - words: [outre-mer]\n        depuis: 2020-01-01\n"},
        [
            "ministries.yaml:5:16: ministries.1.names.1.words: 'outre-mer' is compared folded, word by word: write outre, mer.",
            "ministries.yaml:6:9: ministries.1.names.1.depuis: this key is not known.",
        ],
    ),
    (
        {"ministries_yaml": "ministries:\n  - {id: mer, label: Mer, names: []}\n"},
        ["ministries.yaml:2:34: ministries.1.names: must not be empty."],
    ),
    (
        {"ministries_yaml": NAMED + "      - {words: [mer], since: 2025-01-01, until: 2024-01-01}\n"},
        ["ministries.yaml:5:9: ministries.1.names.1: `until` is before `since`."],
    ),
]


@pytest.mark.parametrize(("files", "told"), MISTAKES, ids=lambda value: str(value)[:60])
def test_mistakes_are_told_with_file_line_and_column(tmp_path: Path, files: dict[str, str], told: list[str]) -> None:
    """Every mistake of the home's files is found at once, with the place to go to and the remedy."""
    assert problems(home(tmp_path, **files)) == told


def test_both_files_are_read_before_anything_is_raised(tmp_path: Path) -> None:
    """A mistake in each is told in one go."""
    found = problems(home(tmp_path, members_json="{", ministries_yaml="ministries: 7\n"))
    assert [message.partition(":")[0] for message in found] == ["members.json", "ministries.yaml"]


def test_a_file_that_is_not_utf8_or_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Latin-1 is told with its line; a folder in the place of a file is told too."""
    (home(tmp_path) / "reference" / "members.json").write_bytes(b'{\n"bodies": {"PO1": "\xe9"}}')
    (tmp_path / "reference" / "ministries.yaml").mkdir()
    assert problems(tmp_path) == [
        "members.json:2:1: is not written in UTF-8. Save it as UTF-8.",
        "ministries.yaml: cannot be read (Is a directory).",
    ]
