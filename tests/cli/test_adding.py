"""`watcher sources add` and `watcher sources import` write what can be read, and nothing else."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.cli.conftest import SOURCES, Shell
from tests.fetch.servers import Server, in_a_thread, reply
from watcher.config.load import understand
from watcher.model import Source

PROSE = "".join(
    f"<p>La phrase {n} de l’article dit quelque chose de précis d’un atelier et de ses {n} métiers.</p>" for n in range(20)
)
ARTICLE = f"<html><head><title>Un atelier</title></head><body><article><h1>Un atelier</h1>{PROSE}</article></body></html>"
RELATED = "".join(
    f'<section><h2><a href="/2026/11/un-autre-atelier-ouvre-{n}">Un autre atelier de la vallée, numéro {n}</a></h2></section>'
    for n in range(4)
)
LISTING = f"<html><head><title> Actualités\u200b –\n la Gazette </title></head><body><main>{RELATED}</main></body></html>"
HEAD = '<link rel="alternate" type="application/rss+xml" href="{}"{}>'
EMPTY = "<rss version='2.0'><channel><title>Le fil neuf</title></channel></rss>"
FEED = EMPTY.replace("</channel>", "<item><title>Un titre</title><link>/un</link></item></channel>")
LOST = reply(404)


def html(markup: str) -> bytes:
    return reply(200, markup.encode(), {"Content-Type": "text/html; charset=utf-8"})


def announcing(*feeds: str, title: str = "", body: str = RELATED) -> bytes:
    links = "".join(HEAD.format(feed, title) for feed in feeds)
    return html(f"<html><head><title>Accueil</title>{links}</head><body><main>{body}</main></body></html>")


def served(**routes: bytes) -> AbstractContextManager[Server]:
    """Serve `routes`, by the name of their path."""
    return in_a_thread({f"/{name.replace('_', '.')}": answer for name, answer in routes.items()})


@pytest.fixture
def edited(home: Path) -> Path:
    """Let the home reach loopback without waiting, and return its sources.yaml."""
    file = home / "sources.yaml"
    file.write_text(SOURCES.replace("settings:\n", "settings:\n  allow_private: [127.0.0.0/8]\n  gap: 0\n"), "utf-8")
    return file


def added(file: Path) -> list[Source]:
    """Return the sources after the two that were there."""
    return list(understand(file.read_bytes(), file).sources[2:])


# ------------------------------------------------------------------------------------------------------------------ add


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, b"User-agent: *\nDisallow: /admin\n", {"Content-Type": "text/plain"}),
        reply(200, b'{"total": 2, "rows": [1, 2]}', {"Content-Type": "application/json"}),
        reply(200, b"%PDF-1.7\nbroken", {"Content-Type": "application/pdf"}),
        reply(200, b""),
        html("<html><body></body></html>"),
        html("<html><head><title>Un atelier</title></head><body><p>Une brève.</p></body></html>"),
        html(ARTICLE),
        html(ARTICLE.replace("</body>", f"{RELATED}</body>")),
    ],
    ids=["text", "json", "pdf", "nothing", "blank", "brief", "article", "article with others below"],
)
def test_what_lists_nothing_is_not_added(shell: Shell, edited: Path, answer: bytes) -> None:
    """An address that is no feed, announces none and lists no articles fails with the remedy; the file stays as it is."""
    before = edited.read_bytes()
    with served(x=answer) as server:
        url = server.url("/x")
        code, out, err = shell("sources", "add", url)
    assert (code, out) == (1, "")
    assert err.startswith(f"watcher: {url} ")
    assert "no feed" in err
    assert "Give the address of the feed, or of the page that lists the articles." in err
    assert f"`watcher preview {url}` shows how it is read." in err
    assert edited.read_bytes() == before


def test_the_words_for_a_page_without_a_list(shell: Shell, edited: Path) -> None:
    """The message says what was looked for and was not there."""
    with served(x=html("<p>Rien</p>")) as server:
        assert (
            f"{server.url('/x')} announces no feed and lists no links to articles. "
            in shell("sources", "add", server.url("/x"))[2]
        )


@pytest.mark.parametrize("answer", [EMPTY, "<feed xmlns='http://www.w3.org/2005/Atom'><title>Le fil neuf</title></feed>"])
def test_a_feed_without_an_entry_yet_is_added_as_a_feed(shell: Shell, edited: Path, answer: str) -> None:
    """A new feed lists nothing on its first day: it is a feed all the same, with its own title."""
    with served(fil_xml=reply(200, answer.encode())) as server:
        url = server.url("/fil.xml")
        code, out, err = shell("sources", "add", url)
    assert (code, err) == (0, "")
    assert f"{url} is read as feed and lists nothing today." in out
    assert "Until it lists something, `watcher status` shows it as `empty`." in out
    (source,) = added(edited)
    assert (source.kind, source.url, source.name) == ("feed", url, "Le fil neuf")


def test_an_announced_feed_without_an_entry_yet_is_added(shell: Shell, edited: Path) -> None:
    """The page that announces it is not followed in its place; a feed that lists something goes before it."""
    with served(x=announcing("/neuf.xml"), neuf_xml=reply(200, EMPTY.encode())) as server:
        assert shell("sources", "add", server.url("/x"))[0] == 0
        neuf = server.url("/neuf.xml")
    with served(
        x=announcing("/neuf.xml", "/fil.xml"), neuf_xml=reply(200, EMPTY.encode()), fil_xml=reply(200, FEED.encode())
    ) as server:
        assert shell("sources", "add", server.url("/x"))[0] == 0
        fil = server.url("/fil.xml")
    assert [(source.kind, source.url) for source in added(edited)] == [("feed", neuf), ("feed", fil)]


def test_an_announced_feed_that_cannot_be_read_is_named_with_the_reason(shell: Shell, edited: Path) -> None:
    """The page itself, a list though it is, is not written in its place."""
    before = edited.read_bytes()
    with served(x=announcing("/perdu.xml", "/autre.xml"), perdu_xml=LOST, autre_xml=html("<p>Rien</p>")) as server:
        url, feed = server.url("/x"), server.url("/perdu.xml")
        code, out, err = shell("sources", "add", url)
        shown = shell("preview", url, "--pages", "0")[1]
    assert (code, out) == (1, "")
    assert f"{url} announces the feed {feed}, which cannot be read: The server does not have it any more (HTTP 404)." in err
    assert edited.read_bytes() == before
    assert f"announces: {feed}, which cannot be read: The server does not have it any more (HTTP 404)." in shown
    assert "To follow it" not in shown


def test_the_next_announced_feed_is_added_when_the_first_fails(shell: Shell, edited: Path) -> None:
    """One broken feed does not hide a good one."""
    with served(x=announcing("/perdu.xml", "/fil.xml"), perdu_xml=LOST, fil_xml=reply(200, FEED.encode())) as server:
        assert shell("sources", "add", server.url("/x"))[0] == 0
        url = server.url("/fil.xml")
    (source,) = added(edited)
    assert (source.kind, source.url, source.name) == ("feed", url, "Le fil neuf")


def test_a_broken_feed_is_not_added(shell: Shell, edited: Path) -> None:
    """What says it is a feed and cannot be read fails with the reader's words, and is not followed as a page."""
    before = edited.read_bytes()
    with served(fil=reply(200, b'{"version": "https://jsonfeed.org/version/1.1", "items": [')) as server:
        url = server.url("/fil")
        code, _, err = shell("sources", "add", url)
    assert code == 1
    assert err.startswith(f"watcher: {url} is a feed that cannot be read: ")
    assert "JSONDecodeError" in err
    assert edited.read_bytes() == before


