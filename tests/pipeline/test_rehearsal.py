"""A mistake in a template shows when the files are checked, not on Monday, whatever the mail that would meet it."""

import re
from pathlib import Path

import pytest

from tests.pipeline.readers import lay_out_readers
from watcher import config, seeds
from watcher.config import Home
from watcher.errors import ConfigError, ConfigErrors
from watcher.health import Trouble
from watcher.model import EventKind
from watcher.pipeline import specimens
from watcher.pipeline.rehearsal import rehearse


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return a home with the templates that are shipped."""
    return Home(lay_out_readers(tmp_path / "home"))


def rehearsed(home: Home) -> int:
    """Rehearse the home as `watcher check` does."""
    corpus = seeds.load(home.seeds)
    return rehearse(home, config.load(home, {}), corpus)


def broken(home: Home, name: str, before: str) -> int:
    """Write a mistake into a template before the text `before`, and return its line."""
    path = home.templates / name
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, "{{ mistaken_name }}" + before, 1), "utf-8")
    return text[: text.index(before)].count("\n") + 1


def test_the_shipped_templates_are_in_order(home: Home) -> None:
    """All files are rendered, and none has a mistake."""
    assert rehearsed(home) == len(list(home.templates.rglob("*.j2")))


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("admin/alarm.html.j2", "</body>"),
        ("admin/alarm.html.j2", "<h2>Ce qui va de nouveau"),
        ("admin/alarm.txt.j2", "CE QUI VA DE NOUVEAU"),
        ("admin/alarm-subject.txt.j2", "Rétabli"),
        ("admin/alarm-subject.txt.j2", '{{ w.count(ended | length, "retour", "retours") }} à la normale\n{%- endif'),
        ("admin/report.html.j2", "<p>Rien.</p>"),
        ("admin/report.txt.j2", "- écartées"),
        ("admin/report.txt.j2", "Aucun courriel."),
        ("admin/report-subject.txt.j2", "Rapport"),
        ("admin/words.j2", "Il reste"),
        ("admin/report-parts.j2", "{{ reasons.get"),
        ("email/edition.html.j2", '<p class="none-title">'),
        ("email/edition.txt.j2", "{{ (w.already"),
        ("email/subject.txt.j2", "{{ title }}{{ fine }}"),
        ("email/parliament.html.j2", "Auparavant"),
        ("email/parliament-words.j2", "Caduque"),
        ("email/parliament-words.j2", "Signalée"),
    ],
)
def test_a_mistake_is_told_with_its_file_and_line(home: Home, name: str, before: str) -> None:
    """An undefined name in a branch that only some week, report or alarm would take is found before it (row E13)."""
    line = broken(home, name, before)
    with pytest.raises(ConfigError) as caught:
        rehearsed(home)
    assert f"{home.templates / name}:{line}: " in caught.value.message
    assert "mistaken_name" in caught.value.message


def test_mistakes_of_readers_mails_and_of_the_administrators_are_told_together(home: Home) -> None:
    """One look names both: nobody mends one file to learn of the next."""
    broken(home, "email/edition.html.j2", "</body>")
    broken(home, "admin/report.html.j2", "</body>")
    with pytest.raises(ConfigErrors) as caught:
        rehearsed(home)
    assert [Path(one.file).name for one in caught.value.errors] == ["edition.html.j2", "report.html.j2"]


def test_everything_that_can_happen_is_rehearsed() -> None:
    """A kind of event or of alarm that is added later is rehearsed too, or this fails."""
    part = specimens.parliament(())
    assert {entry.event for entry in part.entries} == set(EventKind) - {EventKind.OVERDUE}
    worded = (Path(__file__).parents[2] / "templates" / "admin" / "words.j2").read_text("utf-8")
    kinds = set(re.findall(r'^  "(\w+)": "', worded, re.MULTILINE)) | {str(trouble) for trouble in Trouble}
    assert "disk" in kinds
    assert kinds <= set(specimens.ALARMS)
