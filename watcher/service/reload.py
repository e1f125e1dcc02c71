"""Keep what people edit, and the last of it that was good: read twice, whole, valid, then switched in one step.

A version is sources.yaml with seeds/, templates/ and reference/, told from others by the hash of its content: neither the
clock nor the time of a save counts. The service runs on a version, never on files that somebody is saving.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from watcher import config, reference, seeds
from watcher.config import Config, Home
from watcher.config.load import understand
from watcher.errors import ConfigError, ConfigErrors, WatcherError, collected
from watcher.pipeline.rehearsal import rehearse
from watcher.seeds import Seeds
from watcher.store import Store, kept
from watcher.store.kept import Kept

FOLDERS = ("seeds", "templates", "reference")
MOST_BYTES = 64 << 20
MOST_MISSING = 0.2


@dataclass(frozen=True, slots=True)
class VersionHome(Home):
    """A home whose templates are those of one version: an edition is never rendered from files that are being saved."""

    version: Path = Path()

    @property
    def templates(self) -> Path:
        """The folder of every word a reader sees, as of the version."""
        return self.version / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A version that was understood. `problem` is what is wrong with the files that it stands in for, if it does."""

    sha256: str
    home: Home
    config: Config
    seeds: Seeds
    problem: ConfigError | None = None


class Keeper:
    """Watches the files of one home. `first` gives what to start with, `look` what to change to."""

    def __init__(self, home: Home, env: Mapping[str, str], store: Store, now: Callable[[], datetime]) -> None:
        self._home = home
        self._env = env
        self._store = store
        self._now = now
        self._running: Loaded | None = None
        self._candidate = ""
        self._refused = ""
        self.problem: ConfigError | None = None

    def first(self) -> Loaded:
        """Return the version to start with: that of the files, or the last good one when they cannot be used (row Y09).

        Raises ConfigErrors when the files cannot be used and no version was ever good.
        """
        before = self._store.read(kept.last)
        try:
            files = read_files(self._home)
            loaded = self._understood(files, before)
        except ConfigError as error:
            if before is None:
                raise
            self.problem = error
            return self._switch(self._restored(before, error), before.files)
        return self._switch(loaded, files)

    def look(self) -> Loaded | None:
        """Look at the files once; return a version to change to, or None.

        A version is taken when two looks in a row found the same content (row Y01): whoever calls lets two seconds pass
        between them. What is refused is refused once, and stays in `problem` until it is mended or confirmed (row Y02).
        """
        running = self._running
        assert running is not None, "`first` comes first"  # noqa: S101
        try:
            files = read_files(self._home)
        except ConfigError as error:
            return self._refuse(f"unreadable: {error.message}", error)
        found = kept.hash_of(files)
        if found == running.sha256:
            self._candidate = self._refused = ""
            self.problem = None
            return None
        if found != self._candidate:
            self._candidate = found
            return None
        if found == self._refused and found != self._store.read(kept.last_hash):
            return None
        try:
            loaded = self._understood(files, self._store.read(kept.last), running)
        except ConfigError as error:
            return self._refuse(found, error)
        return self._switch(loaded, files)

    @property
    def in_doubt(self) -> bool:
        """Whether the last look found what only the next one can judge."""
        return bool(self._candidate) and self._candidate != self._refused

    def again(self) -> None:
        """Have what was refused judged once more: a person asked."""
        self._candidate = self._refused = ""

    def _refuse(self, found: str, error: ConfigError) -> None:
        if self._candidate == found:
            self._refused, self.problem = found, error
        self._candidate = found

    def _understood(self, files: Mapping[str, bytes], before: Kept | None, running: Loaded | None = None) -> Loaded:
        """Return the version of `files`, which are those on disk. Raises ConfigErrors with all their mistakes."""
        understand(files["sources.yaml"], self._home.sources_yaml)  # half a file is told at once, by far the quickest
        loaded, corpus = load(self._home, self._env)
        found = kept.hash_of(files)
        if kept.hash_of(read_files(self._home)) != found:
            raise ConfigError("the files change while they are read.", file=str(self._home.path), remedy="Save once more.")
        confirmed = before is not None and before.sha256 == found
        known = running.config if running else config_of(before, self._home)
        if known is not None and not confirmed:
            check_missing(known, loaded, self._home)
        return Loaded(sha256=found, home=self._at(found), config=loaded, seeds=corpus)

    def _restored(self, before: Kept, problem: ConfigError) -> Loaded:
        """Return the last good version, understood from its own files."""
        home = self._at(before.sha256)
        _lay_out(home.version, before.files)
        loaded, corpus = load(Home(home.version, self._home.var), self._env)
        return Loaded(sha256=before.sha256, home=home, config=loaded, seeds=corpus, problem=problem)

    def _switch(self, loaded: Loaded, files: Mapping[str, bytes]) -> Loaded:
        """Lay the version out, keep it as the last good one, and run on it."""
        home = self._at(loaded.sha256)
        _lay_out(home.version, files)
        self._store.write(lambda tx: kept.keep(tx, files, self._now()))
        _tidy(home.version.parent, {loaded.sha256, self._running.sha256 if self._running else ""})
        self._running = loaded
        self._candidate = self._refused = ""
        self.problem = loaded.problem
        return loaded

    def _at(self, sha256: str) -> VersionHome:
        return VersionHome(self._home.path, self._home.state, self._home.running / sha256)


