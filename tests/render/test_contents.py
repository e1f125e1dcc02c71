"""What a mail holds besides its entries: the lines to begin with, the figures, what moved on, the addresses of the archive."""

import re
from binascii import b2a_qp
from dataclasses import replace
from html import unescape
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.emails import sample
from watcher import render
from watcher.model import Edition, Figures, Message, Section, Settings, ThemeFigure
from watcher.render import contents, typography
from watcher.render.links import links

TEMPLATES = render.Templates(sample.files())
WITH_WEB = replace(sample.SETTINGS, web_base_url="https://veille.observatoire.example/")
FULL, SECOND, EMPTY = sample.full(), sample.second(), sample.empty()


def mail(edition: Edition, settings: Settings = sample.SETTINGS) -> Message:
    return render.message(edition, sample.RECIPIENT, TEMPLATES, settings)


def visible(html: str) -> str:
    """Return what a reader sees of `html`, on one line."""
    body = re.sub(r"(?s)<style.*?</style>|<!--.*?-->", "", html)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u202f", "~").replace("\u00a0", "_").split())


def test_the_heading_names_the_number_and_the_week() -> None:
    """Veille n° 21, semaine du 16 au 22 novembre 2026: in both parts."""
    assert "N°_21_· semaine du 16 au 22_novembre 2026" in visible(mail(SECOND).html)
    assert "n°\u00a021 — semaine du 16 au 22\u00a0novembre 2026" in mail(SECOND).text


def test_the_essentials_are_five_lines_and_the_governments_answer_is_the_first() -> None:
    """The best answer, then the most relevant entries, no more than two of one theme."""
    lines = contents.essentials(FULL)
    assert len(lines) == contents.ESSENTIALS
    assert (lines[0].title, lines[0].theme) == ("Financement de l’apprentissage industriel", None)
    assert max(sum(line.theme == theme for line in lines) for theme in {line.theme for line in lines}) <= 2


def test_counts_stand_against_the_mean_of_the_editions_before() -> None:
    """As a bar with a mark, as a figure, and as text; a theme that usually has something is there with nothing."""
    html, text = visible(mail(SECOND).html), mail(SECOND).text
    assert re.search(r"IA et compétences [_ ]+ 2 moy\._3,5", html)
    assert re.search(r"Industrie du futur [_ ]+ 0 moy\._2 ", html)
    assert "le trait marque la moyenne des 8_éditions précédentes" in html
    assert re.search(r"IA et compétences +2 +moy\. 3,5 +█", text)
    assert "La moyenne (moy.) est celle des 8 éditions précédentes." in text


def test_without_earlier_editions_nothing_is_compared() -> None:
    """The first editions show counts alone; so do those that were frozen before figures were."""
    assert "moy." not in mail(FULL).text
    assert "En hausse" not in mail(FULL).text


def test_terms_that_rise_are_said_with_their_counts() -> None:
    """How many this week, how many usually; never a fraction of an article."""
    assert "blocs de compétences (6_articles, contre 1 d’habitude)" in visible(mail(SECOND).html)
    assert "téléconseillers (3\u00a0articles, contre moins d’un d’habitude)" in " ".join(mail(SECOND).text.split("\n"))


def test_a_story_that_moved_on_says_so() -> None:
    """ "Du nouveau", the edition that told it first, and its title then."""
    wording = "depuis le n°_19, qui disait~: «~France compétences consulte sur des blocs “usage raisonné de l’IA”~»"
    assert f"Du nouveau {wording}" in visible(mail(SECOND).html)
    assert "Du nouveau depuis le n°\u00a019" in mail(SECOND).text
    assert "2_reprises de nouvelles déjà envoyées ne sont pas répétées." in visible(mail(SECOND).html)


def test_sources_that_could_not_be_read_are_named_at_the_top_in_one_line() -> None:
    """Their names before the entries, their reasons at the end."""
    html = visible(mail(FULL).html)
    assert "Sources non lues~: Dares, publications, L’Écho des ateliers et Bassin & métiers." in html
    assert html.index("Sources non lues~:") < html.index("Au Parlement 6") < html.index("son serveur est en panne")


def test_what_was_sent_at_once_is_one_line() -> None:
    """A reader who had it on the day is reminded of it, no more."""
    text = mail(SECOND).text
    line = " ".join(text.partition("Déjà envoyé cette semaine\u202f:")[2].partition("\n\n")[0].split())
    assert line.startswith("Un premier accord d’entreprise encadre l’IA dans la logistique <https://www.accord.example/")
    assert line.endswith(">.")


def test_without_a_web_address_no_link_leads_to_the_archive() -> None:
    """No dead link: archive and feedback appear once settings.web.base_url is set, and lead below it."""
    assert "archive" not in mail(FULL).html.lower()
    with_web = mail(FULL, WITH_WEB)
    entry = FULL.sections[0].entries[0]
    known = links(FULL, WITH_WEB)
    for address in (known.archive(entry.document_key), known.feedback(entry.document_key)):
        assert address is not None
        assert address.startswith("https://veille.observatoire.example/")
        assert address.replace("&", "&amp;") in with_web.html
        assert address in with_web.text
    assert (known.section("ia-competences") or "?").replace("&", "&amp;") in with_web.html


