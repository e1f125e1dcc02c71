"""Say where an installation keeps what people edit and what the program writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from watcher.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one installation. `path` is absolute when it comes from `find_home`.

    `state` is where the program writes when that is not in the folder itself: what people edit is in /etc, what the program
    writes in /var/lib, as the package lays them out.
    """

    path: Path
    state: Path | None = None

    @property
    def sources_yaml(self) -> Path:
        """The administrator's file."""
        return self.path / "sources.yaml"

    @property
    def seeds(self) -> Path:
        """The folder of themes and seed texts."""
        return self.path / "seeds"

    @property
    def templates(self) -> Path:
        """The folder of every word a reader sees."""
        return self.path / "templates"

    @property
    def var(self) -> Path:
        """The folder the program writes to."""
        return self.state or self.path / "var"

    @property
    def spool(self) -> Path:
        """The folder of .eml files when `mail.mode` is `spool`."""
        return self.var / "spool"

    @property
    def running(self) -> Path:
        """The folder where the service lays out the version of the files that it runs on."""
        return self.var / "running"

    @property
    def database_url(self) -> str:
        """The embedded database, in `var/`; `settings.database` wins over it when set."""
        return f"sqlite:///{(self.var / 'watcher.db').absolute()}"


def find_home(option: Path | None, env: Mapping[str, str]) -> Home:
    """Return the home named by `--home`, else by WATCHER_HOME, else the current directory.

    WATCHER_STATE names the folder that the home of WATCHER_HOME writes to; another home keeps its own `var/`.
    Raises ConfigError when there is no sources.yaml in it.
    """
    home = named_home(option, env)
    named = option or env.get("WATCHER_HOME") or "."
    if not home.sources_yaml.exists():
        raise ConfigError(
            "there is no sources.yaml here.",
            file=str(home.sources_yaml),
            remedy=f"`watcher init {named}` lays one out; `--home DIR` or WATCHER_HOME names another folder.",
        )
    return home


def named_home(option: Path | None, env: Mapping[str, str]) -> Home:
    """Return the home that `find_home` would, whether there is a sources.yaml in it or not."""
    path = (option or Path(env.get("WATCHER_HOME") or ".")).expanduser().absolute()
    return Home(path, state_of(path, env))


def state_of(path: Path, env: Mapping[str, str]) -> Path | None:
    """Return the folder named by WATCHER_STATE when `path` is the home of WATCHER_HOME, None otherwise."""
    installed, state = env.get("WATCHER_HOME"), env.get("WATCHER_STATE")
    if not (installed and state) or Path(installed).expanduser().absolute() != path:
        return None
    return Path(state).expanduser().absolute()
