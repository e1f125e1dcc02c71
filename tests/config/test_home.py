"""Where an installation is found."""

from pathlib import Path

import pytest

from watcher.config import Home, find_home
from watcher.errors import ConfigError


def test_order(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--home` wins over WATCHER_HOME, which wins over the current directory."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "sources.yaml").touch()
    monkeypatch.chdir(other)
    assert find_home(home.path, {"WATCHER_HOME": str(other)}) == home
    assert find_home(None, {"WATCHER_HOME": str(home.path)}) == home
    assert find_home(None, {}) == Home(other)


def test_places(home: Home) -> None:
    """A home says where everything is; the embedded database has an absolute address."""
    assert [p.relative_to(home.path).as_posix() for p in (home.sources_yaml, home.seeds, home.templates, home.spool)] == [
        "sources.yaml",
        "seeds",
        "templates",
        "var/spool",
    ]
    assert home.database_url == f"sqlite:///{home.path}/var/watcher.db"


def test_no_home(tmp_path: Path) -> None:
    """A folder without sources.yaml is refused with the command that lays one out."""
    with pytest.raises(ConfigError, match=f"`watcher init {tmp_path}`"):
        find_home(tmp_path, {})


def test_state_elsewhere(home: Home, tmp_path: Path) -> None:
    """WATCHER_STATE says where the installed home writes; a home named by hand beside it keeps its own var/ (row S02)."""
    state = tmp_path / "state"
    env = {"WATCHER_HOME": str(home.path), "WATCHER_STATE": str(state)}
    for found in (find_home(None, env), find_home(home.path, env)):
        assert found.var == state
        assert found.database_url == f"sqlite:///{state}/watcher.db"
    other = tmp_path / "other"
    other.mkdir()
    (other / "sources.yaml").touch()
    assert find_home(other, env).var == other / "var"
    assert find_home(home.path, {"WATCHER_STATE": str(state)}).var == home.var
