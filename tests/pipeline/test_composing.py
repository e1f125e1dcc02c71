"""What an edition remembers of the ones before: no story twice, what is new of it, and the figures it compares with."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from tests.digest.builders import candidate
from tests.homes import put_archive, shipped
from tests.pipeline.conftest import Clock
from watcher import config, dates
from watcher.cli.init import lay_out
from watcher.model import Candidate, Digest, Edition
from watcher.pipeline.composing import compose
from watcher.pipeline.desk import Desk
from watcher.store import Store, documents, editions, schema

DIGEST = Digest(id="veille", title="Veille")
STRIKE = (
    "Greta de Lille : les formateurs en grève contre la fermeture de deux sites",
    "Les formateurs du Greta de Lille sont en grève depuis mardi contre la fermeture des sites de Roubaix et d'Armentières. "
    "Quarante contractuels ne seraient pas renouvelés. Le rectorat évoque une baisse de 15 % des commandes publiques. Une "
    "réunion est prévue lundi avec les organisations syndicales et les élus de la métropole.",
)
END = (
    "Greta de Lille : les formateurs suspendent la grève, un seul site fermera",
    "Après neuf jours de grève, les formateurs du Greta de Lille reprennent le travail. Seul le site d'Armentières fermera, en "
    "juillet. Vingt-huit contractuels sont renouvelés pour un an.",
)


@pytest.fixture
def quiet(tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    """Open a home that reads nothing: documents are put into its archive by hand."""
    lay_out(tmp_path / "home")
    place = config.Home(tmp_path / "home")
    put_archive(place.var / "watcher.db")
    loaded = config.load(place, {}, themes=[theme.id for theme in shipped().themes])
    store = Store.open(place.database_url)
    try:
        yield Desk(home=place, config=loaded, seeds=shipped(), store=store, now=clock, rng=Random(7))
    finally:
        store.close()


def stored(desk: Desk, *found: Candidate) -> None:
    """Put documents into the archive as of now, with their verdicts."""
    desk.store.write(lambda tx: documents.save(tx, [one.document for one in found], {o.document.key: o.verdict for o in found}))


def article(clock: Clock, key: str, title: str, text: str, *, theme: str = "ia-emploi") -> Candidate:
    return candidate(key, title, text, themes={theme: 0.9}, recorded_at=clock.now, published_at=clock.now)


def frozen(desk: Desk, clock: Clock) -> Edition:
    """Compose and freeze the edition of the week that is over, then let a week pass."""
    edition, looked_at = compose(desk, DIGEST, dates.last_week(clock.now, ZoneInfo("Europe/Paris")), templates_hash="h")
    clock.pass_(seconds=1)
    desk.store.write(lambda tx: editions.freeze(tx, edition, [], clock.now, looked_at=looked_at))
    clock.pass_(days=7)
    return edition


def keys(edition: Edition) -> list[str]:
    return [entry.key for section in edition.sections for entry in section.entries]


def test_a_story_mailed_is_not_repeated_next_week(quiet: Desk, clock: Clock) -> None:
    """Its copy under another address and date is counted, not shown; nor after the first has left the window (row F04)."""
    stored(quiet, article(clock, "https://a.example/1", *STRIKE))
    assert keys(frozen(quiet, clock)) == ["https://a.example/1"]
    stored(quiet, article(clock, "https://b.example/2", *STRIKE))
    second = frozen(quiet, clock)
    assert (keys(second), second.repeated) == ([], 1)


def test_a_copy_is_known_by_the_story_of_the_copy_before(quiet: Desk, clock: Clock) -> None:
    """A chain of copies longer than the window keeps the first one's story: every document of an entry is noted with it."""
    stored(quiet, article(clock, "https://a.example/1", *STRIKE), article(clock, "https://b.example/1", *STRIKE))
    frozen(quiet, clock)
    held = quiet.store.read(lambda tx: documents.of_keys(tx, ["https://a.example/1", "https://b.example/1"]))
    assert {one.story_id for one in held.values()} == {"https://a.example/1"}


def test_a_story_that_moves_on_is_news_again(quiet: Desk, clock: Clock) -> None:
    """The end of the strike is an entry with its development number, and says what the first edition said."""
    stored(quiet, article(clock, "https://a.example/1", *STRIKE))
    frozen(quiet, clock)
    stored(quiet, article(clock, "https://b.example/9", *END))
    second = frozen(quiet, clock)
    assert keys(second) == ["https://a.example/1#2"]
    (entry,) = second.sections[0].entries
    assert entry.follows is not None
    assert (entry.follows.title, entry.follows.number) == (STRIKE[0], 1)
    stored(quiet, article(clock, "https://c.example/9", *END))
    third = frozen(quiet, clock)
    assert (keys(third), third.repeated) == ([], 1)


def test_figures_are_compared_from_the_fourth_edition_on(quiet: Desk, clock: Clock) -> None:
    """Means of three editions at least, of eight at most, from what was frozen with them."""
    for week in range(9):
        stored(quiet, *(invented(clock, week, number) for number in range(3)))
        figures = frozen(quiet, clock).figures
        assert figures.themes[0].mean == (None if week < 3 else 3.0)
        assert figures.compared == (0 if week < 3 else min(week, 8))
    stored(quiet, *(invented(clock, 9, number, "Exosquelettes : ") for number in range(6)))
    figures = frozen(quiet, clock).figures
    assert (figures.themes[0].count, figures.themes[0].mean, figures.compared) == (6, 3.0, 8)
    assert [(term.term, term.count) for term in figures.rising] == [("exosquelettes", 6)]


def invented(clock: Clock, week: int, number: int, opening: str = "") -> Candidate:
    """Return an article that shares no word with another but its opening."""
    name = f"{'abcdefghij'[week]}{'abcdefghij'[number]}"
    text = " ".join(f"mot{name}{rank}" for rank in range(60))
    return article(clock, f"https://a.example/{name}", f"{opening}Sujet{name} propos{name} lieu{name}", text)


def test_an_edition_frozen_before_figures_were_still_loads(quiet: Desk, clock: Clock) -> None:
    """Old JSON has no figures, no stories, no developments: it loads, counts in the means, and tells its stories."""
    stored(quiet, article(clock, "https://a.example/1", *STRIKE))
    frozen(quiet, clock)

    def older(content: str) -> str:
        tree = json.loads(content)
        for name in ("figures", "repeated", "already_sent"):
            tree.pop(name, None)
        for section in tree["sections"]:
            for entry in section["entries"]:
                for name in ("story", "development", "documents", "follows"):
                    entry.pop(name)
        return json.dumps(tree)

    table = schema.editions
    content = quiet.store.read(lambda tx: tx.connection.execute(table.select()).one().content)
    quiet.store.write(lambda tx: tx.connection.execute(update(table).values(content=older(content))))
    stored(quiet, article(clock, "https://b.example/2", *STRIKE))
    assert frozen(quiet, clock).repeated == 1
