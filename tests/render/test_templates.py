"""The administrator's templates: mistakes are named, hostile values stay values, odd results are stopped."""

import pytest

from tests.emails import sample
from watcher import render
from watcher.errors import ConfigError
from watcher.render import typography


def rendered(**files: str) -> str:
    """Render the sample with some of the shipped templates replaced, and return its HTML."""
    names = {name.replace("_", "."): source for name, source in files.items()}
    changed = sample.files() | {f"email/{name}.j2": source for name, source in names.items()}
    return render.message(sample.full(), sample.RECIPIENT, render.Templates(changed), sample.SETTINGS).html


@pytest.mark.parametrize(
    ("source", "place", "problem"),
    [
        ("<p>\n{{ edition.titel }}", "templates/email/edition.html.j2:2", "titel"),
        ("<p>\n\n{% if %}", "templates/email/edition.html.j2:3", "xpected"),
        ('{% import "email/word.j2" as w %}', "templates/email/edition.html.j2:1", "word.j2"),
        ("a\n{{ 1 / 0 }}", "templates/email/edition.html.j2:2", "division"),
        ("{{ edition.number | shout }}", "templates/email/edition.html.j2:1", "shout"),
        (
            "{% for s in edition.sections %}\n{{ s.entries[99].title }}\n{% endfor %}",
            "templates/email/edition.html.j2:2",
            "undefined|no element",
        ),
    ],
)
def test_a_mistake_is_named_with_its_file_and_line(source: str, place: str, problem: str) -> None:
    """Strict: an unknown name, filter or file is an error at its place, never an empty spot in the mail (row E13)."""
    with pytest.raises(ConfigError, match=problem) as caught:
        rendered(edition_html=source)
    assert str(caught.value).startswith(place)


def test_a_mistake_in_an_included_file_names_that_file() -> None:
    """The place is where to edit, not where it was included."""
    files = sample.files()
    broken = files["email/parts.html.j2"].replace("{{ entry.publisher }}", "{{ entry.outlet }}", 1)
    line = broken[: broken.index("entry.outlet")].count("\n") + 1
    with pytest.raises(ConfigError) as caught:
        render.message(
            sample.full(), sample.RECIPIENT, render.Templates(files | {"email/parts.html.j2": broken}), sample.SETTINGS
        )
    assert (caught.value.file, caught.value.line) == ("templates/email/parts.html.j2", line)


@pytest.mark.parametrize(
    "source",
    [
        '<img src="https://z.example/pixel.gif">',
        "<a href=\"{{ 'java' ~ 'script:alert(1)' }}\">x</a>",
        "<script>1</script>",
        '<form action="https://z.example/"></form>',
        '<link rel="icon" href="https://z.example/a.ico">',
        '<p onclick="x">',
        '<p style="background:url(https://z.example/p)">',
        '<table background="https://z.example/p"></table>',
        "<style>@media (min-width: 1px) { p { background: url(//z.example) } }</style>",
        '<svg><a href="https://x.example/">x</a></svg>',
    ],
)
def test_a_template_cannot_make_a_mail_that_runs_or_fetches(source: str) -> None:
    """Even edited by hand: no script, form, picture, foreign style or odd link leaves in a mail (rows E17, W08)."""
    with pytest.raises(ConfigError, match="in the finished mail"):
        rendered(edition_html=f"<html><head></head><body>{source}</body></html>")


@pytest.mark.parametrize("name", ["edition.html.j2", "x.txt", "x.mjml", "x"])
def test_html_is_escaped_whatever_the_file_is_called(name: str) -> None:
    """Escaping goes by environment, not by suffix (row W13)."""
    templates = render.Templates({name: "{{ value }}"})
    assert templates.html(name, value="<b>&'\"") == "&lt;b&gt;&amp;&#39;&#34;"
    assert templates.text(name, value="<b>\u202e\x1b[31m") == "<b>[31m"


def test_values_are_never_templates() -> None:
    """Braces in a title are characters (row W12)."""
    assert render.Templates({"t": "{{ v }}"}).html("t", v="{{ 7*7 }}") == "{{ 7*7 }}"


def test_the_hash_follows_every_file() -> None:
    """An edition knows which templates it was made with."""
    files = sample.files()
    assert render.Templates(files).hash == render.Templates(dict(reversed(files.items()))).hash
    assert render.Templates(files).hash != render.Templates(files | {"email/words.j2": ""}).hash


@pytest.mark.parametrize(
    ("written", "set_"),
    [
        ("Oui ! Non ?", "Oui\u202f! Non\u202f?"),
        ("« IA » : quoi ; et puis", "«\u202fIA\u202f»\u202f: quoi\u202f; et puis"),
        ("«IA»", "«\u202fIA»"),
        ("à 14:30, https://x.example/a?b", "à 14:30, https://x.example/a?b"),
        ("10 : 2", "10\u202f: 2"),
        ("déjà\u202f!", "déjà\u202f!"),
    ],
)
def test_french_spaces(written: str, set_: str) -> None:
    """A high sign never begins a line; hours and addresses are not touched."""
    assert typography.french_spaces(written) == set_


@pytest.mark.parametrize(("share", "drawn"), [(0, ""), (1, "█" * 8), (0.5, "████"), (0.4375, "███▌"), (0.015625, "▏")])
def test_bars_are_drawn_in_eighths(share: float, drawn: str) -> None:
    """The text part shows the same bars as the HTML."""
    assert typography.bar(share, 8) == drawn
