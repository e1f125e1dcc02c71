"""A question that many members put over weeks: this week's are shown, and how many came before."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import pytest

from tests.emails import sample
from tests.pipeline.readers import NOW, lay_out_readers, opened
from tests.store.question_builders import LABOUR, event, question, save
from watcher import digest, render
from watcher.digest.parliament import parliament as digest_parliament
from watcher.model import EventKind, Member, Ministry, Question, QuestionEntry
from watcher.pipeline import parliament
from watcher.pipeline.desk import Desk
from watcher.store import questions

THEME = "ia-emploi"
LETTER = (
    "appelle l'attention sur les couvreurs dont les chantiers ferment l'hiver. Les heures perdues ne sont plus remboursées "
    "depuis le printemps, plusieurs entreprises ont renoncé à former des jeunes, et les anciens partent sans transmettre leur "
    "geste. {} souhaite savoir si une aide est prévue avant les premières gelées pour les ateliers de moins de dix salariés."
)
WEEK = date(2026, 11, 18)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return a home with nothing in it."""
    with opened(lay_out_readers(tmp_path / "home")) as one:
        yield one


def put(number: int, on: date, *, who: str = "", ministry: Ministry = LABOUR, text: str = LETTER) -> Question:
    """Return a question put by a member of their own, or by `who`."""
    author = Member(name=who or f"Membre {number}")
    return question(number, asked_on=on, author=author, ministry=ministry, text=text.format("Il" if number % 2 else "Elle"))


def told(desk: Desk, new: tuple[Question, ...], before: tuple[Question, ...]) -> digest.Record:
    """Return what the edition of the week is told: `new` are its news, `before` was there already."""
    save(desk.store, *before, now=NOW - timedelta(days=30), themes=(THEME,))
    save(desk.store, *new, themes=(THEME,))
    events = [event(one, on=one.asked_on) for one in new]
    desk.store.write(lambda tx: questions.add_events(tx, events, now=NOW, news=True))
    return desk.store.read(lambda tx: parliament.since(tx, desk, None, NOW + timedelta(hours=1), [THEME]))


def entries(desk: Desk, record: digest.Record) -> tuple[QuestionEntry, ...]:
    """Return the entries of new questions that an edition makes of a record."""
    made = digest_parliament(record, desk.config.digests[0], desk.seeds.themes, {}, 300)
    return made.asked


def test_the_entry_of_a_campaign_says_how_many_came_before_and_since_when(desk: Desk) -> None:
    """Two this week, three in the weeks before: one entry that lists the two, and counts the three."""
    before = tuple(put(number, date(2026, 9, 1) + timedelta(days=7 * number)) for number in range(3))
    record = told(desk, (put(10, WEEK), put(11, WEEK)), before)
    (entry,) = entries(desk, record)
    assert (len(entry.questions), entry.before, entry.before_since) == (2, 3, date(2026, 9, 1))


@pytest.mark.parametrize(
    "before",
    [
        put(1, WEEK - timedelta(days=200)),
        put(1, WEEK - timedelta(days=20), ministry=Ministry(label="Culture", id="culture")),
        put(1, WEEK - timedelta(days=20), who="Membre 10"),
        put(1, WEEK - timedelta(days=20), text="Une autre question, sur un autre sujet, qui ne ressemble en rien à la lettre."),
        put(1, WEEK + timedelta(days=5)),
    ],
    ids=["more than half a year before", "another ministry", "the same member", "another text", "later"],
)
def test_what_is_no_campaign_is_not_counted(desk: Desk, before: Question) -> None:
    """A wrong count is worse than none: same ministry, same text, another member, within half a year before."""
    record = told(desk, (put(10, WEEK),), (before,))
    assert record.put_before == {}
    (entry,) = entries(desk, record)
    assert (entry.before, entry.before_since) == (0, None)


@pytest.mark.parametrize(
    ("many", "count", "wording"),
    [
        (False, 1, "1\u00a0question semblable l’a précédée depuis le 1er\u00a0septembre 2026."),
        (True, 12, "12\u00a0questions semblables les ont précédées depuis le 1er\u00a0septembre 2026."),
    ],
)
def test_the_mail_says_it_in_one_line(many: bool, count: int, wording: str) -> None:
    """Both parts say it, in French that agrees."""
    edition = sample.full()
    (entry,) = edition.parliament.asked
    lines = entry.questions if many else entry.questions[:1]
    entry = replace(entry, questions=lines, before=count, before_since=date(2026, 9, 1))
    edition = replace(edition, parliament=replace(edition.parliament, asked=(entry,)))
    message = render.message(edition, sample.RECIPIENT, render.Templates(sample.files()), sample.SETTINGS)
    for part in (unescape(message.html), message.text):
        assert wording in " ".join(part.replace("\n", " ").split(" "))


def test_an_end_that_nobody_explains_is_told_with_its_label() -> None:
    """A question closed for a reason nobody knows is among those that ended, with the source's own words."""
    edition = sample.full()
    (entry,) = edition.parliament.ended
    entry = replace(entry, event=EventKind.CLOSED, label="Sans suite (SSU)")
    edition = replace(edition, parliament=replace(edition.parliament, ended=(entry,)))
    message = render.message(edition, sample.RECIPIENT, render.Templates(sample.files()), sample.SETTINGS)
    for part in (unescape(message.html), message.text):
        assert "motif inconnu (Sans suite (SSU))" in " ".join(part.split()).replace("\u00a0", " ")
