"""The last good version of what people edit, for commands that only look: a mistake in a file must not blind whoever mends it."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from watcher import config, seeds
from watcher.config import Config, Home
from watcher.config.secrets import read_secrets
from watcher.errors import ConfigError, StoreError
from watcher.seeds import Seeds
from watcher.store import Store, kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Standby:
    """The version that the service of a home falls back on: when it was taken, and what it says. The store is open."""

    kept_at: datetime
    config: Config
    seeds: Seeds
    store: Store


def last_good(home: Home, env: Mapping[str, str]) -> Standby | None:
    """Return the last version that was good, with the store that keeps it; None when there is none. Creates no database."""
    try:
        address = read_secrets(env).database
        if address is None and not (home.var / "watcher.db").exists():
            return None
        store = Store.open(address or home.database_url)
    except (ConfigError, StoreError):
        return None  # whoever asks has a mistake to tell already, which comes first
    try:
        version = store.read(kept.last)
        if version is not None:
            loaded, corpus = _understood(version.files, home, env)
            return Standby(kept_at=version.kept_at, config=loaded, seeds=corpus, store=store)
    except ConfigError:
        pass  # good for the program that kept it, not for this one
    except BaseException:
        store.close()
        raise
    store.close()
    return None


def _understood(files: Mapping[str, bytes], home: Home, env: Mapping[str, str]) -> tuple[Config, Seeds]:
    """Return what the files of a version say. They are laid out for as long as that takes, where this user may write."""
    with tempfile.TemporaryDirectory(prefix="watcher-") as folder:
        place = Home(Path(folder), home.var)
        for name, content in files.items():
            path = place.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        corpus = seeds.load(place.seeds)
        return config.load(place, env, themes=[theme.id for theme in corpus.themes]), corpus
