"""Adding a source by program leaves the administrator's file as it was, but for the new lines."""

import difflib
import stat
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watcher.config import Home, load
from watcher.config.edit import add_source, add_sources, insert, scalar
from watcher.config.load import understand
from watcher.config.reading import read
from watcher.errors import ConfigError, ConfigErrors
from watcher.model import FirstFetch

ROOT = Path(__file__).parents[2]
ENTRY: Mapping[str, object] = {"id": "nouvelle", "kind": "feed", "name": "Nouvelle : l’œuvre", "url": "https://example.org/n.xml"}


def test_only_lines_are_added(tmp_path: Path) -> None:
    """In the shipped file, adding a source adds its lines after the last one and touches nothing else; the mode stays."""
    path = tmp_path / "sources.yaml"
    before = (ROOT / "sources.yaml").read_text(encoding="utf-8")
    path.write_text(before, encoding="utf-8")
    path.chmod(0o640)
    add_source(path, {**ENTRY, "every": timedelta(hours=12), "themes": ("ia-emploi", "territoires"), "was": None})
    after = path.read_text(encoding="utf-8")
    changes = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert changes == [
        "+   - id: nouvelle",
        "+     kind: feed",
        '+     name: "Nouvelle : l’œuvre"',
        "+     url: https://example.org/n.xml",
        "+     every: 12 h",
        "+     themes: [ia-emploi, territoires]",
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert load(Home(tmp_path), {}).sources[-1].name == "Nouvelle : l’œuvre"
    assert [p.name for p in tmp_path.iterdir()] == ["sources.yaml"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_marks_stay(good: str, tmp_path: Path, newline: str, mark: str) -> None:
    """A file in CRLF, with a byte order mark, stays so to the byte (row Y05)."""
    path = tmp_path / "sources.yaml"
    before = (mark + good.replace("\n", newline)).encode()
    path.write_bytes(before)
    add_source(path, ENTRY)
    after = path.read_bytes()
    added = newline.join(
        ["  - id: nouvelle", "    kind: feed", '    name: "Nouvelle : l’œuvre"', "    url: https://example.org/n.xml", ""]
    )
    assert after.replace(added.encode(), b"", 1) == before


def test_first_source(tmp_path: Path) -> None:
    """The first source of an empty list opens it."""
    path = tmp_path / "sources.yaml"
    path.write_text("sources: [] # none yet\ndigests: []\n# end of sources.yaml\n", encoding="utf-8")
    add_sources(path, [ENTRY, {**ENTRY, "id": "autre", "enabled": False, "first_fetch": FirstFetch.ALL}])
    assert path.read_text(encoding="utf-8").startswith("sources: # none yet\n  - id: nouvelle\n")
    first, second = load(Home(tmp_path), {}).sources
    assert (first.id, second.id, second.enabled, second.first_fetch) == ("nouvelle", "autre", False, FirstFetch.ALL)


@pytest.mark.parametrize(
    "entry", [{**ENTRY, "id": "dares"}, {**ENTRY, "url": "ftp://example.org"}, {**ENTRY, "kind": "fed"}, {**ENTRY, "spin": 1}, {}]
)
def test_refused_entry(home: Home, entry: Mapping[str, object]) -> None:
    """An entry that would make the file wrong is refused, and the file is untouched."""
    before = home.sources_yaml.read_bytes()
    with pytest.raises(ConfigError):
        add_source(home.sources_yaml, entry)
    assert home.sources_yaml.read_bytes() == before


def test_wrong_file(home: Home) -> None:
    """A file that is wrong already, or whose list stands between brackets, is left alone and named."""
    text = home.sources_yaml.read_text(encoding="utf-8")
    home.sources_yaml.write_text(text.replace("kind: feed", "kind: fed"), encoding="utf-8")
    with pytest.raises(ConfigErrors, match="Did you mean `feed`"):
        add_source(home.sources_yaml, ENTRY)
    line = "sources: [{id: a, kind: feed, name: A, url: https://example.org/a}]\ndigests: []\n# end of sources.yaml\n"
    home.sources_yaml.write_text(line, encoding="utf-8")
    with pytest.raises(ConfigError, match="between brackets"):
        add_source(home.sources_yaml, ENTRY)
    assert home.sources_yaml.read_text(encoding="utf-8") == line


def test_link_stays_a_link(home: Home, tmp_path: Path) -> None:
    """A sources.yaml that is a symbolic link stays one; what it leads to is changed (row Y01)."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = elsewhere / "sources.yaml"
    link.symlink_to(home.sources_yaml)
    add_source(link, ENTRY)
    assert link.is_symlink()
    assert load(home, {}).sources[-1].id == "nouvelle"


def test_no_file(tmp_path: Path) -> None:
    """Where there is no file there is an error, not a new file."""
    with pytest.raises(ConfigError, match="cannot be changed"):
        add_source(tmp_path / "sources.yaml", ENTRY)
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.recursive(
        st.booleans() | st.integers(-(10**12), 10**12) | st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=30),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=5,
    )
)
def test_values_come_back(value: object) -> None:
    """What is written as a scalar or a list is read back the same, whatever characters it is made of."""
    root, errors = read(f"a: {scalar(value)}\n# end of sources.yaml\n".encode(), "sources.yaml")
    assert errors == []
    assert root
    assert root.plain() == {"a": _composed(value)}


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.text(min_size=1, max_size=40))
def test_names_come_back(good: str, name: str) -> None:
    """Any name that the file accepts is read back as it was given."""
    try:
        config = understand(insert(good.encode(), [{**ENTRY, "name": name}], file="sources.yaml"), Path("sources.yaml"))
    except (ConfigError, UnicodeEncodeError):
        return
    assert config.sources[-1].name == _composed(name.strip())


def _composed(value: object) -> object:
    if isinstance(value, list):
        return [_composed(part) for part in cast("list[object]", value)]
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value
