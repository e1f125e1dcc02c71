"""The sources.yaml that ships."""

import re
from pathlib import Path

from watcher.config import Home, load
from watcher.config.load import Config

ROOT = Path(__file__).parents[2]


def shipped() -> Config:
    """Return the configuration of the repository, which is a home."""
    return load(Home(ROOT), {})


def test_loads_and_reads_nothing_yet() -> None:
    """It loads; it names nobody: no contact, no recipient, mail to the spool."""
    config = shipped()
    assert config.settings.contact == ""
    assert any("`contact: you@example.org`" in note for note in config.notes)
    assert config.settings.mail.mode == "spool"
    (digest,) = config.digests
    assert (digest.id, digest.title, digest.day, digest.at) == ("veille", "Veille compétences et métiers", "monday", "07:30")
    assert digest.recipients == ()


def test_enough_sources() -> None:
    """At least 30 sources are read, each over https and no two from one address."""
    sources = shipped().sources
    assert sum(source.enabled for source in sources) >= 30
    assert all(source.url.startswith("https://") for source in sources)
    assert len({source.url for source in sources}) == len(sources)


def test_each_says_why() -> None:
    """Each source has its reason in a comment above it; one that is off says why it is."""
    text = (ROOT / "sources.yaml").read_text(encoding="utf-8").partition("\ndigests:")[0]
    entries = re.findall(r"(.*)\n  - id: (\S+)\n((?:    .*\n)+)", text)
    assert len(entries) == len(shipped().sources)
    for above, name, keys in entries:
        assert re.match(r"  # \w.{20,}\.$", above), name
        assert ("enabled: false" in keys) == (" Off: " in above), name


def test_no_dead_source() -> None:
    """What is known to be gone is not listed."""
    assert not [source.url for source in shipped().sources if "centre-inffo" in source.url or "ilo.org" in source.url]