def test_a_listing_page_is_added_under_its_title(shell: Shell, edited: Path) -> None:
    """Readers see the name that the page gives itself, as one clean line; `--name` goes before it."""
    with served(
        **{"": html(LISTING)}, actualites=html(LISTING), longue=html(LISTING.replace("Gazette", "Gazette " * 60))
    ) as server:
        code, out, _ = shell("sources", "add", server.url("/actualites"))
        assert shell("sources", "add", server.url("/longue"))[0] == 0
        assert shell("sources", "add", server.url("/"), "--name", "Ma Gazette")[0] == 0
    assert code == 0
    assert "is read as page and lists 4 items:" in out
    first, second, third = added(edited)
    assert (first.kind, first.name) == ("page", "Actualités – la Gazette")
    assert 100 < len(second.name) <= 120
    assert (third.kind, third.name) == ("page", "Ma Gazette")


# -------------------------------------------------------------------------------------------------------------- preview


def test_preview_offers_to_add_what_add_takes(shell: Shell, edited: Path) -> None:
    """Its last line says why an address cannot be followed, in the words of `add`, or how to follow it."""
    answers = {
        "robots": reply(200, b"User-agent: *\nDisallow: /admin\n"),
        "blanche": html("<p>Rien</p>"),
        "article": html(ARTICLE),
        "liste": html(LISTING),
        "vide_xml": reply(200, EMPTY.encode()),
    }
    with served(**answers) as server:
        for name in answers:
            url = server.url(f"/{name.replace('_', '.')}")
            code, out, _ = shell("preview", url, "--pages", "0")
            assert code == 0
            refused, _, err = shell("sources", "add", url, "--dry-run")
            offered = f"To follow it: watcher sources add {url}"
            assert out.splitlines()[-1].startswith("Nothing was saved. ")
            assert (offered in out) == (refused == 0), name
            if refused:
                assert out.splitlines()[-1].removeprefix("Nothing was saved. ") in err


