"""What can be made of an address, and the table of kinds."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from watcher import sources
from watcher.model import FetchResult
from watcher.sources import Discovered

HERE = Path(__file__).parent
Answer = Callable[..., FetchResult]


def test_a_page_gives_the_feeds_it_announces(answer: Answer) -> None:
    """The feeds of a page's head are found with their titles, relative to its base, each once, and nothing else."""
    page = """<html><head><base href="https://b.example/x/"><title>A</title>
<link rel="alternate" type="application/atom+xml" title="Tout &amp; plus" href="atom">
<LINK TYPE="application/rss+xml" REL="ALTERNATE home" HREF="/rss"><link rel=alternate type=application/rss+xml href=/rss>
<link rel="alternate" type="application/json" href="/wp-json/v2/posts/1">
<link rel="alternate" type="application/json" href="/feed.json">
<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)"></head><body><a href="/rss">RSS</a></body></html>"""
    found = sources.discover(answer(page))
    assert [(one.url, one.title) for one in found] == [
        ("https://b.example/x/atom", "Tout & plus"),
        ("https://b.example/rss", None),
        ("https://b.example/feed.json", None),
    ]
    assert {one.kind for one in found} == {"feed"}


@pytest.mark.parametrize(
    ("case", "kind", "title"),
    [
        ("feed/rss20.xml", "feed", "La Lettre des ateliers"),
        ("feed/atom03.xml", "feed", "Ancien carnet"),
        ("feed/rdf.xml", "feed", "Flux à triplets"),
        ("feed/jsonfeed11.json", "feed", "Fil <JSON> & compagnie"),
        ("feed/utf16.xml", "feed", "La Lettre des ateliers"),
        ("sitemap/index.xml", "sitemap", None),
        ("sitemap/comprime.xml.gz", "sitemap", None),
    ],
)
def test_a_feed_or_a_sitemap_is_found_as_itself(case: str, kind: str, title: str | None, answer: Answer) -> None:
    """An address that is a feed or a sitemap already is offered as such, whatever its declared type (row F17)."""
    (found,) = sources.discover(answer((HERE / case).read_bytes(), media_type="text/html"))
    assert (found.kind, found.title, found.url) == (kind, title, "https://flux.example/dossier/flux")


def test_a_page_without_feed_gives_nothing(answer: Answer) -> None:
    """A page that announces nothing is left to be watched as a listing."""
    assert sources.discover(answer("<html><body><p>Rien</p></body></html>")) == ()
    assert sources.discover(answer(b"%PDF-1.7")) == ()


def test_the_table_lists_each_kind_with_its_strict_options() -> None:
    """Each kind has frozen options that refuse unknown keys and describe every field."""
    assert set(sources.KINDS) == {"assemblee_questions", "feed", "page", "senat_questions", "sitemap"}
    for kind in sources.KINDS.values():
        assert all(field.description for field in kind.Options.model_fields.values())
        options = kind.Options()
        with pytest.raises(ValidationError):
            kind.Options(inconnu=1)  # pyright: ignore[reportCallIssue]
        if "timezone" in kind.Options.model_fields:
            with pytest.raises(ValidationError, match="time zone"):
                kind.Options(timezone="Europe/Atlantide")  # pyright: ignore[reportCallIssue]
        with pytest.raises(ValidationError):
            setattr(options, next(iter(kind.Options.model_fields)), None)


def test_importing_the_kinds_imports_no_parser() -> None:
    """`watcher.sources` and its options load neither lxml nor feedparser: the command line needs only the names."""
    code = (
        "import sys; from watcher import sources; [k.Options() for k in sources.KINDS.values()];"
        "print([m for m in ('lxml', 'feedparser', 'trafilatura', 'numpy', 'simplemma') if m in sys.modules])"
    )
    root = HERE.parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_discovered_is_a_value() -> None:
    """Two findings of the same feed are equal: they can be put in a set and cross a process."""
    assert Discovered(url="https://a.example/", kind="feed") == Discovered(url="https://a.example/", kind="feed")