@pytest.mark.parametrize("edition", [FULL, SECOND, EMPTY], ids=["full", "second", "empty"])
@pytest.mark.parametrize("settings", [sample.SETTINGS, WITH_WEB], ids=["mail", "web"])
def test_whole_mails_keep_french_typography(edition: Edition, settings: Settings) -> None:
    """Narrow no-break spaces before ; : ! ? and inside « », no-break ones before % and between thousands, "1er", plurals."""
    message = mail(edition, settings)
    for part in (visible(message.html), message.text.replace("\u202f", "~").replace("\u00a0", "_")):
        french = re.sub(r"\S*(?:https?://|mailto:)\S*", "", part)
        french = re.sub(r"AI literacy in small firms: what eleven[^.]*\.", "", french.replace("\n  ", " "))
        assert not re.findall(r"[^\s~_] +[:;!?»]|« ", french)
        assert not re.findall(r"[^\W\d_][:;!?](?=\s)", french), "a high sign without its space"
        assert not re.findall(r"\d [%€]|\b\d{1,3} \d{3}\b", french)
        assert not re.findall(
            r"\b1 (?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)", french
        )
        assert not re.findall(r"\b[01][ _](?:articles|questions|sources|textes|jours|réponses)\b", french)
        assert "'" not in french


@pytest.mark.parametrize("edition", [FULL, SECOND, EMPTY], ids=["full", "second", "empty"])
def test_only_properties_that_mail_programs_know_are_used(edition: Edition) -> None:
    """No flex, grid, float, position, overflow, shadow or variable: what Outlook, Gmail, Apple Mail, Orange, SFR and La Poste
    lay out alike. `make mail-check` asks caniemail about the same mails."""
    used = {
        declaration.partition(":")[0].strip()
        for style in re.findall(r'style="([^"]*)"', mail(edition).html)
        for declaration in style.split(";")
    }
    layout = {
        "margin",
        "margin-bottom",
        "padding",
        "padding-top",
        "padding-bottom",
        "padding-left",
        "width",
        "height",
        "max-width",
    }
    look = {"color", "background-color", "border-top", "border-bottom", "border-left"}
    words = {"font", "font-size", "font-weight", "font-style", "line-height", "text-align", "text-decoration"}
    assert used <= layout | look | words | {"display", "max-height"}
    assert re.findall(r"display:[^;\"]*", re.sub(r"(?s)<style.*?</style>", "", mail(edition).html)) == ["display:none"]


def test_the_html_part_is_light_as_it_is_sent() -> None:
    """Under 100 kB in quoted-printable, where an accent takes six bytes; the sample's 24 entries take half of it."""
    assert len(b2a_qp(mail(FULL).html.encode(), istext=True)) < 55_000


def test_landmarks_and_headings_lead_through_the_mail() -> None:
    """A banner, named regions and a foot; one title, then sections, then entries; layout tables say that they are."""
    html = mail(FULL).html
    assert [html.count(f'role="{role}"') for role in ("banner", "contentinfo", "article")] == [1, 1, 1]
    regions = re.findall(r'<td[^>]*role="region"[^>]*>', html)
    assert len(regions) == 3 + len(FULL.sections)
    assert all("aria-label=" in region for region in regions)
    data = [table for table in re.findall(r"<table[^>]*>", html) if 'role="presentation"' not in table]
    assert len(data) == 3, "the figures, the waiting questions and the delays are tables of data: they have headers"
    assert html.count("<th") >= len(data)
    levels = [int(level) for level in re.findall(r"<h([1-4])", html)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@given(st.lists(st.tuples(st.integers(0, 40), st.one_of(st.none(), st.floats(0, 40))), min_size=1, max_size=9))
def test_the_parts_of_a_bar_fill_it(counts: list[tuple[int, float | None]]) -> None:
    """Widths add up to the whole, whatever the counts and means; what there is can be seen."""
    lines = tuple(ThemeFigure(theme=str(n), label="", colour="#000000", count=c, mean=m) for n, (c, m) in enumerate(counts))
    for (count, mean), figure in zip(counts, contents.figures(replace(EMPTY, figures=Figures(themes=lines))), strict=True):
        assert sum(width for _, width in figure.cells) == 100
        assert any(kind == "bar" and width > 0 for kind, width in figure.cells) == bool(count)
        assert sum(kind == "mean" for kind, _ in figure.cells) == (mean is not None)


def test_editions_frozen_without_figures_are_counted_from_their_sections() -> None:
    """What was frozen before figures were is still shown."""
    section = Section(theme="ia", label="IA", colour="#5B21B6", entries=FULL.sections[0].entries, more=2)
    assert [(figure.label, figure.count) for figure in contents.figures(replace(EMPTY, sections=(section,)))] == [("IA", 5)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("12 400 salariés, 17 % et 3 €", "12\u202f400 salariés, 17\u00a0% et 3\u00a0€"),
        ("1 212 400 textes", "1\u202f212\u202f400 textes"),
        ("en 2026 300 postes", "en 2026 300 postes"),
        ("« oui » : non ?", "«\u202foui\u202f»\u202f: non\u202f?"),
    ],
)
def test_spaces_that_must_not_break_do_not(written: str, read: str) -> None:
    """Only spaces change; a year is no group of thousands."""
    assert typography.french_spaces(written) == read


@pytest.mark.parametrize(("number", "wording"), [(3.5, "3,5"), (4.0, "4"), (1.125, "1,1"), (0.0, "0")])
def test_means_have_a_decimal_comma(number: float, wording: str) -> None:
    """One decimal at most, none where it says nothing."""
    assert typography.decimal(number) == wording