# --------------------------------------------------------------------------------------------------------------- import


OPML = """\
<opml version="2.0"><body>
  <outline type="rss" text="Bonne" xmlUrl="https://bonne.example/flux"/>
  <outline type="rss" text="Mauvaise" xmlUrl="notaurl"/>
  <outline type="rss" text="Secrète" xmlUrl="https://moi:motdepasse@secrete.example/flux"/>
  <outline type="rss" text="Autre" xmlUrl="https://autre.example/flux"/>
</body></opml>
"""


def test_a_bad_outline_costs_only_itself(shell: Shell, home: Path, edited: Path) -> None:
    """The good ones are imported; each bad one is told with its file, line and title; the exit code says that some failed."""
    file = home.parent / "lecteur.opml"
    file.write_text(OPML, "utf-8")
    code, out, err = shell("sources", "import", str(file))
    assert code == 1
    assert out.startswith("2 sources added")
    told = err.splitlines()
    assert told[0].startswith(f"{file}:3:3: outline 'Mauvaise': 'notaurl' is not a web address.")
    assert told[1].startswith(f"{file}:4:3: outline 'Secrète': the address holds a user name or a password.")
    assert told[2] == f"watcher: 2 outlines of {file} could not be imported."
    assert "motdepasse" not in err
    assert [source.name for source in added(edited)] == ["Bonne", "Autre"]


def test_a_file_of_bad_outlines_changes_nothing(shell: Shell, home: Path, edited: Path) -> None:
    """Where no outline is good, sources.yaml keeps its bytes."""
    before = edited.read_bytes()
    file = home.parent / "lecteur.opml"
    file.write_text('<opml><body><outline text="X" xmlUrl="notaurl"/></body></opml>', "utf-8")
    assert shell("sources", "import", str(file))[:2] == (1, "0 sources added, those already there left alone.\n")
    assert edited.read_bytes() == before


def test_long_names_get_ids_that_stand(shell: Shell, home: Path, edited: Path) -> None:
    """Ids made from long names are told apart by a number, within a file and from those that are there, and stay ids."""
    file = home.parent / "lecteur.opml"
    for folder in ("un", "deux"):
        outlines = (f'<outline text="{"a" * 59} {"b" * 10}" xmlUrl="https://e.example/{folder}/{n}"/>' for n in range(3))
        file.write_text(f"<opml><body>{''.join(outlines)}</body></opml>", "utf-8")
        code, _, err = shell("sources", "import", str(file))
        assert (code, err) == (0, "")
    assert len({source.id for source in added(edited)}) == 6
