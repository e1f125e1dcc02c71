"""What a right file becomes, and how a wrong one is refused."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from watcher.config import Home, load
from watcher.config.load import understand
from watcher.errors import ConfigError, ConfigErrors
from watcher.model import FirstFetch

Refused = Callable[[str | bytes], tuple[ConfigError, ...]]

# What is wrong, in place of which line of the right file, and the line, column and words of the answer.
WRONG = [
    ("    kind: feed", "    kind: fed", 10, 11, "Did you mean `feed`?"),
    ("    kind: feed", "    knd: feed", 10, 5, "Did you mean `kind`?"),
    ("    name: NO", "    name: 12", 11, 11, 'between quotes: "12"'),
    ("    name: NO", "    name: [a, b]", 11, 11, "expected a text, got a list"),
    ("    name: NO", "    name:", 11, 5, "got nothing"),
    ("    name: NO", "    name: |\n      deux\n      lignes", 11, 11, "on one line"),
    ("    name: NO", "    enabled: on", 11, 14, "expected `true` or `false`, got the text `on`"),
    ("    name: NO", "    name: N\n    enabled: NO", 12, 14, "expected `true` or `false`"),
    ("    name: NO", "    name: N\n    weight: 1e3", 12, 13, "less than or equal to 10"),
    ("    name: NO", "    name: N\n    weight: .nan", 12, 13, "expected a number"),
    ("    name: NO", "    name: N\n    language: français", 12, 15, "ISO 639"),
    ("    name: NO", "    name: a: b", 11, 12, "Quote a text"),
    ("    name: NO", "   name: NO", 11, 4, "indentation"),
    ("    name: NO", "    name: @dares", 11, 11, "starts with a sign"),
    ("    name: NO", "    name: N\n    first_fetch: everything", 12, 18, "`period`, `all`"),
    ("    name: NO", "    name: N\n    kind: feed", 12, 5, "already on line 10"),
    ("    name: NO", "\tname: N", 11, 1, "no tabs"),
    ("    name: NO", "    name: !!python/object/apply:os.system ['true']", 11, 11, "tags are not used"),
    ("    every: 90 min", "    every: 90", 13, 12, "needs a unit"),
    ("    every: 90 min", "    every: 5 min", 13, 12, "At least 1 h, at most 60 days"),
    ("    every: 90 min", "    every: 6 parsecs", 13, 12, "is not a duration"),
    ("    was: dares-old", "    was: opco-ep", 15, 10, "still exists"),
    ("  - id: dares", "  - id: Céreq 2", 9, 9, "`cereq-2`"),
    ("  - id: dares", "  - id: opco-ep", 16, 10, "already on line 9"),
    ("    themes: [ia-emploi]", "    themes: ia-emploi", 14, 13, "expected a list"),
    ("    day: Lundi", "    day: lundy", 21, 10, "Did you mean `lundi`?"),
    ("    day: Lundi", "    frequency: daily\n    day: Lundi", 19, 5, "has no `day`"),
    ("    time: 12:30", "    time: 24:00", 22, 11, "not a time of day"),
    ("    time: 12:30", "    time: 1230", 22, 11, "expected a text"),
    ("    title: Veille compétences", "    titre: Veille", 20, 5, "Did you mean `title`?"),
    ("  gap: 0", "  timezone: Europe/Pari", 4, 13, "Did you mean `Europe/Paris`?"),
    ("  gap: 0", "  timezone: ../../etc/passwd", 4, 13, "is not known"),
    ("  gap: 0", "  excerpt: 4.5", 4, 12, "expected a whole number"),
    ("  gap: 0", "  allow_private: [10.0.0.1/8]", 4, 19, "CIDR"),
    ("  gap: 0", "  mail: {mode: smtp}", 4, 9, "`host` is missing"),
    ("  gap: 0", "  mail: {mode: smpt}", 4, 16, "Did you mean `smtp`?"),
    ("  gap: 0", "  mail: {username: a, security: none}", 4, 9, "in clear"),
    ("  gap: 0", "  mail: {ca_file: missing.pem}", 4, 19, "there is no file"),
    ("  gap: 0", "  web: {base_url: https://example.org/?a=1}", 4, 19, "from `?` or `#` on"),
    ("kind: page,", "kind: page, lnks: a,", 16, 31, "Did you mean `links`?"),
    ("kind: page,", "kind: page, links: [a],", 16, 38, "expected a text, got a list"),
    ("kind: page,", "kind: page, links: '<<',", 16, 38, "is not a selector"),
    ("kind: page,", "kind: feed, pages: alwys,", 16, 38, "Did you mean `always`?"),
    ("kind: page,", "kind: sitemap, newest: 0,", 16, 42, "greater than or equal to 1"),
    ("sources:", "source:", 7, 1, "Did you mean `sources`?"),
]


def test_nouns(home: Home) -> None:
    """A right file becomes settings, sources and digests, words turned into values, and `NO` and `12:30` stay text (row Y03)."""
    config = load(home, {})
    assert config.settings.contact == "veilleur@example.org"
    assert (config.settings.gap, config.settings.keep_texts) == (0.0, timedelta(days=730))
    assert config.settings.allow_private == ("127.0.0.0/8", "::1/128")
    dares, opco = config.sources
    assert (dares.id, dares.name, dares.every, dares.themes) == ("dares", "NO", timedelta(minutes=90), ("ia-emploi",))
    assert (dares.was, dares.language, dares.first_fetch, dares.enabled) == ("dares-old", "fr", FirstFetch.PERIOD, True)
    assert (opco.kind, opco.name, opco.first_fetch, opco.weight) == ("page", "Opco: EP", FirstFetch.ALL, 2.0)
    assert opco.options is not None
    (digest,) = config.digests
    assert (digest.day, digest.at, digest.title) == ("monday", "12:30", "Veille compétences")
    assert [(p.address, p.name, p.themes) for p in digest.recipients] == [
        ("lectrice@example.org", None, ()),
        ("lecteur@example.org", "Zoé Petit", ("ia-emploi",)),
    ]
    assert config.notes == ()


@pytest.mark.parametrize(("right", "wrong", "line", "column", "words"), WRONG)
def test_named(good: str, refused: Refused, right: str, wrong: str, line: int, column: int, words: str) -> None:
    """Each mistake is named with its line, its column and what was perhaps meant (row Y03)."""
    assert right in good
    errors = refused(good.replace(right, wrong, 1))
    assert any((e.line, e.column) == (line, column) and words in e.message for e in errors), [e.message for e in errors]
    assert all(e.message.startswith(f"sources.yaml:{e.line}:{e.column}: ") for e in errors)


def test_all_at_once(good: str, refused: Refused) -> None:
    """All mistakes are told in one reading, in file order."""
    text = (
        good.replace("gap: 0", "gpa: 0")
        .replace("kind: feed", "kind: fed")
        .replace("12:30", "12:60")
        .replace("every: 90", "every: x")
    )
    errors = refused(text)
    assert [e.line for e in errors] == [4, 10, 13, 22]
    assert len(ConfigErrors(errors).message.splitlines()) == 4


def test_themes_known(home: Home) -> None:
    """A theme that the seeds do not know is refused wherever it is named, with the nearest one."""
    with pytest.raises(ConfigErrors) as caught:
        load(home, {}, themes={"ia-emplois", "territoires"})
    assert [(e.line, e.column) for e in caught.value.errors] == [(14, 14), (25, 66)]
    assert all("Did you mean `ia-emplois`?" in e.message for e in caught.value.errors)
    assert load(home, {}, themes={"ia-emploi"}).sources


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("# end of sources.yaml\n", "holds nothing but comments"),
        ("- a\n# end of sources.yaml\n", "expected keys and values"),
        ("settings:\n# end of sources.yaml\n", "`sources:` is missing"),
        ("sources: []\ndigests: []\n", "does not end with its closing line"),
        ("sources: []\ndigests: []\n---\na: b\n# end of sources.yaml\n", "a second document"),
    ],
)
def test_incomplete(refused: Refused, text: str, words: str) -> None:
    """An empty file, a part of one, or one without its closing line is never taken for a configuration (row Y01)."""
    assert any(words in e.message for e in refused(text))


def test_half_written(good: str, refused: Refused) -> None:
    """No beginning of a file loads, wherever the writing stopped: the closing line comes last (row Y01)."""
    whole = good.rstrip("\n")
    for end in range(0, len(whole), 7):
        assert refused(whole[:end])
    assert understand(whole.encode(), Path("sources.yaml")).sources


def test_missing_file(tmp_path: Path) -> None:
    """A file that was deleted is an error with its remedy, not an empty configuration (row Y01)."""
    with pytest.raises(ConfigErrors, match="`watcher init DIR` lays one out"):
        load(Home(tmp_path), {})


def test_same_in_any_dress(good: str) -> None:
    """A byte order mark, CRLF and decomposed accents change nothing (row Y05)."""
    plain = understand(good.encode(), Path("sources.yaml"))
    crlf = b"\xef\xbb\xbf" + good.replace("\n", "\r\n").encode()
    decomposed = good.replace("é", "e\u0301").encode()
    assert understand(crlf, Path("sources.yaml")) == plain
    assert decomposed != good.encode()
    assert understand(decomposed, Path("sources.yaml")) == plain


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252"])
def test_other_encodings(good: str, refused: Refused, encoding: str) -> None:
    """A file that is not UTF-8 is refused in one clear sentence, at the byte that shows it (row Y05)."""
    (error,) = refused(good.encode(encoding))
    assert "Save it as UTF-8" in error.message
    if encoding != "utf-16":
        assert (error.line, error.column) == (20, 23)


def test_notes(home: Home) -> None:
    """What is allowed but odd is told: no contact, no recipients, one address read twice, a file anybody may change (row Y09)."""
    text = home.sources_yaml.read_text(encoding="utf-8")
    text = text.replace("veilleur@example.org", '""').replace("page", "feed").replace("actualites", "rss.xml")
    text = re.sub(r"    recipients:\n.*\n.*\n", "    recipients: []\n", text)
    home.sources_yaml.write_text(text, encoding="utf-8")
    home.sources_yaml.chmod(0o666)
    notes = "\n".join(load(home, {}).notes)
    assert "`contact: you@example.org`" in notes
    assert "`veille` has no recipients" in notes
    assert "`dares` and `opco-ep` read the same address" in notes
    assert "chmod o-w" in notes


def test_contact_from_the_environment(home: Home) -> None:
    """WATCHER_CONTACT wins over the file, and is checked like it."""
    assert load(home, {"WATCHER_CONTACT": "https://example.org/bot"}).settings.contact == "https://example.org/bot"
    with pytest.raises(ConfigErrors, match="WATCHER_CONTACT: this is not an e-mail address"):
        load(home, {"WATCHER_CONTACT": "nobody"})
