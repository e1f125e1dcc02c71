"""Names for references: members of parliament, groups, bodies; and ministries through renamings.

What is shipped (`watcher/data`, see its NOTICE.md) is overridden and added to by the files of `reference/` in the home:
`members.json` (members, groups and bodies, as `save` writes them) and `ministries.yaml` (names read before the shipped ones).
"""

from pathlib import Path

from watcher.errors import ConfigError, ConfigErrors
from watcher.model import Reference
from watcher.reference.amo import AMO, from_amo
from watcher.reference.names import Names, layered, read_names, save, shipped_bodies, shipped_members
from watcher.reference.table import read_table, shipped_table

__all__ = ["AMO", "FOLDER", "MEMBERS", "MINISTRIES", "from_amo", "held", "load", "save"]

FOLDER = "reference"
MEMBERS = "members.json"
MINISTRIES = "ministries.yaml"


def held(file: Path) -> Names:
    """Return the names in a file of a home alone, none when there is no such file. Raises ConfigErrors."""
    errors: list[ConfigError] = []
    names = read_names(file, errors)
    if errors:
        raise ConfigErrors(tuple(errors))
    return names


def load(home_folder: Path) -> Reference:
    """Return the shipped reference data, overridden by the files in `reference/` of the home where there are any.

    The shipped members and bodies are read when the first of them is looked up. Raises ConfigErrors with every mistake found
    in the files of the home, each with its line and column.
    """
    folder = home_folder / FOLDER
    errors: list[ConfigError] = []
    names = read_names(folder / MEMBERS, errors)
    table = read_table(folder / MINISTRIES, errors)
    if errors:
        raise ConfigErrors(tuple(errors))
    return Reference(
        members=layered(names.members, shipped_members),
        bodies=layered(names.bodies, shipped_bodies),
        ministries=(*table, *shipped_table()),
    )
