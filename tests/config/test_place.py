"""Where the archive of a home is, without holding the whole of sources.yaml against its rules."""

from pathlib import Path
from subprocess import run
from sys import executable

import pytest

from watcher.config import Home
from watcher.config.place import place
from watcher.errors import ConfigErrors

WHOLE = """\
settings:
  contact: veille@example.org
{settings}sources: []
digests: []
# end of sources.yaml
"""


def home(folder: Path, settings: str = "") -> Home:
    (folder / "sources.yaml").write_text(WHOLE.format(settings=settings), "utf-8")
    return Home(folder)


def test_the_archive_of_a_home_is_in_it_and_its_days_are_those_of_paris(tmp_path: Path) -> None:
    """The defaults of `settings:`."""
    found = place(home(tmp_path), {})
    assert found.database == f"sqlite:///{tmp_path}/var/watcher.db"
    assert found.zone.key == "Europe/Paris"


def test_what_the_file_and_the_environment_say_is_what_holds(tmp_path: Path) -> None:
    """A zone of its own is read from the file, the database from WATCHER_DATABASE, which is not shown."""
    found = place(home(tmp_path, "  timezone: Indian/Reunion\n"), {"WATCHER_DATABASE": "postgresql://u:secret@db/veille"})
    assert (found.database, found.zone.key) == ("postgresql://u:secret@db/veille", "Indian/Reunion")
    assert "secret" not in repr(found)
    assert place(home(tmp_path, '  "time\\u007aone": Indian/Reunion\n'), {}).zone.key == "Indian/Reunion"


def test_a_mistake_is_told_where_the_file_has_to_be_understood(tmp_path: Path) -> None:
    """A zone that does not exist is a mistake at its place; a mistake among the sources does not hide the archive."""
    with pytest.raises(ConfigErrors, match=r"sources\.yaml:3"):
        place(home(tmp_path, "  timezone: Europe/Pari\n"), {})
    assert place(home(tmp_path, "  gap: much\n"), {}).zone.key == "Europe/Paris"
    with pytest.raises(ConfigErrors):
        place(Home(tmp_path / "nowhere"), {})


def test_finding_it_loads_no_rules() -> None:
    """A command that only reads the archive does not pay for the models of sources, nor for those of mail addresses."""
    told = run(
        [executable, "-c", "import sys, watcher.config.place; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    assert not {"pydantic", "email_validator", "ruamel.yaml", "watcher.sources"} & set(told.stdout.split())
