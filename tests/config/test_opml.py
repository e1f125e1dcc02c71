"""Sources to and from feed readers."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.config import Home, load
from watcher.config.edit import insert
from watcher.config.load import understand
from watcher.config.opml import export, read
from watcher.errors import ConfigError, ConfigErrors

ROOT = Path(__file__).parents[2]
EMPTY = b"sources: []\ndigests: []\n# end of sources.yaml\n"

FOREIGN = """\
<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.1">
  <head><title>Abonnements</title></head>
  <body>
    <outline text="Formation">
      <outline text="Sous-dossier">
        <outline type="rss" text="Céreq &amp; co" xmlUrl="https://example.org/cereq.xml" language="fr-FR"/>
        <outline type="rss" title="Céreq &amp; co" xmlURL="feed://example.org/autre.xml" category="/Formation/Études"/>
      </outline>
    </outline>
    <outline type="rss" text="Doublon" xmlUrl="https://example.org/cereq.xml"/>
    <outline type="link" text="Un lien" url="https://example.org/lien"/>
    <outline type="rss" xmlUrl="https://example.org/sans-nom.xml" language="unknown"/>
  </body>
</opml>
"""


def test_nothing_is_lost(home: Home) -> None:
    """Sources written as OPML and read back are the same sources, options of their kinds included."""
    for where in (home, Home(ROOT)):
        sources = load(where, {}).sources
        again = understand(insert(EMPTY, read(export(sources)), file="sources.yaml"), Path("sources.yaml"))
        assert again.sources == sources


def test_options_travel(good: str) -> None:
    """The options that a kind alone has go out and come back."""
    own = """kind: page, links: 'ul a[href*="x"]', match: '/a"b<c>&,]é/',"""
    sources = understand(good.replace("kind: page,", own).encode(), Path("sources.yaml")).sources
    assert getattr(sources[1].options, "match", None) == '/a"b<c>&,]é/'
    again = understand(insert(EMPTY, read(export(sources)), file="sources.yaml"), Path("sources.yaml"))
    assert again.sources == sources


def test_foreign_files() -> None:
    """A file of another program gives feeds, out of whatever folders, each address once, with ids made from the names."""
    entries = read(FOREIGN.encode())
    assert [(entry["id"], entry["name"], entry["url"]) for entry in entries] == [
        ("cereq-co", "Céreq & co", "https://example.org/cereq.xml"),
        ("cereq-co-2", "Céreq & co", "https://example.org/autre.xml"),
        ("https-example-org-sans-nom-xml", "https://example.org/sans-nom.xml", "https://example.org/sans-nom.xml"),
    ]
    assert entries[0]["language"] == "fr"
    assert all(entry["kind"] == "feed" for entry in entries)
    assert len(understand(insert(EMPTY, entries, file="sources.yaml"), Path("sources.yaml")).sources) == 3


OWN = (
    '<opml xmlns:w="urn:watcher:opml"><body>{}<outline text="Bonne" xmlUrl="https://bonne.example/" w:id="bonne"/></body></opml>'
)


@pytest.mark.parametrize(
    ("outline", "told"),
    [
        ('<outline text="Mauvaise" xmlUrl="notaurl"/>', "OPML:1:40: outline 'Mauvaise': 'notaurl' is not a web address."),
        ('<outline title="M" xmlUrl="ftp://e.example"/>', "OPML:1:40: outline 'M': 'ftp://e.example' is not a web address."),
        ('<outline text="M" xmlUrl="https://u:p@e.example"/>', "outline 'M': the address holds a user name or a password."),
        ('<outline xmlUrl="https://u:motdepasse@e.example"/>', "outline '': the address holds a user name or a password."),
        ('<outline text="M" xmlUrl="https://e.example/" w:kind="feeed"/>', "the kind `feeed` is not known. Did you mean `feed`?"),
        ('<outline text="M" xmlUrl="https://e.example/" w:every="soon"/>', "`soon` is not a duration."),
        ('<outline text="M" xmlUrl="https://e.example/" w:id="A b"/>', "`A b` is not an id."),
        ('<outline text="M" xmlUrl="https://e.example/" w:weight="{"/>', "not JSON"),
    ],
)
def test_a_mistake_costs_one_outline(outline: str, told: str) -> None:
    """What no source can be made of is told at its place in the OPML file; the outlines after it are read."""
    mistakes: list[ConfigError] = []
    entries = read(OWN.format(outline).encode(), mistakes=mistakes)
    assert [entry["id"] for entry in entries] == ["bonne"]
    (mistake,) = mistakes
    assert mistake.line == 1
    assert told in mistake.message
    assert "motdepasse" not in mistake.message
    with pytest.raises(ConfigErrors) as caught:
        read(OWN.format(outline).encode())
    assert caught.value.message == mistake.message


def test_names_are_clean_lines() -> None:
    """A control character in a name does not stop the import."""
    (entry,) = read('<opml><body><outline text="Fil\u0085\u0091neuf" xmlUrl="https://e.example/"/></body></opml>'.encode())
    assert understand(insert(EMPTY, [entry], file="sources.yaml"), Path("sources.yaml")).sources[0].name.startswith("Fil")


def test_readers_do_not_poll_pages(home: Home) -> None:
    """What is not a feed goes out as a link: a feed reader does not subscribe to it."""
    text = export(load(home, {}).sources).decode()
    assert text.count("xmlUrl=") == 1
    assert 'type="link" url="https://example.org/actualites"' in text


XXE = (
    '<?xml version="1.0"?>'
    '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><body><outline text="&x;" xmlUrl="https://a.fr"/></body></opml>'
)
BOMB = (
    '<!DOCTYPE o [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><opml><body><outline text="&b;"/></body></opml>'
)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (XXE.encode(), "a document type"),
        (XXE.encode("utf-16"), "a document type"),
        (BOMB.encode(), "a document type"),
        (b"<opml>" + b"<outline>" * 100, "nested deeper"),
        (b"<opml><body>", "not XML"),
        (b"", "not XML"),
        (b"<html><body/></html>", "not OPML"),
        (b'<?xml version="1.0" encoding="utf-42"?><opml/>', "cannot be read|not XML"),
        (b'<?xml version="1.0" encoding="shift_jis"?><opml/>', "cannot be read|not XML"),
        (b'<opml xmlns:w="urn:watcher:opml"><outline xmlUrl="https://a.fr" w:weight="{"/></opml>', "not JSON"),
        (
            b'<opml xmlns:w="urn:watcher:opml"><outline xmlUrl="https://a.fr" w:options="' + b"[" * 99_999 + b'"/></opml>',
            "not JSON",
        ),
        (b"<opml/>" + b" " * (5 << 20), "larger than"),
    ],
)
def test_hostile_files(data: bytes, words: str) -> None:
    """Entities, bombs, depth and other documents are refused with their place; nothing is opened (row F01)."""
    with pytest.raises(ConfigError, match=words):
        read(data)


@given(st.binary(max_size=300))
def test_noise(data: bytes) -> None:
    """Bytes of no meaning are refused, never anything worse."""
    with pytest.raises(ConfigError):
        read(data)
