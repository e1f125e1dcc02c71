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
    """Without an archive, a zone that does not exist is a mistake at its place; a file that names no zone is not looked at."""
    with pytest.raises(ConfigErrors, match=r"sources\.yaml:3"):
        place(home(tmp_path, "  timezone: Europe/Pari\n"), {})
    assert place(home(tmp_path, "  gap: much\n"), {}).zone.key == "Europe/Paris"
    with pytest.raises(ConfigErrors):
        place(Home(tmp_path / "nowhere"), {})


@pytest.mark.parametrize(
    ("settings", "zone"),
    [
        ("  timezone: Indian/Reunion\n  gap: much\n", "Indian/Reunion"),
        ("  gap: much\n  \"timezone\" : 'America/Argentina/Buenos_Aires'  # le siège\n", "America/Argentina/Buenos_Aires"),
        ("  mail: {timezone: Etc/GMT+4, gap: much}\n", "Etc/GMT+4"),
        ("  # timezone: Asia/Tokyo\n  timezone: Indian/Reunion\n\tgap: 2 s\n", "Indian/Reunion"),
        ("  timezone: Europe/Pari\n", "Europe/Paris"),
        ("  timezone: ../../etc/passwd\n", "Europe/Paris"),
        ("  timezone: Europe\n", "Europe/Paris"),
        ("  timezone:\n  gap: much\n", "Europe/Paris"),
        ('  "time\\u007aone": Indian/Reunion\n  gap: much\n', "Europe/Paris"),
    ],
)
def test_a_mistake_does_not_hide_the_archive_there_is(tmp_path: Path, settings: str, zone: str) -> None:
    """Its place and the zone that the text names, if that is one, are told with the mistake."""
    where = home(tmp_path, settings)
    where.var.mkdir()
    (where.var / "watcher.db").touch()
    found = place(where, {})
    assert (found.database, found.zone.key) == (where.database_url, zone)
    assert found.mistake is not None
    assert found.mistake.message.startswith(f"{where.sources_yaml}:")
    assert place(home(tmp_path, "  timezone: Indian/Reunion\n"), {}).mistake is None


def test_a_mistake_does_not_hide_an_archive_elsewhere(tmp_path: Path) -> None:
    """An archive that a secret names is not looked for; a file in another encoding names its zone all the same."""
    where = home(tmp_path, "  timezone: Indian/Reunion\n")
    where.sources_yaml.write_bytes(where.sources_yaml.read_bytes() + "# é\n".encode("latin-1"))
    found = place(where, {"WATCHER_DATABASE": "postgresql://u:secret@db/veille"})
    assert (found.database, found.zone.key) == ("postgresql://u:secret@db/veille", "Indian/Reunion")
    assert found.mistake is not None


def test_finding_it_loads_no_rules() -> None:
    """A command that only reads the archive does not pay for the models of sources, nor for those of mail addresses."""
    told = run(
        [executable, "-c", "import sys, watcher.config.place; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    assert not {"pydantic", "email_validator", "ruamel.yaml", "watcher.sources"} & set(told.stdout.split())
