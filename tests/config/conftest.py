"""A small file that is right, and what it takes to load it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from watcher.config import Home
from watcher.config.load import understand
from watcher.errors import ConfigError, ConfigErrors

GOOD = """\
# yaml-language-server: $schema=./sources.schema.json
settings:
  contact: veilleur@example.org
  gap: 0
  retention: {texts: 2 years, logs: 30 days}
  allow_private: [127.0.0.0/8, "::1/128"]
sources:
  # Why it is there.
  - id: dares
    kind: feed
    name: NO
    url: https://example.org/rss.xml   # aside
    every: 90 min
    themes: [ia-emploi]
    was: dares-old
  - {id: opco-ep, kind: page, name: "Opco: EP", url: "https://example.org/actualites", first_fetch: all, weight: 2}

digests:
  - id: veille
    title: Veille compétences
    day: Lundi
    time: 12:30
    recipients:
      - lectrice@example.org
      - {address: lecteur@example.org, name: Zoé Petit, themes: [ia-emploi]}
# end of sources.yaml
"""


@pytest.fixture(scope="session")
def good() -> str:
    """The text of a file that is right."""
    return GOOD


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that holds the file that is right."""
    (tmp_path / "sources.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "sources.yaml").chmod(0o640)
    return Home(tmp_path)


@pytest.fixture(scope="session")
def refused() -> Callable[[str | bytes], tuple[ConfigError, ...]]:
    """Return the mistakes found in a text, which must hold some."""

    def mistakes(text: str | bytes) -> tuple[ConfigError, ...]:
        data = text.encode("utf-8") if isinstance(text, str) else text
        with pytest.raises(ConfigErrors) as caught:
            understand(data, Path("sources.yaml"))
        return caught.value.errors

    return mistakes