def load(home: Home, env: Mapping[str, str]) -> tuple[Config, Seeds]:
    """Return what the files of a home say, having rehearsed its templates. Raises ConfigErrors with all the mistakes."""
    mistakes: list[ConfigError] = []
    corpus = collected(lambda: seeds.load(home.seeds), mistakes)
    themes = [theme.id for theme in corpus.themes] if corpus else None
    loaded = collected(lambda: config.load(home, env, themes=themes), mistakes)
    collected(lambda: reference.load(home.path), mistakes)
    if loaded is not None and corpus is not None:
        collected(lambda: rehearse(home, loaded, corpus), mistakes)
    if mistakes or loaded is None or corpus is None:
        raise ConfigErrors(tuple(mistakes))
    return loaded, corpus


def read_files(home: Home) -> dict[str, bytes]:
    """Return the content of every file that people edit, by its path in the home. Raises ConfigError for one that cannot be read.

    What editors leave beside (`.name.swp`, `name~`) is no part of it.
    """
    paths = [home.sources_yaml]
    for folder in FOLDERS:
        paths += [path for path in sorted((home.path / folder).rglob("*")) if path.is_file() and not _aside(path)]
    found: dict[str, bytes] = {}
    size = 0
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            remedy = "Check that it is there, its owner and its mode."
            raise ConfigError(f"the file cannot be read: {error.strerror}.", file=str(path), remedy=remedy) from error
        size += len(content)
        if size > MOST_BYTES:
            raise ConfigError(f"the files weigh more than {MOST_BYTES >> 20} MiB.", file=str(path))
        found[path.relative_to(home.path).as_posix()] = content
    return found


def check_missing(before: Config, after: Config, home: Home) -> None:
    """Raise ConfigError when more than a fifth of the sources would vanish in one edit (row Y02). A new name is no loss."""
    ids = {source.id for source in after.sources} | {source.was for source in after.sources}
    missing = sorted(source.id for source in before.sources if source.id not in ids)
    if len(missing) > MOST_MISSING * len(before.sources):
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        raise ConfigError(
            f"{len(missing)} of {len(before.sources)} sources would vanish: {shown}.",
            file=str(home.sources_yaml),
            remedy="If that is meant, `watcher reload --confirm`.",
        )


def config_of(version: Kept | None, home: Home) -> Config | None:
    """Return what a version said, None when there is none or this program cannot read it."""
    if version is None or "sources.yaml" not in version.files:
        return None
    try:
        return understand(version.files["sources.yaml"], home.sources_yaml)
    except WatcherError:
        return None  # good for the program that kept it, not for this one: nothing to compare with


def _aside(path: Path) -> bool:
    return path.name.startswith(".") or path.name.endswith(("~", ".swp", ".tmp", ".part"))


def _lay_out(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a version into a folder of its own, whole or not at all. What `watcher forget` took from it is written again."""
    if folder.exists():
        for name in (name for name in files if not (folder / name).exists()):
            part = folder / f".{Path(name).name}.part"
            part.write_bytes(files[name])
            part.rename(folder / name)
        return
    beside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(mode=0o700, parents=True)
    for name, content in files.items():
        path = beside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    beside.rename(folder)


def _tidy(folder: Path, used: set[str]) -> None:
    for path in folder.iterdir():
        if path.name not in used:
            shutil.rmtree(path, ignore_errors=True)
